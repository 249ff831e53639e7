package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/cdk/internal/role"
)

// Templates are what the StackSets deploy: the text of provider.yaml and consumer.yaml.
type Templates struct {
	Provider, Consumer string
}

const organizationDescription = "SharedBucket: rolls the provider, and access to one shared bucket, out to " +
	"organizational units, new accounts included"

// OrganizationForm is SharedBucketOrganization for templates/organization.yaml.
//
// The templates stand in it, so that it needs no other file and all three are always of one version. Nothing differs
// from account to account: accounts that join later get a StackSet's own parameters, never overrides.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-manage-auto-deployment.html
func OrganizationForm(templates Templates) func(awscdk.App) awscdk.Stack {
	return func(app awscdk.App) awscdk.Stack {
		f := newForm(app, organizationName, organizationDescription, organizationParameters()...)
		f.askForManagementAccount()
		f.addProviders(templates.Provider)
		f.addConsumers(templates.Consumer)
		f.organizationOutputs()
		readableIDs(f.stack)
		return f.stack
	}
}

func organizationParameters() []group {
	return []group{
		{"Where", targetParameters()},
		codeParameters(parameter{
			name: "CodeBucketPrefix", label: "Buckets of the zip", pattern: `^[a-z0-9][a-z0-9.-]{1,45}[a-z0-9]$`,
			constraint: "a bucket's name without -<region>",
			description: "Prefix of the buckets with the function's zip. There is one in each region, " +
				"<CodeBucketPrefix>-<region>; make artifacts and make publish make and fill them",
		}),
		{"Provider", []parameter{
			boolParameter("DeployProvider", "Roll the provider out",
				"false for a second share to the same accounts: an account has one provider", true),
			driftSchedule, whoDrifted,
		}},
		{"Share", rolledOutParameters()},
		{"Grantees: who of each account may use the bucket", identityParameters("Grantee")},
		limitParameters(),
		{"Roll-out", paceParameters()},
	}
}

func targetParameters() []parameter {
	return []parameter{
		{
			name: "OrganizationalUnitIds", label: "Organizational units", kind: list,
			description: "Ids of the organizational units, or of the root, whose accounts take part, now and when they join " +
				"later. The management account is never among them",
			pattern:    `^(ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|r-[0-9a-z]{4,32})$`,
			constraint: "ids of organizational units, ou-…, or of the root, r-…, separated by commas",
		},
		{
			name: "Regions", label: "Regions of the provider", kind: list,
			description: "Regions that the provider is needed in: those of the shared buckets",
			pattern:     `^[a-z]{2,}(-[a-z]+)+-\d+$`, constraint: "codes of regions, separated by commas",
		},
		{
			name: "CallAs", label: "Deployed from",
			description: "SELF in the management account, DELEGATED_ADMIN in a delegated administrator account of StackSets",
			defaultTo:   "SELF", values: []string{"SELF", "DELEGATED_ADMIN"},
		},
		textParameter("ManagementAccount", "Management account", "Id of the management account, which owns the StackSets "+
			"of a delegated administrator. Empty: this account", accountsPattern, "twelve digits, or nothing"),
	}
}

// rolledOutParameters are those of the share that every account gets access to.
func rolledOutParameters() []parameter {
	return []parameter{
		textParameter("BucketName", "Bucket", "Name of the shared bucket. Empty: only the provider is rolled out",
			"^$|"+bucketPattern, bucketConstraint+", or nothing"),
		textParameter("OwnerAccount", "Owner account", "Id of the account that owns the bucket. It must not be in these "+
			"organizational units", accountsPattern, "twelve digits, or nothing"),
		textParameter("BucketRegion", "Region", "Region of the bucket, one of Regions. Empty: this region",
			regionPattern, regionConstraint),
		textParameter("Alias", "Alias of the key", "Alias of the bucket's key in the owner account, by which every account "+
			"finds the key. Empty: alias/s3-<bucket>-encryption", aliasPattern, aliasConstraint),
		driftParameter,
	}
}

// paceParameters are how fast StackSets go, and how much may fail.
func paceParameters() []parameter {
	return []parameter{
		numberParameter("MaxConcurrentPercentage", "Accounts at a time, in %",
			"How many of a region's accounts are deployed to at the same time", 25, 1, 100),
		numberParameter("FailureTolerancePercentage", "Failures tolerated, in %",
			"In how many of a region's accounts deployment may fail before it stops there", 10, 0, 100),
		{
			name: "ConcurrencyMode", label: "Concurrency",
			description: "STRICT_FAILURE_TOLERANCE slows down as failures come, SOFT_FAILURE_TOLERANCE goes on at full " +
				"speed until too many failed",
			defaultTo: "SOFT_FAILURE_TOLERANCE", values: []string{"STRICT_FAILURE_TOLERANCE", "SOFT_FAILURE_TOLERANCE"},
		},
		{
			name: "RegionConcurrencyType", label: "Regions",
			description: "Whether regions are deployed to one after the other or at the same time",
			defaultTo:   "SEQUENTIAL", values: []string{"SEQUENTIAL", "PARALLEL"},
		},
		boolParameter("RetainAccess", "Keep access of accounts that leave", "Whether an account that leaves the "+
			"organizational units keeps its stack with the access. Its provider stays in any case, to revoke the access with",
			false),
	}
}

// addProviders adds the StackSet of the provider. An account that leaves keeps it: in which order StackSets take their
// stacks out of an account is not documented, and without a provider nothing could revoke the account's access.
func (f form) addProviders(template string) {
	f.addStackSet("ProviderStackSet", stackSet{
		retain:       true,
		condition:    f.isTrue("DeployProvider"),
		name:         "${AWS::StackName}-Provider",
		description:  providerDescription,
		template:     template,
		regions:      ref("Regions"),
		capabilities: []any{"CAPABILITY_NAMED_IAM"},
		parameters: append([]setting{
			{"CodeBucket", ref("CodeBucketPrefix")},
			{"CodeBucketPerRegion", "true"},
			{"CodeKey", ref("CodeKey")},
			{"Architecture", ref("Architecture")},
			{driftSchedule.name, ref(driftSchedule.name)},
			{whoDrifted.name, ref(whoDrifted.name)},
		}, limitSettings()...),
	})
}

// limitSettings hand the limits on.
func limitSettings() []setting {
	var all []setting
	for _, l := range role.Limits {
		all = append(all, setting{l.Name, join(l.Name)})
	}
	return all
}

// addConsumers adds the StackSet of the share. Inline policies are the same in every region, so it goes to the
// bucket's region alone.
func (f form) addConsumers(template string) {
	consumers := f.addStackSet("ConsumerStackSet", stackSet{
		name:        "${AWS::StackName}-Consumer",
		description: consumerDescription,
		template:    template,
		regions:     []any{ifElse(f.given("BucketRegion"), ref("BucketRegion"), ref("AWS::Region"))},
		retain:      ref("RetainAccess"),
		condition:   f.given("BucketName"),
		after:       "ProviderStackSet",
		parameters: []setting{
			{"BucketName", ref("BucketName")},
			{"OwnerAccount", ref("OwnerAccount")},
			{"BucketRegion", ref("BucketRegion")},
			{"Alias", ref("Alias")},
			{"GranteeUsers", join("GranteeUsers")},
			{"GranteeRoles", join("GranteeRoles")},
			{"GranteeGroups", join("GranteeGroups")},
			{"GranteeAccess", ref("GranteeAccess")},
			{"PolicyType", ref("PolicyType")},
			{driftParameter.name, ref(driftParameter.name)},
		},
	})
	acknowledge(consumers, "F3031",
		"the parameter's empty default is never a region: the condition puts the stack's own in its place")
}

// askForManagementAccount refuses a delegated administrator's stack without the id that the StackSets' ARNs need,
// before anything is made.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
func (f form) askForManagementAccount() {
	equals := func(parameter, value string) awscdk.ICfnRuleConditionExpression {
		p := f.stack.Node().FindChild(jsii.String(parameter)).(awscdk.CfnParameter)
		return awscdk.Fn_ConditionEquals(p.ValueAsString(), value)
	}
	awscdk.NewCfnRule(f.stack, jsii.String("DelegatedAdministratorNamesManagementAccount"), &awscdk.CfnRuleProps{
		RuleCondition: equals("CallAs", "DELEGATED_ADMIN"),
		Assertions: &[]*awscdk.CfnRuleAssertion{{
			Assert:            awscdk.Fn_ConditionNot(equals("ManagementAccount", "")),
			AssertDescription: jsii.String("CallAs=DELEGATED_ADMIN needs ManagementAccount, the management account's id"),
		}},
	})
}

// organizationOutputs say what to look at and what to update: StackSets go by name in every command of
// docs/organization.md.
func (f form) organizationOutputs() {
	for _, o := range []struct{ name, description, condition, resource string }{
		{"ProviderStackSet", "StackSet that rolls the provider out", f.isTrue("DeployProvider"), "ProviderStackSet"},
		{"ConsumerStackSet", "StackSet that rolls the access to the bucket out", f.given("BucketName"), "ConsumerStackSet"},
	} {
		out := awscdk.NewCfnOutput(f.stack, jsii.String(o.name+"Output"), &awscdk.CfnOutputProps{
			Description: jsii.String(o.description + "; its name"),
			Value:       awscdk.Fn_Select(jsii.Number(0), awscdk.Fn_Split(jsii.String(":"), f.resource(o.resource).Ref(), nil)),
			Condition:   f.stack.Node().FindChild(jsii.String(o.condition)).(awscdk.CfnCondition),
		})
		out.OverrideLogicalId(jsii.String(o.name + "Name"))
	}
	output(f.stack, "CodeBuckets", "Prefix of the buckets with the zip, <prefix>-<region>", f.text("CodeBucketPrefix"))
	output(f.stack, "CodeKey", "Key of the function's zip: the version that is rolled out", f.text("CodeKey"))
}

func (f form) resource(id string) awscdk.CfnResource {
	return f.stack.Node().FindChild(jsii.String(id)).(awscdk.CfnResource)
}

type stackSet struct {
	name, description, template string
	regions                     any
	retain                      any    // whether an account that leaves keeps its stack
	condition                   string // empty: always
	after                       string // the StackSet that an account gets first
	capabilities                []any
	parameters                  []setting
}

type setting struct {
	name  string
	value any
}

func (f form) addStackSet(id string, s stackSet) awscdk.CfnResource {
	resource := awscdk.NewCfnResource(f.stack, jsii.String(id),
		&awscdk.CfnResourceProps{Type: jsii.String("AWS::CloudFormation::StackSet")})
	if s.condition != "" {
		resource.CfnOptions().SetCondition(f.stack.Node().FindChild(jsii.String(s.condition)).(awscdk.CfnCondition))
	}
	var parameters []any
	for _, p := range s.parameters {
		parameters = append(parameters, map[string]any{"ParameterKey": p.name, "ParameterValue": p.value})
	}
	override(resource,
		property{"StackSetName", sub(s.name)},
		property{"Description", s.description},
		property{"PermissionModel", "SERVICE_MANAGED"},
		property{"CallAs", ref("CallAs")},
		property{"AutoDeployment.Enabled", true},
		property{"AutoDeployment.RetainStacksOnAccountRemoval", s.retain},
		property{"ManagedExecution.Active", true},
		property{"OperationPreferences.MaxConcurrentPercentage", ref("MaxConcurrentPercentage")},
		property{"OperationPreferences.FailureTolerancePercentage", ref("FailureTolerancePercentage")},
		property{"OperationPreferences.ConcurrencyMode", ref("ConcurrencyMode")},
		property{"OperationPreferences.RegionConcurrencyType", ref("RegionConcurrencyType")},
		property{"StackInstancesGroup", []any{map[string]any{
			"DeploymentTargets": map[string]any{"OrganizationalUnitIds": ref("OrganizationalUnitIds")},
			"Regions":           s.regions,
		}}},
		property{"Parameters", parameters},
	)
	if s.after != "" {
		f.orderAutoDeployment(resource, s.after)
	}
	if s.capabilities != nil {
		override(resource, property{"Capabilities", s.capabilities})
	}
	override(resource, property{"TemplateBody", s.template})
	return resource
}

// orderAutoDeployment makes an account that joins get the stack of another StackSet first. It names that by ARN, and
// the StackSets of a delegated administrator belong to the management account.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-delegated-admin.html
func (f form) orderAutoDeployment(resource awscdk.CfnResource, after string) {
	managed := f.given("ManagementAccount")
	arn := map[string]any{"Fn::Sub": []any{
		"arn:${AWS::Partition}:cloudformation:${AWS::Region}:${Manager}:stackset/${" + after + "}",
		map[string]any{"Manager": ifElse(managed, ref("ManagementAccount"), ref("AWS::AccountId"))},
	}}
	override(resource, property{"AutoDeployment.DependsOn", ifElse(f.isTrue("DeployProvider"), []any{arn}, nil)})
}
