package render

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// AWSCLI are the aws commands that make the share by hand, a script for each account, the owner's first. They are the
// steps of the plan from nothing to the share, so their order is as safe as the provider's.
func AWSCLI(e Ends) ([]File, error) {
	s := e.Share
	steps, err := plan.ForShare(plan.Wanted{Share: s}, nothing(s))
	if err != nil {
		return nil, err
	}
	owner := script{env: s.Env, pending: s.Env.PendingKeyARN()}
	owner.head("the owner, account "+s.Env.Account, s.Env.Account)
	owner.guard(s)
	for _, step := range steps {
		if err := owner.step(step); err != nil {
			return nil, err
		}
	}
	files := []File{{"1-owner-" + s.Env.Account + ".sh", owner.String()}}
	for i, a := range e.Sides {
		consumer, err := consumerScript(a, e.keyARN())
		if err != nil {
			return nil, err
		}
		files = append(files, File{fmt.Sprintf("%d-consumer-%s.sh", i+2, a.Env.Account), consumer})
	}
	return files, nil
}

func consumerScript(a share.Access, keyARN string) (string, error) {
	lookup := a.Lookup()
	a.KeyARN = keyARN
	steps, err := plan.ForAccess(plan.WantedAccess{Access: a}, plan.AccessState{Identities: existing(a.Grantees)})
	if err != nil {
		return "", err
	}
	c := script{env: a.Env, pending: keyARN}
	c.head("a consumer, account "+a.Env.Account, a.Env.Account)
	c.text("# The key, found by its name in the owner account.")
	c.capture("KEY_ARN", "kms", "describe-key", "--key-id", lookup, "--query", "KeyMetadata.Arn", "--output", "text")
	for _, step := range steps {
		if err := c.step(step); err != nil {
			return "", err
		}
	}
	return c.String(), nil
}

// nothing is the state before a share: its delegates are there, and what it adopts.
func nothing(s share.Share) plan.State {
	now := plan.State{Identities: existing(s.Delegates)}
	if s.Adopt {
		now.Bucket = &plan.Bucket{}
	}
	if s.KeyARN != "" {
		// The script replaces the key policy, so it must say what keeps the key manageable.
		administered := document.OfNewKey(s.Env)
		now.Named = &plan.Key{
			ARN: s.KeyARN, State: plan.KeyEnabled, Policy: administered,
		}
	}
	return now
}

func existing(grantees []share.Grantee) map[share.Identity]plan.IdentityState {
	all := map[share.Identity]plan.IdentityState{}
	for _, id := range share.Identities(grantees) {
		all[id] = plan.IdentityState{Exists: true}
	}
	return all
}

// guard keeps a script from writing over documents that it does not know: put-bucket-policy and put-key-policy replace
// what is there, where the provider merges.
func (b *script) guard(s share.Share) {
	if s.Adopt {
		b.text("# The bucket policy below replaces the one that is there; the provider would keep the statements of others.")
		const look = "if aws --profile \"$profile\" s3api get-bucket-policy --bucket %s >/dev/null 2>&1 &&\n"
		fmt.Fprintf(b, look, quote(s.Bucket))
		b.text("    [ \"${REPLACE:-no}\" != yes ]; then")
		fmt.Fprintf(b, "  echo %s >&2\n  exit 1\nfi\n\n",
			quote("bucket "+s.Bucket+" has a policy already: merge it by hand, or set REPLACE=yes to replace it"))
	}
	if s.KeyARN != "" {
		fmt.Fprintf(b, "KEY_ARN=%s\n", quote(s.KeyARN))
		b.text("# The key policy below replaces the one that is there; the provider would keep the statements of others.")
		b.text("if [ \"${REPLACE:-no}\" != yes ]; then")
		fmt.Fprintf(b, "  echo %s >&2\n  exit 1\nfi\n\n",
			quote("key "+s.KeyARN+" has a policy already: merge it by hand, or set REPLACE=yes to replace it"))
	}
}

// step writes the command of one step of a plan.
func (b *script) step(s plan.Step) error {
	if s.Operation == plan.CreateKey {
		b.text("# " + purposes[s.Operation])
		words := []string{
			"kms", "create-key", "--description", share.KeyDescription(s.Tags[plan.TagForBucket]),
			"--policy", s.After.Text(), "--query", "KeyMetadata.Arn", "--output", "text",
		}
		if tags := foreignTags(s.Tags); len(tags) > 0 {
			words = append(words, "--tags", tagsJSON("TagKey", "TagValue", tags))
		}
		b.capture("KEY_ARN", words...)
		return nil
	}
	words, err := b.command(s)
	if err != nil || words == nil {
		return err
	}
	b.text("# " + purposeOf(s))
	b.run(words...)
	if tags := foreignTags(s.Tags); s.Operation == plan.CreateBucket && len(tags) > 0 {
		set := `{"TagSet":` + tagsJSON("Key", "Value", tags) + "}"
		b.run("s3api", "put-bucket-tagging", "--bucket", s.Resource, "--tagging", set)
	}
	return nil
}

// purposes say what each command is for that is not about a setting.
var purposes = map[plan.Operation]string{
	plan.CreateBucket:    "The bucket; its objects belong to this account, whoever writes them.",
	plan.TagBucket:       "The bucket's tags.",
	plan.CreateKey:       "The key. Until the last steps only this account may use it.",
	plan.CreateAlias:     "The name by which consumers find the key.",
	plan.PutBucketPolicy: "Who may use the bucket, and what nobody may: now that all of the above protects it.",
	plan.PutKeyPolicy:    "Who may use the key, through S3 and for this bucket.",
	plan.PutInlinePolicy: "What this account lets its identity do.",
	plan.CreatePolicy:    "What this account lets its identity do, as a policy of its own.",
	plan.AttachPolicy:    "Who gets it.",
}

func purposeOf(s plan.Step) string {
	if s.Setting != nil {
		return s.Setting.Names().Purpose
	}
	return purposes[s.Operation]
}

// commandOf is an operation of AWS as the aws command names it: put-bucket-versioning for PutBucketVersioning.
func commandOf(o plan.Operation) string {
	var words strings.Builder
	for i, r := range string(o) {
		if unicode.IsUpper(r) && i > 0 {
			words.WriteByte('-')
		}
		words.WriteRune(unicode.ToLower(r))
	}
	return words.String()
}

// command is a step as words of an aws command; nil for one that has nothing to do by hand.
func (b *script) command(s plan.Step) ([]string, error) {
	bucket := []string{"--bucket", s.Resource}
	s3api := func(operation string, more ...string) ([]string, error) {
		return slices.Concat([]string{"s3api", operation}, bucket, more), nil
	}
	if s.Setting != nil {
		n := s.Setting.Names()
		return []string{
			n.On.Command, commandOf(s.Operation), n.On.Option, s.Resource, n.Option, s.Setting.Argument(),
		}, nil
	}
	switch s.Operation {
	case plan.CreateBucket:
		return s3api("create-bucket", b.creation(s)...)
	case plan.PutBucketPolicy:
		return s3api("put-bucket-policy", "--policy", s.After.Text())
	case plan.TagBucket:
		tags := foreignTags(s.Tags)
		if len(tags) == 0 {
			return nil, nil
		}
		return []string{"s3control", "tag-resource", "--account-id", b.env.Account,
			"--resource-arn", b.env.BucketARN(s.Resource), "--tags", tagsJSON("Key", "Value", tags)}, nil
	case plan.CreateAlias:
		return []string{"kms", "create-alias", "--alias-name", s.Resource, "--target-key-id", s.Value}, nil
	case plan.PutKeyPolicy:
		return []string{
			"kms", "put-key-policy", "--key-id", s.Resource, "--policy-name", "default", "--policy", s.After.Text(),
		}, nil
	case plan.PutInlinePolicy:
		kind := strings.ToLower(string(s.Identity.Kind))
		return []string{"iam", "put-" + kind + "-policy", "--" + kind + "-name", s.Identity.Name,
			"--policy-name", s.PolicyName, "--policy-document", s.After.Text()}, nil
	case plan.CreatePolicy:
		return []string{"iam", "create-policy", "--policy-name", s.PolicyName, "--path", share.PolicyPath,
			"--policy-document", s.After.Text()}, nil
	case plan.AttachPolicy:
		kind := strings.ToLower(string(s.From.Kind))
		return []string{"iam", "attach-" + kind + "-policy", "--" + kind + "-name", s.From.Name,
			"--policy-arn", s.PolicyARN}, nil
	}
	return nil, fmt.Errorf("rendering %s of %s: there is no aws command for it here", s.Operation, s.Resource)
}

// creation are the options with which a bucket is made: us-east-1 has no LocationConstraint.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
func (b *script) creation(s plan.Step) []string {
	options := []string{"--region", b.env.Region, "--object-ownership", "BucketOwnerEnforced"}
	if b.env.Region != "us-east-1" {
		options = append(options, "--create-bucket-configuration", "LocationConstraint="+b.env.Region)
	}
	if b.env.AccountRegional(s.Resource) {
		options = append(options, "--bucket-namespace", "account-regional")
	}
	return options
}

// foreignTags are the tags that somebody declared: those of the project prove a stack's ownership, and there is none.
func foreignTags(tags map[string]string) map[string]string {
	own := maps.Clone(tags)
	maps.DeleteFunc(own, func(key, _ string) bool { return strings.HasPrefix(key, share.TagPrefix) })
	return own
}

// tagsJSON are declared tags as a JSON list; the aws command's shorthand has no way to write every character.
func tagsJSON(key, value string, tags map[string]string) string {
	var list []map[string]string
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, map[string]string{key: k, value: tags[k]})
	}
	text, _ := json.Marshal(list) // maps of strings: cannot fail
	return string(text)
}
