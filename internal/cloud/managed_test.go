package cloud

import (
	"net/url"
	"testing"
	"time"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

const policyARN = "arn:aws:iam::111111111111:policy/sharedbucket/p"

// What replaces a policy gets time to count everywhere before that goes; what only goes, goes at once.
func TestReplacedPoliciesStayForAWhile(t *testing.T) {
	ann := share.Identity{Kind: share.User, Name: "ann"}
	for operation, s := range map[string]plan.Step{
		"DeleteUserPolicy": {Operation: plan.DeleteInlinePolicy, Identity: ann, PolicyName: "p"},
		"DetachUserPolicy": {Operation: plan.DetachPolicy, Identity: ann, From: ann, PolicyARN: policyARN},
	} {
		for replaced, want := range map[bool]time.Duration{false: 0, true: replacement} {
			s.Round, s.Replaced = 1, replaced
			inBubble(t, map[string][]recorded{operation: {{status: 200, body: "<R/>"}}},
				func(t *testing.T, cloud *Cloud, r *replay) {
					if _, err := cloud.Apply(t.Context(), plan.Plan{s}, unreported); err != nil {
						t.Fatal(err)
					}
					if waited := time.Since(r.began); waited != want {
						t.Errorf("%s, replaced %t: waited %s, want %s", operation, replaced, waited, want)
					}
				})
		}
	}
}

// The managed policy of somebody who loses access is found when either question finds it, attached or not.
func TestObserveManagedPolicyOfWhoLosesAccess(t *testing.T) {
	ann := share.Identity{Kind: share.User, Name: "ann"}
	arn := document.ManagedPolicyARN(sharetest.Sydney, "access-s3-b", ann)
	body := func(operation, text string) recorded {
		return recorded{status: 200, body: "<R><" + operation + "Result>" + text + "</" + operation + "Result></R>"}
	}
	described := "<Arn>" + arn + "</Arn><DefaultVersionId>v2</DefaultVersionId>"
	listed, none := body("ListPolicies", "<Policies><member>"+described+"</member></Policies>"), body("ListPolicies", "")
	found, gone := body("GetPolicy", "<Policy>"+described+"</Policy>"), wrappedError("NoSuchEntity")
	for _, c := range []struct {
		name      string
		list, get recorded
		mustExist bool
		there     bool
	}{
		{name: "both find it", list: listed, get: found, there: true},
		{name: "the list is stale", list: none, get: found, there: true},
		{name: "the other is stale", list: listed, get: gone, there: true},
		{name: "there is none", list: none, get: gone},
		{name: "of one who stays the list alone is asked", list: listed, mustExist: true, there: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			answers := map[string][]recorded{
				"ListPolicies": {c.list}, "GetPolicy": {c.get},
				"GetPolicyVersion": {body("GetPolicyVersion", "<PolicyVersion><Document>"+
					url.PathEscape(`{"Version":"2012-10-17","Statement":[]}`)+"</Document></PolicyVersion>")},
				"ListPolicyVersions": {body("ListPolicyVersions", "<Versions><member><VersionId>v2</VersionId></member>"+
					"<member><VersionId>v1</VersionId></member></Versions>")},
				"ListPolicyTags":        {body("ListPolicyTags", "<Tags><member><Key>a</Key><Value>b</Value></member></Tags>")},
				"ListEntitiesForPolicy": {body("ListEntitiesForPolicy", "")},
			}
			inBubble(t, answers, func(t *testing.T, cloud *Cloud, r *replay) {
				l := &observation{Cloud: cloud}
				mustExist := func(share.Identity) bool { return c.mustExist }
				m := l.managedPolicies(t.Context(), []share.Identity{ann}, "access-s3-b", mustExist)[ann]
				if (m != nil) != c.there || len(l.unread) > 0 {
					t.Fatalf("found %+v, unread %v", m, l.unread)
				}
				if m != nil && (m.Version != "v2" || len(m.Older) != 1 || m.Attached || m.Tags["a"] != "b") {
					t.Errorf("found %+v", m)
				}
			})
		})
	}
}
