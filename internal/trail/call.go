package trail

import (
	"cmp"

	"example.com/sharedbucket/internal/share"
)

// The services whose events are asked for.
const (
	s3  = "s3.amazonaws.com"
	kms = "kms.amazonaws.com"
	iam = "iam.amazonaws.com"
)

func calls(source string, names ...string) []Call {
	all := make([]Call, len(names))
	for i, name := range names {
		all[i] = Call{source, name}
	}
	return all
}

// Call is an operation of AWS as CloudTrail names it.
type Call struct {
	Source string // s3.amazonaws.com
	Name   string // PutBucketPolicy
}

// home is the region in which a partition has the events of IAM.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
var home = map[string]string{"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}

// Region is where CloudTrail has the event of a call that was made for what is in env.
func (c Call) Region(env share.Env) string {
	if c.Source != iam {
		return env.Region
	}
	return cmp.Or(home[env.Partition], env.Region)
}
