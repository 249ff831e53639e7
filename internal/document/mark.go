package document

import (
	"regexp"
	"strings"

	"example.com/sharedbucket/policy"
)

// Mark names the owner of an identity's policy: an inline one has no tags, so a Sid says which resource of which stack
// wrote it.
type Mark string

// MarkOf is the mark of a CloudFormation resource.
func MarkOf(stackID, logicalID string) Mark { return Mark(digest(stackID + "\n" + logicalID)) }

// suffix is how a Sid ends that says whose its document is, "" for nobody's.
func (m Mark) suffix() string {
	if m == "" {
		return ""
	}
	return "Of" + string(m)
}

var markedSid = regexp.MustCompile(`Of([A-Z2-7]{13})$`)

// InlineOwner is the mark of an inline policy that this project wrote for a bucket; one that was made by hand from what
// `sharedbucket render` shows has none. It says false for any other document.
func InlineOwner(d policy.Stored, bucketARN string) (Mark, bool) {
	if !Names(d, bucketARN) {
		return "", false
	}
	for _, s := range d.Sids() {
		if !strings.HasPrefix(s, SidPrefix) {
			return "", false
		}
	}
	return MarkIn(d), len(d.Sids()) > 0
}

// MarkIn is the mark in the Sids of a document, "" for none.
func MarkIn(d policy.Stored) (mark Mark) {
	for _, s := range d.Sids() {
		if found := markedSid.FindStringSubmatch(s); found != nil && strings.HasPrefix(s, SidPrefix) {
			mark = Mark(found[1])
		}
	}
	return mark
}

// Names says whether a document is about a bucket.
func Names(d policy.Stored, bucketARN string) bool {
	return strings.Contains(d.Text(), `"`+bucketARN+`"`)
}
