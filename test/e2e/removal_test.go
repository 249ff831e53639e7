package e2e

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

func TestDeleteRetains(t *testing.T) {
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := three(t, owner)
	succeeded(t, s.create(p))
	owner.put(p["BucketName"].(string), "data/a")
	before := owner.state(p)
	succeeded(t, s.remove())
	now := owner.wantNoTrace(p)
	if now.Bucket == nil || now.Named == nil || now.Named.State != plan.KeyEnabled ||
		now.Bucket.Encryption.KeyID != before.Bucket.Encryption.KeyID {
		t.Errorf("bucket, key or encryption did not stay: %+v %+v", now.Bucket, now.Named)
	}
	if _, err := owner.s3().GetObject(t.Context(),
		&s3.GetObjectInput{Bucket: ptr(p["BucketName"].(string)), Key: ptr("data/a")}); err != nil {
		t.Errorf("the object is gone: %v", err)
	}
	succeeded(t, s.remove()) // twice

	// What was retained can be taken up again, with its key.
	again := owner.newStack(share.BucketType)
	answer := succeeded(t, again.create(with(p, map[string]any{"Adopt": "true"})))
	if answer.Data["KeyArn"] != before.Named.ARN {
		t.Errorf("the key is %v, want the retained %s", answer.Data["KeyArn"], before.Named.ARN)
	}
	succeeded(t, again.remove())
	owner.wantNoTrace(p)
}

func TestDeleteOfAnEmptyBucket(t *testing.T) {
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := with(three(t, owner), map[string]any{"RemovalPolicy": "Delete"})
	succeeded(t, s.create(p))
	succeeded(t, s.remove())
	now := owner.wantNoTrace(p)
	if now.Bucket != nil || now.Named == nil || now.Named.State != plan.KeyPendingDeletion {
		t.Errorf("bucket %v, key %+v; want the bucket gone and the key waiting for deletion", now.Bucket, now.Named)
	}
	succeeded(t, s.remove()) // twice

	// A new share of the same bucket takes the key up again: data in backups stays readable, the alias is free.
	again := owner.newStack(share.BucketType)
	answer := succeeded(t, again.create(p))
	if answer.Data["KeyArn"] != now.Named.ARN {
		t.Errorf("the key is %v, want %s", answer.Data["KeyArn"], now.Named.ARN)
	}
	again.wantShared(p)
}

func TestDeleteOfABucketWithObjects(t *testing.T) {
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := with(three(t, owner), map[string]any{"RemovalPolicy": "Delete"})
	succeeded(t, s.create(p))
	for _, key := range []string{"a", "b", "b"} {
		owner.put(p["BucketName"].(string), key)
	}
	failedWith(t, s.remove(), "BucketNotEmpty", "3 object versions", "RemovalPolicy to Retain")
	now := owner.wantNoTrace(p) // revoked all the same
	if now.Bucket == nil || now.Named.State != plan.KeyEnabled {
		t.Error("the bucket or its key did not stay")
	}
}

func TestDeleteOfAnUnknownID(t *testing.T) {
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	s.properties = map[string]any{"BucketName": newBucket()}
	s.physicalID = "stack-Resource-1ABCDEFGHIJKL"
	succeeded(t, s.remove())

	// The answer of a Create was lost, and CloudFormation made up an id: tags lead to what there is.
	p := three(t, owner)
	succeeded(t, s.create(p))
	s.physicalID = "stack-Resource-1ABCDEFGHIJKL"
	succeeded(t, s.remove())
	if now := owner.wantNoTrace(p); now.Bucket != nil {
		t.Error("the bucket of the lost Create is still there")
	}
	if k := owner.keys(); len(k) > 0 {
		t.Errorf("keys are left: %v", k)
	}
}

func TestDeleteOfAnUnknownIDKeepsObjects(t *testing.T) {
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := three(t, owner)
	succeeded(t, s.create(p))
	owner.put(p["BucketName"].(string), "a")
	s.physicalID = "stack-Resource-1ABCDEFGHIJKL"
	succeeded(t, s.remove())
	if now := owner.wantNoTrace(p); now.Bucket == nil || now.Named.State != plan.KeyEnabled {
		t.Error("a bucket with objects, or its key, did not stay")
	}
}

func TestDeleteLeavesOthersAlone(t *testing.T) {
	owner := newAccount(t)
	first, second := owner.newStack(share.BucketType), owner.newStack(share.BucketType)
	p := three(t, owner)
	succeeded(t, first.create(p))
	failedWith(t, second.create(p), "belongs to another share")
	owner.forgetCalls()
	succeeded(t, second.remove())
	if w := owner.writes(); !slices.Equal(w, []string{"DeleteParameter"}) { // its own, which is not there
		t.Errorf("the failed Create's Delete wrote %v", w)
	}
	first.wantShared(p)
}

func TestAdoptedBucketKeepsItsOwnStatements(t *testing.T) {
	owner := newAccount(t)
	ctx := t.Context()
	name := "archive-" + newBucket() // which the provider may adopt, and not create
	_, err := owner.s3().CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &name, CreateBucketConfiguration: location()})
	must(t, err)
	foreign := `{"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Deny","Principal":"*",` +
		`"Action":"s3:DeleteBucket","Resource":"arn:aws:s3:::` + name + `"}]}`
	_, err = owner.s3().PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &name, Policy: &foreign})
	must(t, err)
	keeps := func(properties map[string]any) {
		t.Helper()
		kept, err := policy.Merge(owner.state(properties).Bucket.Policy.Text(), nil, document.InBucketPolicy("").Ours)
		must(t, err)
		if same, err := policy.Equal(kept, foreign); err != nil || !same {
			t.Errorf("the foreign statements are now %s", kept)
		}
	}
	s := owner.newStack(share.BucketType)
	p := map[string]any{"BucketName": name, "Adopt": "true", "Consumers": []any{map[string]any{"Account": "222222222222"}}}
	succeeded(t, s.create(p))
	s.wantShared(p)
	keeps(p)
	next := with(p, map[string]any{"Consumers": []any{map[string]any{"Account": "333333333333", "Access": "Read"}}})
	succeeded(t, s.update(next))
	s.wantShared(next)
	keeps(next)
	succeeded(t, s.remove())
	owner.wantNoTrace(next)
	keeps(next)
}
