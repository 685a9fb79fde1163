# Right Now. `make run` starts it, `make test` tests it; `make help` lists the rest.

SHELL := /bin/bash
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

ARGS ?=
FUZZTIME ?= 10s
SUMMARY ?= bin/tests.txt

GO_FILES = $(shell git ls-files -co --exclude-standard '*.go')
PAGE := internal/web/libs/socket.io/socket.io.js
WEB_MODULES := internal/web/node_modules/.package-lock.json
TEST_MODULES := test/node_modules/.package-lock.json test/artillery/node_modules/.package-lock.json

# What a tool of tools/go.mod is called with.
TOOL := go tool -modfile=tools/go.mod

.PHONY: all help run build page fmt lint vet staticcheck vuln quick test needs long lesson analytics document whiteboard benchgo benchcmp bench benchquick clean

all: lint build quick ## check, build, and the quick tests

help: ## this list
	@grep -hE '^[a-z ]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# --- the program

run: build ## build everything and start the chat; more flags: make run ARGS="--port 8080"
	@exec bin/rightnow serve $(ARGS)

build: page ## bin/rightnow, with the page in it
	CGO_ENABLED=0 go build -o bin/rightnow ./cmd/rightnow

page: $(PAGE) ## the page's libraries, from npm

$(PAGE): $(WEB_MODULES) internal/web/build.mjs
	cd internal/web && npm run --silent build
	@touch $@

$(WEB_MODULES): internal/web/package-lock.json
	cd internal/web && npm ci --no-audit --no-fund
	@touch $@

lesson: page ## the lesson's own small app, examples/right-now
	CGO_ENABLED=0 go build -o bin/lesson ./examples/right-now
	@exec bin/lesson -client internal/web/libs/socket.io -jquery internal/web/libs/jquery $(ARGS)

analytics document whiteboard: page ## an example by its name: make whiteboard
	CGO_ENABLED=0 go build -o bin/$@ ./examples/$@
	@exec bin/$@ $(ARGS)

# --- checks

fmt: ## format the Go files
	gofmt -w $(GO_FILES)

lint: vet staticcheck ## gofmt, go vet and staticcheck
	@files=$$(gofmt -l $(GO_FILES)); if [ -n "$$files" ]; then echo "not formatted, run make fmt:"; echo "$$files"; exit 1; fi

vet:
	go vet ./...
	go -C tools vet ./...
	go -C examples/frameworks vet ./...
	for module in bench bench/peers/*/go.mod; do go -C "$${module%/go.mod}" vet ./... || exit 1; done

staticcheck: # its list of checks is staticcheck.conf
	$(TOOL) staticcheck ./...
	cd bench && go tool -modfile=../tools/go.mod staticcheck ./...
	cd examples/frameworks && go tool -modfile=../../tools/go.mod staticcheck ./...

vuln: ## known holes in what we use; needs the network
	$(TOOL) govulncheck ./...
	cd examples/frameworks && go tool -modfile=../../tools/go.mod govulncheck ./...

# --- tests

quick: page ## Go tests of the packages, without browsers and foreign clients
	go test $$(go list ./... | grep -v '^rightnow/test')

needs: ## install what the tests need and this machine lacks
	@tools/needs.sh

test: needs page $(TEST_MODULES) ## all tests: Go (race detector on), fuzz, official clients, Python, browser
	@mkdir -p bin
	@go build -C tools -o ../bin/runtests ./runtests
	@bin/runtests -summary $(SUMMARY) -fuzztime $(FUZZTIME)

$(TEST_MODULES): %/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund
	@touch $@

long: ## all tests with ten minutes for each fuzz target, the Go tests ten times, the foreign clients twenty
	$(MAKE) test FUZZTIME=10m
	go test -race -count=10 -timeout=2h ./...
	for round in {1..20}; do bin/runtests node python || exit 1; done

.PHONY: compatibility
compatibility: ## docs/compatibility.md, from the checklist and the comments above the tests
	go -C tools run ./compatibility -root ..

# --- Go benchmarks

BENCH ?= .
PKG ?=
BENCHED = $(or $(PKG),$(shell git grep -l '^func Benchmark' -- '*_test.go' ':!bench' ':!tools' | xargs -n1 dirname | sort -u | sed 's|^|./|'))

benchgo: ## Go benchmarks: make benchgo PKG=./hub BENCH=Join COUNT=5
	go test -run='^$$' -bench='$(BENCH)' -benchmem -count=$(or $(COUNT),1) $(BENCHED)

benchcmp: ## two commits by benchstat: make benchcmp OLD=HEAD~3 NEW=HEAD PKG=./hub BENCH=Join
	@tools/benchcmp.sh

# --- beside other servers

bench: ## measure beside other servers (twenty minutes) for docs/performance.md; a part: ARGS="--only echo --reps 1"
	@go build -C bench -o ../bin/bench/bench .
	@bin/bench/bench $(ARGS)

benchquick: ## a minute of it, to see that all of it works
	@$(MAKE) --no-print-directory bench ARGS="--quick $(ARGS)"

clean: ## remove what was built and fetched
	rm -rf bin internal/web/node_modules test/node_modules test/artillery/node_modules bench/peers/node/node_modules
	find internal/web/libs -mindepth 1 ! -name placeholder.txt -delete
