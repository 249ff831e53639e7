package share_test

import (
	"errors"
	"strings"
	"testing"

	"example.com/sharedbucket/internal/share"
)

// What CloudFormation makes of templates/owner.yaml with two bad values.
func TestMessagesForTemplates(t *testing.T) {
	_, err := share.ParseShare(map[string]any{
		"BucketName": "Data",
		"Consumers":  []any{map[string]any{"Account": []any{"111111111111", "222222222222"}, "Access": "ReadWrite"}},
		"Delegates":  []any{map[string]any{"User": []any{"ann", "b/ob"}, "Access": "ReadWrite"}},
	}, share.Env{Partition: "aws", Region: "eu-west-1", Account: "111111111111"})
	var all share.Violations
	if !errors.As(err, &all) {
		t.Fatal(err)
	}
	text := all.ForTemplates().Error()
	for _, want := range []string{"BucketName: ", "(ConsumerAccounts of templates/owner.yaml): ",
		"(DelegateUsers of templates/owner.yaml): "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %s", want, text)
		}
	}
	if strings.Contains(all.Error(), "templates/") {
		t.Errorf("a share file's message speaks of templates: %s", all)
	}
}
