package fault

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/local"
)

// account is an account with the function in it, behind a proxy, and with CloudFormation.
type account struct {
	*local.Account
	proxy    *proxy
	function *local.Function
	stacks   *cloudformation.Client
	ids      map[string]string // of stacks by name: a deleted stack is known by its id alone
}

// employees are the users of each account whom declarations name.
var employees = []string{"ann", "bob"}

// usualLimit is the function's time limit, in seconds, where no call hangs until the deadline.
const usualLimit = 900

// serviceTimeout is how long CloudFormation waits for an answer.
const serviceTimeout = time.Minute

// retryDelay is after how long a killed invocation is tried again: Lambda takes a minute, then two.
const retryDelay = 200 * time.Millisecond

func newAccount(ctx context.Context, server *local.AWS, id string, code []byte) (*account, error) {
	a := &account{ids: map[string]string{}}
	var err error
	if a.Account, err = server.Account(ctx, id); err != nil {
		return nil, err
	}
	for _, user := range employees {
		if _, err := a.CreateUser(ctx, user, ""); err != nil {
			return nil, err
		}
	}
	if a.proxy, err = newProxy(server.Endpoint); err != nil {
		return nil, err
	}
	// SSM knows by the role's name that the provider wrote a parameter.
	role, err := a.CreateRole(ctx, share.ProviderRolePrefix+a.Config().Region, local.AllowAll)
	if err != nil {
		return nil, err
	}
	a.function, err = a.CreateFunction(ctx, local.FunctionSpec{
		Name: "sharedbucket-provider", Zip: code, Role: role,
		Environment: map[string]string{
			"AWS_ENDPOINT_URL": a.proxy.URL, "GOMAXPROCS": "1",
			"KeyArns": "arn:aws:kms:*:" + id + ":key/*", // the limit on keys that shares did not make
		},
	})
	if err != nil {
		return nil, err
	}
	a.proxy.kill = func() { kill(server, a.function.ARN) }
	a.proxy.again = func() { _ = a.function.Again(context.WithoutCancel(ctx)) }
	// One event meets its deadline, not those that CloudFormation sends because of it.
	a.proxy.hung = func() { _ = a.limit(context.WithoutCancel(ctx), usualLimit) }
	a.stacks = cloudformation.NewFromConfig(a.Config())
	return a, nil
}

// limit sets the function's time limit.
func (a *account) limit(ctx context.Context, seconds int32) error {
	_, err := lambda.NewFromConfig(a.Config()).UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
		FunctionName: &a.function.Name, Timeout: &seconds,
	})
	return err
}

// quiet waits until none of the events that came since a time is being handled, or waits to be handled once more.
func (a *account) quiet(ctx context.Context, since time.Time) error {
	for {
		all, err := a.function.InvocationsSince(ctx, since)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(i local.Invocation) bool { return !over(i, all) }) {
			return nil
		}
		time.Sleep(retryDelay / 4)
	}
}

// over says whether an invocation has ended, and was not the kind of end after which Lambda tries again.
func over(i local.Invocation, all []local.Invocation) bool {
	again := func(other local.Invocation) bool { return other.RequestID == i.RequestID && other.Attempt > i.Attempt }
	return i.End > 0 && (i.Error == "" || i.Attempt > 2 || slices.ContainsFunc(all, again))
}

// kill ends the processes of a function in the way that leaves no time to clean up.
func kill(server *local.AWS, function string) {
	processes, err := server.Processes(context.Background())
	if err != nil {
		return
	}
	for _, p := range processes {
		if p.Function == function {
			_ = syscall.Kill(p.PID, syscall.SIGKILL)
		}
	}
}

// resource is the one custom resource of a stack.
type resource struct {
	Type       string
	Properties map[string]any
}

func (a *account) template(r resource) *string {
	properties := map[string]any{"ServiceToken": a.function.ARN, "ServiceTimeout": int(serviceTimeout.Seconds())}
	for k, v := range r.Properties {
		properties[k] = v
	}
	text, err := json.Marshal(map[string]any{"Resources": map[string]any{
		"Resource": map[string]any{"Type": r.Type, "Properties": properties},
	}})
	if err != nil {
		panic(err)
	}
	return aws.String(string(text))
}

// create, update and remove do the whole operation, roll-back included, and return the stack's last status.
func (a *account) create(ctx context.Context, stack string, r resource) (string, error) {
	out, err := a.stacks.CreateStack(ctx, &cloudformation.CreateStackInput{StackName: &stack, TemplateBody: a.template(r)})
	if err != nil {
		return "", err
	}
	a.ids[stack] = *out.StackId
	return a.settled(ctx, *out.StackId)
}

func (a *account) update(ctx context.Context, stack string, r resource) (string, error) {
	out, err := a.stacks.UpdateStack(ctx, &cloudformation.UpdateStackInput{StackName: &stack, TemplateBody: a.template(r)})
	if err != nil {
		return "", err
	}
	return a.settled(ctx, *out.StackId)
}

func (a *account) remove(ctx context.Context, stack string) (string, error) {
	if _, err := a.stacks.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &stack}); err != nil {
		return "", err
	}
	return a.settled(ctx, a.ids[stack])
}

func (a *account) resume(ctx context.Context, stack string) (string, error) {
	_, err := a.stacks.ContinueUpdateRollback(ctx, &cloudformation.ContinueUpdateRollbackInput{StackName: &stack})
	if err != nil {
		return "", err
	}
	return a.settled(ctx, stack)
}

// settled waits until nothing is in progress. What began the operation waited already; asking is what costs.
func (a *account) settled(ctx context.Context, stack string) (string, error) {
	for pause := 50 * time.Millisecond; ; pause = min(pause*3/2, time.Second) {
		out, err := a.stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &stack})
		if err != nil {
			return "", err
		}
		status := string(out.Stacks[0].StackStatus)
		if !strings.HasSuffix(status, "_IN_PROGRESS") {
			return status, nil
		}
		time.Sleep(pause)
	}
}

// events is what happened to a stack, oldest first, for people who ask why.
func (a *account) events(ctx context.Context, stack string) string {
	out, err := a.stacks.DescribeStackEvents(ctx,
		&cloudformation.DescribeStackEventsInput{StackName: aws.String(a.ids[stack])})
	if err != nil {
		return err.Error()
	}
	var lines []string
	for _, e := range out.StackEvents {
		lines = append([]string{fmt.Sprintf("  %s %s %s", *e.LogicalResourceId, e.ResourceStatus,
			aws.ToString(e.ResourceStatusReason))}, lines...)
	}
	return strings.Join(lines, "\n")
}

// watch has the model follow every write that the function makes through the proxy.
func (a *account) watch(took func(account string, c call, r *http.Request, in, out []byte)) {
	a.proxy.took = func(c call, r *http.Request, in, out []byte) { took(a.ID, c, r, in, out) }
}
