#!/usr/bin/env bash
# Compares the Go benchmarks of two commits, or of a commit and the files as
# they are, and prints benchstat's table. Called by `make benchcmp`:
#
#   OLD=commit [NEW=commit] [PKG="./hub ./socketio"] [BENCH=regexp] [COUNT=6] [BENCHTIME=1s] tools/benchcmp.sh
#
# The two take turns, so that what else the machine does strikes both alike.
# Commits are checked out into worktrees of their own, which are removed
# however this ends.
set -euo pipefail
cd "$(dirname "$0")/.."

: "${OLD:?which commit to compare with, for example OLD=HEAD~1}"
NEW=${NEW:-} BENCH=${BENCH:-.} COUNT=${COUNT:-6} BENCHTIME=${BENCHTIME:-1s}

# benched lists the packages of a tree that have benchmarks; bench and tools
# are modules of their own.
benched() { (cd "$1" && git grep -l --untracked '^func Benchmark' -- '*_test.go' ':!bench' ':!tools' | xargs -r -n1 dirname | sort -u | sed 's|^|./|'); }

root=$PWD
tmp=$(mktemp -d "${TMPDIR:-/tmp}/benchcmp.XXXXXX")
clean() {
	trap '' INT TERM HUP
	for tree in "$tmp"/tree/*; do
		[ ! -d "$tree" ] || git -C "$root" worktree remove --force "$tree"
	done
	rm -rf "$tmp"
	git -C "$root" worktree prune
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# prepare makes the tree of a commit, and builds its benchmarks.
prepare() { # side, commit; no commit: the files as they are
	local tree=$root package
	if [ -n "$2" ]; then
		tree=$tmp/tree/$1
		git worktree add --quiet --detach "$tree" "$2"
	fi
	mkdir -p "$tmp/$1"
	for package in ${PKG:-$(benched "$tree")}; do
		[ -d "$tree/$package" ] || continue # it came, or went, in between
		mkdir -p "$tmp/$1/$package"
		(cd "$tree" && go test -c -o "$tmp/$1/$package/test" "$package")
		echo "$tree/$package" >"$tmp/$1/$package/dir"
	done
}

# run runs the benchmarks of one package once.
run() { # side, package
	local at=$tmp/$1/$2
	[ -x "$at/test" ] || return 0
	(cd "$(cat "$at/dir")" && "$at/test" -test.run='^$' -test.bench="$BENCH" -test.benchmem \
		-test.benchtime="$BENCHTIME" -test.timeout=20m) >>"$tmp/$1.txt"
}

# name is how the table calls a side.
name() { # side, commit
	[ -z "$2" ] && echo "$1: files" || git log -1 --format="$1: %h" "$2"
}

prepare old "$OLD"
prepare new "$NEW"
touch "$tmp/old.txt" "$tmp/new.txt"
packages=$(cd "$tmp" && find old new -type f -name dir -printf '%P\n' | xargs -r -n1 dirname | sort -u)
for round in $(seq "$COUNT"); do
	for package in $packages; do
		echo "round $round of $COUNT: $package" >&2
		order="old new"
		[ $((round % 2)) = 1 ] || order="new old"
		for side in $order; do run "$side" "$package"; done
	done
done
go tool -modfile=tools/go.mod benchstat "$(name old "$OLD")=$tmp/old.txt" "$(name new "$NEW")=$tmp/new.txt"
