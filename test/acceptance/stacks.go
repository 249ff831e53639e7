package acceptance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// stack is a stack of one account.
type stack struct {
	*fixture
	in     *account
	name   string
	client *cloudformation.Client
}

func (s *fixture) stack(in *account, name string) *stack {
	return &stack{fixture: s, in: in, name: name, client: cloudformation.NewFromConfig(in.config)}
}

// parameters of a template by name.
type parameters map[string]string

func (p parameters) list() []types.Parameter {
	var all []types.Parameter
	for k, v := range p {
		all = append(all, types.Parameter{ParameterKey: &k, ParameterValue: &v})
	}
	return all
}

// create creates the stack from a template of the repository, to be deleted in the end, and returns its status.
func (s *stack) create(ctx context.Context, template string, p parameters) (string, error) {
	text, err := s.template(template)
	if err != nil {
		return "", err
	}
	s.say("  %s: creating %s", s.in.id, s.name)
	if _, err := s.client.CreateStack(whole(ctx), &cloudformation.CreateStackInput{
		StackName: &s.name, TemplateBody: text, Parameters: p.list(), Capabilities: capabilities,
	}); err != nil {
		return "", fmt.Errorf("creating %s: %w", s.name, err)
	}
	s.later(func(ctx context.Context) error { return s.delete(ctx) })
	return s.settled(ctx)
}

var capabilities = []types.Capability{types.CapabilityCapabilityNamedIam}

func (s *stack) template(name string) (*string, error) {
	text, err := os.ReadFile(filepath.Join(s.Root, name))
	return aws.String(string(text)), err
}

// mustCreate is create for a stack whose failure ends everything.
func (s *stack) mustCreate(ctx context.Context, template string, p parameters) error {
	status, err := s.create(ctx, template, p)
	if err == nil && status != "CREATE_COMPLETE" {
		err = fmt.Errorf("%s is %s: %s", s.name, status, s.reasons(ctx))
	}
	return err
}

// update changes parameters of the stack and keeps its template, and returns its status.
func (s *stack) update(ctx context.Context, template string, p parameters) (string, error) {
	text, err := s.template(template)
	if err != nil {
		return "", err
	}
	s.say("  %s: updating %s", s.in.id, s.name)
	if _, err := s.client.UpdateStack(ctx, &cloudformation.UpdateStackInput{
		StackName: &s.name, TemplateBody: text, Parameters: p.list(), Capabilities: capabilities,
	}); err != nil {
		return "", fmt.Errorf("updating %s: %w", s.name, err)
	}
	return s.settled(ctx)
}

// delete deletes the stack, if it is there. CloudFormation deletes none that is being updated.
func (s *stack) delete(ctx context.Context) error {
	if _, err := s.settled(ctx); errors.Is(err, errNoStack) {
		return nil
	}
	s.say("  %s: deleting %s", s.in.id, s.name)
	if _, err := s.client.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &s.name}); err != nil {
		return fmt.Errorf("deleting %s: %w", s.name, err)
	}
	status, err := s.settled(ctx)
	if errors.Is(err, errNoStack) || status == "DELETE_COMPLETE" {
		return nil
	}
	return errors.Join(err, fmt.Errorf("%s is %s: %s; delete it by hand", s.name, status, s.reasons(ctx)))
}

var errNoStack = errors.New("no such stack")

func (s *stack) describe(ctx context.Context) (types.Stack, error) {
	out, err := s.client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &s.name})
	if err != nil {
		return types.Stack{}, errors.Join(errNoStack, err)
	}
	return out.Stacks[0], nil
}

// settled waits until nothing is in progress.
func (s *stack) settled(ctx context.Context) (string, error) {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		now, err := s.describe(ctx)
		if err != nil {
			return "", err
		}
		if status := string(now.StackStatus); !strings.HasSuffix(status, "_IN_PROGRESS") {
			return status, nil
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(pause):
		}
	}
}

// reasons are those of all failures, newest first.
func (s *stack) reasons(ctx context.Context) string {
	out, err := s.client.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: &s.name})
	if err != nil {
		return err.Error()
	}
	var all []string
	for _, e := range out.StackEvents {
		if strings.HasSuffix(string(e.ResourceStatus), "_FAILED") {
			all = append(all, aws.ToString(e.LogicalResourceId)+": "+aws.ToString(e.ResourceStatusReason))
		}
	}
	return strings.Join(all, "; ")
}

func (s *stack) output(ctx context.Context, name string) string {
	now, err := s.describe(ctx)
	if err != nil {
		return ""
	}
	for _, o := range now.Outputs {
		if aws.ToString(o.OutputKey) == name {
			return aws.ToString(o.OutputValue)
		}
	}
	return ""
}
