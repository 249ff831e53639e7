package fault

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"example.com/sharedbucket/internal/share"
)

// CloudFormation stops waiting for a run, whose last write is on its way, and takes everything back. What that write
// gave is there afterwards, and the run takes it back itself.
func TestRunThatCloudFormationStopsWaitingFor(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no local AWS")
	}
	_, a := oneAccount(t, "500000099995")
	of := func(users ...any) resource {
		return resource{share.BucketType, map[string]any{
			"BucketName": "late-run", "RemovalPolicy": share.Delete, "ServiceTimeout": 5, "Delegates": users,
		}}
	}
	ann, bob := map[string]any{"User": "ann"}, map[string]any{"User": "bob"}

	written := call{Operation: "PutUserPolicy", On: "ann", Nth: 1}
	status := a.whileHeld(t, written, "ROLLBACK_COMPLETE", func() (string, error) {
		return a.create(t.Context(), "share", of(ann))
	})
	wantLeft(t, a, status, "ROLLBACK_COMPLETE", nil, 0)

	must(t, errorOf(a.remove(t.Context(), "share")))
	must(t, errorOf(a.create(t.Context(), "share", of(ann))))
	written = call{Operation: "PutUserPolicy", On: "bob", Nth: 1}
	status = a.whileHeld(t, written, "UPDATE_ROLLBACK_COMPLETE", func() (string, error) {
		return a.update(t.Context(), "share", of(ann, bob))
	})
	wantLeft(t, a, status, "UPDATE_ROLLBACK_COMPLETE", []string{"ann"}, 1)
}

func errorOf(_ string, err error) error { return err }

// whileHeld does an operation of which one call reaches AWS only when the stack has come to a status.
func (a *account) whileHeld(t *testing.T, held call, until string, operation func() (string, error)) (status string) {
	t.Helper()
	deliver := a.proxy.again
	defer func() { a.proxy.again = deliver }()
	a.proxy.again = func() {
		for {
			out, err := a.stacks.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("share")})
			if err != nil || strings.HasPrefix(string(out.Stacks[0].StackStatus), until) {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	a.proxy.inject(&injection{Call: held, Fault: twice}, map[string]string{})
	status, err := operation()
	must(t, err)
	must(t, a.quiet(t.Context(), time.Time{}))
	if _, hit := a.proxy.end(); !hit {
		t.Fatalf("%s did not come\n%s", held, a.events(t.Context(), "share"))
	}
	return status
}

// wantLeft checks that these users have an inline policy, nobody else has, and how many buckets and declarations there
// are.
func wantLeft(t *testing.T, a *account, status, want string, users []string, shares int) {
	t.Helper()
	if status != want {
		t.Fatalf("the stack is %s, not %s\n%s", status, want, a.events(t.Context(), "share"))
	}
	there, err := a.Inventory(t.Context())
	must(t, err)
	var have []string
	for _, user := range employees {
		if len(there.Identities["user/"+user].Inline) > 0 {
			have = append(have, user)
		}
	}
	if strings.Join(have, " ") != strings.Join(users, " ") {
		t.Errorf("%s: inline policies of %v, not %v", status, have, users)
	}
	if len(there.Buckets) != shares || remembered(there) != shares {
		t.Errorf("%s: %d buckets, %d declarations, not %d", status, len(there.Buckets), remembered(there), shares)
	}
}
