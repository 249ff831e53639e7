package stacks

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// readableIDs gives the stack's resources logical ids that a person would choose: the path without the hash that CDK
// adds against collisions, of which a stack with one share has none. They are names that outlive the code: a logical id
// is part of the tags by which a bucket and a key are known as a stack's own.
func readableIDs(stack awscdk.Stack) {
	for _, c := range *stack.Node().FindAll("") {
		element, ok := c.(awscdk.CfnElement)
		if !ok {
			continue
		}
		if id := readableID(*element.Node().Path()); id != "" {
			element.OverrideLogicalId(jsii.String(id))
		}
	}
}

// readableID is the logical id for a construct's path, empty where CDK's own is kept.
func readableID(path string) string {
	var id string
	for _, part := range strings.Split(path, "/")[1:] {
		switch part {
		case "Provider", "Resource", "Default":
		case "SharedBucketServiceToken":
			return "ServiceToken"
		case "ServiceToken":
			return "ServiceTokenParameter"
		default:
			id += part
		}
	}
	if strings.ContainsAny(id, "-.$@") || strings.HasSuffix(id, "Output") {
		return ""
	}
	return id
}
