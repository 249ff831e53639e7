package e2e

import (
	"encoding/json"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/test/local"
)

// moving is a real stack whose one resource moves from bucket to bucket.
type moving struct {
	*account
	client        *cloudformation.Client
	resourceType  string
	first, second string // buckets
	retains       bool   // UpdateReplacePolicy
}

// body is a template in which the resource is on a bucket, with more properties. What is broken cannot be, and comes
// after it.
func (m moving) body(bucket string, broken bool, more map[string]any) *string {
	properties := map[string]any{
		"ServiceToken": m.provider.ARN, "BucketName": bucket, "Consumers": []any{map[string]any{"Account": "222222222222"}},
		"Delegates": []any{map[string]any{"User": "ann"}},
	}
	if m.resourceType == share.AccessType {
		properties = map[string]any{
			"ServiceToken": m.provider.ARN, "BucketName": bucket, "OwnerAccount": "999999999999",
			"Grantees": []any{map[string]any{"User": "ann"}},
		}
	}
	maps.Copy(properties, more)
	resource := map[string]any{"Type": m.resourceType, "Properties": properties}
	if m.retains {
		resource["UpdateReplacePolicy"] = "Retain"
	}
	resources := map[string]any{"Resource": resource}
	if broken {
		resources["Broken"] = map[string]any{"Type": share.BucketType, "DependsOn": "Resource", "Properties": map[string]any{
			"ServiceToken": m.provider.ARN, "BucketName": "No_Bucket",
		}}
	}
	text, err := json.Marshal(map[string]any{"Resources": resources})
	must(m.t, err)
	return ptr(string(text))
}

func (m moving) update(want string, body *string) {
	m.t.Helper()
	_, err := m.client.UpdateStack(m.t.Context(), &cloudformation.UpdateStackInput{
		StackName: ptr("moving"), TemplateBody: body,
	})
	must(m.t, err)
	out, err := m.client.DescribeStacks(m.t.Context(), &cloudformation.DescribeStacksInput{StackName: ptr("moving")})
	must(m.t, err)
	if status := string(out.Stacks[0].StackStatus); status != want {
		m.t.Fatalf("the stack is %s: %v", status, failures(m.t, m.Account, "moving"))
	}
}

// newMoving is one whose resource has moved from the first bucket to the second.
func newMoving(t *testing.T, resourceType string, retains bool) moving {
	t.Helper()
	a := newAccount(t)
	m := moving{a, cloudformation.NewFromConfig(a.Config()), resourceType, newBucket(), newBucket(), retains}
	for _, user := range []string{"ann", "carl"} {
		_, err := a.CreateUser(t.Context(), user, "")
		must(t, err)
	}
	_, err := m.client.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: ptr("moving"), TemplateBody: m.body(m.first, false, nil),
	})
	must(t, err)
	return m
}

// picture is everything that lets somebody in, and what is remembered, with equal things in equal texts.
func (m moving) picture() map[string]string {
	m.t.Helper()
	ctx, all := m.t.Context(), map[string]string{}
	there, err := m.Inventory(ctx)
	must(m.t, err)
	for _, bucket := range there.Buckets {
		all[bucket] = "no policy"
		asked, err := s3.NewFromConfig(m.Config()).GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &bucket})
		if err == nil {
			all[bucket] = sharetest.Canonical(m.t, *asked.Policy)
		}
		alias := "alias/s3-" + bucket + "-encryption"
		keys := kms.NewFromConfig(m.Config())
		key, err := keys.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &alias})
		must(m.t, err)
		out, err := keys.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: key.KeyMetadata.KeyId})
		must(m.t, err)
		all[alias] = string(key.KeyMetadata.KeyState) + sharetest.Canonical(m.t, *out.Policy)
	}
	identities := iam.NewFromConfig(m.Config())
	for _, user := range []string{"ann", "carl"} {
		names, err := identities.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: &user})
		must(m.t, err)
		for _, name := range names.PolicyNames {
			all[user+" "+name] = "has it"
		}
	}
	for _, d := range m.remembered() {
		text, err := json.Marshal(d.Properties)
		must(m.t, err)
		all[d.Name()] = string(text)
	}
	return all
}

// others are changes that let other people in.
func (m moving) others() map[string]any {
	if m.resourceType == share.AccessType {
		return map[string]any{"Grantees": []any{map[string]any{"User": "carl"}}}
	}
	return map[string]any{
		"Consumers": []any{map[string]any{"Account": "333333333333"}}, "Delegates": []any{map[string]any{"User": "carl"}},
		"RemovalPolicy": "Delete",
	}
}

// deny keeps the provider from a call about a user, until what it returns is called.
func (m moving) deny(action, user string) (allow func()) {
	m.t.Helper()
	roles := iam.NewFromConfig(m.Config())
	deny := local.Document(map[string]any{
		"Effect": "Deny", "Action": action, "Resource": "arn:aws:iam::" + m.ID + ":user/" + user,
	})
	_, err := roles.PutRolePolicy(m.t.Context(), &iam.PutRolePolicyInput{
		RoleName: ptr(roleName()), PolicyName: ptr("deny"), PolicyDocument: &deny,
	})
	must(m.t, err)
	return func() {
		_, err := roles.DeleteRolePolicy(m.t.Context(), &iam.DeleteRolePolicyInput{
			RoleName: ptr(roleName()), PolicyName: ptr("deny"),
		})
		must(m.t, err)
	}
}

// A stack whose resource moves back to a bucket that was retained, and which is rolled back, has changed nothing.
func TestRetainedIsAsItWasAfterARollBack(t *testing.T) {
	t.Parallel()
	for _, resourceType := range []string{share.BucketType, share.AccessType} {
		t.Run(strings.TrimPrefix(resourceType, "Custom::"), func(t *testing.T) {
			m := newMoving(t, resourceType, true)
			m.update("UPDATE_COMPLETE", m.body(m.second, false, nil))
			want := m.picture()
			if len(m.remembered()) != 2 {
				t.Fatalf("nothing was retained: %v", want)
			}
			m.update("UPDATE_ROLLBACK_COMPLETE", m.body(m.first, true, m.others()))
			if diff := cmp.Diff(want, m.picture()); diff != "" {
				t.Errorf("after another resource had failed:\n%s", diff)
			}
			allow := m.deny("iam:PutUserPolicy", "carl")
			m.update("UPDATE_ROLLBACK_COMPLETE", m.body(m.first, false, m.others()))
			allow()
			if diff := cmp.Diff(want, m.picture()); diff != "" {
				t.Errorf("after it had failed itself:\n%s", diff)
			}
			m.update("UPDATE_COMPLETE", m.body(m.first, false, m.others()))
			if len(m.remembered()) != 2 || maps.Equal(want, m.picture()) {
				t.Errorf("it did not move: %v", m.picture())
			}
		})
	}
}

// A new bucket that nobody used goes with the roll-back, whatever RemovalPolicy says: otherwise it would be in the way
// of the same update.
func TestReplacementThatWasRolledBackCanBeTriedAgain(t *testing.T) {
	t.Parallel()
	m := newMoving(t, share.BucketType, false)
	want := m.picture()
	m.update("UPDATE_ROLLBACK_COMPLETE", m.body(m.second, true, nil))
	if diff := cmp.Diff(want, m.picture()); diff != "" {
		t.Errorf("after another resource had failed:\n%s", diff)
	}
	m.update("UPDATE_COMPLETE", m.body(m.second, false, nil))
}

// A bucket that was adopted in the place of another goes back to its encryption, policy and tags with the stack.
func TestAdoptionThatIsRolledBack(t *testing.T) {
	t.Parallel()
	m := newMoving(t, share.BucketType, false)
	client, ctx := s3.NewFromConfig(m.Config()), t.Context()
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket: &m.second, CreateBucketConfiguration: &types.CreateBucketConfiguration{
			LocationConstraint: types.BucketLocationConstraint(aws.Region),
		},
	})
	must(t, err)
	_, err = client.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: &m.second, Tagging: &types.Tagging{
		TagSet: []types.Tag{{Key: ptr("team"), Value: ptr("theirs")}},
	}})
	must(t, err)
	_, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: &m.second, Key: ptr("a"), Body: strings.NewReader("text")})
	must(t, err)
	adopted := map[string]any{"Adopt": true, "Tags": map[string]any{"team": "ours", "new": "x"}}
	m.update("UPDATE_ROLLBACK_COMPLETE", m.body(m.second, true, adopted))
	encryption, err := client.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &m.second})
	must(t, err)
	byDefault := encryption.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault
	tags, err := client.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &m.second})
	must(t, err)
	if byDefault.SSEAlgorithm != types.ServerSideEncryptionAes256 || len(tags.TagSet) != 1 ||
		*tags.TagSet[0].Value != "theirs" || m.picture()[m.second] != "no policy" {
		t.Errorf("it is not as it was: %v, %v, %v", byDefault, tags.TagSet, m.picture())
	}
	m.update("UPDATE_COMPLETE", m.body(m.second, false, adopted))
}

// What was replaced, and could not be deleted, is listed, and goes with the next event of what replaced it.
func TestReplacedThatOutlivesItsDelete(t *testing.T) {
	t.Parallel()
	for _, resourceType := range []string{share.BucketType, share.AccessType} {
		t.Run(strings.TrimPrefix(resourceType, "Custom::"), func(t *testing.T) {
			m := newMoving(t, resourceType, false)
			allow := m.deny("iam:DeleteUserPolicy", "*")
			m.update("UPDATE_COMPLETE", m.body(m.second, false, nil))
			allow()
			if going := slices.IndexFunc(m.remembered(), func(d declaration.Declaration) bool { return d.Going }); going < 0 {
				t.Fatalf("nobody knows of it: %v", m.picture())
			}
			program, err := local.BuildAuthorizer(t.Context(), t.TempDir())
			must(t, err)
			list := exec.CommandContext(t.Context(), program, "list")
			list.Env = m.Admin.Environment()
			out, err := list.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "of moving/Resource took its place, and its own removal failed") {
				t.Errorf("%v: %s", err, out)
			}
			m.update("UPDATE_COMPLETE", m.body(m.second, false, map[string]any{"Revision": "2"}))
			for what := range m.picture() {
				if what == "ann access-s3-"+m.first || strings.HasPrefix(what, declaration.Path+m.first) {
					t.Errorf("%s is there still", what)
				}
			}
			if len(m.remembered()) != 1 {
				t.Errorf("remembered are %v", m.remembered())
			}
		})
	}
}
