package local

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// FunctionSpec says what CreateFunction deploys.
type FunctionSpec struct {
	Name string
	// Zip is the code: a `bootstrap` for this host's architecture at its top, as BuildZip makes it.
	Zip []byte
	// Role is the ARN of the function's role. If it is empty, a role `<Name>-role` with Policy is made.
	Role string
	// Policy is that role's inline policy; AllowAll if empty.
	Policy      string
	Environment map[string]string
	// Timeout of an invocation, whole seconds; 15 minutes if zero, which is the most Lambda gives.
	Timeout time.Duration
	// DeadLetterQueue is the ARN of an SQS queue for events that failed on every attempt.
	DeadLetterQueue string
}

// Function is a deployed function.
type Function struct {
	ARN  string
	Name string

	account *Account
}

// Event is what CloudFormation sends to the function of a custom resource.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
type Event struct {
	RequestType           string
	RequestID             string `json:"RequestId"`
	ResponseURL           string
	StackID               string `json:"StackId"`
	ServiceToken          string
	ResourceType          string
	LogicalResourceID     string         `json:"LogicalResourceId"`
	PhysicalResourceID    string         `json:"PhysicalResourceId,omitempty"`
	ResourceProperties    map[string]any `json:",omitempty"`
	OldResourceProperties map[string]any `json:",omitempty"`
}

// Response is a function's answer to an Event.
type Response struct {
	Status             string
	Reason             string
	PhysicalResourceID string `json:"PhysicalResourceId"`
	RequestID          string `json:"RequestId"`
	StackID            string `json:"StackId"`
	LogicalResourceID  string `json:"LogicalResourceId"`
	NoEcho             bool
	Data               map[string]any
}

// BuildZip builds a Go main package for this host and packs it as a function. The package is a path as for go build,
// relative to the repository.
func BuildZip(ctx context.Context, pkg string) ([]byte, error) {
	directory, err := os.MkdirTemp("", "function-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(directory)
	bootstrap, err := build(ctx, pkg, directory)
	if err != nil {
		return nil, err
	}
	return Zip(bootstrap)
}

// BuildInPlace builds like BuildZip, and packs only what starts the program in the folder, where it must stay: for
// tests that deploy it dozens of times.
func BuildInPlace(ctx context.Context, pkg, folder string) ([]byte, error) {
	program, err := build(ctx, pkg, folder)
	if err != nil {
		return nil, err
	}
	start := filepath.Join(folder, "start")
	if err := os.WriteFile(start, []byte("#!/bin/sh\nexec '"+program+"'\n"), 0o755); err != nil {
		return nil, err
	}
	return Zip(start)
}

func build(ctx context.Context, pkg, folder string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	program := filepath.Join(folder, "bootstrap")
	command := exec.CommandContext(ctx, "go", "build", "-tags", "lambda.norpc", "-o", program, pkg)
	command.Dir = root
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", pkg, err, output)
	}
	return program, nil
}

// Zip packs a program as a function's code.
func Zip(bootstrap string) ([]byte, error) {
	program, err := os.ReadFile(bootstrap)
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	writer := zip.NewWriter(&packed)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
	header.SetMode(0o755)
	entry, err := writer.CreateHeader(header)
	if err != nil {
		return nil, err
	}
	if _, err := entry.Write(program); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// CreateFunction deploys a function. When there is one of that name, it gets the new code and settings.
func (a *Account) CreateFunction(ctx context.Context, spec FunctionSpec) (*Function, error) {
	if spec.Role == "" {
		policy := spec.Policy
		if policy == "" {
			policy = AllowAll
		}
		role, err := a.CreateRole(ctx, spec.Name+"-role", policy)
		if err != nil {
			return nil, err
		}
		spec.Role = role
	}
	arn, err := a.deploy(ctx, spec)
	if err != nil {
		return nil, fmt.Errorf("deploying function %s in %s: %w", spec.Name, a.ID, err)
	}
	return &Function{ARN: arn, Name: spec.Name, account: a}, nil
}

func (a *Account) deploy(ctx context.Context, spec FunctionSpec) (string, error) {
	client := lambda.NewFromConfig(a.Config())
	timeout := aws.Int32(900)
	if spec.Timeout > 0 {
		timeout = aws.Int32(int32(spec.Timeout / time.Second))
	}
	variables := &lambdatypes.Environment{Variables: spec.Environment}
	var deadLetters *lambdatypes.DeadLetterConfig
	if spec.DeadLetterQueue != "" {
		deadLetters = &lambdatypes.DeadLetterConfig{TargetArn: &spec.DeadLetterQueue}
	}
	made, err := client.CreateFunction(ctx, &lambda.CreateFunctionInput{
		FunctionName: &spec.Name, Role: &spec.Role, Timeout: timeout, Environment: variables,
		Code:    &lambdatypes.FunctionCode{ZipFile: spec.Zip},
		Runtime: lambdatypes.RuntimeProvidedal2023, Handler: aws.String("bootstrap"),
		DeadLetterConfig: deadLetters,
	})
	if err == nil {
		return *made.FunctionArn, nil
	}
	if exists := (*lambdatypes.ResourceConflictException)(nil); !errors.As(err, &exists) {
		return "", err
	}
	if _, err := client.UpdateFunctionCode(ctx, &lambda.UpdateFunctionCodeInput{
		FunctionName: &spec.Name, ZipFile: spec.Zip,
	}); err != nil {
		return "", err
	}
	changed, err := client.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
		FunctionName: &spec.Name, Role: &spec.Role, Timeout: timeout, Environment: variables, DeadLetterConfig: deadLetters,
	})
	if err != nil {
		return "", err
	}
	return *changed.FunctionArn, nil
}

// Function is a function that is deployed already, for example by a stack.
func (a *Account) Function(ctx context.Context, name string) (*Function, error) {
	found, err := lambda.NewFromConfig(a.Config()).GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &name})
	if err != nil {
		return nil, err
	}
	return &Function{ARN: *found.Configuration.FunctionArn, Name: name, account: a}, nil
}

// ErrFunction is what Invoke returns when the function failed; it is wrapped with what the function said.
var ErrFunction = errors.New("function failed")

// Invoke runs the function with a payload and returns its answer.
func (f *Function) Invoke(ctx context.Context, payload any) ([]byte, error) {
	body, err := json.Marshal(payload)
	if err != nil {
		return nil, err
	}
	answer, err := lambda.NewFromConfig(f.account.Config()).Invoke(ctx, &lambda.InvokeInput{
		FunctionName: &f.Name, Payload: body,
	})
	if err != nil {
		return nil, err
	}
	if answer.FunctionError != nil {
		return answer.Payload, fmt.Errorf("%w: %s: %s", ErrFunction, *answer.FunctionError, answer.Payload)
	}
	return answer.Payload, nil
}

// InvokeLater hands an event to the function's queue, as CloudFormation does.
func (f *Function) InvokeLater(ctx context.Context, payload any) error {
	body, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	_, err = lambda.NewFromConfig(f.account.Config()).Invoke(ctx, &lambda.InvokeInput{
		FunctionName: &f.Name, Payload: body, InvocationType: lambdatypes.InvocationTypeEvent,
	})
	return err
}

// Again delivers the function's last asynchronous event once more, as Lambda may do at any time.
func (f *Function) Again(ctx context.Context) error {
	return f.account.aws.control(ctx, http.MethodPost, "invocations/again", map[string]string{"function": f.ARN}, nil)
}

// Send delivers a custom resource's event asynchronously, with a response URL of its own, and waits for the answer.
// What the event leaves out is filled in; the caller's event stays as it is. Without an answer it fails when ctx ends.
func (f *Function) Send(ctx context.Context, event Event) (Response, error) {
	receiver, err := f.account.aws.NewReceiver(ctx, 0)
	if err != nil {
		return Response{}, err
	}
	event.ResponseURL = receiver.URL
	if err := f.InvokeLater(ctx, f.Complete(event)); err != nil {
		return Response{}, err
	}
	return receiver.Wait(ctx)
}

// ShowStack puts a stack into a status for those who describe it: the stack of events that a test sends itself. It
// has no resources.
func (s *AWS) ShowStack(ctx context.Context, stackID, status string) error {
	return s.control(ctx, http.MethodPut, "stacks", map[string]any{"id": stackID, "status": status}, nil)
}

// Complete fills in what an event leaves out.
func (f *Function) Complete(event Event) Event {
	fill := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	fill(&event.StackID, fmt.Sprintf("arn:aws:cloudformation:%s:%s:stack/test/00000000-0000-4000-8000-000000000000",
		f.account.aws.Region, f.account.ID))
	fill(&event.RequestID, strconv.FormatInt(time.Now().UnixNano(), 36))
	fill(&event.LogicalResourceID, "Resource")
	fill(&event.ResourceType, "Custom::Test")
	fill(&event.ServiceToken, f.ARN)
	properties := map[string]any{"ServiceToken": f.ARN}
	for key, value := range event.ResourceProperties {
		properties[key] = value
	}
	event.ResourceProperties = properties
	return event
}

// Receiver is a response URL, and what was put to it.
type Receiver struct {
	URL string

	token string
	aws   *AWS
}

// NewReceiver makes a response URL. It answers the first requests with 503, as many as failures says.
func (s *AWS) NewReceiver(ctx context.Context, failures int) (*Receiver, error) {
	var made struct{ Token, URL string }
	if err := s.control(ctx, http.MethodPost, "responses", map[string]any{"failures": failures}, &made); err != nil {
		return nil, err
	}
	return &Receiver{URL: made.URL, token: made.Token, aws: s}, nil
}

// Received is everything that came to a response URL.
type Received struct {
	// Body is the first accepted answer, nil if there is none.
	Body *string
	// Ignored are later answers: S3 accepts them, CloudFormation does not read them.
	Ignored []string
	// Refused says which requests were not accepted and why.
	Refused []string
}

// Received reports what came until now, after waiting for an answer for at most the given time.
func (r *Receiver) Received(ctx context.Context, wait time.Duration) (Received, error) {
	var received Received
	query := url.Values{"wait": {strconv.FormatFloat(wait.Seconds(), 'f', 3, 64)}}
	err := r.aws.control(ctx, http.MethodGet, "responses/"+r.token+"?"+query.Encode(), nil, &received)
	return received, err
}

// Wait waits for the answer until ctx ends.
func (r *Receiver) Wait(ctx context.Context) (Response, error) {
	for {
		received, err := r.Received(ctx, 5*time.Second)
		if err != nil {
			return Response{}, fmt.Errorf("waiting for the answer of the custom resource: %w", err)
		}
		if received.Body == nil {
			continue
		}
		var response Response
		if err := json.Unmarshal([]byte(*received.Body), &response); err != nil {
			return Response{}, fmt.Errorf("answer %q: %w", *received.Body, err)
		}
		return response, nil
	}
}
