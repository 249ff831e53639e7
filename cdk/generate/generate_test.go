package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/cdk/internal/rules"
	"example.com/sharedbucket/cdk/internal/runtime"
	"example.com/sharedbucket/cdk/sharedbucket"
	"example.com/sharedbucket/internal/share"
)

const root = "../.."

func TestMain(m *testing.M) { os.Exit(runtime.Run(m.Run)) }

// made are the generated files, made once for all tests.
var made map[string]string

func files(t *testing.T) map[string]string {
	t.Helper()
	if made == nil {
		var err error
		if made, err = Files(root); err != nil {
			t.Fatal(err)
		}
	}
	return made
}

func TestGeneratedFilesAreUpToDate(t *testing.T) {
	for name, want := range files(t) {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if diff := cmp.Diff(string(got), want); diff != "" {
			t.Errorf("%s is not up to date, run make templates (-there +made):\n%s", name, diff)
		}
	}
}

func TestTemplatesAreMadeTheSameTwice(t *testing.T) {
	again, err := Files(root)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(files(t), again); diff != "" {
		t.Error(diff)
	}
}

// A template may be given to CloudFormation as it is up to 51,200 bytes; a larger one needs a bucket. A
// release adds its version.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
func TestTemplatesNeedNoBucket(t *testing.T) {
	for name, text := range files(t) {
		if strings.HasPrefix(name, "templates/") && len(text) > 51200-1500 {
			t.Errorf("%s has %d bytes", name, len(text))
		}
	}
}

// Whatever can be set on a provider or an access, an organization can set on all of its own, except for what differs
// from account to account or is for one alone.
func TestOrganizationHandsOnWhatItsTemplatesTake(t *testing.T) {
	for name, own := range map[string]map[string]string{
		"provider": {
			"LogRetentionInDays": "a log is for whoever is in the account; a year is kept",
			"AlarmTopicArn":      "a topic is of one region",
			"EncryptionKeyArn":   "a key is of one account and region",
		},
		"consumer": {
			"KeyArn":       "every account finds the key by its alias",
			"PolicyName":   "one share has one name for its policies",
			"Verify":       "is on",
			"Canary":       "is on",
			"Revision":     "the schedule looks at every account, and mends it with Drift",
			"ServiceToken": "is each account's own",
		},
	} {
		t.Run(name, func(t *testing.T) { handsOn(t, name, own) })
	}
}

func handsOn(t *testing.T, name string, own map[string]string) {
	organization := files(t)["templates/organization.yaml"]
	_, parameters, _ := strings.Cut(files(t)["templates/"+name+".yaml"], "\nParameters:\n")
	parameters, _, _ = strings.Cut(parameters, "\nRules:\n")
	parameters, _, _ = strings.Cut(parameters, "\nConditions:\n")
	found := regexp.MustCompile(`(?m)^  (\w+):$`).FindAllStringSubmatch(parameters, -1)
	if len(found) < 10 {
		t.Fatalf("%d parameters", len(found))
	}
	for _, p := range found {
		handedOn := strings.Contains(organization, "        - ParameterKey: "+p[1]+"\n")
		if handedOn == (own[p[1]] != "") {
			t.Errorf("%s is handed on: %v", p[1], handedOn)
		}
	}
}

func TestTemplatesHaveNothingOfCDK(t *testing.T) {
	hash := regexp.MustCompile(`\b[A-Z][A-Za-z]+[0-9A-F]{8}\b`)
	for name, text := range files(t) {
		if !strings.HasPrefix(name, "templates/") {
			continue
		}
		for _, unwanted := range []string{"aws:cdk", "CDKMetadata", "BootstrapVersion", "Transform:", "jsii", "Token["} {
			if strings.Contains(text, unwanted) {
				t.Errorf("%s has %s", name, unwanted)
			}
		}
		if id := hash.FindString(text); id != "" {
			t.Errorf("%s has the logical id %s", name, id)
		}
	}
}

// A template's parameters, conditions and resources are names that others rely on: deployed stacks, and the tags by
// which a bucket is known as a stack's own.
// CloudFormation checks rules before it makes anything.
func TestOrganizationOfADelegatedAdministratorNeedsTheManagementAccount(t *testing.T) {
	const rule = `    RuleCondition: !Equals [!Ref CallAs, DELEGATED_ADMIN]
    Assertions:
      - Assert: !Not [!Equals [!Ref ManagementAccount, ""]]
`
	if !strings.Contains(files(t)["templates/organization.yaml"], rule) {
		t.Errorf("the template has no rule\n%s", rule)
	}
}

func TestLogicalIDsOfSharesAreStable(t *testing.T) {
	for name, id := range map[string]string{"owner": "  SharedBucket:\n    Type: Custom::SharedBucket\n",
		"consumer": "  SharedBucketAccess:\n    Type: Custom::SharedBucketAccess\n"} {
		if !strings.Contains(files(t)["templates/"+name+".yaml"], id) {
			t.Errorf("%s.yaml has no\n%s", name, id)
		}
	}
}

// templates are the paths of all templates, the handwritten examples included.
func templates(t *testing.T) []string {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no Python or Node tools")
	}
	var all []string
	for _, pattern := range []string{"templates/*.yaml", "templates/examples/*.yaml"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(found) == 0 {
			t.Fatal("no", pattern, err)
		}
		all = append(all, found...)
	}
	return all
}

func TestTemplatesPassCfnLint(t *testing.T) {
	said, err := rules.Lint(root, templates(t)...)
	if err != nil || said != "" {
		t.Error(err, said)
	}
}

// accepted are the controls that templates break, with the reason.
var accepted = map[rules.Finding]string{
	{Template: "provider.yaml",
		Control: "CT.CLOUDWATCH.PR.2"}: "how long logs are kept is a parameter, 365 days unless somebody wants otherwise",
	{Template: "provider.yaml",
		Control: "CT.CLOUDWATCH.PR.3"}: "CloudWatch encrypts every log group; the log has no secret and no data, and a " +
		"KMS key in each account would cost more than the function",
	{Template: "provider.yaml",
		Control: "CT.LAMBDA.PR.2"}: "the permission is for the schedule's rule alone, by SourceArn; the control does not " +
		"understand !GetAtt",
	{Template: "provider.yaml",
		Control: "CT.LAMBDA.PR.3"}: "the function calls public AWS endpoints; in a VPC it would need an interface " +
		"endpoint for each, in every account",
	{Template: "provider.yaml",
		Control: "CT.SQS.PR.1"}: "this is the dead-letter queue, of a function; the rule wants it to be that of a queue",
	{Template: "provider.yaml",
		Control: "CT.SQS.PR.2"}: "it is encrypted with SQS's keys or with EncryptionKeyArn; the rule does not understand " +
		"the condition between them",
	{Template: "artifacts.yaml",
		Control: "CT.S3.PR.10"}: "the organization reads the zips; with a KMS key every reader would need rights on the " +
		"key, and the zips are no secret",
	{Template: "artifacts.yaml",
		Control: "CT.S3.PR.4"}: "nothing has to happen when a zip is published: StackSets name it by its key",
	{Template: "artifacts.yaml",
		Control: "CT.S3.PR.8"}: "the policy has that statement; the rule does not understand the short forms !GetAtt and " +
		"!Sub",
	{Template: "artifacts.yaml",
		Control: "CT.S3.PR.9"}: "old versions are kept and nothing is overwritten; a lock would only keep what nobody " +
		"deploys any more",
	{Template: "artifacts.yaml",
		Control: "CT.S3.PR.2"}: "the zips are no secret, and their names hold their digests: who read them does not matter",
}

func TestTemplatesKeepControlTowersRules(t *testing.T) {
	found, err := rules.Guard(root, templates(t)...)
	if err != nil {
		t.Fatal(err)
	}
	broken := map[rules.Finding]bool{}
	for _, f := range found {
		broken[f] = true
		if accepted[f] == "" {
			t.Errorf("%s breaks %s", f.Template, f.Control)
		}
	}
	for f := range accepted {
		if !broken[f] {
			t.Errorf("%s does not break %s any more", f.Template, f.Control)
		}
	}
}

// The attributes that the page and the constructs name are those that the function answers with.
func TestAttributes(t *testing.T) {
	for _, c := range []struct {
		resource, file string
		construct      reflect.Type
	}{
		{resource: share.BucketType, file: "share.go", construct: reflect.TypeFor[*sharedbucket.SharedBucket]()},
		{
			resource: share.AccessType, file: "access.go",
			construct: reflect.TypeFor[*sharedbucket.SharedBucketAccess](),
		},
	} {
		t.Run(c.resource, func(t *testing.T) {
			var written []string
			for _, a := range share.Attributes[c.resource] {
				written = append(written, a.Name)
			}
			slices.Sort(written)
			answered := mapKeys(t, filepath.Join(root, "lambda", "provider", c.file))
			if diff := cmp.Diff(answered, written); diff != "" {
				t.Error("-answered +written:", diff)
			}
			var got []string
			for i := range c.construct.NumMethod() {
				if m := c.construct.Method(i); m.Type.NumIn() == 1 && m.Type.NumOut() == 1 &&
					m.Type.Out(0) == reflect.TypeFor[*string]() && m.Name != "ToString" {
					got = append(got, m.Name)
				}
			}
			if diff := cmp.Diff(written, got); diff != "" {
				t.Error("-written +getters of the construct:", diff)
			}
		})
	}
}

// mapKeys are the keys of the one map[string]any with a Verified in it that a source file makes.
func mapKeys(t *testing.T, name string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		var here []string
		for _, e := range literal.Elts {
			if pair, ok := e.(*ast.KeyValueExpr); ok {
				if key, ok := pair.Key.(*ast.BasicLit); ok {
					text, _ := strconv.Unquote(key.Value)
					here = append(here, text)
				}
			}
		}
		if slices.Contains(here, "Verified") {
			keys = here
		}
		return true
	})
	slices.Sort(keys)
	return keys
}
