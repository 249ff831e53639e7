package proof

import (
	"fmt"

	"example.com/sharedbucket/internal/share"
)

// protection are the findings about the bucket itself, as far as it was read.
func protection(s share.Share, w World) []Finding {
	b, p := w.Bucket, w.Bucket.Protection
	if p == nil {
		return nil
	}
	var all []Finding
	say := func(part Part, wrong bool, format string, args ...any) {
		if !wrong || w.unread(part, b.Owner) != nil {
			return
		}
		all = append(all, Finding{
			Who: "bucket " + b.Name, ARN: s.Env.BucketARN(b.Name), Verdict: Unprotected, Operations: []string{},
			Places: []string{}, Layer: string(part), Reason: fmt.Sprintf(format, args...),
			Remedy: "deploy the share again with another Revision",
		})
	}
	encrypted := p.Algorithm == "aws:kms" && b.Key != nil
	say(BucketEncryption, !encrypted, "its default encryption is %q, not aws:kms", p.Algorithm)
	say(BucketEncryption, b.Key != nil && b.Key.AWSManaged, "its default encryption uses an AWS managed key")
	other := s.KeyARN != "" && b.Key != nil && b.Key.ARN != s.KeyARN
	say(BucketEncryption, other, "its default encryption does not use %s", s.KeyARN)
	say(BucketEncryption, !b.BucketKeyEnabled, "its bucket key is off")
	say(BucketEncryption, !p.SSECBlocked, "it does not block SSE-C")
	say(PublicAccessBlock, !p.AccessBlocked, "its Block Public Access is not on entirely")
	say(Ownership, !p.OwnerEnforced, "its objects may belong to other accounts")
	return all
}
