package fault

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/local"
)

// The function of a Create dies three times. Then somebody does what docs/troubleshooting.md says, word by word, and
// the stack is on its way back at once.
func TestAnswerByHand(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no local AWS")
	}
	for _, program := range []string{"bash", "curl", "jq"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no %s here", program)
		}
	}
	server, a := oneAccount(t, "500000099999")
	queue := withDeadLetters(t, a)

	dies := &injection{Call: call{Operation: "CreateBucket", On: first, Nth: 1}, Fault: killedAfter, Lasts: true}
	a.proxy.inject(dies, map[string]string{"by-hand": first})
	made, err := a.stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("share"), TemplateBody: a.template(resource{share.BucketType, map[string]any{
			"BucketName": "by-hand", "RemovalPolicy": share.Delete, "Consumers": accounts(partner, "Read"),
		}}),
	})
	must(t, err)
	a.ids["share"] = *made.StackId
	waitForMessage(t, server, a, queue)
	if _, hit := a.proxy.end(); !hit {
		t.Fatal("no process was killed")
	}
	runPage(t, server, a, "troubleshooting.md", "An answer that never came")

	status, err := a.settled(t.Context(), *made.StackId)
	must(t, err)
	events := a.events(t.Context(), "share")
	if status != "ROLLBACK_COMPLETE" || !strings.Contains(events, "answered by hand") {
		t.Errorf("the stack is %s\n%s", status, events)
	}
	there, err := a.Inventory(t.Context())
	must(t, err)
	if len(there.Buckets) > 0 || len(there.Parameters) > 0 {
		t.Errorf("left are %v and %v", there.Buckets, there.Parameters)
	}
}

// withDeadLetters gives the function the queue that the provider's stack has, in a stack of that name.
func withDeadLetters(t *testing.T, a *account) (url string) {
	t.Helper()
	const template = `{"Resources": {"DeadLetterQueue": {"Type": "AWS::SQS::Queue"}},
		"Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}},
		            "Url": {"Value": {"Ref": "DeadLetterQueue"}}}}`
	made, err := a.stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("SharedBucketProvider"), TemplateBody: aws.String(template),
	})
	must(t, err)
	if status, err := a.settled(t.Context(), *made.StackId); err != nil || status != "CREATE_COMPLETE" {
		t.Fatalf("the queue's stack is %s: %v", status, err)
	}
	out, err := a.stacks.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: made.StackId})
	must(t, err)
	outputs := map[string]string{}
	for _, o := range out.Stacks[0].Outputs {
		outputs[*o.OutputKey] = *o.OutputValue
	}
	_, err = lambda.NewFromConfig(a.Config()).UpdateFunctionConfiguration(t.Context(),
		&lambda.UpdateFunctionConfigurationInput{
			FunctionName:     &a.function.Name,
			DeadLetterConfig: &lambdatypes.DeadLetterConfig{TargetArn: aws.String(outputs["Arn"])},
		})
	must(t, err)
	return outputs["Url"]
}

// waitForMessage waits until Lambda has given the event up.
func waitForMessage(t *testing.T, server *local.AWS, a *account, queue string) {
	t.Helper()
	count := "aws sqs get-queue-attributes --queue-url '" + queue + "' --attribute-names ApproximateNumberOfMessages" +
		" --query Attributes.ApproximateNumberOfMessages --output text"
	for shell(t, server, a, count) == "0\n" {
		time.Sleep(50 * time.Millisecond)
	}
}

// runPage runs the indented lines below a heading of a page.
func runPage(t *testing.T, server *local.AWS, a *account, page, heading string) {
	t.Helper()
	root, err := local.Root()
	must(t, err)
	text, err := os.ReadFile(filepath.Join(root, "docs", page))
	must(t, err)
	_, section, found := strings.Cut(string(text), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("%s has no %q", page, heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var lines []string
	for line := range strings.Lines(section) {
		if command, indented := strings.CutPrefix(line, "    "); indented {
			lines = append(lines, command)
		}
	}
	shell(t, server, a, strings.Join(lines, ""))
}

// shell runs commands as an account's administrator. The aws command does not look for the queues' endpoint in the
// environment, so that is given.
func shell(t *testing.T, server *local.AWS, a *account, commands string) (output string) {
	t.Helper()
	program, err := local.Tool(t.Context(), "aws")
	must(t, err)
	script := "aws() { '" + program + "' --endpoint-url '" + server.Endpoint + "' \"$@\"; }\n" + commands
	command := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
	command.Dir = t.TempDir()
	command.Env = append(os.Environ(), a.Admin.Environment()...)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, out)
	}
	return string(out)
}
