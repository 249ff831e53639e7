package local_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"example.com/sharedbucket/test/local"
)

// cli runs the aws CLI as the account's administrator.
func cli(t *testing.T, a *local.Account, arguments ...string) (string, error) {
	t.Helper()
	program, err := local.Tool(t.Context(), "aws")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), program, arguments...)
	command.Env = append(os.Environ(), a.Admin.Environment()...)
	output, err := command.CombinedOutput()
	return string(output), err
}

// uploadCode puts the test function into a bucket of the account.
func uploadCode(t *testing.T, a *local.Account) (bucket, key string) {
	t.Helper()
	bucket, key = "code-"+a.ID, "fn.zip"
	if _, err := createBucket(t, a, bucket).PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: bytes.NewReader(code),
	}); err != nil {
		t.Fatal(err)
	}
	return bucket, key
}

func TestDeployWithTheCLI(t *testing.T) {
	a := account(t)
	ctx := t.Context()
	bucket, key := uploadCode(t, a)
	params := ssm.NewFromConfig(a.Config())
	if _, err := params.PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String("/in/ssm"), Value: aws.String("from ssm"), Type: ssmtypes.ParameterTypeString,
	}); err != nil {
		t.Fatal(err)
	}
	deploy := func(overrides ...string) (string, error) {
		arguments := []string{"cloudformation", "deploy", "--stack-name", "plain", "--template-file", "testdata/stack.yaml",
			"--no-fail-on-empty-changeset", "--capabilities", "CAPABILITY_NAMED_IAM", "--parameter-overrides"}
		return cli(t, a, append(arguments, overrides...)...)
	}
	if output, err := deploy("CodeBucket="+bucket, "CodeKey="+key, "FromSSM=/in/ssm"); err != nil {
		t.Fatalf("%v\n%s\n%+v", err, output, stack(t, a, "plain").events())
	}
	s := stack(t, a, "plain")
	f, err := a.Function(ctx, "plain-fn")
	if err != nil {
		t.Fatal(err)
	}
	outputs := s.outputs()
	want(t, "output", outputs["Arn"], f.ARN)
	want(t, "attribute", outputs["Name"], "p-first")
	want(t, "properties", received(t, f)[0].ResourceProperties, props{
		"ServiceToken": f.ARN, "PhysicalId": "thing", "Value": "first", "Names": []any{"a", "b"}, "Ssm": "from ssm",
		"Deep": []any{props{"Number": "1", "Bool": "true", "Joined": "x-b"}}, "Data": props{"Name": "p-first"},
	})

	t.Run("no change", func(t *testing.T) {
		output, err := deploy("CodeBucket="+bucket, "CodeKey="+key)
		if err != nil || !strings.Contains(output, "No changes to deploy") {
			t.Errorf("%v: %s", err, output)
		}
	})
	t.Run("a previous SSM value is read again", func(t *testing.T) {
		if _, err := params.PutParameter(ctx, &ssm.PutParameterInput{
			Name: aws.String("/in/ssm"), Value: aws.String("changed"), Overwrite: aws.Bool(true),
		}); err != nil {
			t.Fatal(err)
		}
		if output, err := deploy("Value=second"); err != nil {
			t.Fatalf("%v: %s", err, output)
		}
		events := received(t, f)
		last := events[len(events)-1]
		want(t, "values", []any{
			last.RequestType, last.ResourceProperties["Value"], last.ResourceProperties["Ssm"],
			last.OldResourceProperties["Ssm"],
		},
			[]any{"Update", "second", "changed", "from ssm"})
		want(t, "output", s.outputs()["Name"], "p-second")
	})
	t.Run("settings arrive in the services", func(t *testing.T) {
		found, err := lambda.NewFromConfig(a.Config()).GetFunctionConfiguration(ctx,
			&lambda.GetFunctionConfigurationInput{FunctionName: &f.Name})
		if err != nil {
			t.Fatal(err)
		}
		if *found.Timeout != 60 || *found.MemorySize != 256 || found.DeadLetterConfig == nil ||
			*found.LoggingConfig.LogGroup != "/aws/lambda/plain-fn" {
			t.Errorf("%+v", found)
		}
		retries, err := lambda.NewFromConfig(a.Config()).GetFunctionEventInvokeConfig(ctx,
			&lambda.GetFunctionEventInvokeConfigInput{FunctionName: &f.Name})
		if err != nil || *retries.MaximumRetryAttempts != 1 {
			t.Errorf("%+v %v", retries, err)
		}
	})
	t.Run("a bad parameter", func(t *testing.T) {
		output, err := deploy("Timeout=901")
		if err == nil || !strings.Contains(output, "not greater than 900") {
			t.Errorf("%v: %s", err, output)
		}
	})
	t.Run("delete", func(t *testing.T) {
		want(t, "delete", s.delete(), "DELETE_COMPLETE")
		events := received(t, f)
		want(t, "the custom resource goes before its function", events[len(events)-1].RequestType, "Delete")
		_, err := a.Function(ctx, "plain-fn")
		wantCode(t, "the function", err, "ResourceNotFoundException")
		_, err = s3.NewFromConfig(a.Config()).HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String("plain-" + a.ID)})
		wantCode(t, "the retained bucket", err, "")
		roles, err := iam.NewFromConfig(a.Config()).ListRoles(ctx, nil)
		if err != nil || len(roles.Roles) > 0 {
			t.Errorf("left behind: %+v %v", roles, err)
		}
	})
}
