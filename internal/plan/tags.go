package plan

import (
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
)

// The tags by which a share finds what belongs to it. They are written when bucket and key are created, in the same
// call, so that nothing of ours is ever without them.
const (
	TagStackID   = share.TagPrefix + "stack-id"
	TagLogicalID = share.TagPrefix + "logical-id"
	// TagAdopted marks a bucket that existed before its share: it is never deleted.
	TagAdopted = share.TagPrefix + "adopted"
	// TagHandedOver marks a share that an Update finished after its Create had failed. The Delete that CloudFormation
	// then sends for the failed Create must leave it alone.
	TagHandedOver = share.TagPrefix + "handed-over"
	// TagForBucket is the name of the bucket that a key was made for.
	TagForBucket = share.TagPrefix + "bucket"
)

// Owner is the CloudFormation resource that a bucket or key belongs to.
type Owner struct {
	StackID   string // the stack's ARN
	LogicalID string
}

// Owns says whether tags name this owner.
func (o Owner) Owns(tags map[string]string) bool {
	return o.StackID != "" && tags[TagStackID] == o.StackID && tags[TagLogicalID] == o.LogicalID
}

// OwnsKey says whether a key was made by this owner for this bucket. The bucket counts, because during a replacement an
// owner has two buckets, and deleting one must not take the other's key.
func (o Owner) OwnsKey(k *Key, bucket string) bool {
	return o.Owns(k.Tags) && k.Tags[TagForBucket] == bucket
}

// Owned says whether tags name any owner.
func Owned(tags map[string]string) bool { return tags[TagStackID] != "" }

// mark is how the identities' policies of this owner are known, "" for nobody's.
func (o Owner) mark() document.Mark {
	if o.StackID == "" {
		return ""
	}
	return document.MarkOf(o.StackID, o.LogicalID)
}

func (o Owner) tags() map[string]string {
	return map[string]string{TagStackID: o.StackID, TagLogicalID: o.LogicalID}
}
