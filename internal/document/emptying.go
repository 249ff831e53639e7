package document

import (
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// Emptying is what the share has in the policy of a bucket while it is emptied, in place of all else. Nobody
// writes any more, whatever somebody else's statements or an identity policy allow. The provider may delete what is in
// this bucket: its role lets it delete nothing, so that no other bucket is ever in reach.
func Emptying(s share.Share) Part {
	objects := policy.Values{s.Env.BucketARN(s.Bucket) + "/*"}
	part := InBucketPolicy(s.Bucket)
	part.Statements = []policy.Statement{
		{
			Sid: sid("Deny", "Writes"), Effect: policy.Deny, Principal: &policy.Principal{Any: true},
			Action: policy.Values{"s3:PutObject", "s3:ReplicateObject"}, Resource: objects,
		},
		{
			// The role is named itself: a statement for its account would leave the decision to the role's own policy.
			// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
			Sid: sid("Emptying"), Effect: policy.Allow,
			Principal: &policy.Principal{AWS: policy.Values{s.Env.ProviderRole()}},
			Action:    policy.Values{"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:DeleteObjectVersion"},
			Resource:  objects,
		},
	}
	return part
}
