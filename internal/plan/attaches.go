package plan

import "example.com/sharedbucket/internal/share"

// Attaches are the identities that get a managed policy attached: the quotas of IAM matter for them.
func (w Wanted) Attaches(now State) []share.Identity {
	if w.Removal != "" {
		return nil
	}
	steps, _ := ForShare(w, now)
	return newAttachments(steps)
}

// Attaches is to an access what it is to a share.
func (w WantedAccess) Attaches(now AccessState) []share.Identity {
	if w.Removal != "" {
		return nil
	}
	steps, _ := ForAccess(w, now)
	return newAttachments(steps)
}

func newAttachments(steps Plan) []share.Identity {
	var all []share.Identity
	for _, s := range steps {
		if s.Operation == AttachPolicy {
			all = append(all, s.From)
		}
	}
	return all
}
