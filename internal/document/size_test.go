package document_test

import (
	"fmt"
	"strings"
	"testing"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

func TestDocumentsOverTheirSize(t *testing.T) {
	accounts := func(n int) []any {
		var all []any
		for i := range n {
			all = append(all, map[string]any{"Account": fmt.Sprintf("%012d", 200000000000+i),
				"Prefixes": []any{fmt.Sprintf("folder-%d", i)}})
		}
		return all
	}
	folders := func(n int) []any {
		var all []any
		for i := range n {
			all = append(all, fmt.Sprintf("a-rather-long-name-of-a-folder-%03d", i))
		}
		return all
	}
	direct := []any{}
	for i := range 600 {
		direct = append(direct, map[string]any{"Account": fmt.Sprintf("%012d", 200000000000+i)})
	}
	for _, c := range []struct {
		name       string
		properties map[string]any
		want       []string
	}{
		{
			name:       "bucket policy",
			properties: map[string]any{"Consumers": accounts(40)},
			want:       []string{"Consumers…bucket policy…bytes…over the limit of 20480…Organization"},
		},
		{
			name:       "bucket and key policy",
			properties: map[string]any{"Consumers": direct},
			want:       []string{"Consumers…bucket policy…20480", "Consumers…key policy…32768"},
		},
		{
			name: "a user's inline policy",
			properties: map[string]any{"PolicyType": "Inline",
				"Delegates": []any{map[string]any{"User": "ann", "Prefixes": folders(10)}}},
			want: []string{"Delegates…user/ann…2048…PolicyType…fewer prefixes"},
		},
		{
			name:       "a user's policy that fits into a managed one",
			properties: map[string]any{"Delegates": []any{map[string]any{"User": "ann", "Prefixes": folders(10)}}},
		},
		{
			name:       "a user's policy that fits neither way",
			properties: map[string]any{"Delegates": []any{map[string]any{"User": "ann", "Prefixes": folders(60)}}},
			want:       []string{"Delegates…user/ann fits neither way…limit of 2048…limit of 6144…fewer prefixes"},
		},
		{
			name: "a group's inline policy",
			properties: map[string]any{"PolicyType": "Inline",
				"Delegates": []any{map[string]any{"Group": "g", "Prefixes": folders(40)}}},
			want: []string{"Delegates…group/g…5120"},
		},
		{
			name:       "a role has more room inline than in a managed policy",
			properties: map[string]any{"Delegates": []any{map[string]any{"Role": "r", "Prefixes": folders(60)}}},
		},
		{
			name: "a role's managed policy",
			properties: map[string]any{"PolicyType": "Managed",
				"Delegates": []any{map[string]any{"Role": "r", "Prefixes": folders(60)}}},
			want: []string{"Delegates…managed policy of role/r…6144"},
		},
		{
			name:       "a role",
			properties: map[string]any{"Delegates": []any{map[string]any{"Role": "r", "Prefixes": folders(90)}}},
			want:       []string{"Delegates…role/r fits neither way…10240"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.properties["BucketName"] = "account-a-bucket"
			err := document.CheckShare(sharetest.Parse(t, c.properties, sharetest.Sydney))
			sharetest.WantViolations(t, sharetest.ViolationsOf(t, err), c.want)
		})
	}
	t.Run("the bytes over are exact", func(t *testing.T) {
		s := sharetest.Parse(t, map[string]any{"BucketName": "account-a-bucket", "Consumers": accounts(40)}, sharetest.Sydney)
		err := document.CheckShare(s)
		policies := document.OfShare(s, sharetest.Sydney.PendingKeyARN(), "")
		size := len(sharetest.FullBucketPolicy(t, "", policies.Bucket.Statements))
		if want := fmt.Sprintf("has %d bytes, %d over the limit of 20480", size, size-20480); !strings.Contains(err.Error(),
			want) {
			t.Errorf("%v does not say %q", err, want)
		}
	})
}

// IAM takes 128 characters for a policy's name, and each identity and policy name has one of its own.
func TestManagedPolicyNames(t *testing.T) {
	seen := map[string]string{}
	for _, policyName := range []string{"access-s3-b", "access-s3-b-ann", strings.Repeat("p", 128)} {
		for _, id := range []share.Identity{
			{Kind: share.User, Name: "ann"}, {Kind: share.Role, Name: "ann"}, {Kind: share.User, Name: "ann-ann"},
			{Kind: share.Group, Name: strings.Repeat("g", 128)}, {Kind: share.Group, Name: strings.Repeat("g", 127) + "h"},
		} {
			name, of := document.ManagedPolicyName(policyName, id), policyName+" "+id.String()
			if len(name) > 128 || strings.Trim(name, alphanumeric+"+=,.@_-") != "" {
				t.Errorf("%s: %d characters: %s", of, len(name), name)
			}
			if other, there := seen[name]; there {
				t.Errorf("%s and %s are both %s", of, other, name)
			}
			seen[name] = of
		}
	}
}
