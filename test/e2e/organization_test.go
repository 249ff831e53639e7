package e2e

import (
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/test/local"
)

// organization is a management account with two organizational units.
type organization struct {
	*fixture
	management         *local.Account
	client             *organizations.Client
	id                 string
	product, elsewhere string // organizational units
}

func newOrganization(d *fixture) organization {
	d.t.Helper()
	ctx := d.t.Context()
	o := organization{fixture: d, management: d.account("900000000000")}
	o.client = organizations.NewFromConfig(o.management.Config())
	made, err := o.client.CreateOrganization(ctx, nil)
	must(d.t, err)
	o.id = *made.Organization.Id
	// Once for an organization, as docs/organization.md says.
	_, err = cloudformation.NewFromConfig(o.management.Config()).ActivateOrganizationsAccess(ctx, nil)
	must(d.t, err)
	roots, err := o.client.ListRoots(ctx, nil)
	must(d.t, err)
	unit := func(name string) string {
		made, err := o.client.CreateOrganizationalUnit(ctx,
			&organizations.CreateOrganizationalUnitInput{Name: &name, ParentId: roots.Roots[0].Id})
		must(d.t, err)
		return *made.OrganizationalUnit.Id
	}
	o.product, o.elsewhere = unit("product"), unit("elsewhere")
	return o
}

// join brings an account with the role reader into an organizational unit.
func (o organization) join(id, unit string) *local.Account {
	o.t.Helper()
	a := o.account(id)
	_, err := a.CreateRole(o.t.Context(), "reader", "")
	must(o.t, err)
	must(o.t, a.Join(o.t.Context(), o.management, unit))
	return a
}

// instances are the accounts that CloudFormation lists for a StackSet, with the ids of their stacks.
func (o organization) instances(stackSet string) map[string]string {
	o.t.Helper()
	listed, err := cloudformation.NewFromConfig(o.management.Config()).ListStackInstances(o.t.Context(),
		&cloudformation.ListStackInstancesInput{StackSetName: &stackSet})
	must(o.t, err)
	all := map[string]string{}
	for _, i := range listed.Summaries {
		if i.Status != cfn.StackInstanceStatusCurrent {
			o.t.Errorf("%s in %s is %s: %s", stackSet, *i.Account, i.Status, sdk.ToString(i.StatusReason))
		}
		all[*i.Account] = sdk.ToString(i.StackId)
	}
	return all
}

// inline are the inline policies of the role reader, by name.
var ownersMark = regexp.MustCompile(`Of[A-Z2-7]{13}"`)

func (o organization) inline(a *local.Account) map[string]string {
	o.t.Helper()
	ctx, client, role := o.t.Context(), iam.NewFromConfig(a.Config()), sdk.String("reader")
	names, err := client.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: role})
	must(o.t, err)
	all := map[string]string{}
	for _, name := range names.PolicyNames {
		got, err := client.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: role, PolicyName: &name})
		must(o.t, err)
		document, err := url.QueryUnescape(*got.PolicyDocument)
		must(o.t, err)
		// Whose statements they are, each account's stack has marked for itself.
		all[name] = ownersMark.ReplaceAllString(document, `"`)
	}
	return all
}

// reads says whether the account's role reader can read from the catalogue, and nothing else.
func (o organization) reads(a *local.Account, want string) {
	o.t.Helper()
	session, err := a.AssumeRole(o.t.Context(), "reader", "test")
	must(o.t, err)
	o.expect("reader of "+a.ID, session.Config(), "catalogue", "2026/all.csv", want)
}

// checkMembers checks that exactly these accounts have the provider and the access, each the same.
func (o organization) checkMembers(members ...*local.Account) {
	o.t.Helper()
	var ids []string
	var first map[string]string
	for _, a := range members {
		ids = append(ids, a.ID)
		policies := o.inline(a)
		if got := slices.Collect(maps.Keys(policies)); !cmp.Equal(got, []string{"access-s3-catalogue"}) {
			o.t.Errorf("reader of %s has the inline policies %q", a.ID, got)
		}
		if first == nil {
			first = policies
		}
		if diff := cmp.Diff(first, policies); diff != "" {
			o.t.Errorf("the policy in %s differs from the one in %s: %s", a.ID, members[0].ID, diff)
		}
		o.reads(a, "get list")
	}
	slices.Sort(ids)
	for _, stackSet := range []string{"SharedBucketOrganization-Provider", "SharedBucketOrganization-Consumer"} {
		got := o.instances(stackSet)
		if diff := cmp.Diff(ids, slices.Sorted(maps.Keys(got))); diff != "" {
			o.t.Errorf("instances of %s: %s", stackSet, diff)
		}
		for _, a := range members {
			o.checkDeployed(stackSet, a, got[a.ID])
		}
	}
}

// checkDeployed checks that an account's stack has the StackSet's template and parameters, and no others.
func (o organization) checkDeployed(stackSet string, a *local.Account, stack string) {
	o.t.Helper()
	ctx := o.t.Context()
	recorded, err := cloudformation.NewFromConfig(o.management.Config()).DescribeStackSet(ctx,
		&cloudformation.DescribeStackSetInput{StackSetName: &stackSet})
	must(o.t, err)
	client := cloudformation.NewFromConfig(a.Config())
	template, err := client.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: &stack})
	must(o.t, err)
	if *template.TemplateBody != *recorded.StackSet.TemplateBody {
		o.t.Errorf("%s in %s has another template", stackSet, a.ID)
	}
	described, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &stack})
	must(o.t, err)
	got := map[string]string{}
	for _, p := range described.Stacks[0].Parameters {
		got[*p.ParameterKey] = *p.ParameterValue
	}
	for _, p := range recorded.StackSet.Parameters {
		if got[*p.ParameterKey] != *p.ParameterValue {
			o.t.Errorf("%s in %s has %s=%q, the StackSet %q", stackSet, a.ID, *p.ParameterKey, got[*p.ParameterKey],
				*p.ParameterValue)
		}
	}
}

// cli runs the aws command as the management account's administrator.
func (o organization) cli(words ...string) string {
	o.t.Helper()
	return o.as(o.management, words...)
}

// as runs the aws command as an account's administrator.
func (o organization) as(a *local.Account, words ...string) string {
	o.t.Helper()
	tool, err := local.Tool(o.t.Context(), "aws")
	must(o.t, err)
	out, err := o.run(a, tool, words...)
	if err != nil {
		o.t.Fatalf("aws %s: %v\n%s", strings.Join(words, " "), err, out)
	}
	return out
}

// output is an output of SharedBucketOrganization.
func (o organization) output(name string) string {
	o.t.Helper()
	return strings.TrimSpace(o.cli("cloudformation", "describe-stacks", "--stack-name", "SharedBucketOrganization",
		"--output", "text",
		"--query", "Stacks[0].Outputs[?OutputKey=='"+name+"'].OutputValue"))
}

// publishAnother publishes another version of the function, and returns its key.
func (o organization) publishAnother() string {
	o.t.Helper()
	program := filepath.Join(o.work, "build", "lambda", hostArchitecture(), "bootstrap")
	f, err := os.OpenFile(program, os.O_APPEND|os.O_WRONLY, 0)
	must(o.t, err)
	_, err = f.WriteString("another version\n")
	must(o.t, err)
	must(o.t, f.Close())
	return o.publish(o.management, "zips")
}

// failAndRetry joins an account without the role, finds it with the commands of docs/organization.md, and brings it to
// the others' state with the one that tries again. It leaves again in the end.
func (o organization) failAndRetry() {
	o.t.Helper()
	a := o.account("920000000005")
	must(o.t, a.Join(o.t.Context(), o.management, o.product))
	stackSet := o.output("ConsumerStackSetName")
	failing := func() string { return o.failing(stackSet) }
	if said := failing(); !strings.Contains(said, a.ID) || !strings.Contains(said, "reader") {
		o.t.Errorf("the failing account is not seen, with its reason: %s", said)
	}
	_, err := a.CreateRole(o.t.Context(), "reader", "")
	must(o.t, err)
	o.retry(stackSet, a)
	if said := failing(); strings.TrimSpace(said) != "" {
		o.t.Errorf("still failing: %s", said)
	}
	o.reads(a, "get list")
	_, err = o.client.MoveAccount(o.t.Context(), &organizations.MoveAccountInput{
		AccountId: &a.ID, SourceParentId: &o.product, DestinationParentId: &o.elsewhere,
	})
	must(o.t, err)
	o.reads(a, "")
}

// failing are a StackSet's failing accounts, and retry tries one of them again, with the commands of
// docs/organization.md.
func (o organization) failing(stackSet string) string {
	o.t.Helper()
	return o.cli("cloudformation", "list-stack-instances", "--stack-set-name", stackSet, "--output", "text",
		"--query", "Summaries[?StackInstanceStatus.DetailedStatus=='FAILED'].[Account,Region,StatusReason]")
}

func (o organization) retry(stackSet string, a *local.Account) {
	o.t.Helper()
	o.instancesOf("update-stack-instances", stackSet, a)
}

func (o organization) instancesOf(command, stackSet string, a *local.Account) {
	o.t.Helper()
	o.cli("cloudformation", command, "--stack-set-name", stackSet, "--regions", o.aws.Region,
		"--deployment-targets", "OrganizationalUnitIds="+o.product+",Accounts="+a.ID+",AccountFilterType=INTERSECTION")
}

// comeBack moves an account that has left into the organizational unit again. Its old provider, which stayed and goes
// on, is in the way until its stack is deleted with the commands of docs/organization.md.
func (o organization) comeBack(a *local.Account) {
	o.t.Helper()
	ctx := o.t.Context()
	before := o.providerStack(a)
	_, err := o.client.MoveAccount(ctx, &organizations.MoveAccountInput{
		AccountId: &a.ID, SourceParentId: &o.elsewhere, DestinationParentId: &o.product,
	})
	must(o.t, err)
	providers, consumers := o.output("ProviderStackSetName"), o.output("ConsumerStackSetName")
	if said := o.failing(providers); !strings.Contains(said, a.ID) {
		o.t.Errorf("the account that is back is not among the failing ones: %s", said)
	}
	if said := o.failing(consumers); strings.Contains(said, a.ID) {
		o.t.Errorf("the access did not wait for the provider: %s", said)
	}
	old := o.providerStack(a)
	if old != before {
		o.t.Errorf("the provider was of %s and is of %s", before, old)
	}
	o.as(a, "cloudformation", "delete-stack", "--stack-name", old)
	o.as(a, "cloudformation", "wait", "stack-delete-complete", "--stack-name", old)
	o.retry(providers, a)
	o.instancesOf("create-stack-instances", consumers, a)
	for _, stackSet := range []string{providers, consumers} {
		if said := strings.TrimSpace(o.failing(stackSet)); said != "" {
			o.t.Errorf("%s still fails: %s", stackSet, said)
		}
	}
	if o.providerStack(a) == old {
		o.t.Errorf("the provider is still of %s", old)
	}
}

// providerStack is the stack that an account's provider belongs to.
func (o organization) providerStack(a *local.Account) string {
	o.t.Helper()
	return strings.TrimSpace(o.as(a, "cloudformation", "describe-stack-resources", "--physical-resource-id",
		"sharedbucket-provider", "--query", "StackResources[0].StackName", "--output", "text"))
}

// An organization of a management account and five others. The StackSets are for one organizational unit.
func TestOrganization(t *testing.T) {
	o := newOrganization(newFixture(t))
	owner, other := o.join("910000000001", o.elsewhere), o.join("910000000002", o.elsewhere)
	one, two, three := o.join("920000000001", o.product), o.join("920000000002", o.product), o.join("920000000003",
		o.product)

	o.deploy(o.management, "SharedBucketArtifacts", "artifacts.yaml", "BucketPrefix=zips", "OrganizationId="+o.id)
	key := o.publish(o.management, "zips")
	o.deploy(owner, "SharedBucketProvider", "provider.yaml", "CodeBucket=zips", "CodeBucketPerRegion=true",
		"CodeKey="+key, "Architecture="+hostArchitecture())
	o.deploy(owner, "SharedBucketOwner", "owner.yaml", "BucketName=catalogue", "ConsumerOrganization="+o.id,
		"ConsumerAccess=Read")
	o.expect("the owner's administrator", owner.Config(), "catalogue", "2026/all.csv", "put get list")
	o.deploy(o.management, "SharedBucketOrganization", "organization.yaml",
		"OrganizationalUnitIds="+o.product, "Regions="+o.aws.Region, "CodeBucketPrefix=zips", "CodeKey="+key,
		"Architecture="+hostArchitecture(),
		"BucketName=catalogue", "OwnerAccount="+owner.ID, "GranteeRoles=reader", "GranteeAccess=Read")
	o.checkMembers(one, two, three)
	outside := func() {
		t.Helper()
		for _, a := range []*local.Account{owner, other} {
			if got := o.inline(a); len(got) > 0 {
				t.Errorf("%s got %v", a.ID, got)
			}
		}
		o.reads(other, "")
	}
	outside()

	var four *local.Account
	t.Run("an account that joins later gets the same", func(t *testing.T) {
		four = o.join("920000000004", o.product)
		o.checkMembers(one, two, three, four)
		outside()
	})
	t.Run("a second share needs no second provider", func(t *testing.T) {
		o.deploy(owner, "SecondOwner", "owner.yaml", "BucketName=second-catalogue", "ConsumerOrganization="+o.id,
			"ConsumerAccess=Read")
		o.deploy(o.management, "SecondShare", "organization.yaml", "DeployProvider=false",
			"OrganizationalUnitIds="+o.product, "Regions="+o.aws.Region, "CodeBucketPrefix=zips", "CodeKey="+key,
			"BucketName=second-catalogue", "OwnerAccount="+owner.ID, "GranteeRoles=reader", "GranteeAccess=Read")
		if got := slices.Sorted(maps.Keys(o.inline(one))); !cmp.Equal(got,
			[]string{"access-s3-catalogue", "access-s3-second-catalogue"}) {
			t.Errorf("reader of %s has %q", one.ID, got)
		}
		o.destroy(o.management, "SecondShare")
		o.checkMembers(one, two, three, four)
	})
	t.Run("an account that fails is seen and tried again", func(t *testing.T) { o.failAndRetry() })
	t.Run("a new version reaches every account", func(t *testing.T) {
		key = o.publishAnother()
		o.deploy(o.management, "SharedBucketOrganization", "organization.yaml", "CodeKey="+key)
		o.checkMembers(one, two, three, four)
		if got := o.output("CodeKey"); got != key {
			t.Errorf("the stack says that %s is rolled out", got)
		}
	})
	t.Run("an account that leaves loses it", func(t *testing.T) {
		_, err := o.client.MoveAccount(t.Context(),
			&organizations.MoveAccountInput{AccountId: &three.ID, SourceParentId: &o.product, DestinationParentId: &o.elsewhere})
		must(t, err)
		o.checkMembers(one, two, four)
		if got := o.inline(three); len(got) > 0 {
			t.Errorf("%s keeps %v", three.ID, got)
		}
	})
	t.Run("the share ends, the providers stay", func(t *testing.T) {
		o.deploy(o.management, "SharedBucketOrganization", "organization.yaml", "BucketName=")
		for _, a := range []*local.Account{one, two, four} {
			if got := o.inline(a); len(got) > 0 {
				t.Errorf("%s keeps %v", a.ID, got)
			}
		}
		if got := len(o.instances("SharedBucketOrganization-Provider")); got != 3 {
			t.Errorf("%d accounts have the provider", got)
		}
		o.deploy(o.management, "SharedBucketOrganization", "organization.yaml", "BucketName=catalogue")
		o.checkMembers(one, two, four)
	})
	t.Run("an account that comes back finds its old provider in the way", func(t *testing.T) {
		o.comeBack(three)
		o.checkMembers(one, two, three, four)
	})
	t.Run("the StackSets go with their stack", func(t *testing.T) {
		o.destroy(o.management, "SharedBucketOrganization")
		for _, a := range []*local.Account{one, two, three, four} {
			if got := o.inline(a); len(got) > 0 {
				t.Errorf("%s keeps %v", a.ID, got)
			}
			o.reads(a, "")
		}
	})
}
