package e2e

import (
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// ptr is the address of a value, as SDK inputs want it.
func ptr[T any](v T) *T { return &v }

// state is what is there for the properties of a share, read by the administrator.
func (s *account) state(properties map[string]any) plan.State {
	s.t.Helper()
	want, _ := share.ParseShare(properties, s.env())
	nobody := want
	nobody.Delegates = nil // no waiting for those who are gone
	now, err := cloud.New(s.Config(), s.env()).ObserveShare(s.t.Context(), plan.Wanted{Share: nobody, Previous: &want})
	must(s.t, err)
	for _, u := range now.Unread {
		s.t.Errorf("%v", u.Err)
	}
	return now
}

// wantShared checks with the project's own eyes that nothing is left to do, and returns what is there.
func (s *stack) wantShared(properties map[string]any) plan.State {
	s.t.Helper()
	want, err := share.ParseShare(properties, s.env())
	must(s.t, err)
	owner := plan.Owner{StackID: s.stackID, LogicalID: s.logicalID}
	now := s.state(properties)
	plan, err := plan.ForShare(plan.Wanted{Share: want, Previous: &want, Owner: owner}, now)
	must(s.t, err)
	for _, step := range plan {
		s.t.Errorf("still to do: %s", step)
	}
	return now
}

// wantNoTrace checks that nobody outside is let in any more: no statement and no inline policy of ours is left.
func (s *account) wantNoTrace(properties map[string]any) plan.State {
	s.t.Helper()
	now := s.state(properties)
	if now.Bucket != nil {
		for _, sid := range now.Bucket.Policy.Sids() {
			if document.InBucketPolicy("").Ours(sid) {
				s.t.Errorf("bucket policy still has %s", sid)
			}
		}
	}
	if now.Named != nil {
		want, _ := share.ParseShare(properties, s.env())
		for _, sid := range now.Named.Policy.Sids() {
			if document.InKeyPolicy(want.Bucket).Ours(sid) {
				s.t.Errorf("key policy still has %s", sid)
			}
		}
	}
	for id, identity := range now.Identities {
		if identity.Policy.Text() != "" {
			s.t.Errorf("%s still has its inline policy", id)
		}
	}
	return now
}

// userPolicy is the document of a user's inline policy, "" for none.
func (s *account) userPolicy(user, name string) string {
	s.t.Helper()
	out, err := iam.NewFromConfig(s.Config()).GetUserPolicy(s.t.Context(),
		&iam.GetUserPolicyInput{UserName: &user, PolicyName: &name})
	if cloud.Code(err) == "NoSuchEntity" {
		return ""
	}
	must(s.t, err)
	document, err := url.QueryUnescape(*out.PolicyDocument)
	must(s.t, err)
	return document
}

func (s *account) s3() *s3.Client {
	return s3.NewFromConfig(s.Config(), func(o *s3.Options) { o.UsePathStyle = true })
}

func (s *account) kms() *kms.Client { return kms.NewFromConfig(s.Config()) }

func (s *account) put(bucket, key string) {
	s.t.Helper()
	_, err := s.s3().PutObject(s.t.Context(),
		&s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("data")})
	must(s.t, err)
}

// keys are the customer managed keys of the account that are not waiting for deletion.
func (s *account) keys() []string {
	s.t.Helper()
	list, err := s.kms().ListKeys(s.t.Context(), &kms.ListKeysInput{})
	must(s.t, err)
	var live []string
	for _, k := range list.Keys {
		d, err := s.kms().DescribeKey(s.t.Context(), &kms.DescribeKeyInput{KeyId: k.KeyId})
		must(s.t, err)
		if d.KeyMetadata.KeyManager == "CUSTOMER" && d.KeyMetadata.KeyState != "PendingDeletion" {
			live = append(live, *k.KeyArn)
		}
	}
	slices.Sort(live)
	return live
}
