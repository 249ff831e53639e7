package cloud

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"example.com/sharedbucket/internal/adopt"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

// The parts that an adoption reads besides those of a proof.
const (
	versioning    proof.Part = "versioning"
	bucketTags    proof.Part = "tags"
	accessControl proof.Part = "access control list"
	keyGrants     proof.Part = "grants of the key"
)

// ByHand reads what an adoption of a bucket of the account depends on besides policies. keyARN is "" for no key.
func (s *Survey) ByHand(ctx context.Context, name, keyARN string) (adopt.Hand, []proof.Unread) {
	// What is not known is taken to be on: it is not for an adoption to switch it off.
	h := adopt.Hand{Versioning: share.VersioningEnabled}
	reads := []partReader{
		{versioning, func() error { return s.readVersioning(ctx, name, &h) }},
		{bucketTags, func() error { return s.readTags(ctx, name, &h) }},
		{accessControl, func() error { return s.readACL(ctx, name, &h) }},
	}
	if keyARN != "" {
		reads = append(reads, partReader{keyGrants, func() error { return s.readGrants(ctx, keyARN, &h) }})
	}
	return h, s.together(reads)
}

func (s *Survey) readVersioning(ctx context.Context, name string, h *adopt.Hand) error {
	now, err := s.ownBucket(name).versioning(ctx)
	if err == nil {
		h.Versioning = string(now)
	}
	return err
}

func (s *Survey) readTags(ctx context.Context, name string, h *adopt.Hand) (err error) {
	h.Tags, err = s.ownBucket(name).tags(ctx)
	return ignore(err, noSuchTagSet)
}

// readACL reads whom the bucket's ACL lets in besides its owner.
func (s *Survey) readACL(ctx context.Context, name string, h *adopt.Hand) error {
	out, err := s.s3.GetBucketAcl(ctx, &s3.GetBucketAclInput{Bucket: &name, ExpectedBucketOwner: &s.env.Account})
	if err != nil {
		return err
	}
	owner := ""
	if out.Owner != nil {
		owner = aws.ToString(out.Owner.ID)
	}
	for _, g := range out.Grants {
		if g.Grantee != nil && (owner == "" || aws.ToString(g.Grantee.ID) != owner) {
			h.ACL = append(h.ACL, fmt.Sprintf("%s (%s)", granteeOf(*g.Grantee), g.Permission))
		}
	}
	return nil
}

func granteeOf(g types.Grantee) string {
	switch {
	case aws.ToString(g.URI) != "":
		uri := *g.URI
		return "the group " + uri[strings.LastIndexByte(uri, '/')+1:]
	case aws.ToString(g.EmailAddress) != "":
		return *g.EmailAddress
	}
	return "canonical user " + aws.ToString(g.ID)
}

// readGrants reads the grants of a key. Those to services of AWS have a grantee of another form.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html
func (s *Survey) readGrants(ctx context.Context, keyARN string, h *adopt.Hand) error {
	p := kms.NewListGrantsPaginator(s.kms, &kms.ListGrantsInput{KeyId: &keyARN})
	all, err := collect(ctx, p, func(out *kms.ListGrantsOutput) []kmstypes.GrantListEntry { return out.Grants },
		inRegionOf(keyARN))
	for _, g := range all {
		h.Grants = append(h.Grants, grantOf(g))
	}
	return err
}

func grantOf(g kmstypes.GrantListEntry) adopt.Grant {
	grant := adopt.Grant{ID: aws.ToString(g.GrantId), Grantee: aws.ToString(g.GranteePrincipal)}
	for _, o := range g.Operations {
		grant.Operations = append(grant.Operations, string(o))
	}
	if c := g.Constraints; c != nil {
		grant.Context = map[string]string{}
		maps.Copy(grant.Context, c.EncryptionContextSubset)
		maps.Copy(grant.Context, c.EncryptionContextEquals)
	}
	return grant
}
