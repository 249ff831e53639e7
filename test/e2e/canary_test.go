package e2e

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/local"
)

// objectCalls are the consumer's provider's calls on objects.
func (s *account) objectCalls() []local.Call {
	var all []local.Call
	for _, c := range s.calls() {
		if strings.Contains(c.Operation, "Object") && !isListing(c.Operation) {
			all = append(all, c)
		}
	}
	return all
}

func isListing(operation string) bool { return strings.HasPrefix(operation, "List") }

// From every kind of consumer, whatever its level: the provider writes, reads and deletes one object as the real
// documents and its real role let it, and the bucket is empty afterwards.
func TestCanary(t *testing.T) {
	owner := newAccount(t)
	for _, c := range []struct {
		name     string
		consumer func(account string) map[string]any
		change   map[string]any
	}{
		{name: "account", consumer: func(id string) map[string]any { return map[string]any{"Account": id} }},
		{
			name: "account that only reads",
			consumer: func(id string) map[string]any {
				return map[string]any{"Account": id, "Access": "Read", "Prefixes": "in"}
			},
			change: map[string]any{"Versioning": "Suspended"},
		},
		{
			name:     "account with everything",
			consumer: func(id string) map[string]any { return map[string]any{"Account": id, "Access": "Full"} },
		},
		{
			name: "one principal",
			consumer: func(id string) map[string]any {
				return map[string]any{"Principal": "arn:aws:iam::" + id + ":user/dilip", "Access": "Write"}
			},
		},
		{
			name: "permission set",
			consumer: func(id string) map[string]any {
				return map[string]any{"PermissionSet": map[string]any{"Account": id, "Name": "Analyst"}}
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPairOf(t, owner, newAccount(t))
			p.bucket = with(p.bucket, map[string]any{"Consumers": []any{c.consumer(p.consumer.ID)}, "RemovalPolicy": "Delete"})
			p.bucket = with(p.bucket, c.change)
			succeeded(t, p.ownerStack.create(p.bucket))
			succeeded(t, p.consumerStack.create(p.access))
			calls := p.consumer.objectCalls()
			if len(calls) != 3 {
				t.Errorf("calls %v", operations(calls))
			}
			for _, call := range calls {
				if call.Error != "" || !strings.Contains(call.Resource, document.CanaryFolder+p.consumer.ID+"/") {
					t.Errorf("%s of %s: %s", call.Operation, call.Resource, call.Error)
				}
			}
			succeeded(t, p.consumerStack.remove())
			if n := len(p.consumer.objectCalls()); n != 3 {
				t.Errorf("a Delete made a canary")
			}
			succeeded(t, p.ownerStack.remove()) // which finds the bucket empty
		})
	}
}

// A refused canary names the call and what may have refused it, in order; the owner's side without it is one of them.
func TestRefusedCanary(t *testing.T) {
	p := newPair(t)
	reader := map[string]any{"Account": p.consumer.ID, "Access": "Read"}
	p.bucket = with(p.bucket, map[string]any{"Canary": "false", "Consumers": []any{reader}})
	p.access["Grantees"] = []any{map[string]any{"User": "dilip", "Access": "Read"}}
	succeeded(t, p.ownerStack.create(p.bucket))
	answer := p.consumerStack.create(p.access)
	failedWith(t, answer, "does not work", "PutObject of "+document.CanaryFolder+p.consumer.ID, "AccessDenied",
		"VPC endpoint", "service control policy", "bucket policy", "kms:GenerateDataKey", "role itself")
	last := -1
	for _, layer := range []string{"VPC endpoint", "service control", "resource control", "bucket policy", "policy of key",
		"role itself"} {
		if at := strings.Index(answer.Reason, layer); at < last {
			t.Errorf("%s comes too early: %s", layer, answer.Reason)
		} else {
			last = at
		}
	}
	succeeded(t, p.consumerStack.remove())
	again := p.consumer.newStack(share.AccessType)
	succeeded(t, again.create(with(p.access, map[string]any{"Canary": "false"})))
}

// Where the account may write anyway, only the end of a canary is refused. One object stays, however often it is tried,
// until the canary is let do it all.
func TestCanaryThatCannotDelete(t *testing.T) {
	p := newPair(t)
	p.bucket["Canary"] = "false"
	name := p.bucket["BucketName"].(string)
	succeeded(t, p.ownerStack.create(p.bucket))
	for range 2 {
		failedWith(t, p.consumerStack.create(p.access), "DeleteObject of "+document.CanaryFolder, "SharedBucketCanary")
		if n := versions(t, p.owner, name); n != 1 {
			t.Errorf("there are %d versions", n)
		}
	}
	succeeded(t, p.ownerStack.update(with(p.bucket, map[string]any{"Canary": "true"})))
	succeeded(t, p.consumerStack.create(p.access))
	if n := versions(t, p.owner, name); n != 0 {
		t.Errorf("there are %d versions", n)
	}
}

// versions is how many versions and delete markers are in a bucket.
func versions(t *testing.T, s *account, bucket string) int {
	t.Helper()
	out, err := s.s3().ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: &bucket})
	must(t, err)
	return len(out.Versions) + len(out.DeleteMarkers)
}

// What a canary left that was cut off is deleted by the next one, and does not keep the owner's Delete from its bucket.
func TestCanaryThatWasCutOff(t *testing.T) {
	p := newPair(t)
	p.bucket["RemovalPolicy"] = "Delete"
	name := p.bucket["BucketName"].(string)
	succeeded(t, p.ownerStack.create(p.bucket))
	leave := func(key string) {
		t.Helper()
		_, err := p.owner.s3().PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: &name, Key: &key, Body: strings.NewReader("what was written"),
		})
		must(t, err)
	}
	mark := document.MarkOf(p.consumerStack.stackID, p.consumerStack.logicalID)
	leave(document.CanaryKey(p.consumer.ID, mark))
	succeeded(t, p.consumerStack.create(p.access))
	if n := versions(t, p.owner, name); n > 0 {
		t.Errorf("%d versions and delete markers are left", n)
	}
	succeeded(t, p.consumerStack.remove())
	leave(document.CanaryKey(p.consumer.ID, mark))
	leave("report.csv")
	failedWith(t, p.ownerStack.remove(), "it holds 1 object versions")
	_, err := p.owner.s3().DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &name, Key: ptr("report.csv"),
		VersionId: versionOf(t, p.owner, name, "report.csv")})
	must(t, err)
	leave(document.CanaryKey(p.consumer.ID, mark))
	succeeded(t, p.ownerStack.remove())
}

func versionOf(t *testing.T, s *account, bucket, key string) *string {
	t.Helper()
	out, err := s.s3().ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: &key})
	must(t, err)
	return out.Versions[0].VersionId
}
