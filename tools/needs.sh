#!/usr/bin/env bash
# Installs what the tests need and this machine lacks, with Debian's apt-get, as
# root or by sudo. Does nothing, and needs no rights, when all is there.
set -euo pipefail

missing=()

have() { command -v "$1" >/dev/null 2>&1; }

for tool in go node npm git; do
	if ! have "$tool"; then
		echo "needs.sh: $tool is missing; install it first (see README.md)" >&2
		exit 1
	fi
done

# The race detector links with a C compiler.
have gcc || have clang || missing+=(gcc libc6-dev)

# docs/api.md is tested by its own commands.
have curl || missing+=(curl)

# The browser of the browser tests.
have chromium || have chromium-browser || have google-chrome || missing+=(chromium)

# The foreign client. Debian's python has Debian's modules; another may have its own.
python_ready=no
for python in python3 /usr/bin/python3; do
	if "$python" -c 'import socketio, aiohttp, requests, websocket' >/dev/null 2>&1; then
		python_ready=yes
	fi
done
[ "$python_ready" = yes ] || missing+=(python3 python3-socketio python3-aiohttp python3-requests python3-websocket)

[ ${#missing[@]} -gt 0 ] || exit 0

if ! have apt-get; then
	echo "needs.sh: install these, as Debian calls them, and try again: ${missing[*]}" >&2
	exit 1
fi
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)
echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q
"${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}"
