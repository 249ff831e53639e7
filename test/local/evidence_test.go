package local_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"example.com/sharedbucket/test/local"
)

// failing is a test that fails.
type failing struct {
	*testing.T
	name     string
	cleanUps []func()
	said     string
}

func (f *failing) Failed() bool             { return true }
func (f *failing) Name() string             { return f.name }
func (f *failing) Context() context.Context { return f.T.Context() }
func (f *failing) Cleanup(work func())      { f.cleanUps = append(f.cleanUps, work) }
func (f *failing) Logf(format string, arguments ...any) {
	f.said += fmt.Sprintf(format, arguments...)
}

func TestEvidence(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{Name: "witness"})
	test := &failing{T: t, name: "TestEvidence/of what: \"failed\""}
	if _, err := iam.NewFromConfig(a.Config()).CreateGroup(t.Context(),
		&iam.CreateGroupInput{GroupName: aws.String("before")}); err != nil {
		t.Fatal(err)
	}
	shared.KeepEvidence(test)
	_, err := iam.NewFromConfig(a.Config()).GetUser(t.Context(), &iam.GetUserInput{UserName: aws.String("nobody")})
	wantCode(t, "nobody", err, "NoSuchEntity")
	_, _ = f.Invoke(t.Context(), map[string]any{"Do": "fail"})
	for _, work := range test.cleanUps {
		work()
	}
	folder, found := strings.CutPrefix(test.said, "evidence is in ")
	if !found {
		t.Fatalf("it said %q", test.said)
	}
	t.Cleanup(func() { _ = os.RemoveAll(filepath.Dir(folder)) })
	for file, text := range map[string]string{
		"calls.jsonl": "NoSuchEntity", "invocations.jsonl": "told to fail", "server.log": "",
	} {
		content, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil || !strings.Contains(string(content), text) {
			t.Errorf("%s: %v, want %q in %s", file, err, text, content)
		}
		if strings.Contains(string(content), `"CreateGroup"`) {
			t.Errorf("%s has what was before the test: %s", file, content)
		}
	}
}
