package plan_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/sharetest"
)

// A delegate whose inline policy could not be looked at may still have it: nobody of other accounts is let in any more,
// but the bucket goes on refusing to be written to in clear.
func TestRemovalThatCannotSeeADelegateKeepsTheDenials(t *testing.T) {
	s := declare(t, walkthrough)
	w := deployed(t, s)
	wanted := plan.Wanted{Share: s, Owner: owner, Removal: plan.Completed}
	now := w.Observe(wanted)
	delete(now.Identities, ann)
	unseen := errors.New("listing the inline policies of user/ann: AccessDenied")
	now.Unread = append(now.Unread, plan.Unread{Err: unseen, Denied: true})
	steps, err := plan.Removal(wanted, now)
	if !errors.Is(err, unseen) {
		t.Errorf("error is %v, want %v", err, unseen)
	}
	i := slices.IndexFunc(steps, func(s plan.Step) bool { return s.Operation == plan.PutBucketPolicy })
	if i < 0 {
		t.Fatalf("plan is %v, want one that writes the bucket policy", steps)
	}
	after := steps[i].After.Text()
	if strings.Contains(after, `"Allow"`) || !strings.Contains(after, "SharedBucketDeny") {
		t.Errorf("bucket policy becomes %s, want the denials alone", after)
	}
	_, err = w.Run(steps, nil)
	sharetest.Must(t, err)
}
