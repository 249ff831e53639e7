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

# The version of a release is that of the commit's tag; it is stamped into what is built of that commit, and no other.
ifndef VERSION
VERSION := $(shell git describe --exact-match --tags --match 'v[0-9]*' --dirty 2>/dev/null | grep -v dirty)
endif
STAMP := $(if $(VERSION), -X $(shell go list -m)/internal/version.stamped=$(VERSION))

# go build knows itself what has changed, so these rules run every time.
.PHONY: build
build: build/lambda/arm64/bootstrap build/lambda/$(HOST_ARCH)/bootstrap build/sharedbucket ## build the function, for AWS and for this machine, and the command

.PHONY: build/lambda/arm64/bootstrap build/lambda/x86_64/bootstrap
build/lambda/arm64/bootstrap build/lambda/x86_64/bootstrap: build/lambda/%/bootstrap:
	@CGO_ENABLED=0 GOOS=linux GOARCH=$(GOARCH_$*) go build -trimpath -buildvcs=false -ldflags '-s -w -buildid=$(STAMP)' -tags lambda.norpc -o $@ ./lambda

build/lambda/%/bootstrap:
	@echo "$* is no architecture of Lambda: arm64 and x86_64 are" >&2; exit 2

.PHONY: build/sharedbucket
build/sharedbucket:
	@go build -trimpath -ldflags '$(STAMP)' -o $@ ./cmd/sharedbucket

.PHONY: release
release: ## make a release's files in build/release/VERSION: zips, SBOMs, SHA-256 sums; of a clean tree only
	@go run ./internal/release -version "$(VERSION)"

# ---- tools, each in its pinned version -------------------------------------------------------------------------------

.PHONY: venv
venv:
	@test/local/setup > /dev/null

# ---- demo ----------------------------------------------------------------------------------------------------------

.PHONY: demo
demo: build venv cdk-tool ## play the walkthrough on a local two-account AWS; KEEP=1 leaves the share deployed
	@go build -o build/demo-play ./test/demo/play
	@build/demo-play $(if $(KEEP),-keep)

# ---- test ----------------------------------------------------------------------------------------------------------

.PHONY: test
test: build venv cdk-tool lint vulnerabilities ## run everything: linters, vulnerability scan, unit to end-to-end tests
	@command -v chromium chromium-browser google-chrome >/dev/null || \
	  echo "== no Chromium here: the page of verify --html is not tried in a browser (apt-get install chromium)"
	@echo "== go test: unit, golden, property, CDK and end-to-end tests (some minutes)"
	go test -timeout 60m ./...
	@echo "== the benchmarks, each once, to see that they work"
	@go test -run '^$$' -bench . -benchtime 1x ./evaluator/... ./internal/proof | grep -v '^Benchmark'
	@cat build/faults.txt 2>/dev/null || true

STATICCHECK := go tool -modfile=test/tools/go.mod staticcheck

.PHONY: lint
lint: venv ## check formatting and run the linters
	@echo "== gofmt, go vet, staticcheck, ruff"
	@unformatted=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
	  if [ -n "$$unformatted" ]; then echo "not formatted (run gofmt -w):"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	$(STATICCHECK) ./...
	.cache/python/bin/ruff check --quiet test/local
	.cache/python/bin/ruff format --check --quiet test/local

.PHONY: vulnerabilities
vulnerabilities: ## look for known vulnerabilities, where Go's database can be reached
	@echo "== govulncheck"
	@test/tools/vulnerabilities

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (default 10m), one after the other
	@for package in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
	    echo "== $$package $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(or $(FUZZTIME),10m) $$package; \
	  done; \
	done

.PHONY: faults
faults: venv ## break every call of every operation in every way; make test plays a sample
	FAULTS=all go test ./test/fault -run TestFaultMatrix -v -timeout 0

.PHONY: soak
soak: venv ## walk at random through stacks, faults and hands on the console, for SOAK (default 1h) from SEED (default 1)
	SOAK=$(or $(SOAK),1h) SEED=$(or $(SEED),1) go test ./test/fault -run TestSoak -v -timeout 0

.PHONY: acceptance
acceptance: build ## play a share's life in two real accounts and report: PROFILE_A=... PROFILE_B=... [REGION=...] [ARCH=x86_64]
	@go run ./test/acceptance/run -a "$(PROFILE_A)" -b "$(PROFILE_B)" -region "$(REGION)" -arch $(or $(ARCH),arm64)

.PHONY: bench
bench: build venv bench-tools ## print the numbers: calls, rounds, size, start-up, memory; emptying beside the CDK; decisions per second
	@go run ./test/bench
	@go run ./test/bench/simulate
	@build/bench/emptying $(if $(LARGE),-large)
	go test -run '^$$' -bench . -benchmem ./evaluator/...

# What emptying is compared with: the handler that aws-cdk-lib brings, in the version that go.mod has, with the AWS SDK of
# Node that Lambda would bring; and an S3 server.
CDK_HANDLER := package/custom-resource-handlers/dist/aws-s3/auto-delete-objects-handler/index.js

.PHONY: bench-tools
bench-tools: build/bench/versitygw build/bench/node_modules/.package-lock.json
	@go build -trimpath -o build/bench/ ./test/bench/emptying ./test/bench/emptier
	@mkdir -p build/bench/handler
	@tar xzf "$$(go list -m -f '{{.Dir}}' github.com/aws/aws-cdk-go/awscdk/v2)"/jsii/aws-cdk-lib-*.tgz \
	  -C build/bench/handler --strip-components 5 $(CDK_HANDLER)

build/bench/versitygw: test/servers/go.mod test/servers/go.sum
	cd test/servers && go build -trimpath -o ../../build/bench/versitygw github.com/versity/versitygw/cmd/versitygw

build/bench/node_modules/.package-lock.json: test/bench/emptying/npm/package.json test/bench/emptying/npm/package-lock.json
	@mkdir -p build/bench
	@cp test/bench/emptying/npm/package*.json test/bench/emptying/npm/.npmrc build/bench/
	cd build/bench && npm ci --silent --no-audit --no-fund
	@touch $@

.PHONY: clean
clean: ## remove what was built (not the pinned tools in .cache)
	rm -rf build cdk.out

include cdk/cdk.mk

.PHONY: cdk-tool
cdk-tool: $(CDK)
