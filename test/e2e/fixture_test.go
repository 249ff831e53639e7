package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"example.com/sharedbucket/test/local"
)

// fixture is a local AWS in which every request for objects is decided by the evaluator, and a user's tools.
type fixture struct {
	t    *testing.T
	aws  *local.AWS
	root string
	work string // a folder with build/lambda/<arch>/bootstrap, as make build leaves it
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	if aws == nil {
		t.Skip("-short: no local AWS")
	}
	root, err := local.Root()
	must(t, err)
	d := &fixture{t: t, root: root, work: t.TempDir()}
	d.goBuild("sharedbucket", "./cmd/sharedbucket")
	d.goBuild("publish", "./cdk/publish")
	d.layFunction()
	d.aws = local.StartForTest(t, local.Options{Authorizer: filepath.Join(d.work, "sharedbucket")})
	return d
}

func (d *fixture) goBuild(name, pkg string) {
	d.t.Helper()
	command := exec.CommandContext(d.t.Context(), "go", "build", "-o", filepath.Join(d.work, name), pkg)
	command.Dir = d.root
	if out, err := command.CombinedOutput(); err != nil {
		d.t.Fatalf("building %s: %v\n%s", pkg, err, out)
	}
}

// layFunction lays the function's program where make build would.
func (d *fixture) layFunction() {
	d.t.Helper()
	data, err := os.ReadFile(program)
	must(d.t, err)
	folder := filepath.Join(d.work, "build", "lambda", hostArchitecture())
	must(d.t, os.MkdirAll(folder, 0o755))
	must(d.t, os.WriteFile(filepath.Join(folder, "bootstrap"), data, 0o755))
}

// hostArchitecture is this machine's, in Lambda's words: functions run as its processes.
func hostArchitecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}

func (d *fixture) account(id string) *local.Account {
	d.t.Helper()
	a, err := d.aws.Account(d.t.Context(), id)
	must(d.t, err)
	return a
}

func (d *fixture) user(a *local.Account, name, policy string) local.Principal {
	d.t.Helper()
	u, err := a.CreateUser(d.t.Context(), name, policy)
	must(d.t, err)
	return u
}

func (d *fixture) role(a *local.Account, name string) local.Principal {
	d.t.Helper()
	_, err := a.CreateRole(d.t.Context(), name, "")
	must(d.t, err)
	session, err := a.AssumeRole(d.t.Context(), name, "test")
	must(d.t, err)
	return session
}

// run runs a program in the working folder as an account's administrator.
func (d *fixture) run(a *local.Account, program string, arguments ...string) (string, error) {
	d.t.Helper()
	command := exec.CommandContext(d.t.Context(), program, arguments...)
	command.Dir = d.work
	command.Env = append(os.Environ(), a.Admin.Environment()...)
	out, err := command.CombinedOutput()
	return string(out), err
}

// tryDeploy deploys a template with the aws CLI, as docs/deploy.md says.
func (d *fixture) tryDeploy(a *local.Account, stack, template string, parameters ...string) (string, error) {
	d.t.Helper()
	cli, err := local.Tool(d.t.Context(), "aws")
	must(d.t, err)
	arguments := []string{"cloudformation", "deploy", "--stack-name", stack, "--template-file",
		filepath.Join(d.root, "templates", template),
		"--capabilities", "CAPABILITY_NAMED_IAM", "--no-fail-on-empty-changeset"}
	if len(parameters) > 0 {
		arguments = append(append(arguments, "--parameter-overrides"), parameters...)
	}
	return d.run(a, cli, arguments...)
}

func (d *fixture) deploy(a *local.Account, stack, template string, parameters ...string) {
	d.t.Helper()
	if out, err := d.tryDeploy(a, stack, template, parameters...); err != nil {
		d.t.Fatalf("deploying %s in %s: %v\n%s\n%s", template, a.ID, err, out, strings.Join(failures(d.t, a, stack), "\n"))
	}
}

func (d *fixture) destroy(a *local.Account, stack string) {
	d.t.Helper()
	cli, err := local.Tool(d.t.Context(), "aws")
	must(d.t, err)
	for _, words := range [][]string{{"delete-stack"}, {"wait", "stack-delete-complete"}} {
		if out, err := d.run(a, cli, append(append([]string{"cloudformation"}, words...), "--stack-name", stack)...); err !=
			nil {
			d.t.Fatalf("deleting %s: %v\n%s", stack, err, out)
		}
	}
}

// publish uploads the zip and returns its key.
func (d *fixture) publish(a *local.Account, prefix string) (key string) {
	d.t.Helper()
	out, err := d.run(a, filepath.Join(d.work, "publish"), "-prefix", prefix, "-regions", d.aws.Region, "-arch",
		hostArchitecture())
	if err != nil {
		d.t.Fatalf("publishing: %v\n%s", err, out)
	}
	for line := range strings.Lines(out) {
		if _, after, ok := strings.Cut(line, "CodeKey="); ok {
			return strings.TrimSpace(after)
		}
	}
	d.t.Fatal("no key in what publish said:", out)
	return ""
}

// deployProvider makes a bucket for the zip in the account, and the provider from it.
func (d *fixture) deployProvider(a *local.Account, limits ...string) {
	d.t.Helper()
	prefix := "code-" + a.ID
	d.deploy(a, "SharedBucketArtifacts", "artifacts.yaml", "BucketPrefix="+prefix)
	key := d.publish(a, prefix)
	d.deploy(a, "SharedBucketProvider", "provider.yaml", append(limits,
		"CodeBucket="+prefix+"-"+d.aws.Region, "CodeKey="+key, "Architecture="+hostArchitecture())...)
}

// can says which of put, get and list somebody can do at a place in a bucket.
func (d *fixture) can(c sdk.Config, bucket, key string) string {
	d.t.Helper()
	ctx, client := d.t.Context(), s3.NewFromConfig(c)
	prefix := key[:strings.LastIndex(key, "/")+1]
	var able []string
	for _, try := range []struct {
		name string
		do   func() error
	}{
		{name: "put", do: func() error {
			_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("text")})
			return err
		}},
		{name: "get", do: func() error {
			_, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
			return err
		}},
		{name: "list", do: func() error {
			_, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
			return err
		}},
	} {
		err := try.do()
		var refused smithy.APIError
		switch {
		case err == nil:
			able = append(able, try.name)
		case !errors.As(err, &refused) || refused.ErrorCode() != "AccessDenied":
			d.t.Fatalf("%s %s/%s: %v", try.name, bucket, key, err)
		}
	}
	return strings.Join(able, " ")
}

func (d *fixture) expect(who string, c sdk.Config, bucket, key, want string) {
	d.t.Helper()
	if got := d.can(c, bucket, key); got != want {
		d.t.Errorf("%s can %q at %s, want %q", who, got, key, want)
	}
}

const (
	idA = "111111111111"
	idB = "222222222222"
	idC = "333333333333"
)

// The walkthrough with plain templates: provider and owner in A, provider and consumer in B.
func TestWalkthroughWithTemplates(t *testing.T) {
	d := newFixture(t)
	a, b, c := d.account(idA), d.account(idB), d.account(idC)
	ann, dilip := d.user(a, "ann", ""), d.user(b, "dilip", "")
	mallory := d.user(c, "mallory", local.AllowAll)

	d.deployProvider(a)
	d.deployProvider(b)
	d.deploy(a, "SharedBucketOwner-account-a-bucket", "owner.yaml", "BucketName=account-a-bucket",
		"ConsumerAccounts="+idB, "DelegateUsers=ann")
	d.deploy(b, "SharedBucketConsumer-account-a-bucket", "consumer.yaml", "BucketName=account-a-bucket",
		"OwnerAccount="+idA, "GranteeUsers=dilip")

	d.expect("ann", ann.Config(), "account-a-bucket", "notes/from-ann.txt", "put get list")
	d.expect("dilip", dilip.Config(), "account-a-bucket", "notes/from-ann.txt", "put get list")
	d.expect("mallory", mallory.Config(), "account-a-bucket", "notes/from-ann.txt", "")
	d.expect("nobody", d.aws.Anonymous(), "account-a-bucket", "notes/from-ann.txt", "")

	t.Run("dilip shall only read", func(t *testing.T) {
		d.deploy(b, "SharedBucketConsumer-account-a-bucket", "consumer.yaml", "GranteeAccess=Read")
		d.expect("dilip", dilip.Config(), "account-a-bucket", "notes/from-ann.txt", "get list")
	})
	t.Run("a bad parameter is refused with its property and remedy", func(t *testing.T) {
		out, err := d.tryDeploy(a, "SharedBucketOwner-account-a-bucket", "owner.yaml", "ConsumerAccounts="+idB+",2222")
		if err == nil || !strings.Contains(out, "account ids of twelve digits") {
			t.Fatal(err, out)
		}
		_, err = d.tryDeploy(a, "SharedBucketOwner-account-a-bucket", "owner.yaml", "ConsumerAccounts="+idB+","+idA)
		if err == nil {
			t.Fatal("deployed")
		}
		reason := strings.Join(failures(t, a, "SharedBucketOwner-account-a-bucket"), "\n")
		if !strings.Contains(reason, "Consumers[0].Account[1]") || !strings.Contains(reason, "is the owner account") {
			t.Error(reason)
		}
		d.expect("ann", ann.Config(), "account-a-bucket", "notes/from-ann.txt", "put get list")
		d.expect("dilip", dilip.Config(), "account-a-bucket", "notes/from-ann.txt", "get list")
	})
	t.Run("both sides go, the data stays", func(t *testing.T) {
		d.destroy(b, "SharedBucketConsumer-account-a-bucket")
		d.destroy(a, "SharedBucketOwner-account-a-bucket")
		d.expect("ann", ann.Config(), "account-a-bucket", "notes/from-ann.txt", "")
		d.expect("dilip", dilip.Config(), "account-a-bucket", "notes/from-ann.txt", "")
		d.expect("A's administrator", a.Config(), "account-a-bucket", "notes/from-ann.txt", "put get list")
		d.destroy(a, "SharedBucketProvider")
		d.destroy(b, "SharedBucketProvider")
	})
}

// What parameters cannot say: the example templates, deployed as they are.
func TestExampleTemplates(t *testing.T) {
	d := newFixture(t)
	a, b := d.account(idA), d.account(idB)
	importer, exporter := d.role(a, "importer"), d.role(a, "exporter")
	delivery, reporting := d.role(b, "delivery"), d.role(b, "reporting")
	d.deployProvider(a, "AdoptableBucketArns=arn:aws:s3:::archive-bucket", "KeyArns=arn:aws:kms:*:"+idA+":key/*")
	d.deployProvider(b)

	t.Run("roles with prefixes", func(t *testing.T) {
		d.deploy(a, "Exchange", "examples/roles-with-prefixes.yaml", "BucketName=exchange-bucket", "PartnerAccount="+idB)
		d.deploy(b, "Exchange", "examples/consumer-with-prefixes.yaml", "BucketName=exchange-bucket", "OwnerAccount="+idA)
		d.expect("importer", importer.Config(), "exchange-bucket", "inbox/order.csv", "put get list")
		d.expect("exporter", exporter.Config(), "exchange-bucket", "outbox/report.csv", "put get list")
		d.expect("exporter", exporter.Config(), "exchange-bucket", "inbox/order.csv", "")
		d.expect("delivery", delivery.Config(), "exchange-bucket", "inbox/order.csv", "put")
		d.expect("delivery", delivery.Config(), "exchange-bucket", "outbox/report.csv", "")
		d.expect("reporting", reporting.Config(), "exchange-bucket", "outbox/report.csv", "get list")
		d.expect("reporting", reporting.Config(), "exchange-bucket", "inbox/order.csv", "")
	})
	t.Run("organizational unit", func(t *testing.T) {
		const unit = "o-a1b2c3d4e5/r-ab12/ou-ab12-1111111"
		d.deploy(a, "Catalogue", "examples/organizational-unit.yaml", "BucketName=catalogue-bucket", "Readers="+unit+"1",
			"Writers="+unit+"2")
		d.expect("reporting, who is in no organization,", reporting.Config(), "catalogue-bucket", "contributions/x", "")
	})
	t.Run("adopted bucket", func(t *testing.T) {
		key, err := kms.NewFromConfig(a.Config()).CreateKey(t.Context(), &kms.CreateKeyInput{})
		must(t, err)
		_, err = s3.NewFromConfig(a.Config()).CreateBucket(t.Context(),
			&s3.CreateBucketInput{Bucket: sdk.String("archive-bucket"), CreateBucketConfiguration: location()})
		must(t, err)
		d.deploy(a, "Archive", "examples/adopted-bucket.yaml", "BucketName=archive-bucket", "KeyArn="+*key.KeyMetadata.Arn,
			"ConsumerAccounts="+idB+","+idC)
		d.destroy(a, "Archive")
		d.expect("A's administrator", a.Config(), "archive-bucket", "old/file", "put get list")
	})
}

// The zip is never overwritten, neither by publish nor by anybody else.
func TestPublishDoesNotOverwrite(t *testing.T) {
	d := newFixture(t)
	a := d.account(idA)
	d.deploy(a, "SharedBucketArtifacts", "artifacts.yaml", "BucketPrefix=zips")
	key := d.publish(a, "zips")
	if !strings.HasSuffix(key, ".zip") || d.publish(a, "zips") != key {
		t.Error("published twice under different names:", key)
	}
	out, err := d.run(a, filepath.Join(d.work, "publish"), "-prefix", "zips", "-regions", d.aws.Region, "-arch",
		hostArchitecture())
	if err != nil || !strings.Contains(out, "is there already") {
		t.Errorf("%v: %s", err, out)
	}
	bucket := "zips-" + d.aws.Region
	client := s3.NewFromConfig(a.Config())
	_, err = client.PutObject(t.Context(),
		&s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("something else"),
			IfNoneMatch: sdk.String("*")})
	if err == nil {
		t.Error("S3 let the zip be overwritten")
	}
	_, err = client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: &key})
	must(t, err)
	_, err = client.PutObject(t.Context(),
		&s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("something else"),
			IfNoneMatch: sdk.String("*")})
	must(t, err)
	out, err = d.run(a, filepath.Join(d.work, "publish"), "-prefix", "zips", "-regions", d.aws.Region, "-arch",
		hostArchitecture())
	if err == nil || !strings.Contains(out, "it is not overwritten") {
		t.Errorf("other content under the name was taken for the zip: %v: %s", err, out)
	}
}

// failures are the reasons of a stack's failed resources.
func failures(t *testing.T, a *local.Account, stack string) []string {
	t.Helper()
	found, err := cloudformation.NewFromConfig(a.Config()).DescribeStackEvents(t.Context(),
		&cloudformation.DescribeStackEventsInput{StackName: &stack})
	if err != nil {
		return []string{err.Error()}
	}
	var all []string
	for _, e := range found.StackEvents {
		if strings.HasSuffix(string(e.ResourceStatus), "_FAILED") {
			all = append(all,
				fmt.Sprintf("%s %s: %s", *e.LogicalResourceId, e.ResourceStatus, sdk.ToString(e.ResourceStatusReason)))
		}
	}
	return all
}
