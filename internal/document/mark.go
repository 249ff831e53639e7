package document

import (
	"slices"
	"strings"

	"example.com/sharedbucket/policy"
)

// Mark names the owner of an inline policy: it has no tags, so a Sid says which resource of which stack wrote it.
type Mark string

// MarkOf is the mark of a CloudFormation resource.
func MarkOf(stackID, logicalID string) Mark { return Mark(digest(stackID + "\n" + logicalID)) }

// The Sids of the statement on the key: without an owner, and the start of the one with its owner.
var (
	keyStatement = sid("Key")
	markedSid    = sid("KeyOf")
)

// marked is an inline policy that says whose it is, in the Sid of the statement on the key, which every one has.
func (m Mark) marked(d policy.Document) policy.Document {
	d.Statements = slices.Clone(d.Statements)
	for i, s := range d.Statements {
		if s.Sid == keyStatement && m != "" {
			d.Statements[i].Sid = markedSid + string(m)
		}
	}
	return d
}

// InlineOwner is the mark of an inline policy that this project wrote for a bucket; one that was made by hand from what
// `sharedbucket render` shows has none. It says false for any other document.
func InlineOwner(d policy.Stored, bucketARN string) (Mark, bool) {
	if !strings.Contains(d.Text(), `"`+bucketARN+`"`) {
		return "", false
	}
	var mark Mark
	for _, s := range d.Sids() {
		if !strings.HasPrefix(s, SidPrefix) {
			return "", false
		}
		if of, found := strings.CutPrefix(s, markedSid); found {
			mark = Mark(of)
		}
	}
	return mark, len(d.Sids()) > 0
}
