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
synth: $(CDK) build ## synthesize the stacks of SHARE=..., files or a folder, into cdk.out
	$(CDK) synth --quiet -c share=$(SHARE)

.PHONY: templates
templates: ## write templates/*.yaml, docs/reference.md and docs/provider-role.md anew
	@go run ./cdk/generate

# PREFIX names the buckets, <PREFIX>-<region>; REGIONS are separated by commas; ARCH is the function's architecture.
.PHONY: artifacts publish
artifacts: venv ## make each region's bucket for the zips: PREFIX=... REGIONS=... [ORGANIZATION=o-...]
	@test -n "$(PREFIX)" -a -n "$(REGIONS)" || { echo 'make artifacts PREFIX=<prefix of the buckets> REGIONS=<region>[,<region>…] [ORGANIZATION=o-...]' >&2; exit 2; }
	@for region in $(subst $(comma), ,$(REGIONS)); do \
	  .cache/python/bin/aws cloudformation deploy --region $$region --stack-name SharedBucketArtifacts --template-file templates/artifacts.yaml \
	    --no-fail-on-empty-changeset --parameter-overrides BucketPrefix=$(PREFIX) OrganizationId=$(ORGANIZATION); \
	done

publish: build $(if $(ARCH),build/lambda/$(ARCH)/bootstrap) ## upload the zip, named by its digest, to each region's bucket: PREFIX=... REGIONS=... [ARCH=x86_64]
	@go run ./cdk/publish -prefix "$(PREFIX)" -regions "$(REGIONS)" $(if $(ARCH),-arch $(ARCH))

# The module's path is one that nobody can serve, until whoever publishes it gives it one of their own.
.PHONY: module-path
module-path: ## give the Go module another path, everywhere it is written: TO=host.name/path
	@case "$(TO)" in *.*/*) ;; *) echo 'make module-path TO=github.com/<owner>/sharedbucket'; exit 2;; esac
	@from=$$(go list -m) && find . \( -path ./.git -o -path ./.cache -o -path ./build -o -path ./cdk.out -o -name node_modules \) -prune \
	  -o -type f -exec grep -lIF "$$from" {} + | xargs perl -pi -e "s{\Q$$from\E\b}{$(TO)}g"
	@gofmt -w $$(find . -name '*.go' -not -path './cdk/node_modules/*' -not -path './.cache/*')
	@echo "the module is $(TO)"

comma := ,
