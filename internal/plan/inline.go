package plan

import "example.com/sharedbucket/policy"

const anotherName = "let one resource name it, or give one of them another PolicyName"

func (h holder) checkInline() error {
	switch {
	case h.Policy.Text() == "" || h.inlineOurs:
		return nil
	case h.written:
		return conflict(h.id.String(), anotherName,
			"has an inline policy %s of another SharedBucket resource for this bucket", h.name)
	}
	return conflict(h.id.String(), "delete or rename that policy first",
		"has an inline policy %s that was not made for this bucket here", h.name)
}

// putInline is the step that writes the inline policy.
func (h holder) putInline(after policy.Stored, reason string) Step {
	return Step{
		Round: 1, Operation: PutInlinePolicy, Resource: h.id.String(), Identity: h.id, PolicyName: h.name,
		Before: h.Policy, After: after, Reason: reason,
	}
}

// removeInline is the step that deletes the inline policy.
func (h holder) removeInline(round int, reason string) Step {
	return Step{
		Round: round, Operation: DeleteInlinePolicy, Resource: h.id.String(), Identity: h.id, PolicyName: h.name,
		Before: h.Policy, Reason: reason,
	}
}
