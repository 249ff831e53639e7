package trail

import (
	"slices"
	"strings"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/share"
)

// changes are the calls that change what an operation of a plan would put right. S3's are named as CloudTrail names
// them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
var changes = map[plan.Operation][]Call{
	plan.CreateBucket:       calls(s3, "DeleteBucket"),
	plan.PutBucketPolicy:    calls(s3, "PutBucketPolicy", "DeleteBucketPolicy"),
	plan.DeleteBucketPolicy: calls(s3, "PutBucketPolicy", "DeleteBucketPolicy"),
	plan.TagBucket:          calls(s3, "PutBucketTagging", "DeleteBucketTagging", "TagResource", "UntagResource"),
	plan.UntagBucket:        calls(s3, "PutBucketTagging", "DeleteBucketTagging", "TagResource", "UntagResource"),

	plan.CreateAlias:       calls(kms, "DeleteAlias", "UpdateAlias", "CreateAlias"),
	plan.DeleteAlias:       calls(kms, "DeleteAlias", "UpdateAlias", "CreateAlias"),
	plan.CancelKeyDeletion: calls(kms, "ScheduleKeyDeletion"),
	plan.EnableKey:         calls(kms, "DisableKey"),
	plan.TagKey:            calls(kms, "TagResource", "UntagResource"),
	plan.UntagKey:          calls(kms, "TagResource", "UntagResource"),
	plan.PutKeyPolicy:      calls(kms, "PutKeyPolicy"),
}

// changing are the calls for an operation of a plan, be it one of changes or one that writes a setting.
func changing(o plan.Operation) []Call {
	for _, names := range setting.Every() {
		if o == plan.Operation(names.Operation) {
			return calls(names.On.Service+".amazonaws.com", names.ChangedBy...)
		}
	}
	return changes[o]
}

// OfStep asks who changed what a step would put right. Of some steps nobody can tell: there are no calls then.
func OfStep(env share.Env, s plan.Step) Question {
	switch s.Operation {
	case plan.PutInlinePolicy, plan.DeleteInlinePolicy:
		kind := string(s.Identity.Kind)
		return Question{calls(iam, "Put"+kind+"Policy", "Delete"+kind+"Policy"),
			[][]string{{s.Identity.Name}, {s.PolicyName}}}
	case plan.AttachPolicy, plan.DetachPolicy:
		kind := string(s.From.Kind)
		return Question{calls(iam, "Attach"+kind+"Policy", "Detach"+kind+"Policy"),
			[][]string{{s.From.Name}, {s.PolicyARN}}}
	case plan.CreatePolicy, plan.CreatePolicyVersion, plan.DeletePolicyVersion, plan.DeletePolicy:
		return Question{calls(iam, "CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion", "DeletePolicy"),
			[][]string{{s.PolicyARN}}}
	}
	return Question{changing(s.Operation), [][]string{names(env, s.Resource)}}
}

// names are the names by which a call may mean a bucket, a key or an alias in env.
func names(env share.Env, resource string) []string {
	if parts := strings.SplitN(resource, ":", 6); len(parts) == 6 {
		return []string{resource, strings.TrimPrefix(parts[5], "key/")}
	}
	return []string{resource, env.BucketARN(resource)}
}

// OfConflict asks who changed what stands in the way of any plan, by what the conflict is about.
func OfConflict(env share.Env, c *plan.Conflict) Question {
	kind, name, _ := strings.Cut(c.Resource, " ")
	switch {
	case kind == "bucket":
		return Question{slices.Concat(changing(plan.PutBucketPolicy), changing(setting.PutBucketEncryption),
			changing(plan.TagBucket)), [][]string{names(env, name)}}
	case kind == "key":
		return Question{calls(kms, "DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy"), [][]string{names(env, name)}}
	case strings.HasPrefix(c.Resource, "alias/"):
		return Question{changing(plan.CreateAlias), [][]string{names(env, c.Resource)}}
	}
	id, err := share.ParseIdentity(c.Resource)
	if err != nil {
		return Question{}
	}
	return ofIdentity(id)
}

// OfLayer asks who changed the layer of policies that decides about somebody. bucket and key are the share's; the
// ARN is of whom it is decided about.
func OfLayer(env share.Env, layer evaluator.Layer, arn, bucket, key string) Question {
	switch layer {
	case evaluator.LayerBucketPolicy:
		return Question{changing(plan.PutBucketPolicy), [][]string{names(env, bucket)}}
	case evaluator.LayerKeyPolicy:
		return Question{changing(plan.PutKeyPolicy), [][]string{names(env, key)}}
	case evaluator.LayerBlockPublicAccess:
		return Question{changing(setting.PutPublicAccessBlock), [][]string{names(env, bucket)}}
	}
	if id, is := identityOf(arn); is {
		return ofIdentity(id)
	}
	return Question{}
}

// identityOf is the user, role or group of an ARN, whose name is behind its path.
func identityOf(arn string) (share.Identity, bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[2] != "iam" {
		return share.Identity{}, false
	}
	kind, name, _ := strings.Cut(parts[5], "/")
	id, err := share.ParseIdentity(kind + "/" + name[strings.LastIndex(name, "/")+1:])
	return id, err == nil
}

// ofIdentity asks who changed what an identity may do, by whatever policy. Of a policy that was attached long before,
// a new version is not among it.
func ofIdentity(id share.Identity) Question {
	kind := string(id.Kind)
	names := []string{"Delete" + kind, "Put" + kind + "Policy", "Delete" + kind + "Policy", "Attach" + kind + "Policy",
		"Detach" + kind + "Policy"}
	if id.Kind != share.Group {
		names = append(names, "Put"+kind+"PermissionsBoundary", "Delete"+kind+"PermissionsBoundary")
	}
	if id.Kind == share.User {
		names = append(names, "AddUserToGroup", "RemoveUserFromGroup")
	}
	return Question{calls(iam, names...), [][]string{{id.Name}}}
}
