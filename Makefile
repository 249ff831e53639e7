# SharedBucket. `make help` lists what there is; `make demo` and `make test` need nothing but Go, Node, Python 3 and make.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The architecture names of AWS Lambda, and Go's.
HOST_ARCH := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x86_64)
GOARCH_arm64 := arm64
GOARCH_x86_64 := amd64

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{ printf "  %-12s %s\n", $$1, $$2 }'

# ---- build ---------------------------------------------------------------------------------------------------------

# go build knows itself what has changed, so these rules run every time.
.PHONY: build
build: build/lambda/arm64/bootstrap build/lambda/$(HOST_ARCH)/bootstrap build/sharedbucket ## build the function, for AWS and for this machine, and the command

.PHONY: build/lambda/arm64/bootstrap build/lambda/x86_64/bootstrap
build/lambda/arm64/bootstrap build/lambda/x86_64/bootstrap: build/lambda/%/bootstrap:
	@CGO_ENABLED=0 GOOS=linux GOARCH=$(GOARCH_$*) go build -trimpath -buildvcs=false -ldflags '-s -w -buildid=' -tags lambda.norpc -o $@ ./lambda

.PHONY: build/sharedbucket
build/sharedbucket:
	@go build -trimpath -o $@ ./cmd/sharedbucket

# ---- tools, each in its pinned version -------------------------------------------------------------------------------

.PHONY: venv
venv:
	@test/local/setup > /dev/null

# ---- demo ----------------------------------------------------------------------------------------------------------

.PHONY: demo
demo: build venv cdk-tool ## play the walkthrough on a local two-account AWS; KEEP=1 leaves it running
	@go build -o build/demo-play ./test/demo/play
	@build/demo-play $(if $(KEEP),-keep)

# ---- test ----------------------------------------------------------------------------------------------------------

.PHONY: test
test: build venv cdk-tool lint ## run everything: formatting, vet, linters, unit, golden, property, CDK and end-to-end tests
	@echo "== go test: unit, golden, property, CDK and end-to-end tests (some minutes)"
	go test ./...

STATICCHECK := go tool -modfile=test/tools/go.mod staticcheck

.PHONY: lint
lint: venv ## check formatting and run the linters
	@echo "== gofmt, go vet, staticcheck, ruff"
	@unformatted=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
	  if [ -n "$$unformatted" ]; then echo "not formatted (run gofmt -w):"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	$(STATICCHECK) ./...
	.cache/venv/bin/ruff check --quiet test/local
	.cache/venv/bin/ruff format --check --quiet test/local

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (default 10m), one after the other
	@for package in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
	    echo "== $$package $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(or $(FUZZTIME),10m) $$package; \
	  done; \
	done

.PHONY: bench
bench: build venv ## print the numbers: calls, rounds, size, start-up, memory; decisions per second
	@go run ./test/bench
	go test -run '^$$' -bench . -benchmem ./evaluator/...

.PHONY: clean
clean: ## remove what was built (not the pinned tools in .cache)
	rm -rf build cdk.out

include cdk/cdk.mk

.PHONY: cdk-tool
cdk-tool: $(CDK)
