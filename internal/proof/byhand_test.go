package proof_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy"
)

// byHand is a statement that somebody wrote into a policy of the bucket or its key, about anybody who is asked about.
func byHand(t *rapid.T, who []proof.Subject, resource ...string) policy.Statement {
	principals := []string{"*", sharetest.OwnerAccount, "222222222222"}
	for _, s := range who {
		if s.ARN != "" {
			principals = append(principals, s.ARN)
		}
	}
	s := policy.Statement{
		Sid: "ByHand", Effect: rapid.SampledFrom([]policy.Effect{policy.Allow, policy.Deny}).Draw(t, "Effect"),
		Action: policy.Values{rapid.SampledFrom([]string{
			"s3:*", "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:PutBucketPolicy",
			"kms:*", "kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant",
		}).Draw(t, "Action")},
		Resource: resource,
	}
	if p := rapid.SampledFrom(principals).Draw(t, "Principal"); p == "*" {
		s.Principal = &policy.Principal{Any: true}
	} else {
		s.Principal = &policy.Principal{AWS: policy.Values{p}}
	}
	return s
}

// TestSurprisesHaveAReason: whatever anybody wrote beside a share's own statements, a proof says of each surprise what
// it comes from and what to do.
func TestSurprisesHaveAReason(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sharetest.Shares(sharetest.Sydney).Draw(t, "share")
		before := deployed(t, s)
		w := deployed(t, s)
		subjects := proof.ForShare(s, nil, w).Subjects
		bucket := s.Env.BucketARN(s.Bucket)
		with(t, &w.Bucket.Policy, byHand(t, subjects, bucket, bucket+"/*"))
		with(t, &w.Bucket.Key.Policy, byHand(t, subjects, "*"))
		w.Bucket.RestrictPublicBuckets = rapid.Bool().Draw(t, "RestrictPublicBuckets")
		findings := append(proof.ForShare(s, nil, w).Findings(), proof.ForBucket(s.Env, w).Findings()...)
		for _, f := range findings {
			if f.Reason == "" || f.Remedy == "" || f.Layer == "" {
				t.Errorf("%+v", f)
			}
		}
		changes := proof.Compare(s, nil, before, w, proof.More{})
		for _, c := range slices.Concat(changes.Lost, changes.Gained, changes.Refused) {
			if c.Reason == "" {
				t.Errorf("%+v", c)
			}
		}
	})
}

func with(t *rapid.T, document *proof.Document, s policy.Statement) {
	d := readDocument(t, document.Text())
	d.Statements = append(d.Statements, s)
	edit(document, func(string) string { return d.Text() })
}
