package e2e

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

func location() *types.CreateBucketConfiguration {
	return &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(aws.Region)}
}

func TestUpdateWithoutDifferenceWritesNothing(t *testing.T) {
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := three(t, owner)
	succeeded(t, s.create(p))
	owner.forgetCalls()
	succeeded(t, s.update(with(p, map[string]any{"Revision": "2"})))
	if w := owner.writes(); len(w) > 0 {
		t.Errorf("it wrote %v", w)
	}
	// How many rounds that takes is a matter of time, so make bench tells it: on a busy machine calls that could
	// overlap do not.
	calls := owner.calls()
	if len(calls) > 21+mostToVerify {
		t.Errorf("it took %d calls", len(calls))
	}
	wantReadOnce(t, calls)
}

func TestEveryKindOfUpdate(t *testing.T) {
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := three(t, owner)
	succeeded(t, s.create(p))
	_, err := owner.CreateUser(t.Context(), "carl", "")
	must(t, err)

	consumers := p["Consumers"].([]any)
	for _, step := range []struct {
		what   string
		change map[string]any
		writes []string
	}{
		{
			what:   "a consumer more",
			change: map[string]any{"Consumers": append(slices.Clone(consumers), map[string]any{"Account": "444444444444"})},
			writes: []string{"PutBucketPolicy", "PutKeyPolicy"},
		},
		{
			what: "a consumer's level",
			change: map[string]any{
				"Consumers": append(slices.Clone(consumers), map[string]any{"Account": "444444444444", "Access": "Read"})},
			writes: []string{"PutBucketPolicy", "PutKeyPolicy"},
		},
		{
			what:   "a consumer less",
			change: map[string]any{"Consumers": consumers},
			writes: []string{"PutBucketPolicy", "PutKeyPolicy"},
		},
		{
			what: "a consumer's prefix",
			change: map[string]any{
				"Consumers": append(slices.Clone(consumers[:2]),
					map[string]any{"Organization": "o-a1b2c3d4e5", "Access": "Read", "Prefixes": []any{"public"}})},
			writes: []string{"PutBucketPolicy"},
		},
		{
			what: "a delegate more",
			change: map[string]any{
				"Delegates": append(slices.Clone(p["Delegates"].([]any)), map[string]any{"User": "carl", "Access": "Read"})},
			writes: []string{"PutUserPolicy"},
		},
		{
			what: "a delegate's level",
			change: map[string]any{
				"Delegates": append(slices.Clone(p["Delegates"].([]any)), map[string]any{"User": "carl", "Access": "Full"})},
			writes: []string{"PutUserPolicy"},
		},
		{
			what:   "a delegate less",
			change: map[string]any{"Delegates": p["Delegates"]},
			writes: []string{"DeleteUserPolicy"},
		},
		{
			what:   "direct use",
			change: map[string]any{"Encryption": map[string]any{"DirectUse": "true"}},
			writes: []string{"PutGroupPolicy", "PutKeyPolicy", "PutRolePolicy", "PutUserPolicy"},
		},
		{
			what:   "rotation",
			change: map[string]any{"Encryption": map[string]any{"DirectUse": "true", "RotationPeriodInDays": "90"}},
			writes: []string{"EnableKeyRotation"},
		},
		{
			what: "alias",
			change: map[string]any{
				"Encryption": map[string]any{"DirectUse": "true", "RotationPeriodInDays": "90", "Alias": "alias/" + newBucket()}},
			writes: []string{"CreateAlias", "DeleteAlias"},
		},
		{
			what:   "versioning",
			change: map[string]any{"Versioning": "Suspended"},
			writes: []string{"PutBucketVersioning"},
		},
		{
			what:   "tags",
			change: map[string]any{"Tags": map[string]any{"team": "a", "cost": "1"}},
			writes: []string{"TagResource", "TagResource"},
		},
		{
			what:   "tags changed",
			change: map[string]any{"Tags": map[string]any{"team": "b"}},
			writes: []string{"TagResource", "TagResource", "UntagResource", "UntagResource"},
		},
	} {
		t.Run(step.what, func(t *testing.T) {
			owner.t, s.t = t, t
			p = with(p, step.change)
			owner.forgetCalls()
			succeeded(t, s.update(p))
			got := owner.writes()
			slices.Sort(got)
			// Whatever changes is remembered, so that the schedule's look at the share knows of it.
			want := slices.Sorted(slices.Values(append(slices.Clone(step.writes), "PutParameter")))
			if !slices.Equal(got, want) {
				t.Errorf("it wrote %v, want %v", got, want)
			}
			s.wantShared(p)
		})
	}
}

func TestDriftIsRepaired(t *testing.T) {
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := three(t, owner)
	name := p["BucketName"].(string)
	succeeded(t, s.create(p))
	_, err := owner.s3().DeletePublicAccessBlock(t.Context(), &s3.DeletePublicAccessBlockInput{Bucket: &name})
	must(t, err)
	_, err = owner.s3().DeleteBucketEncryption(t.Context(), &s3.DeleteBucketEncryptionInput{Bucket: &name})
	must(t, err)
	succeeded(t, s.update(p))
	s.wantShared(p)
}

func TestReplacement(t *testing.T) {
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := with(three(t, owner), map[string]any{"RemovalPolicy": "Delete"})
	succeeded(t, s.create(p))
	next := with(p, map[string]any{"BucketName": newBucket()})
	answer := succeeded(t, s.update(next))
	if answer.PhysicalResourceID != next["BucketName"] {
		t.Fatalf("physical id is %s, want the new bucket's name", answer.PhysicalResourceID)
	}
	s.wantShared(next)
	s.wantShared(p) // the old share works until CloudFormation cleans up

	old := s.event("Delete", p, nil)
	old.PhysicalResourceID = p["BucketName"].(string)
	succeeded(t, s.send(old))
	if now := owner.wantNoTrace(p); now.Bucket != nil || now.Named.State != plan.KeyPendingDeletion {
		t.Errorf("old bucket %v and key %s, want both gone", now.Bucket, now.Named.State)
	}
	s.wantShared(next)
}

func TestFailedUpdateThenTheSwappedOne(t *testing.T) {
	owner, f := newFaultyAccount(t)
	s := owner.newStack(share.BucketType)
	p := three(t, owner)
	succeeded(t, s.create(p))
	next := with(p, map[string]any{
		"Consumers": []any{map[string]any{"Account": "444444444444", "Access": "Full"}},
		"Delegates": []any{map[string]any{"User": "ann", "Access": "Read"}},
	})
	f.refuse("policy")
	failedWith(t, s.update(next), "PutBucketPolicy", "AccessDenied")
	f.heal()
	succeeded(t, s.update(p))
	s.wantShared(p)
}

func TestFailedReplacementThenTheSwappedUpdate(t *testing.T) {
	owner, f := newFaultyAccount(t)
	s := owner.newStack(share.BucketType)
	p := three(t, owner)
	succeeded(t, s.create(p))
	next := with(p, map[string]any{"BucketName": newBucket()})
	f.refuse("policy")
	failedWith(t, s.update(next), "PutBucketPolicy")
	f.heal()
	succeeded(t, s.update(p))
	s.wantShared(p)
	if now := owner.wantNoTrace(next); now.Bucket != nil {
		t.Error("the bucket of the failed replacement is still there")
	}
	if k := owner.keys(); len(k) != 1 {
		t.Errorf("there are %d keys, want only the share's", len(k))
	}
}

func TestUpdateThatFinishesAFailedCreate(t *testing.T) {
	owner, f := newFaultyAccount(t)
	s := owner.newStack(share.BucketType)
	p := three(t, owner)
	f.refuse("policy")
	failedWith(t, s.create(p), "PutBucketPolicy")
	f.heal()
	unfinished := s.event("Delete", p, nil)
	succeeded(t, s.update(p))
	succeeded(t, s.send(unfinished)) // CloudFormation removes the failed Create's id
	s.wantShared(p)
}

func TestKeyOfABucketWithObjectsStays(t *testing.T) {
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := map[string]any{"BucketName": newBucket()}
	succeeded(t, s.create(p))
	owner.put(p["BucketName"].(string), "a")
	other := owner.state(map[string]any{"BucketName": newBucket()})
	if other.Named != nil {
		t.Fatal("a bucket that does not exist has a key")
	}
	key := succeeded(t, owner.newStack(share.BucketType).create(map[string]any{"BucketName": newBucket()})).Data["KeyArn"]
	owner.forgetCalls()
	failedWith(t, s.update(with(p, map[string]any{"Encryption": map[string]any{"KeyArn": key}})), "holds objects under",
		"keep the key")
	if w := owner.writes(); len(w) > 0 {
		t.Errorf("it wrote %v", w)
	}
}
