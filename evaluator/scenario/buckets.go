package scenario

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/policy/grammar"
)

// preparedBuckets is a scenario's bucket made ready, with the buckets that copies read, by name.
type preparedBuckets struct {
	name      string
	evaluator *evaluator.Evaluator
	others    map[string]*evaluator.Evaluator
	warnings  []string
}

func newBuckets(text jsontext.Value, org *organization) (*preparedBuckets, error) {
	var b buckets
	if err := unmarshalMember(text, "scenario", &b); err != nil {
		return nil, err
	}
	var u unknown
	b.unknownFields(&u)
	for i := range b.Others {
		u.check("other_buckets", b.Others[i].Unknown, bucketFields)
		b.Others[i].unknownFields(&u)
	}
	if u.err != nil {
		return nil, u.err
	}
	if err := b.check(); err != nil {
		return nil, err
	}
	if err := org.prepare(); err != nil {
		return nil, err
	}
	s := &preparedBuckets{
		name: b.Bucket, evaluator: evaluator.NewEvaluator(b.make(org)), warnings: append(u.warnings, org.warnings...),
		others: make(map[string]*evaluator.Evaluator, len(b.Others)),
	}
	for i := range b.Others {
		if err := b.Others[i].check(); err != nil {
			return nil, fmt.Errorf("other_buckets[%d]: %w", i, err)
		}
		s.others[b.Others[i].Bucket] = evaluator.NewEvaluator(b.Others[i].make(org))
	}
	return s, nil
}

func (b *bucket) unknownFields(u *unknown) {
	u.check("block_public_access", b.BlockPublicAccess.Unknown, blockFields)
	for _, p := range b.AccessPoints {
		u.check("access_points", p.Unknown, pointFields)
		u.check("block_public_access of access_points", p.BlockPublicAccess.Unknown, blockFields)
	}
}

var keyARN = regexp.MustCompile(`^arn:aws[a-z-]*:kms:[^:]+:\d{12}:.+$`)

// check finds what no decision can be made without.
func (b *bucket) check() error {
	switch {
	case b.OwnerAccount == "":
		return errors.New("owner_account is missing")
	case b.Bucket == "":
		return errors.New("bucket is missing")
	case b.KeyARN != "" && !keyARN.MatchString(b.KeyARN):
		return fmt.Errorf("key_arn %q is not the ARN of a key", b.KeyARN)
	}
	for i, p := range b.AccessPoints {
		if (evaluator.AccessPoint{ARN: p.ARN}).PolicyKind() == "" {
			return fmt.Errorf("access_points[%d]: %q is not the ARN of an access point", i, p.ARN)
		}
	}
	return nil
}

// make is the bucket as the evaluator wants it.
func (b *bucket) make(org *organization) evaluator.Bucket {
	made := evaluator.Bucket{
		Name: b.Bucket, Region: b.Region, Owner: org.account(b.OwnerAccount),
		Policy:                org.newPolicy(b.BucketPolicy, grammar.BucketPolicy, ""),
		RestrictPublicBuckets: b.BlockPublicAccess.RestrictPublicBuckets,
		BucketKeyEnabled:      b.BucketKeyEnabled,
	}
	if arn, ok := grammar.ParseARN(b.KeyARN); ok {
		made.Key = &evaluator.Key{
			ARN: b.KeyARN, Owner: org.account(arn.Account), AWSManaged: b.KeyManager == "AWS",
			Policy: org.newPolicy(b.KeyPolicy, grammar.KeyPolicy, ""),
		}
	}
	for _, p := range b.AccessPoints {
		owner := p.OwnerAccount
		if arn, ok := grammar.ParseARN(p.ARN); ok && owner == "" {
			owner = arn.Account
		}
		point := evaluator.AccessPoint{
			ARN: p.ARN, Owner: org.account(owner), VPC: p.VPC,
			RestrictPublicBuckets: p.BlockPublicAccess.RestrictPublicBuckets,
		}
		point.Policy = org.newPolicy(p.Policy, point.PolicyKind(), "")
		made.AccessPoints = append(made.AccessPoints, point)
	}
	return made
}
