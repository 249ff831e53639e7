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

# PREFIX names the buckets, <PREFIX>-<region>; REGIONS are separated by commas; ARCH is the function's architecture.
.PHONY: artifacts publish
artifacts: venv ## make each region's bucket for the zips: PREFIX=... REGIONS=... [ORGANIZATION=o-...]
	@for region in $(subst $(comma), ,$(REGIONS)); do \
	  .cache/venv/bin/aws cloudformation deploy --region $$region --stack-name SharedBucketArtifacts --template-file templates/artifacts.yaml \
	    --no-fail-on-empty-changeset --parameter-overrides BucketPrefix=$(PREFIX) OrganizationId=$(ORGANIZATION); \
	done

publish: build ## upload the zip, named by its digest, to each region's bucket: PREFIX=... REGIONS=... [ARCH=x86_64]
	@go run ./cdk/publish -prefix "$(PREFIX)" -regions "$(REGIONS)" $(if $(ARCH),-arch $(ARCH))

comma := ,
