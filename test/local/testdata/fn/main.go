// A custom resource's function that does what its properties say, to try the local AWS with.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
)

// event is CloudFormation's, or a plain invocation with only Do.
type event struct {
	RequestType, RequestId, ResponseURL, StackId, LogicalResourceId, PhysicalResourceId string

	ServiceToken, ResourceType                string
	ResourceProperties, OldResourceProperties map[string]any
	Do                                        string
}

var served int

func main() { lambda.Start(handle) }

func handle(ctx context.Context, raw json.RawMessage) (any, error) {
	served++
	var e event
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, err
	}
	if e.ResponseURL == "" {
		return plain(ctx, e.Do)
	}
	redacted := bytes.ReplaceAll(raw, []byte(e.ResponseURL), []byte("…"))
	fmt.Printf("EVENT %s\n", redacted)
	return nil, answer(ctx, e)
}

// plain serves invocations that do not come from CloudFormation.
func plain(ctx context.Context, do string) (any, error) {
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	switch do {
	case "fail":
		return nil, fmt.Errorf("told to fail")
	case "panic":
		panic("told to panic")
	case "exit":
		os.Exit(3)
	case "sleep":
		time.Sleep(time.Hour)
	case "call":
		return nil, call(ctx)
	case "loop":
		return nil, loop(ctx, lc.InvokedFunctionArn)
	}
	fmt.Println("hello from", lambdacontext.FunctionName)
	environment := map[string]string{}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		environment[name] = value
	}
	return map[string]any{
		"served": served, "pid": os.Getpid(), "environment": environment, "arn": lc.InvokedFunctionArn,
		"seconds": time.Until(deadline).Seconds(), "memory": lambdacontext.MemoryLimitInMB,
	}, nil
}

// loop calls the function again, for ever.
func loop(ctx context.Context, function string) error {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	_, err = awslambda.NewFromConfig(cfg).Invoke(ctx, &awslambda.InvokeInput{
		FunctionName: &function, InvocationType: types.InvocationTypeEvent, Payload: []byte(`{"Do": "loop"}`),
	})
	return err
}

// call makes API calls with nothing but what the environment says: virtual-hosted S3 and S3 Control with the account
// in its host name, whose names need not resolve.
func call(ctx context.Context) error {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	account := os.Getenv("ACCOUNT")
	if _, err := s3.NewFromConfig(cfg).HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String("called-" + account)}); err != nil {
		return err
	}
	_, err = s3control.NewFromConfig(cfg).ListTagsForResource(ctx, &s3control.ListTagsForResourceInput{
		AccountId: &account, ResourceArn: aws.String("arn:aws:s3:::called-" + account),
	})
	return err
}

// answer follows the properties: Fail names the request types to fail, PhysicalId the id, Data what to return,
// Silent the request types that get no answer, Status a status of one's own, Wrong the names of fields that are not the
// request's. A Delete is always answered properly, unless it is to fail.
func answer(ctx context.Context, e event) error {
	properties := e.ResourceProperties
	text := func(name string) string { s, _ := properties[name].(string); return s }
	if strings.Contains(text("Silent"), e.RequestType) {
		return nil
	}
	id := text("PhysicalId")
	if id == "" {
		id = e.PhysicalResourceId
	}
	if id == "" {
		id = e.LogicalResourceId + "-made"
	}
	data, contentType := properties["Data"], text("ContentType")
	if e.RequestType == "Delete" {
		id, data, contentType = e.PhysicalResourceId, nil, ""
	}
	response := map[string]any{
		"Status": "SUCCESS", "PhysicalResourceId": id, "Data": data,
		"RequestId": e.RequestId, "StackId": e.StackId, "LogicalResourceId": e.LogicalResourceId,
	}
	if strings.Contains(text("Fail"), e.RequestType) {
		response["Status"], response["Reason"] = "FAILED", "told to fail "+e.RequestType
	}
	if status := text("Status"); status != "" && e.RequestType != "Delete" {
		response["Status"] = status
	}
	if e.RequestType != "Delete" {
		for field := range strings.FieldsSeq(text("Wrong")) {
			response[field] = "another"
		}
	}
	return put(ctx, e.ResponseURL, response, contentType)
}

func put(ctx context.Context, url string, response map[string]any, contentType string) error {
	body, err := json.Marshal(response)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("response URL: %s", answer.Status)
	}
	return nil
}
