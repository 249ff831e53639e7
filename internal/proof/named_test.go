package proof_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy/grammar"
)

// handMade is a bucket that somebody shared by hand: the bucket policy has every way to name somebody.
func handMade() proof.World {
	const policy = `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":["222222222222","arn:aws:iam::333333333333:role/reader","AIDAEXAMPLE"]},
			"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"},
		{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*",
			"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}},
		{"Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject",
			"Resource":"arn:aws:s3:::b/*"}]}`
	const keyPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},
		"Action":"kms:*","Resource":"*"}]}`
	return proof.World{Bucket: proof.Bucket{
		Name: "b", Region: "ap-southeast-2", Owner: sharetest.OwnerAccount,
		Policy: proof.ResourcePolicy(policy, grammar.BucketPolicy),
		Key: &proof.Key{
			ARN: sharetest.KeyOf(sharetest.Sydney), Policy: proof.ResourcePolicy(keyPolicy, grammar.KeyPolicy),
		},
		BucketKeyEnabled: true,
	}}
}

// TestNamedSubjects: everybody whom a policy names is asked about, once, and nobody who cannot ask.
func TestNamedSubjects(t *testing.T) {
	labels := namedBy(handMade())
	want := []string{
		"account 222222222222, its best-equipped principal", "role/reader of 333333333333, best equipped",
		"any account below o-a1b2c3d4e5, its best-equipped principal",
	}
	if !slices.Equal(labels, want) {
		t.Errorf("named are %q, want %q", labels, want)
	}
}

// TestHalfOpen: S3 lets in and KMS does not is one surprise, however many it concerns.
func TestHalfOpen(t *testing.T) {
	r := proof.ForBucket(sharetest.Sydney, handMade())
	var half []proof.Finding
	for _, f := range r.Findings() {
		if f.Verdict == proof.Half {
			half = append(half, f)
		}
	}
	if len(half) != 1 || !strings.Contains(half[0].Who, "and 2 more") || half[0].Check != "kms" {
		t.Errorf("findings are\n%s", texts(r.Findings()))
	}
}

// TestOpenBucket: whoever lets everybody in is told, though nothing is declared.
func TestOpenBucket(t *testing.T) {
	w := handMade()
	w.Bucket.Key = nil
	w.Bucket.Policy = proof.ResourcePolicy(`{"Version":"2012-10-17","Statement":{"Sid":"Open","Effect":"Allow",
		"Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}`, grammar.BucketPolicy)
	w.Principals = []proof.Principal{{
		ARN: "arn:aws:iam::111111111111:user/ann", Account: sharetest.OwnerAccount, Type: evaluator.User,
	}}
	r := proof.ForBucket(sharetest.Sydney, w)
	if text := texts(r.Findings()); !strings.Contains(text, "anybody, without credentials can") ||
		r.Verified() != proof.False {
		t.Errorf("verified is %s, findings are\n%s", r.Verified(), text)
	}
}

// TestNamedSubjectsInOrder: two worlds are compared subject by subject, so the order must not depend on how a map is
// walked.
func TestNamedSubjectsInOrder(t *testing.T) {
	w := handMade()
	w.Bucket.Policy = proof.ResourcePolicy(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*",
		"Action":"s3:GetObject",
		"Resource":"arn:aws:s3:::b/*","Condition":{
			"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5","aws:PrincipalAccount":"222222222222"},
			"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::333333333333:role/reader"},
			"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"}}}}`, grammar.BucketPolicy)
	first := namedBy(w)
	for range 50 {
		if labels := namedBy(w); !slices.Equal(labels, first) {
			t.Fatalf("%q, and then %q", first, labels)
		}
	}
}

// namedBy are those whom the policies of a bucket name.
func namedBy(w proof.World) []string {
	var labels []string
	for _, s := range proof.ForBucket(sharetest.Sydney, w).Subjects {
		if s.Role == proof.Named {
			labels = append(labels, s.Label)
		}
	}
	return labels
}
