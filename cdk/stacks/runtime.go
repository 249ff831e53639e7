package stacks

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// CloseRuntime ends the process that CDK runs in; it is the last thing a program does. Two goroutines of the jsii
// runtime then wait for that process, and the one that comes second complains on the standard error:
// https://github.com/aws/jsii/blob/main/packages/%40jsii/go-runtime/jsii-runtime-go/internal/kernel/process/process.go
func CloseRuntime() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	jsii.Close()
}

// cfn is the CloudFormation resource below a construct.
func cfn(c awscdk.Resource) awscdk.CfnResource {
	return c.Node().DefaultChild().(awscdk.CfnResource)
}
