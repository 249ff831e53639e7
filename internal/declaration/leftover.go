package declaration

import (
	"strings"

	"example.com/sharedbucket/internal/share"
)

// LeftOver says whether the resource was made to take the place of the one that its stack has, under that physical id,
// all the same: the update was rolled back, and nobody takes this one away any more.
func (d Declaration) LeftOver(physicalID string) bool {
	bucket, policyName := physicalID, ""
	if i := strings.LastIndex(physicalID, "@"); d.Type == share.AccessType && i >= 0 {
		bucket, policyName = physicalID[i+1:], physicalID[:i]
	}
	return physicalID != "" && physicalID != d.PhysicalID() &&
		d.Replaces == Name(d.Type, d.StackID, d.LogicalID, bucket, policyName)
}

// Outlived says whether the resource had its place, was to go, and is there still, though CloudFormation has forgotten
// it. Its stack has physicalID in its place, "" for nothing.
func (d Declaration) Outlived(physicalID string) bool {
	return d.Going && d.Before == nil && physicalID != d.PhysicalID() && !d.LeftOver(physicalID)
}
