package e2e

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/local"
)

// managed are the documents of the managed policies below the shares' path that a user has, by name.
func (s *account) managed(user string) map[string]string {
	s.t.Helper()
	ctx, client := s.t.Context(), iam.NewFromConfig(s.Config())
	attached, err := client.ListAttachedUserPolicies(ctx, &iam.ListAttachedUserPoliciesInput{
		UserName: &user, PathPrefix: ptr(share.PolicyPath),
	})
	must(s.t, err)
	all := map[string]string{}
	for _, a := range attached.AttachedPolicies {
		p, err := client.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: a.PolicyArn})
		must(s.t, err)
		v, err := client.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{
			PolicyArn: a.PolicyArn, VersionId: p.Policy.DefaultVersionId,
		})
		must(s.t, err)
		text, err := url.QueryUnescape(*v.PolicyVersion.Document)
		must(s.t, err)
		all[*a.PolicyName] = text
	}
	return all
}

// policiesLeft are the managed policies below the shares' path, whoever has them.
func (s *account) policiesLeft() []string {
	s.t.Helper()
	out, err := iam.NewFromConfig(s.Config()).ListPolicies(s.t.Context(), &iam.ListPoliciesInput{
		PathPrefix: ptr(share.PolicyPath), Scope: "Local",
	})
	must(s.t, err)
	var names []string
	for _, p := range out.Policies {
		names = append(names, *p.PolicyName)
	}
	return names
}

func (s *account) inlineOf(user string) []string {
	s.t.Helper()
	out, err := iam.NewFromConfig(s.Config()).ListUserPolicies(s.t.Context(), &iam.ListUserPoliciesInput{UserName: &user})
	must(s.t, err)
	return out.PolicyNames
}

// A user's third share has no room for an inline policy: it becomes a managed one, moves as it is told to, and leaves
// nothing when it goes.
func TestManySharesOfOneUser(t *testing.T) {
	owner := newAccount(t)
	ann, err := owner.CreateUser(t.Context(), "ann", "")
	must(t, err)
	var stacks []*stack
	for range 3 {
		s := owner.newStack(share.BucketType)
		answer := succeeded(t, s.create(map[string]any{
			"BucketName": newBucket(), "Delegates": []any{map[string]any{"User": "ann"}}, "RemovalPolicy": "Delete",
		}))
		if answer.Data["Verified"] != "true" {
			t.Errorf("share %d is verified: %v", len(stacks)+1, answer.Data["Verified"])
		}
		stacks = append(stacks, s)
	}
	has := func(when string, inline, managed int) {
		t.Helper()
		if i, m, left := owner.inlineOf("ann"), owner.managed("ann"), owner.policiesLeft(); len(i) != inline ||
			len(m) != managed || len(left) != managed {
			t.Errorf("%s: ann has %v inline and %d managed of %v; want %d and %d", when, i, len(m), left, inline, managed)
		}
	}
	has("after three shares", 2, 1)
	last := stacks[2]
	put := func() error {
		_, err := s3.NewFromConfig(ann.Config(), func(o *s3.Options) { o.UsePathStyle = true }).PutObject(t.Context(),
			&s3.PutObjectInput{Bucket: ptr(last.properties["BucketName"].(string)), Key: ptr("x"), Body: strings.NewReader("x")})
		return err
	}
	must(t, put())

	owner.forgetCalls()
	succeeded(t, last.update(with(last.properties, map[string]any{"Revision": "2"})))
	if w := owner.writes(); len(w) > 0 {
		t.Errorf("an update without difference wrote %v", w)
	}
	reader := map[string]any{"Delegates": []any{map[string]any{"User": "ann", "Access": "Read"}}}
	succeeded(t, last.update(with(last.properties, reader)))
	if err := put(); err == nil {
		t.Error("ann may still write")
	}
	has("with less", 2, 1)
	failedWith(t, last.update(with(last.properties, map[string]any{"PolicyType": "Inline"})),
		"user/ann together has", "over the limit of 2048", "PolicyType")
	succeeded(t, last.update(with(last.properties, map[string]any{"PolicyType": "Auto"})))
	has("after what does not fit", 2, 1)

	succeeded(t, stacks[0].update(with(stacks[0].properties, map[string]any{"PolicyType": "Managed"})))
	has("the first one managed", 1, 2)
	answer := succeeded(t, last.update(with(last.properties, map[string]any{"PolicyType": "Inline"})))
	if answer.Data["Verified"] != "true" {
		t.Errorf("moved back, and verified is %v", answer.Data["Verified"])
	}
	has("the last one inline", 2, 1)
	succeeded(t, last.update(with(last.properties, map[string]any{"PolicyType": "Managed"})))
	has("and managed again", 1, 2)

	for _, s := range stacks {
		must(t, owner.emptyBucket(s.properties["BucketName"].(string)))
		succeeded(t, s.remove())
		succeeded(t, s.remove()) // twice
	}
	has("in the end", 0, 0)
}

func (s *account) emptyBucket(bucket string) error {
	out, err := s.s3().ListObjectVersions(s.t.Context(), &s3.ListObjectVersionsInput{Bucket: &bucket})
	if err != nil {
		return err
	}
	for _, v := range out.Versions {
		_, err = s.s3().DeleteObject(s.t.Context(),
			&s3.DeleteObjectInput{Bucket: &bucket, Key: v.Key, VersionId: v.VersionId})
		if err != nil {
			return err
		}
	}
	return nil
}

// What somebody else did to a share's managed policy, its next Update takes back; its removal takes all of it away.
func TestManagedPolicyThatSomebodyTouched(t *testing.T) {
	p := newPair(t)
	_, err := p.consumer.CreateUser(t.Context(), "eve", "")
	must(t, err)
	succeeded(t, p.ownerStack.create(p.bucket))
	managed := with(p.access, map[string]any{"PolicyType": "Managed"})
	succeeded(t, p.consumerStack.create(managed))
	ctx, client := t.Context(), iam.NewFromConfig(p.consumer.Config())
	arn := document.ManagedPolicyARN(p.consumer.env(), p.policyName(), share.Identity{Kind: share.User, Name: "dilip"})
	touch := func() {
		_, err := client.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: ptr("eve"), PolicyArn: &arn})
		must(t, err)
		for _, version := range p.consumer.managed("dilip") {
			wider := strings.Replace(version, `"s3:PutObject"`, `"s3:PutObject","s3:DeleteObject"`, 1)
			for range 2 {
				_, err := client.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{
					PolicyArn: &arn, PolicyDocument: &wider, SetAsDefault: true,
				})
				must(t, err)
			}
		}
	}
	touch()
	succeeded(t, p.consumerStack.update(with(managed, map[string]any{"Revision": "2"})))
	for name, text := range p.consumer.managed("dilip") {
		if strings.Contains(text, "s3:DeleteObject") {
			t.Errorf("%s still lets delete", name)
		}
	}
	versions, err := client.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: &arn})
	must(t, err)
	if n := len(versions.Versions); n != 1 || len(p.consumer.managed("eve")) > 0 {
		t.Errorf("%d versions; eve has %v", n, p.consumer.managed("eve"))
	}
	touch()
	succeeded(t, p.consumerStack.remove())
	if left := p.consumer.policiesLeft(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// Neither is a policy of somebody else under the name attached, changed or deleted, nor is anything written when a
// quota has no room.
func TestManagedPoliciesThatCannotBe(t *testing.T) {
	owner := newAccount(t)
	ctx, client := t.Context(), iam.NewFromConfig(owner.Config())
	_, err := owner.CreateUser(ctx, "ann", "")
	must(t, err)
	s := owner.newStack(share.BucketType)
	properties := map[string]any{
		"BucketName": newBucket(), "Delegates": []any{map[string]any{"User": "ann"}}, "PolicyType": "Managed",
	}
	create := func(path, name string) *string {
		made, err := client.CreatePolicy(ctx, &iam.CreatePolicyInput{
			PolicyName: &name, Path: &path, PolicyDocument: ptr(local.AllowAll),
		})
		must(t, err)
		return made.Policy.Arn
	}
	name := document.ManagedPolicyName("access-s3-"+properties["BucketName"].(string),
		share.Identity{Kind: share.User, Name: "ann"})
	foreign := create(share.PolicyPath, name)
	owner.forgetCalls()
	failedWith(t, s.create(properties), name, "not made by this resource")
	if w := owner.writes(); len(w) > 0 {
		t.Errorf("written before the conflict was seen: %v", w)
	}
	succeeded(t, s.remove())
	if left := owner.policiesLeft(); !slices.Contains(left, name) || len(owner.managed("ann")) > 0 {
		t.Errorf("somebody else's policy: %v, and ann has %v", left, owner.managed("ann"))
	}
	_, err = client.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: foreign})
	must(t, err)

	for i := range 10 {
		_, err := client.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{
			UserName: ptr("ann"), PolicyArn: create("/", fmt.Sprintf("filler-%d", i)),
		})
		must(t, err)
	}
	owner.forgetCalls()
	failedWith(t, s.create(properties), "user/ann has 10 managed policies attached", "higher quota")
	if w := owner.writes(); len(w) > 0 {
		t.Errorf("written before the quota was seen: %v", w)
	}
	succeeded(t, s.remove())
}
