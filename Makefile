# `make help` lists the targets. Go 1.26, Node 20 with npm, gcc and PostgreSQL's programs are what they need;
# `make test` says what is missing.

VERSION ?= $(patsubst v%,%,$(shell git describe --tags --match 'v[0-9]*' 2>/dev/null || echo 0.0.0-dev))
MODULE := github.com/mantledeploy/mantle
LDFLAGS := -s -w -X $(MODULE)/internal/buildinfo.version=$(VERSION)
BUILD := CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)'
PROGRAMS := $(patsubst cmd/%/main.go,%,$(wildcard cmd/*/main.go))
PLATFORMS := linux/amd64 linux/arm64 windows/amd64 darwin/arm64
DATA ?= ./data
FUZZTIME ?= 20s

.DEFAULT_GOAL := help
.PHONY: help build portal web-types dist run cluster test test-cluster test-cluster-full test-full bench lint fuzz golden update-golden notices clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: portal ## build bin/mantle and bin/mantle-agent for this machine
	@mkdir -p bin
	@for p in $(PROGRAMS); do echo "build bin/$$p $(VERSION)"; $(BUILD) -o bin/ ./cmd/$$p || exit 1; done

portal: ## build the portal's pages, which mantle embeds, when their sources have changed and Node is here
	@scripts/portal

web-types: ## write the types of the portal anew, from the API's document of a server built now
	scripts/web-types

dist: portal ## build both programs for every platform into dist/, with the agent tool of every platform beside each server
	VERSION='$(VERSION)' LDFLAGS='$(LDFLAGS)' scripts/dist $(PLATFORMS)

run: build ## build and start a server on http://localhost:8080 with its data in ./data
	bin/mantle server --data-dir $(DATA)

test: ## check what is needed, then run every test of the everyday kind (what CI runs)
	scripts/test

cluster: build ## start PostgreSQL, three nodes, HAProxy and two agents on this machine, to try a cluster
	scripts/cluster

test-cluster: ## break a cluster of real nodes and agents, some times in each way; print the table
	MANTLE_TEST_CLUSTER=middle scripts/test-cluster

test-cluster-full: ## break it as often as docs/reliability.md asks; goes on where it was cut; takes hours
	MANTLE_TEST_CLUSTER=full scripts/test-cluster

test-full: test test-cluster-full ## everything, with object stores that run on this machine, and a database that loses answers
	scripts/golangci
	scripts/emulators
	MANTLE_TEST_SEEDS=40 scripts/postgres go test -vet=off -count=1 -timeout 60m -run 'Histories|Simulation|Loses|GoesBack' ./internal/store ./internal/task ./internal/cluster ./internal/orchestrator
	MANTLE_TEST_LOSSES=3 scripts/postgres go test -vet=off -count=1 -timeout 60m ./internal/...

bench: ## benchmarks; none of them is part of the tests
	go test -run '^$$' -bench . -benchmem -timeout 60m ./...

lint: ## formatting, vet (of the agent for Windows and macOS too), staticcheck, notices
	scripts/lint

fuzz: ## run each fuzz test for FUZZTIME (default 20s)
	scripts/fuzz $(FUZZTIME)

golden: ## run every recorded row and print, file by file, how many agree
	go run ./scripts/golden

update-golden: ## write the files anew that tests compare our own answers with; look at the difference before you commit it
	@packages=$$(grep -rl 'flag.Bool("update"' --include='*_test.go' . | xargs -r -n1 dirname | sort -u); \
	if [ -z "$$packages" ]; then echo 'no package has such files'; else go test $$packages -update; fi

notices: ## write THIRD_PARTY anew, after a dependency has changed
	go run ./scripts/notices -write

clean: ## remove what was built; data stays
	rm -rf bin dist
