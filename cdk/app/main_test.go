package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/cdk/internal/rules"
	"example.com/sharedbucket/cdk/stacks"
)

func TestMain(m *testing.M) {
	os.Setenv("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
	code := m.Run()
	stacks.CloseRuntime()
	os.Exit(code)
}

// built is an app in a folder of its own, in which the function is built.
func built(t *testing.T, share string, context map[string]any) (awscdk.App, error) {
	t.Helper()
	folder := t.TempDir() // its whole path: the process that CDK runs in stays where it was started
	t.Chdir(folder)
	function := filepath.Join("build", "lambda", "arm64")
	for name, content := range map[string]string{filepath.Join(function, "bootstrap"): "program", "share.yaml": share} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	all := map[string]any{"share": "share.yaml"}
	for k, v := range context {
		all[k] = v
	}
	values := map[string]interface{}(all)
	app := awscdk.NewApp(&awscdk.AppProps{Context: &values, Outdir: jsii.String(filepath.Join(folder, "cdk.out"))})
	return app, build(app)
}

func names(app awscdk.App) []string {
	var all []string
	for _, c := range *app.Node().Children() {
		if stack, ok := c.(awscdk.Stack); ok {
			all = append(all, *stack.Node().Id()+" in "+*stack.Environment())
		}
	}
	return all
}

const twoConsumers = `
Region: ap-southeast-2
Owner: "111111111111"
BucketName: account-a-bucket
Consumers:
  - Account: ["222222222222", "333333333333"]
Delegates:
  - User: ann
Grantees:
  "222222222222":
    - User: dilip
  "333333333333":
    - Role: reader
      Access: Read
`

func TestEachStackIsWhereItBelongs(t *testing.T) {
	for name, c := range map[string]struct {
		account string
		want    []string
	}{
		"owner":    {"111111111111", []string{"SharedBucketProvider in aws://111111111111/ap-southeast-2", "SharedBucketOwner in aws://111111111111/ap-southeast-2"}},
		"consumer": {"333333333333", []string{"SharedBucketProvider in aws://333333333333/ap-southeast-2", "SharedBucketConsumer in aws://333333333333/ap-southeast-2"}},
		"outsider": {"444444444444", []string{"SharedBucketProvider in aws://444444444444/ap-southeast-2"}},
		"nobody logged in": {"", []string{
			"SharedBucketProvider in aws://unknown-account/ap-southeast-2", "SharedBucketOwner in aws://111111111111/ap-southeast-2",
			"SharedBucketConsumer-222222222222 in aws://222222222222/ap-southeast-2", "SharedBucketConsumer-333333333333 in aws://333333333333/ap-southeast-2",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("CDK_DEFAULT_ACCOUNT", c.account)
			app, err := built(t, twoConsumers, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, names(app)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOrganizationNeedsNoShareFile(t *testing.T) {
	app, err := built(t, "", map[string]any{"organization": "true"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"SharedBucketOrganization in aws://unknown-account/unknown-region"}, names(app)); diff != "" {
		t.Error(diff)
	}
}

func TestBadInputIsRefusedAsAWhole(t *testing.T) {
	for name, c := range map[string]struct {
		share   string
		context map[string]any
		want    []string
	}{
		"every violation": {strings.NewReplacer("ap-southeast-2", "Sydney", "User: dilip", "Usr: dilip", "Access: Read", "Access: Raed").Replace(twoConsumers), nil,
			[]string{"4 violations", "Region:", `Grantees["222222222222"][0].Usr: unknown property; did you mean User?`, `Grantees["333333333333"][0].Access:`}},
		"no file":      {twoConsumers, map[string]any{"share": "nowhere.yaml"}, []string{"nowhere.yaml"}},
		"no share":     {twoConsumers, map[string]any{"share": ""}, []string{"-c share="}},
		"architecture": {twoConsumers, map[string]any{"arch": "riscv"}, []string{`"riscv"`, "arm64"}},
		"not built":    {twoConsumers, map[string]any{"arch": "x86_64"}, []string{"make build"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := built(t, c.share, c.context)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, text := range c.want {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%q is missing in: %v", text, err)
				}
			}
		})
	}
}

// What cdk deploys passes the same checks as templates/.
func TestSynthesizedStacksKeepTheRules(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no Python or Node tools")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("CDK_DEFAULT_ACCOUNT", "")
	app, err := built(t, twoConsumers, nil)
	if err != nil {
		t.Fatal(err)
	}
	app.Synth(nil)
	templates, err := filepath.Glob("cdk.out/*.template.json")
	if err != nil || len(templates) != 4 {
		t.Fatal(templates, err)
	}
	// W3005: CDK makes the function depend on its role by name too.
	said, err := rules.Lint(root, templates...)
	if err != nil {
		t.Fatal(err)
	}
	for finding := range strings.SplitSeq(strings.TrimSpace(said), "\n\n") {
		if finding != "" && !strings.HasPrefix(finding, "W3005 'Role'") {
			t.Error(finding)
		}
	}
	found, err := rules.Guard(root, templates...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if accepted[f.Control] == "" {
			t.Errorf("%s breaks %s", f.Template, f.Control)
		}
	}
}

// accepted are the controls that the stacks break, with the reason; templates/ break the same.
var accepted = map[string]string{
	"CT.CLOUDWATCH.PR.1": "the app knows no topic to tell; the construct takes one as AlarmTopic, templates/provider.yaml as AlarmTopicArn",
	"CT.CLOUDWATCH.PR.3": "CloudWatch encrypts every log group; the log has no secret and no data, and a KMS key in each account would cost more than the function",
	"CT.LAMBDA.PR.3":     "the function calls public AWS endpoints; in a VPC it would need an interface endpoint for each, in every account",
	"CT.SQS.PR.1":        "this is the dead-letter queue, of a function; the rule wants it to be that of a queue",
}
