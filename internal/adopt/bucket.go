package adopt

import (
	"cmp"
	"fmt"
	"strings"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

// changes are what the adoption changes on the bucket and its key, for everybody.
func (a Adoption) changes() []string {
	var all []string
	b, s := a.World.Bucket, a.Share
	add := func(changes bool, format string, args ...any) {
		if changes {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	if p := b.Protection; p != nil {
		add(!p.AccessBlocked, "Block Public Access is switched on, all four settings")
		add(!p.OwnerEnforced, "object ownership becomes BucketOwnerEnforced: ACLs of the bucket and of its objects count no "+
			"more, and every object is the owner's (ACLs of single objects were not looked at)")
		add(!p.SSECBlocked, "writes with a customer's key (SSE-C) are blocked")
	}
	add(a.Hand.Versioning == "" && s.Versioning == share.VersioningSuspended,
		"versioning is set to Suspended, which is for everybody as if it was never on")
	add(a.Hand.Versioning != s.Versioning && s.Versioning == share.VersioningEnabled, "versioning is switched on")
	add(s.KeyARN == "", "a new key, %s, becomes the default encryption: %s", s.Alias, a.newKey())
	add(s.KeyARN != "" && !b.BucketKeyEnabled, "the bucket key is switched on; objects written before keep their "+
		"encryption context")
	add(true, "the tags sharedbucket:… say whose the share is")
	add(true, "statements whose Sid begins with SharedBucket are added to the bucket policy%s; all others stay",
		map[bool]string{true: " and the key policy"}[s.KeyARN != ""])
	return all
}

// newKey says what becomes of what is there when the share makes a key.
func (a Adoption) newKey() string {
	k, p := a.World.Bucket.Key, a.World.Bucket.Protection
	algorithm := ""
	if p != nil {
		algorithm = p.Algorithm
	}
	switch {
	case k != nil && k.AWSManaged, k == nil && algorithm == "aws:kms":
		return "objects under the AWS managed key aws/s3 stay under it, where no other account can read them; " + reEncrypt
	case k != nil:
		return "objects under " + k.ARN + " stay under it, and need its key policy; " + reEncrypt
	}
	return "objects under " + cmp.Or(algorithm, "AES256") + " stay as they are; new ones cannot be used without the key"
}

// reEncrypt is how objects come under the new key.
const reEncrypt = "ExistingObjects: ReEncrypt in the file puts them under the new key where they are few"

// inTheWay is what keeps the adoption from being deployed, or would cut somebody off.
func (r *adoption) inTheWay(a Adoption) []string {
	var all []string
	for _, s := range r.bucket.sources {
		if s.public {
			all = append(all, s.place+" makes the bucket policy a public one: with Block Public Access on, S3 refuses to write "+
				"it; take that statement out first, or narrow it to an organization or to fixed addresses")
		}
	}
	for _, grant := range a.Hand.ACL {
		all = append(all, "the bucket's ACL lets "+grant+" in: S3 refuses to switch ACLs off before that is taken out, and "+
			"the share gives nothing in its place")
	}
	report := proof.ForShare(r.ends.share, r.ends.grantees(), r.today)
	needed := map[evaluator.Operation]string{"s3:PutBucketPolicy": "bucket policy", "kms:PutKeyPolicy": "key policy"}
	for _, answer := range report.Answers {
		name, is := needed[answer.Operation]
		s := report.Subjects[answer.Subject]
		if name == "key policy" && r.declared.keyARN == "" {
			continue
		}
		if is && s.Role == proof.Insider && s.Imagined && !answer.Allowed() {
			all = append(all, "the provider cannot write the "+name+": "+answer.Deciding().Text())
		}
	}
	return all
}

// taken are the delegates and grantees whose inline policy of the share's name somebody else wrote.
func (r *adoption) taken() []Taken {
	var all []Taken
	bucketARN := r.env.BucketARN(r.declared.bucket)
	for _, i := range r.declared.identities {
		for _, d := range i.named {
			name, _, _ := strings.Cut(strings.TrimPrefix(d.Name, "inline policy "), " of group ")
			_, ours := document.InlineOwner(d.Stored(), bucketARN)
			if name == r.ends.share.PolicyName() && strings.HasPrefix(d.Name, "inline policy ") && !ours {
				all = append(all, Taken{i.account, i.id})
			}
		}
	}
	return all
}
