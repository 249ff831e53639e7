package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/cdk/internal/rules"
	"example.com/sharedbucket/cdk/internal/runtime"
)

// asApp is set in the environment of a test's own program to have it be the app.
const asApp = "SHAREDBUCKET_TEST_AS_APP"

func TestMain(m *testing.M) {
	if os.Getenv(asApp) != "" {
		main()
		return
	}
	os.Exit(runtime.Run(m.Run))
}

// prepared is a folder in which the function is built and which has these share files.
func prepared(t *testing.T, shares map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	files := map[string]string{filepath.Join("build", "lambda", "arm64", "bootstrap"): "program"}
	maps.Copy(files, shares)
	for name, content := range files {
		name = filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// built is an app in a folder of its own, in which the function is built and which has these share files.
func built(t *testing.T, shares map[string]string, context map[string]any) (awscdk.App, error) {
	t.Helper()
	folder := prepared(t, shares) // its whole path: the process that CDK runs in stays where it was started
	t.Chdir(folder)
	values := map[string]interface{}(context)
	app := awscdk.NewApp(&awscdk.AppProps{Context: &values, Outdir: jsii.String(filepath.Join(folder, "cdk.out"))})
	return app, addStacks(app)
}

// builtOne is built with one share file.
func builtOne(t *testing.T, share string, more map[string]any) (awscdk.App, error) {
	t.Helper()
	context := map[string]any{"share": "share.yaml"}
	maps.Copy(context, more)
	return built(t, map[string]string{"share.yaml": share}, context)
}

// names are the stacks by their ids, with their names in CloudFormation where these differ.
func names(app awscdk.App) []string {
	var all []string
	for _, c := range *app.Node().Children() {
		if stack, ok := c.(awscdk.Stack); ok {
			id, name := *stack.Node().Id(), *stack.StackName()
			if name != id {
				id += " (" + name + ")"
			}
			all = append(all, id+" in "+strings.TrimPrefix(*stack.Environment(), "aws://"))
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
		"owner": {account: "111111111111", want: []string{
			"SharedBucketProvider in 111111111111/ap-southeast-2",
			"SharedBucketOwner-account-a-bucket in 111111111111/ap-southeast-2",
		}},
		"consumer": {account: "333333333333", want: []string{
			"SharedBucketProvider in 333333333333/ap-southeast-2",
			"SharedBucketConsumer-account-a-bucket in 333333333333/ap-southeast-2",
		}},
		"outsider": {account: "444444444444", want: []string{"SharedBucketProvider in 444444444444/ap-southeast-2"}},
		"nobody logged in": {account: "", want: []string{
			"SharedBucketProvider-111111111111 (SharedBucketProvider) in 111111111111/ap-southeast-2",
			"SharedBucketOwner-account-a-bucket in 111111111111/ap-southeast-2",
			"SharedBucketProvider-222222222222 (SharedBucketProvider) in 222222222222/ap-southeast-2",
			"SharedBucketConsumer-account-a-bucket-222222222222 (SharedBucketConsumer-account-a-bucket) in " +
				"222222222222/ap-southeast-2",
			"SharedBucketProvider-333333333333 (SharedBucketProvider) in 333333333333/ap-southeast-2",
			"SharedBucketConsumer-account-a-bucket-333333333333 (SharedBucketConsumer-account-a-bucket) in " +
				"333333333333/ap-southeast-2",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("CDK_DEFAULT_ACCOUNT", c.account)
			app, err := builtOne(t, twoConsumers, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, names(app)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Two shares of one account, one of them in another region and with the roles swapped, live side by side.
func TestSeveralShares(t *testing.T) {
	second := strings.NewReplacer("account-a-bucket", "second.bucket", "ap-southeast-2", "eu-central-1",
		"111111111111", "222222222222", "222222222222", "111111111111").Replace(twoConsumers)
	shares := map[string]string{"shares/first.yaml": twoConsumers, "shares/second.yml": second + "Name: Orders\n"}
	t.Setenv("CDK_DEFAULT_ACCOUNT", "111111111111")
	want := []string{
		"SharedBucketProvider-ap-southeast-2 (SharedBucketProvider) in 111111111111/ap-southeast-2",
		"SharedBucketProvider-eu-central-1 (SharedBucketProvider) in 111111111111/eu-central-1",
		"SharedBucketOwner-account-a-bucket in 111111111111/ap-southeast-2",
		"SharedBucketConsumer-Orders in 111111111111/eu-central-1",
	}
	for name, share := range map[string]any{
		"a folder": "shares", "several files": "shares/first.yaml, shares/second.yml,shares/first.yaml",
		"a list": []any{"shares/first.yaml", "shares/second.yml"},
	} {
		t.Run(name, func(t *testing.T) {
			app, err := built(t, shares, map[string]any{"share": share})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, names(app)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTwoSharesOfOneNameAreRefused(t *testing.T) {
	_, err := built(t, map[string]string{"a.yaml": twoConsumers, "b.yaml": twoConsumers},
		map[string]any{"share": "a.yaml,b.yaml"})
	if err == nil || !strings.Contains(err.Error(), "a.yaml and b.yaml are both shares named account-a-bucket") {
		t.Error(err)
	}
}

// What the owner's stack does to a bucket that it shared before stands in its description, and so in cdk diff.
func TestDescriptionSaysWhatAnotherBucketEnds(t *testing.T) {
	t.Setenv("CDK_DEFAULT_ACCOUNT", "111111111111")
	app, err := builtOne(t, twoConsumers+"Name: Orders\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	stack := app.Node().FindChild(jsii.String("SharedBucketOwner-Orders")).(awscdk.Stack)
	said := *stack.TemplateOptions().Description()
	if !strings.Contains(said, "share of account-a-bucket") || !strings.Contains(said, "ends it") {
		t.Error(said)
	}
}

func TestLimitsAreContext(t *testing.T) {
	t.Setenv("CDK_DEFAULT_ACCOUNT", "111111111111")
	app, err := builtOne(t, twoConsumers, map[string]any{
		"AdoptableBucketArns": "arn:aws:s3:::archive, arn:aws:s3:::attic", "ConsumerAccounts": []any{"222222222222"},
	})
	if err != nil {
		t.Fatal(err)
	}
	template := assertions.Template_FromStack(app.Node().FindChild(jsii.String("SharedBucketProvider")).(awscdk.Stack),
		nil)
	template.HasResourceProperties(jsii.String("AWS::Lambda::Function"), map[string]any{
		"Environment": map[string]any{"Variables": map[string]any{
			"AdoptableBucketArns": "arn:aws:s3:::archive,arn:aws:s3:::attic", "ConsumerAccounts": "222222222222",
		}},
	})
}

// When the schedule looks, and whether its log says who, can be said to the app as to a template.
func TestScheduleIsContext(t *testing.T) {
	t.Setenv("CDK_DEFAULT_ACCOUNT", "111111111111")
	provider := func(t *testing.T, more map[string]any) assertions.Template {
		app, err := builtOne(t, twoConsumers, more)
		if err != nil {
			t.Fatal(err)
		}
		return assertions.Template_FromStack(app.Node().FindChild(jsii.String("SharedBucketProvider")).(awscdk.Stack), nil)
	}
	const rule, function = "AWS::Events::Rule", "AWS::Lambda::Function"
	who := func(value string) map[string]any {
		return map[string]any{"Environment": map[string]any{"Variables": map[string]any{"WhoDrifted": value}}}
	}
	plain := provider(t, nil)
	plain.HasResourceProperties(jsii.String(rule), map[string]any{"ScheduleExpression": "rate(1 day)"})
	plain.HasResourceProperties(jsii.String(function), who("true"))
	given := provider(t, map[string]any{"DriftSchedule": "rate(1 hour)", "WhoDrifted": "false"})
	given.HasResourceProperties(jsii.String(rule), map[string]any{"ScheduleExpression": "rate(1 hour)"})
	given.HasResourceProperties(jsii.String(function), who("false"))
	provider(t, map[string]any{"DriftSchedule": ""}).ResourceCountIs(jsii.String(rule), jsii.Number(0))
	if _, err := builtOne(t, twoConsumers, map[string]any{"WhoDrifted": "perhaps"}); err == nil ||
		!strings.Contains(err.Error(), "WhoDrifted") {
		t.Error(err)
	}
}

// elfOf is the head of a program for a kind of machine.
func elfOf(machine elf.Machine) string {
	var program bytes.Buffer
	_ = binary.Write(&program, binary.LittleEndian, elf.Header64{
		Ident: [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:  uint16(elf.ET_EXEC), Machine: uint16(machine), Version: uint32(elf.EV_CURRENT), Ehsize: 64,
	})
	return program.String()
}

// Whatever machine cdk runs on, the function is deployed as what it was built for: arm64 unless arch says otherwise.
func TestArchitectureIsThatOfTheProgram(t *testing.T) {
	t.Setenv("CDK_DEFAULT_ACCOUNT", "111111111111")
	programs := map[string]string{
		"share.yaml":                    twoConsumers,
		"build/lambda/arm64/bootstrap":  elfOf(elf.EM_AARCH64),
		"build/lambda/x86_64/bootstrap": elfOf(elf.EM_X86_64),
	}
	for arch, want := range map[string]string{"": "arm64", "arm64": "arm64", "x86_64": "x86_64"} {
		t.Run("arch="+arch, func(t *testing.T) {
			app, err := built(t, programs, map[string]any{"share": "share.yaml", "arch": arch})
			if err != nil {
				t.Fatal(err)
			}
			provider := app.Node().FindChild(jsii.String("SharedBucketProvider")).(awscdk.Stack)
			assertions.Template_FromStack(provider, nil).HasResourceProperties(jsii.String("AWS::Lambda::Function"),
				map[string]any{"Architectures": []any{want}})
			found, err := filepath.Glob("cdk.out/asset.*/bootstrap")
			if err != nil || len(found) != 1 {
				t.Fatal(found, err)
			}
			program, err := os.ReadFile(found[0])
			if err != nil || string(program) != programs["build/lambda/"+want+"/bootstrap"] {
				t.Error("another program is deployed", err)
			}
		})
	}
	t.Run("another program's folder", func(t *testing.T) {
		programs["build/lambda/arm64/bootstrap"] = elfOf(elf.EM_X86_64)
		_, err := built(t, programs, map[string]any{"share": "share.yaml"})
		if err == nil || !strings.Contains(err.Error(), "make build/lambda/arm64/bootstrap") {
			t.Error(err)
		}
	})
}

func TestStacksThatAreNotThereAreRefused(t *testing.T) {
	ids := []string{"SharedBucketProvider", "SharedBucketOwner-account-a-bucket"}
	for command, wrong := range map[string]string{
		"node /bin/cdk destroy SharedBucketConsumer --profile b": "SharedBucketConsumer",
		"node cdk deploy SharedBucketProvider " +
			"SharedBucketOwner-other": "SharedBucketOwner-other",
		"node cdk deploy SharedBucketProvider SharedBucketOwner-account-a-bucket -c share=SharedX":    "",
		"node cdk diff SharedBucket* SharedBucketOwner-*":                                             "",
		"node cdk destroy --all --profile SharedBucketAdmin -c share=shares/SharedBucketConsumer.yml": "",
		"": "",
	} {
		err := checkAsked(strings.Fields(command), ids)
		switch {
		case wrong == "" && err != nil:
			t.Errorf("%s: %v", command, err)
		case wrong != "" && (err == nil || !strings.Contains(err.Error(), wrong) || !strings.Contains(err.Error(), ids[1])):
			t.Errorf("%s: %v", command, err)
		}
	}
}

func TestOrganizationNeedsNoShareFile(t *testing.T) {
	app, err := built(t, nil, map[string]any{"organization": "true"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"SharedBucketOrganization in unknown-account/unknown-region"}, names(app)); diff != "" {
		t.Error(diff)
	}
}

func TestBadInputIsRefusedAsAWhole(t *testing.T) {
	for name, c := range map[string]struct {
		share   string
		context map[string]any
		want    []string
	}{
		"every violation": {
			share: strings.NewReplacer("ap-southeast-2", "Sydney", "User: dilip", "Usr: dilip", "Access: Read",
				"Access: Raed").Replace(twoConsumers),
			want: []string{"3 violations", "Region:", `Grantees["222222222222"][0].Usr: unknown property; did you mean User?`,
				`Grantees["333333333333"][0].Access:`},
		},
		"no file": {
			share:   twoConsumers,
			context: map[string]any{"share": "nowhere.yaml"},
			want:    []string{"nowhere.yaml"},
		},
		"no share": {share: twoConsumers, context: map[string]any{"share": ""}, want: []string{"-c share="}},
		"architecture": {
			share: twoConsumers, context: map[string]any{"arch": "riscv"}, want: []string{`"riscv"`, "arm64"},
		},
		"not built": {share: twoConsumers, context: map[string]any{"arch": "x86_64"}, want: []string{"make build"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := builtOne(t, c.share, c.context)
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
	app, err := builtOne(t, twoConsumers, nil)
	if err != nil {
		t.Fatal(err)
	}
	app.Synth(nil)
	templates, err := filepath.Glob("cdk.out/*.template.json")
	if err != nil || len(templates) != 6 {
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
	"CT.CLOUDWATCH.PR.1": "the app knows no topic to tell; the construct takes one as AlarmTopic, " +
		"templates/provider.yaml as AlarmTopicArn",
	"CT.CLOUDWATCH.PR.3": "CloudWatch encrypts every log group; the log has no secret and no data, and a KMS " +
		"key in each account would cost more than the function",
	"CT.LAMBDA.PR.2": "the permission is for the schedule's rule alone, by SourceArn; the rule of the control does not " +
		"understand Fn::GetAtt",
	"CT.LAMBDA.PR.3": "the function calls public AWS endpoints; in a VPC it would need an interface " +
		"endpoint for each, in every account",
	"CT.SQS.PR.1": "this is the dead-letter queue, of a function; the rule wants it to be that of a queue",
}
