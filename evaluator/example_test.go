package evaluator_test

import (
	"fmt"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/policy/grammar"
)

// The walkthrough: account A shares a bucket and its key with account B, where dilip uses both. Then the key policy
// forgets account B, which is what most often goes wrong.
func Example() {
	a, b := &evaluator.Account{ID: "111111111111"}, &evaluator.Account{ID: "222222222222"}
	const key = "arn:aws:kms:ap-southeast-2:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"

	bucketPolicy := evaluator.NewPolicy("", `{"Version": "2012-10-17", "Statement": [
		{"Sid": "List", "Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "s3:ListBucket",
		 "Resource": "arn:aws:s3:::account-a-bucket"},
		{"Sid": "Objects", "Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": ["s3:GetObject", "s3:PutObject"],
		 "Resource": "arn:aws:s3:::account-a-bucket/*"}]}`, grammar.BucketPolicy)
	identityPolicy := evaluator.NewPolicy("", `{"Version": "2012-10-17", "Statement": [
		{"Sid": "Bucket", "Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject", "s3:PutObject"],
		 "Resource": ["arn:aws:s3:::account-a-bucket", "arn:aws:s3:::account-a-bucket/*"]},
		{"Sid": "Key", "Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "`+key+`"}]}`,
		grammar.Identity)
	keyPolicy := func(accounts string) *evaluator.Policy {
		return evaluator.NewPolicy("", `{"Version": "2012-10-17", "Statement": {"Sid": "Use", "Effect": "Allow",
			"Principal": {"AWS": [`+accounts+`]}, "Action": "kms:*", "Resource": "*"}}`, grammar.KeyPolicy)
	}
	bucket := func(keyPolicy *evaluator.Policy) *evaluator.Evaluator {
		return evaluator.NewEvaluator(evaluator.Bucket{
			Name: "account-a-bucket", Region: "ap-southeast-2", Owner: a, Policy: bucketPolicy, BucketKeyEnabled: true,
			Key: &evaluator.Key{ARN: key, Owner: a, Policy: keyPolicy},
		})
	}
	dilip := evaluator.NewRequester(evaluator.Principal{
		ARN: "arn:aws:iam::222222222222:user/dilip", Account: b, Type: evaluator.User,
		Identity: []*evaluator.Policy{identityPolicy},
	})

	shared, forgotten := bucket(keyPolicy(`"111111111111", "222222222222"`)), bucket(keyPolicy(`"111111111111"`))
	for _, operation := range []evaluator.Operation{"ListBucket", "GetObject", "MultipartUpload", "DeleteObject"} {
		request := evaluator.Request{Operation: operation, Key: "report.csv"}
		fmt.Printf("%s: %s, with the key forgotten %s\n",
			operation, shared.Decide(dilip, request).Overall, forgotten.Decide(dilip, request).Overall)
	}
	for _, reason := range forgotten.Decide(dilip, evaluator.Request{Operation: "GetObject", Key: "report.csv"}).Reasons {
		if reason.Verdict == evaluator.Deny {
			fmt.Println(reason.Layer, reason.Action, reason.Suggestion()[0].Principal.AWS)
		}
	}
	// Output:
	// ListBucket: allow, with the key forgotten allow
	// GetObject: allow, with the key forgotten deny
	// MultipartUpload: allow, with the key forgotten deny
	// DeleteObject: deny, with the key forgotten deny
	// key policy kms:Decrypt [arn:aws:iam::222222222222:user/dilip]
}

// What the evaluator does not know by itself, such as a prefix or a header, is given as context.
func ExampleContext_Set() {
	account := &evaluator.Account{ID: "111111111111"}
	team := evaluator.NewPolicy("", `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:ListBucket",
		"Resource": "arn:aws:s3:::b", "Condition": {"StringLike": {"s3:prefix": "team-a/*"}}}}`, grammar.Identity)
	ann := evaluator.NewRequester(evaluator.Principal{
		ARN: "arn:aws:iam::111111111111:user/ann", Account: account, Type: evaluator.User,
		Identity: []*evaluator.Policy{team},
	})
	e := evaluator.NewEvaluator(evaluator.Bucket{Name: "b", Region: "eu-west-1", Owner: account})
	for _, prefix := range []string{"team-a/2026", "team-b/"} {
		request := evaluator.Request{Operation: "ListBucket"}
		request.Context.Set("s3:prefix", evaluator.One(prefix))
		fmt.Println(prefix, e.Decide(ann, request).Overall)
	}
	// Output:
	// team-a/2026 allow
	// team-b/ deny
}

// A single action stands for itself; one of KMS is a direct call, which a key policy may not want.
func ExampleParseOperation() {
	for _, name := range []string{"GetObject", "kms:DescribeKey", "GetObjekt"} {
		_, err := evaluator.ParseOperation(name)
		fmt.Println(name, err == nil)
	}
	// Output:
	// GetObject true
	// kms:DescribeKey true
	// GetObjekt false
}
