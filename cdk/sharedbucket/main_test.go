package sharedbucket_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/cdk/internal/runtime"
)

func TestMain(m *testing.M) { os.Exit(runtime.Run(m.Run)) }

// newStack is a stack whose account and region are known when both are given.
func newStack(env *awscdk.Environment) awscdk.Stack {
	return awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Stack"), &awscdk.StackProps{Env: env})
}

// synthesized is the stack's template, decoded into out.
func synthesized(t *testing.T, stack awscdk.Stack, out any) {
	t.Helper()
	text, err := json.Marshal(assertions.Template_FromStack(stack, nil).ToJSON())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, out); err != nil {
		t.Fatal(err)
	}
}

// resources are a template's resources by logical id.
type resources struct {
	Resources map[string]resource
}

type resource struct {
	Type       string
	Properties map[string]any
	DependsOn  []string

	DeletionPolicy, UpdateReplacePolicy string
}

// only is the one resource of a type.
func (r resources) only(t *testing.T, resourceType string) resource {
	t.Helper()
	var found []resource
	for _, one := range r.Resources {
		if one.Type == resourceType {
			found = append(found, one)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d resources of type %s, want one", len(found), resourceType)
	}
	return found[0]
}
