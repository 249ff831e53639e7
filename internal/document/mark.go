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
	if !strings.Contains(d.Text(), `"`+bucketARN+`"`) {
		return "", false
	}
	var mark Mark
	for _, s := range d.Sids() {
		if !strings.HasPrefix(s, SidPrefix) {
			return "", false
		}
		if found := markedSid.FindStringSubmatch(s); found != nil {
			mark = Mark(found[1])
		}
	}
	return mark, len(d.Sids()) > 0
}
