# The CDK app, the templates made from it, and what goes with them.

# Node 20 works, and is past its end of life; CDK says so at length on each run.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION = 20

CDK := cdk/node_modules/.bin/cdk

# The cdk command, in the version that cdk/package-lock.json has.
cdk/node_modules/.package-lock.json: cdk/package.json cdk/package-lock.json
	cd cdk && npm ci --silent --no-audit --no-fund
	@touch $@

$(CDK): cdk/node_modules/.package-lock.json

.PHONY: synth
synth: $(CDK) build ## synthesize the stacks of SHARE (default: the walkthrough) into cdk.out
	$(CDK) synth --quiet $(if $(SHARE),-c share=$(SHARE))

.PHONY: templates
templates: ## write templates/*.yaml, docs/reference.md and docs/provider-role.md anew
	@go run ./cdk/generate
