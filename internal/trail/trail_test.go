package trail

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/share"
)

const (
	provider = "arn:aws:sts::111111111111:assumed-role/sharedbucket-provider-ap-southeast-2/sharedbucket-provider"
	mallory  = "arn:aws:iam::111111111111:user/mallory"
	key      = "arn:aws:kms:ap-southeast-2:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
)

var sydney = share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "111111111111"}

// event is a record as CloudTrail writes it.
func event(t *testing.T, source, name, clock, who, parameters, more string) Event {
	t.Helper()
	e, err := Parse(fmt.Sprintf(`{"eventVersion": "1.11", "userIdentity": {"type": "IAMUser", "arn": %q},
		"eventTime": "2026-11-26T%sZ", "eventSource": %q, "eventName": %q, "requestParameters": %s%s}`,
		who, clock, source, name, parameters, more))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func ownProvider(principal string) bool { return principal == provider }

func TestAnswer(t *testing.T) {
	const parameters = `{"bucketName": "data", "Host": "s3.amazonaws.com", "bucketPolicy": {"Version": "2012-10-17"}}`
	put := func(clock, who string) Event { return event(t, s3, "PutBucketPolicy", clock, who, parameters, "") }
	deleted := event(t, s3, "DeleteBucketPolicy", "12:00:00", "arn:aws:iam::111111111111:root", parameters, "")
	q := OfStep(sydney, plan.Step{Operation: plan.PutBucketPolicy, Resource: "data"})
	for name, c := range map[string]struct {
		events []Event
		since  string
		want   []string
	}{
		"nobody": {},
		"the newest first": {
			events: []Event{put("11:00:00", mallory), deleted, put("10:00:00", "arn:aws:iam::111111111111:user/ann")},
			want: []string{"DeleteBucketPolicy 12:00:00 root", "PutBucketPolicy 11:00:00 user/mallory",
				"PutBucketPolicy 10:00:00 user/ann"},
		},
		"what the provider has mended since is over": {
			events: []Event{put("13:00:00", mallory), put("11:00:00", provider), put("10:00:00", mallory)},
			want:   []string{"PutBucketPolicy 13:00:00 user/mallory"},
		},
		"within one second of the provider's": {
			events: []Event{put("11:00:00", provider), put("11:00:00", mallory)},
			want:   []string{"PutBucketPolicy 11:00:00 user/mallory"},
		},
		"nobody since the provider": {events: []Event{put("11:00:00", provider), put("10:00:00", mallory)}},
		"not before the declaration": {
			events: []Event{put("11:00:00", mallory), put("09:59:59", mallory)}, since: "2026-11-26T10:00:00Z",
			want: []string{"PutBucketPolicy 11:00:00 user/mallory"},
		},
		"a call that was refused changed nothing": {
			events: []Event{event(t, s3, "PutBucketPolicy", "11:00:00", mallory, parameters, `, "errorCode": "AccessDenied"`)},
		},
		"another bucket": {
			events: []Event{event(t, s3, "PutBucketPolicy", "11:00:00", mallory, `{"bucketName": "other"}`, "")},
		},
		"the same call of another service": {
			events: []Event{event(t, "s3-outposts.amazonaws.com", "PutBucketPolicy", "11:00:00", mallory, parameters, "")},
		},
		"five are enough": {
			events: []Event{put("11:00:06", mallory), put("11:00:05", mallory), put("11:00:04", mallory),
				put("11:00:03", mallory), put("11:00:02", mallory), put("11:00:01", mallory)},
			want: []string{"PutBucketPolicy 11:00:06 user/mallory", "PutBucketPolicy 11:00:05 user/mallory",
				"PutBucketPolicy 11:00:04 user/mallory", "PutBucketPolicy 11:00:03 user/mallory",
				"PutBucketPolicy 11:00:02 user/mallory"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, change := range q.Answer(c.events, c.since, ownProvider) {
				clock := strings.TrimSuffix(strings.TrimPrefix(change.Time, "2026-11-26T"), "Z")
				got = append(got, change.Event+" "+clock+" "+change.Principal[strings.LastIndex(change.Principal, ":")+1:])
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error("-want +got:", diff)
			}
		})
	}
}

// Each thing is known by its names, and by no other's.
func TestWhatACallIsAbout(t *testing.T) {
	ann, etl := share.Identity{Kind: share.User, Name: "ann"}, share.Identity{Kind: share.Role, Name: "etl"}
	inline := plan.Step{Operation: plan.PutInlinePolicy, Identity: ann, PolicyName: "access-s3-data"}
	managed := plan.Step{Operation: plan.CreatePolicyVersion, PolicyARN: "arn:aws:iam::111111111111:policy/sharedbucket/p"}
	attach := plan.Step{Operation: plan.AttachPolicy, From: etl, PolicyARN: managed.PolicyARN}
	keyPolicy := plan.Step{Operation: plan.PutKeyPolicy, Resource: key}
	europe := share.Env{Partition: "aws-eusc", Region: "eusc-de-east-1", Account: "111111111111"}
	for _, c := range []struct {
		name                     string
		question                 Question
		source, call, parameters string
		more                     string
		fits                     bool
	}{
		{
			name:       "an inline policy",
			question:   OfStep(sydney, inline),
			source:     iam,
			call:       "DeleteUserPolicy",
			parameters: `{"userName": "ann", "policyName": "access-s3-data"}`,
			fits:       true,
		},
		{
			name:       "a user's name in other letters",
			question:   OfStep(sydney, inline),
			source:     iam,
			call:       "DeleteUserPolicy",
			parameters: `{"userName": "Ann", "policyName": "access-s3-data"}`,
			fits:       true,
		},
		{
			name:       "another inline policy",
			question:   OfStep(sydney, inline),
			source:     iam,
			call:       "DeleteUserPolicy",
			parameters: `{"userName": "ann", "policyName": "mine"}`,
		},
		{
			name:       "another user's",
			question:   OfStep(sydney, inline),
			source:     iam,
			call:       "DeleteUserPolicy",
			parameters: `{"userName": "bob", "policyName": "access-s3-data"}`,
		},
		{
			name:       "a role's of the same name",
			question:   OfStep(sydney, inline),
			source:     iam,
			call:       "DeleteRolePolicy",
			parameters: `{"roleName": "ann", "policyName": "access-s3-data"}`,
		},
		{
			name:       "a version of a managed policy",
			question:   OfStep(sydney, managed),
			source:     iam,
			call:       "SetDefaultPolicyVersion",
			parameters: `{"policyArn": "` + managed.PolicyARN + `"}`,
			fits:       true,
		},
		{
			name:       "a version of another policy",
			question:   OfStep(sydney, managed),
			source:     iam,
			call:       "SetDefaultPolicyVersion",
			parameters: `{"policyArn": "arn:aws:iam::aws:policy/p"}`,
		},
		{
			name:       "a managed policy that a role had",
			question:   OfStep(sydney, attach),
			source:     iam,
			call:       "DetachRolePolicy",
			parameters: `{"roleName": "etl", "policyArn": "` + managed.PolicyARN + `"}`,
			fits:       true,
		},
		{
			name:       "a key policy, by the key's id",
			question:   OfStep(sydney, keyPolicy),
			source:     kms,
			call:       "PutKeyPolicy",
			parameters: `{"keyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}`,
			fits:       true,
		},
		{
			name:       "a key policy, by its ARN",
			question:   OfStep(sydney, keyPolicy),
			source:     kms,
			call:       "PutKeyPolicy",
			parameters: `{"keyId": "` + key + `"}`,
			fits:       true,
		},
		{
			name:       "a key policy, by what the event is about",
			question:   OfStep(sydney, keyPolicy),
			source:     kms,
			call:       "PutKeyPolicy",
			parameters: `null`,
			more:       `, "resources": [{"ARN": "` + key + `"}]`,
			fits:       true,
		},
		{
			name:       "another key's policy",
			question:   OfStep(sydney, keyPolicy),
			source:     kms,
			call:       "PutKeyPolicy",
			parameters: `{"keyId": "aaaaaaaa-12ab-34cd-56ef-1234567890ab"}`,
		},
		{
			name:       "an alias",
			question:   OfStep(sydney, plan.Step{Operation: plan.CreateAlias, Resource: "alias/data"}),
			source:     kms,
			call:       "DeleteAlias",
			parameters: `{"aliasName": "alias/data"}`,
			fits:       true,
		},
		{
			name:       "a bucket's tags",
			question:   OfStep(sydney, plan.Step{Operation: plan.TagBucket, Resource: "data"}),
			source:     s3,
			call:       "TagResource",
			parameters: `{"resourceArn": "arn:aws:s3:::data"}`,
			fits:       true,
		},
		{
			name:       "a bucket of another partition",
			question:   OfStep(sydney, plan.Step{Operation: plan.TagBucket, Resource: "data"}),
			source:     s3,
			call:       "TagResource",
			parameters: `{"resourceArn": "arn:aws-eusc:s3:::data"}`,
		},
		{
			name:       "a bucket of Europe's own partition",
			question:   OfStep(europe, plan.Step{Operation: plan.TagBucket, Resource: "data"}),
			source:     s3,
			call:       "TagResource",
			parameters: `{"resourceArn": "arn:aws-eusc:s3:::data"}`,
			fits:       true,
		},
		{
			name:       "a key that is in the way",
			question:   OfConflict(sydney, &plan.Conflict{Resource: "key " + key}),
			source:     kms,
			call:       "DisableKey",
			parameters: `{"keyId": "` + key + `"}`,
			fits:       true,
		},
		{
			name:       "a bucket that is",
			question:   OfConflict(sydney, &plan.Conflict{Resource: "bucket data"}),
			source:     s3,
			call:       "PutBucketEncryption",
			parameters: `{"bucketName": "data"}`,
			fits:       true,
		},
		{
			name:       "an alias that is",
			question:   OfConflict(sydney, &plan.Conflict{Resource: "alias/data"}),
			source:     kms,
			call:       "UpdateAlias",
			parameters: `{"aliasName": "alias/data"}`,
			fits:       true,
		},
		{
			name:       "a user who is",
			question:   OfConflict(sydney, &plan.Conflict{Resource: "user/ann"}),
			source:     iam,
			call:       "DeleteUser",
			parameters: `{"userName": "ann"}`,
			fits:       true,
		},
		{
			name:       "the layer of the bucket policy",
			question:   OfLayer(sydney, evaluator.LayerBucketPolicy, "", "data", key),
			source:     s3,
			call:       "PutBucketPolicy",
			parameters: `{"bucketName": "data"}`,
			fits:       true,
		},
		{
			name:       "that of the key policy",
			question:   OfLayer(sydney, evaluator.LayerKeyPolicy, "", "data", key),
			source:     kms,
			call:       "PutKeyPolicy",
			parameters: `{"keyId": "` + key + `"}`,
			fits:       true,
		},
		{
			name:       "that of a role's policies, with a path",
			question:   OfLayer(sydney, evaluator.LayerIdentity, "arn:aws:iam::111111111111:role/a/b/etl", "data", key),
			source:     iam,
			call:       "PutRolePolicy",
			parameters: `{"roleName": "etl", "policyName": "mine"}`,
			fits:       true,
		},
		{
			name:       "that of a user's boundary",
			question:   OfLayer(sydney, evaluator.LayerBoundary, "arn:aws:iam::111111111111:user/ann", "data", key),
			source:     iam,
			call:       "PutUserPermissionsBoundary",
			parameters: `{"userName": "ann"}`,
			fits:       true,
		},
	} {
		got := c.question.fits(event(t, c.source, c.call, "10:00:00", mallory, c.parameters, c.more))
		if got != c.fits {
			t.Errorf("%s: %s %s %s: %v, want %v", c.name, c.call, c.parameters, c.more, got, c.fits)
		}
	}
}

// Whatever the schedule may mend, somebody can be asked who changed it.
func TestEveryMendIsSomebodysChange(t *testing.T) {
	operations := []plan.Operation{
		plan.CreateBucket, plan.TagBucket, plan.UntagBucket, plan.PutBucketPolicy, plan.DeleteBucketPolicy,
		plan.CancelKeyDeletion, plan.EnableKey, plan.CreateAlias, plan.DeleteAlias, plan.TagKey, plan.UntagKey,
		plan.PutKeyPolicy, plan.PutInlinePolicy, plan.DeleteInlinePolicy, plan.CreatePolicy, plan.CreatePolicyVersion,
		plan.DeletePolicyVersion, plan.AttachPolicy, plan.DetachPolicy, plan.DeletePolicy,
	}
	for _, names := range setting.Every() {
		operations = append(operations, plan.Operation(names.Operation))
	}
	for _, operation := range operations {
		if q := OfStep(sydney, plan.Step{Operation: operation, Resource: "x"}); len(q.Calls) == 0 {
			t.Errorf("%s has no calls", operation)
		}
	}
	if q := OfLayer(sydney, evaluator.LayerSCP, "arn:aws:sts::1:assumed-role/x/y", "data", key); len(q.Calls) > 0 {
		t.Errorf("nobody of this account changes another's policies, and %v are asked for", q.Calls)
	}
}

// IAM's events are in one region of a partition.
func TestRegion(t *testing.T) {
	for _, c := range []struct{ source, partition, want string }{
		{source: s3, partition: "aws", want: "ap-southeast-2"},
		{source: kms, partition: "aws", want: "ap-southeast-2"},
		{source: iam, partition: "aws", want: "us-east-1"},
		{source: iam, partition: "aws-cn", want: "cn-north-1"},
		{source: iam, partition: "aws-us-gov", want: "us-gov-west-1"},
		{source: iam, partition: "aws-eusc", want: "ap-southeast-2"},
	} {
		env := share.Env{Partition: c.partition, Region: "ap-southeast-2", Account: "111111111111"}
		if got := (Call{Source: c.source}).Region(env); got != c.want {
			t.Errorf("%s in %s: %s, want %s", c.source, c.partition, got, c.want)
		}
	}
}

func TestPrincipal(t *testing.T) {
	for text, want := range map[string]string{
		`{"userIdentity": {"type": "Root", "arn": "arn:aws:iam::111111111111:root", "invokedBy": "s3"}}`: "arn:aws:iam::111111111111:root",
		`{"userIdentity": {"type": "AWSService", "invokedBy": "config.amazonaws.com"}}`:                  "config.amazonaws.com",
		`{"userIdentity": {"type": "AWSAccount", "principalId": "AIDAEXAMPLE"}}`:                         "AIDAEXAMPLE",
		`{}`: "somebody whom CloudTrail does not name",
	} {
		if e, err := Parse(text); err != nil || e.Principal != want {
			t.Errorf("%s: %q, %v; want %q", text, e.Principal, err, want)
		}
	}
	if _, err := Parse("no JSON"); err == nil {
		t.Error("what is no record was read")
	}
}
