package cloud

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// recorded is an answer of AWS, as real AWS was recorded to give it.
type recorded struct {
	status int
	body   string
	after  time.Duration // not before this time of the test
}

// replay answers the SDK's calls, by what they are about: "GET ?tagging" for S3, "DescribeKey" for KMS and the like,
// and "Action" for IAM. An operation with several answers gives the last one whose time has come.
type replay struct {
	t       *testing.T
	began   time.Time
	answers map[string][]recorded

	mu    sync.Mutex
	calls []string
}

func (r *replay) RoundTrip(request *http.Request) (*http.Response, error) {
	operation := operationOf(request)
	r.mu.Lock()
	r.calls = append(r.calls, operation)
	r.mu.Unlock()
	known := r.answers[operation]
	if len(known) == 0 {
		r.t.Errorf("nothing recorded for %s", operation)
		known = []recorded{{status: 500}}
	}
	answer := known[0]
	for _, a := range known {
		if time.Since(r.began) >= a.after {
			answer = a
		}
	}
	w := httptest.NewRecorder()
	w.WriteHeader(answer.status)
	_, _ = w.WriteString(answer.body)
	return w.Result(), nil
}

func operationOf(r *http.Request) string {
	if _, target, found := strings.Cut(r.Header.Get("X-Amz-Target"), "."); found {
		return target
	}
	if strings.HasPrefix(r.Host, "iam.") || strings.HasPrefix(r.URL.Host, "iam.") {
		_ = r.ParseForm()
		return r.Form.Get("Action")
	}
	if strings.Contains(r.URL.Host, "s3-control") {
		return r.Method + " tags"
	}
	query, _, _ := strings.Cut(r.URL.RawQuery, "&")
	return strings.TrimSpace(r.Method + " ?" + strings.TrimSuffix(query, "="))
}

// inBubble runs a test with the time of a bubble: nothing waits.
func inBubble(t *testing.T, answers map[string][]recorded, test func(*testing.T, *Cloud, *replay)) {
	synctest.Test(t, func(t *testing.T) {
		r := &replay{t: t, began: time.Now(), answers: answers}
		config := aws.Config{
			Region: "ap-southeast-2", HTTPClient: &http.Client{Transport: r},
			Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		}
		test(t, New(config, sharetest.Sydney), r)
	})
}

func s3Error(status int, code string) recorded {
	return recorded{status: status, body: "<Error><Code>" + code + "</Code><Message>said S3</Message></Error>"}
}

func kmsError(code string) recorded {
	return recorded{status: 400, body: fmt.Sprintf(`{"__type": %q, "message": "said KMS"}`, code)}
}

func (s recorded) from(after time.Duration) recorded {
	s.after = after
	return s
}

const keyARN = "arn:aws:kms:ap-southeast-2:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"

// sharedBucket are the answers for a bucket without anything, and its key under a bare id.
func sharedBucket(defaultKey string) map[string][]recorded {
	encryption := `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>` +
		`<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>` + defaultKey + `</KMSMasterKeyID>` +
		`</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled>` +
		`<BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes></Rule></ServerSideEncryptionConfiguration>`
	return map[string][]recorded{
		"GET ?tagging":           {s3Error(404, "NoSuchTagSet")},
		"GET ?policy":            {s3Error(404, "NoSuchBucketPolicy")},
		"GET ?encryption":        {{status: 200, body: encryption}},
		"GET ?publicAccessBlock": {s3Error(404, "NoSuchPublicAccessBlockConfiguration")},
		"GET ?ownershipControls": {s3Error(404, "OwnershipControlsNotFoundError")},
		"GET ?versioning":        {{status: 200, body: "<VersioningConfiguration/>"}},
		"GET ?max-keys=1":        {{status: 200, body: "<ListVersionsResult/>"}},
		"DescribeKey":            {kmsError("NotFoundException")},
		"GetResources":           {{status: 200, body: `{"ResourceTagMappingList": []}`}},
	}
}

func update() plan.Wanted {
	s := share.Share{Env: sharetest.Sydney, Bucket: "account-a-bucket", Alias: "alias/s3-account-a-bucket-encryption",
		Adopt: true}
	return plan.Wanted{Share: s, Previous: &s, Owner: plan.Owner{StackID: "s", LogicalID: "l"}}
}

func TestObserveBucket(t *testing.T) {
	inBubble(t, sharedBucket("alias/theirs"), func(t *testing.T, c *Cloud, r *replay) {
		now, err := c.ObserveShare(t.Context(), update())
		if err != nil || len(now.Unread) > 0 || now.Bucket == nil {
			t.Fatalf("%+v, %v", now, err)
		}
		if e := now.Bucket.Encryption; e.KeyID != "alias/theirs" || !e.SSECBlocked || !e.BucketKey || now.OfBucket != nil {
			t.Errorf("encryption %+v, key %+v", e, now.OfBucket)
		}
		described := 0
		for _, call := range r.calls {
			if call == "DescribeKey" {
				described++
			}
		}
		if described != 2 {
			t.Errorf("%d keys were described, want the alias and the bucket's default key", described)
		}
	})
}

func TestObserveSomebodyElsesName(t *testing.T) {
	for _, c := range []struct {
		name        string
		answer      recorded
		otherRegion bool
	}{
		{name: "another account's", answer: s3Error(403, "AccessDenied")},
		{name: "redirected to another region", answer: s3Error(301, "PermanentRedirect"), otherRegion: true},
		{name: "signed for the wrong region", answer: s3Error(400, "AuthorizationHeaderMalformed"), otherRegion: true},
		{name: "the wrong region's endpoint", answer: s3Error(400, "IllegalLocationConstraintException"), otherRegion: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			answers := map[string][]recorded{"GET ?tagging": {c.answer}, "DescribeKey": {kmsError("NotFoundException")}}
			inBubble(t, answers, func(t *testing.T, cloud *Cloud, r *replay) {
				want := update()
				want.Previous = nil
				now, err := cloud.ObserveShare(t.Context(), want)
				if err != nil || now.Bucket == nil || !now.Bucket.Foreign || now.Bucket.OtherRegion != c.otherRegion {
					t.Errorf("%+v, %v", now.Bucket, err)
				}
				if len(r.calls) != 2 || len(now.Unread) > 0 {
					t.Errorf("calls %v, unread %v", r.calls, now.Unread)
				}
			})
		})
	}
}

// One stale reader must never lead to a new bucket.
func TestObserveWhenReadersDisagree(t *testing.T) {
	answers := sharedBucket(keyARN)
	answers["GET ?policy"] = []recorded{s3Error(404, "NoSuchBucket"),
		s3Error(404, "NoSuchBucketPolicy").from(2 * time.Second)}
	inBubble(t, answers, func(t *testing.T, c *Cloud, r *replay) {
		now, err := c.ObserveShare(t.Context(), update())
		if err != nil || now.Bucket == nil || len(now.Unread) > 0 || time.Since(r.began) < 2*time.Second {
			t.Errorf("%+v, %v after %s", now, err, time.Since(r.began))
		}
	})
	answers["GET ?policy"] = []recorded{s3Error(404, "NoSuchBucket")}
	inBubble(t, answers, func(t *testing.T, c *Cloud, _ *replay) {
		if now, err := c.ObserveShare(t.Context(), update()); err != nil || now.Bucket == nil || len(now.Unread) == 0 {
			t.Errorf("a bucket that is there for some: %+v, %v", now, err)
		}
	})
}

func TestObserveWhatIsDenied(t *testing.T) {
	answers := sharedBucket(keyARN)
	answers["GET ?policy"] = []recorded{s3Error(403, "AccessDenied")}
	inBubble(t, answers, func(t *testing.T, c *Cloud, _ *replay) {
		now, err := c.ObserveShare(t.Context(), update())
		if err != nil || len(now.Unread) != 1 || !now.Unread[0].Denied {
			t.Fatalf("%+v, %v", now.Unread, err)
		}
		if text := now.Unread[0].Err.Error(); !strings.Contains(text,
			"reading the policy of bucket account-a-bucket: AccessDenied") {
			t.Error(text)
		}
	})
}

// rotating is the step that sets a key's rotation.
func rotating(s plan.Step) plan.Step {
	s.Operation, s.Resource, s.Setting = setting.EnableKeyRotation, keyARN, setting.Rotation(365)
	return s
}

// What AWS refuses at first, or for good.
func TestApplyWaits(t *testing.T) {
	const minute = time.Minute
	ok := recorded{status: 200, body: "{}"}
	for _, c := range []struct {
		name      string
		step      plan.Step
		operation string
		answers   []recorded
		fails     string // the code in the end
		most      time.Duration
	}{
		{
			name: "rotation of a key that was just enabled",
			step: rotating(plan.Step{TakenUp: true}), operation: "EnableKeyRotation",
			answers: []recorded{kmsError("DisabledException"), ok.from(minute)}, most: 2 * minute,
		},
		{
			name: "rotation of a key that somebody disabled",
			step: rotating(plan.Step{}), operation: "EnableKeyRotation",
			answers: []recorded{kmsError("DisabledException"), ok.from(minute)}, fails: "DisabledException",
		},
		{
			name: "a key whose deletion was just cancelled",
			step: plan.Step{Operation: plan.EnableKey, Resource: keyARN, TakenUp: true}, operation: "EnableKey",
			answers: []recorded{kmsError("KMSInvalidStateException"), ok.from(minute)}, most: 2 * minute,
		},
		{
			name: "tags that count late",
			step: plan.Step{Operation: plan.ScheduleKeyDeletion, Resource: keyARN, Days: 7}, operation: "ScheduleKeyDeletion",
			answers: []recorded{kmsError("AccessDeniedException"), ok.from(5 * minute)}, most: 6 * minute,
		},
		{
			name:      "a denial for good",
			step:      plan.Step{Operation: plan.PutKeyPolicy, Resource: keyARN, After: sharetest.Stored("{}")},
			operation: "PutKeyPolicy", answers: []recorded{kmsError("AccessDeniedException")}, fails: "AccessDeniedException",
		},
		{
			name: "an account that just came to be",
			step: plan.Step{Operation: plan.PutBucketPolicy, Resource: "b", NewAccounts: true}, operation: "PUT ?policy",
			answers: []recorded{s3Error(400, "MalformedPolicy"), {status: 204, after: minute}}, most: 2 * minute,
		},
		{
			name: "a document that no waiting cures",
			step: plan.Step{Operation: plan.PutBucketPolicy, Resource: "b"}, operation: "PUT ?policy",
			answers: []recorded{s3Error(400, "MalformedPolicy")}, fails: "MalformedPolicy",
		},
		{
			name: "S3 Control does not know a new bucket yet",
			step: plan.Step{Operation: plan.TagBucket, Resource: "b", Tags: map[string]string{"a": "b"}}, operation: "POST tags",
			answers: []recorded{wrappedError("NoSuchResource"), {status: 204, after: minute}}, most: 2 * minute,
		},
		{
			name:      "untagging a bucket that is gone",
			step:      plan.Step{Operation: plan.UntagBucket, Resource: "b", Tags: map[string]string{"a": ""}},
			operation: "DELETE tags",
			answers:   []recorded{wrappedError("NoSuchResource")},
		},
		{
			name: "a role made a second before",
			step: plan.Step{
				Operation: plan.PutInlinePolicy, Identity: share.Identity{Kind: share.Role, Name: "r"}, PolicyName: "p",
				After: sharetest.Stored("{}"),
			},
			operation: "PutRolePolicy",
			answers: []recorded{
				wrappedError("NoSuchEntity"), {status: 200, body: "<PutRolePolicyResponse/>", after: 5 * time.Second},
			},
			most: minute,
		},
		{
			name: "a role that is gone keeps nothing",
			step: plan.Step{
				Operation: plan.DeleteInlinePolicy, Identity: share.Identity{Kind: share.Role, Name: "r"}, PolicyName: "p",
			},
			operation: "DeleteRolePolicy", answers: []recorded{wrappedError("NoSuchEntity")},
		},
		{
			name: "a managed policy made a second before",
			step: plan.Step{
				Operation: plan.AttachPolicy, PolicyARN: policyARN, From: share.Identity{Kind: share.User, Name: "ann"},
			},
			operation: "AttachUserPolicy",
			answers:   []recorded{wrappedError("NoSuchEntity"), {status: 200, body: "<R/>", after: 5 * time.Second}},
			most:      minute,
		},
		{
			name:      "a managed policy detached a second before",
			step:      plan.Step{Operation: plan.DeletePolicy, PolicyARN: policyARN},
			operation: "DeletePolicy",
			answers:   []recorded{wrappedError("DeleteConflict"), {status: 200, body: "<R/>", after: 5 * time.Second}},
			most:      minute,
		},
		{
			name:      "a managed policy that is a boundary",
			step:      plan.Step{Operation: plan.DeletePolicy, PolicyARN: policyARN},
			operation: "DeletePolicy",
			answers:   []recorded{wrappedError("DeleteConflict")}, fails: "DeleteConflict", most: minute,
		},
		{
			name:      "a managed policy that is gone",
			step:      plan.Step{Operation: plan.DeletePolicy, PolicyARN: policyARN},
			operation: "DeletePolicy", answers: []recorded{wrappedError("NoSuchEntity")},
		},
		{
			name: "an attachment that is gone",
			step: plan.Step{
				Operation: plan.DetachPolicy, PolicyARN: policyARN, From: share.Identity{Kind: share.Group, Name: "g"},
			},
			operation: "DetachGroupPolicy", answers: []recorded{wrappedError("NoSuchEntity")},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, map[string][]recorded{c.operation: c.answers}, func(t *testing.T, cloud *Cloud, r *replay) {
				c.step.Round = 1
				_, err := cloud.Apply(t.Context(), plan.Plan{c.step}, unreported)
				if Code(err) != c.fails || (err != nil) != (c.fails != "") {
					t.Errorf("got %v, want %q", err, c.fails)
				}
				if waited := time.Since(r.began); waited > c.most+time.Second {
					t.Errorf("waited %s", waited)
				}
			})
		})
	}
}

// wrappedError is how IAM and S3 Control write errors.
func wrappedError(code string) recorded {
	return recorded{status: 404,
		body: "<ErrorResponse><Error><Code>" + code + "</Code><Message>said IAM</Message></Error></ErrorResponse>"}
}

// What somebody else changed between looking and writing is not written over.
func TestApplyLooksAgain(t *testing.T) {
	const theirs = `{"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Deny","Principal":"*",` +
		`"Action":"s3:*","Resource":"*"}]}`
	bucket := plan.Step{Round: 1, Operation: plan.PutBucketPolicy, Resource: "b", After: sharetest.Stored(theirs),
		OursPrefix: "SharedBucket"}
	key := plan.Step{Round: 1, Operation: plan.PutKeyPolicy, Resource: keyARN, After: sharetest.Stored(theirs),
		OursPrefix: "SharedBucketA"}
	answers := map[string][]recorded{
		"GET ?policy":  {{status: 200, body: theirs}},
		"GetKeyPolicy": {{status: 200, body: fmt.Sprintf(`{"Policy": %q}`, theirs)}},
		"PUT ?policy":  {{status: 204}}, "PutKeyPolicy": {{status: 200, body: "{}"}},
	}
	for _, step := range []plan.Step{bucket, key} {
		inBubble(t, answers, func(t *testing.T, c *Cloud, r *replay) {
			_, err := c.Apply(t.Context(), plan.Plan{step}, unreported)
			if !Overtaken(err) || len(r.calls) != 1 {
				t.Errorf("%s: %v after %v", step.Operation, err, r.calls)
			}
		})
		step.Before = sharetest.Stored(theirs)
		inBubble(t, answers, func(t *testing.T, c *Cloud, r *replay) {
			if _, err := c.Apply(t.Context(), plan.Plan{step}, unreported); err != nil || len(r.calls) != 2 {
				t.Errorf("%s: %v after %v", step.Operation, err, r.calls)
			}
		})
	}
}

func TestCreateBucketSaysWhoseTheNameIs(t *testing.T) {
	for code, want := range map[string]string{
		"PermanentRedirect": "in another region", "IllegalLocationConstraintException": "in another region",
		"InvalidLocationConstraint": "not enabled the region", "BucketAlreadyExists": "another account has a bucket",
	} {
		answers := map[string][]recorded{"PUT ?": {s3Error(400, code)}, "PUT": {s3Error(400, code)}}
		inBubble(t, answers, func(t *testing.T, c *Cloud, _ *replay) {
			step := plan.Step{Round: 1, Operation: plan.CreateBucket, Resource: "taken"}
			_, err := c.Apply(context.Background(), plan.Plan{step}, unreported)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", code, err)
			}
		})
	}
}

// S3 answers a policy that the bucket's settings call public in the same way as a missing right.
func TestRefusedBucketPolicyMayBePublic(t *testing.T) {
	inBubble(t, map[string][]recorded{"PUT ?policy": {s3Error(403, "AccessDenied")}},
		func(t *testing.T, c *Cloud, _ *replay) {
			step := plan.Step{Round: 1, Operation: plan.PutBucketPolicy, Resource: "b", After: sharetest.Stored("{}")}
			_, err := c.Apply(context.Background(), plan.Plan{step}, unreported)
			if err == nil || !strings.Contains(err.Error(), "public") {
				t.Errorf("got %v", err)
			}
		})
}

// A region that cannot block SSE-C is told apart from a mistake of ours.
func TestRegionThatCannotBlockSSEC(t *testing.T) {
	inBubble(t, map[string][]recorded{"PUT ?encryption": {s3Error(400, "MalformedXML")}},
		func(t *testing.T, c *Cloud, _ *replay) {
			step := plan.Step{Round: 1, Operation: setting.PutBucketEncryption, Resource: "b",
				Setting: setting.Encryption{}.Under(keyARN)}
			_, err := c.Apply(context.Background(), plan.Plan{step}, unreported)
			if err == nil || !strings.Contains(err.Error(), "SSE-C") {
				t.Errorf("got %v", err)
			}
		})
}

func unreported(plan.Step) func(error) { return func(error) {} }

// One stale answer of IAM must not leave a policy behind when access is taken away.
func TestObserveWhoLosesAccess(t *testing.T) {
	ann := share.Identity{Kind: share.User, Name: "ann"}
	list := func(members string) recorded {
		return recorded{status: 200, body: "<R><ListUserPoliciesResult><PolicyNames>" + members +
			"</PolicyNames></ListUserPoliciesResult></R>"}
	}
	document := recorded{status: 200, body: "<R><GetUserPolicyResult><PolicyDocument>" +
		url.PathEscape(`{"Version":"2012-10-17","Statement":[]}`) + "</PolicyDocument></GetUserPolicyResult></R>"}
	gone, listed := wrappedError("NoSuchEntity"), list("<member>access-s3-b</member>")
	for _, c := range []struct {
		name           string
		list, get      []recorded
		exists, policy bool
	}{
		{name: "both say that it is there", list: []recorded{listed}, get: []recorded{document},
			exists: true, policy: true},
		{name: "the list does not know the user", list: []recorded{gone}, get: []recorded{document},
			exists: true, policy: true},
		{name: "the list does not know the policy", list: []recorded{list("")}, get: []recorded{document},
			exists: true, policy: true},
		{name: "the policy is listed and not found at first", list: []recorded{listed},
			get: []recorded{gone, document.from(firstPause)}, exists: true, policy: true},
		{name: "the user is gone", list: []recorded{gone}, get: []recorded{gone}},
		{name: "the policy is gone", list: []recorded{list("")}, get: []recorded{gone}, exists: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			answers := map[string][]recorded{"ListUserPolicies": c.list, "GetUserPolicy": c.get}
			inBubble(t, answers, func(t *testing.T, cloud *Cloud, r *replay) {
				state := (&observation{Cloud: cloud}).identity(t.Context(), ann, "access-s3-b", false)
				if policy := state.Policy.Text() != ""; state.Exists != c.exists || policy != c.policy {
					t.Errorf("exists %t, policy %t; want %t, %t", state.Exists, policy, c.exists, c.policy)
				}
				if waited := time.Since(r.began); waited > firstPause {
					t.Errorf("waited %s for somebody who may have left", waited)
				}
			})
		})
	}
}

// A key that nobody uses is given up only when it still has no alias.
func TestApplyGivesUpNoKeyThatHasGotAName(t *testing.T) {
	step := plan.Step{Round: 1, Operation: plan.ScheduleKeyDeletion, Resource: keyARN, Days: 7, NoAlias: true}
	for _, c := range []struct {
		name, aliases string
		goes          bool
	}{
		{name: "it has none", aliases: `{"Aliases": []}`, goes: true},
		{name: "it has one by now", aliases: `{"Aliases": [{"AliasName": "alias/new"}]}`},
	} {
		answers := map[string][]recorded{
			"ListAliases": {{status: 200, body: c.aliases}}, "ScheduleKeyDeletion": {{status: 200, body: "{}"}},
		}
		inBubble(t, answers, func(t *testing.T, cloud *Cloud, r *replay) {
			_, err := cloud.Apply(t.Context(), plan.Plan{step}, unreported)
			went := slices.Contains(r.calls, "ScheduleKeyDeletion")
			if went != c.goes || (err == nil) != c.goes || Overtaken(err) == c.goes {
				t.Errorf("%s: %v, %v", c.name, r.calls, err)
			}
		})
	}
}

// A CancelKeyDeletion that took effect and whose answer was lost is refused when the SDK asks again.
func TestApplyTakesUpAKeyThatIsAwake(t *testing.T) {
	step := plan.Step{
		Round: 1, Operation: plan.CancelKeyDeletion, Resource: keyARN, Tags: map[string]string{plan.TagStackID: "s"},
	}
	for state, done := range map[string]bool{plan.KeyDisabled: true, plan.KeyPendingDeletion: false} {
		answers := map[string][]recorded{
			"CancelKeyDeletion": {kmsError("KMSInvalidStateException")},
			"DescribeKey": {{status: 200,
				body: fmt.Sprintf(`{"KeyMetadata": {"KeyId": "k", "Arn": %q, "KeyState": %q}}`, keyARN, state)}},
			"TagResource": {{status: 200, body: `{}`}},
		}
		inBubble(t, answers, func(t *testing.T, c *Cloud, _ *replay) {
			if _, err := c.Apply(t.Context(), plan.Plan{step}, unreported); (err == nil) != done {
				t.Errorf("of a key that is %s: %v", state, err)
			}
		})
	}
}

// A key that cannot be made its new owner's is given up again: nobody would find it.
func TestApplyTakesUpNoKeyThatItMayNotTag(t *testing.T) {
	step := plan.Step{
		Round: 1, Operation: plan.CancelKeyDeletion, Resource: keyARN, Days: 7, Tags: map[string]string{plan.TagStackID: "s"},
	}
	for tagging, want := range map[string][]string{
		"":                         {"CancelKeyDeletion", "TagResource"},
		"LimitExceededException":   {"CancelKeyDeletion", "TagResource", "ScheduleKeyDeletion"},
		"KMSInvalidStateException": {"CancelKeyDeletion", "TagResource", "ScheduleKeyDeletion"}, // after some tries
	} {
		answers := map[string][]recorded{
			"CancelKeyDeletion":   {{status: 200, body: `{}`}},
			"TagResource":         {{status: 200, body: `{}`}},
			"ScheduleKeyDeletion": {{status: 200, body: `{}`}},
		}
		if tagging != "" {
			answers["TagResource"] = []recorded{kmsError(tagging)}
		}
		inBubble(t, answers, func(t *testing.T, c *Cloud, r *replay) {
			_, err := c.Apply(t.Context(), plan.Plan{step}, unreported)
			if (err == nil) != (tagging == "") {
				t.Errorf("%s: %v", tagging, err)
			}
			if got := slices.Compact(r.calls); !slices.Equal(got, want) {
				t.Errorf("%s: calls %v, want %v", tagging, got, want)
			}
		})
	}
}

// SSM counts versions from 1 again when a parameter was deleted: what was to be written over is gone, and stays so.
func TestApplyRemembersNothingThatWasDeleted(t *testing.T) {
	for _, c := range []struct {
		name    string
		tags    map[string]string // of a new one
		version int
		gone    bool
	}{
		{name: "written over", version: 3},
		{name: "new", tags: map[string]string{plan.TagStackID: "s"}, version: 1},
		{name: "deleted since it was read", version: 1, gone: true},
	} {
		answers := map[string][]recorded{
			"PutParameter":    {{status: 200, body: fmt.Sprintf(`{"Version": %d}`, c.version)}},
			"DeleteParameter": {{status: 200, body: "{}"}},
		}
		step := plan.Step{Round: 1, Operation: plan.PutParameter, Resource: "/sharedbucket/shares/b/d", Value: "{}"}
		step.Tags = c.tags
		inBubble(t, answers, func(t *testing.T, cloud *Cloud, r *replay) {
			_, err := cloud.Apply(t.Context(), plan.Plan{step}, unreported)
			if slices.Contains(r.calls, "DeleteParameter") != c.gone || Overtaken(err) != c.gone || (err != nil) != c.gone {
				t.Errorf("%s: %v, %v", c.name, r.calls, err)
			}
		})
	}
}
