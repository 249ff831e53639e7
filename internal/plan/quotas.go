package plan

import "maps"

// withinQuotas is the plan, or an error that names the quota of IAM that it would meet.
func (p Plan) withinQuotas(q *Quotas) (Plan, error) {
	if q == nil {
		return p, nil
	}
	created, attached := 0, maps.Clone(q.Attached)
	for _, s := range p {
		switch s.Operation {
		case CreatePolicy:
			created++
		case DetachPolicy:
			attached[s.From]--
		case AttachPolicy:
			attached[s.From]++
			if limit := q.AttachedLimit[s.From.Kind]; attached[s.From] > limit {
				return nil, conflict(s.Resource, "detach one of them, ask AWS for a higher quota, or use a group or a role",
					"has %d managed policies attached, which is IAM's quota here, and its inline policies have no room for "+
						"this one, or PolicyType is Managed", limit)
			}
		}
	}
	if q.Policies+created > q.PoliciesLimit {
		return nil, conflict("the account", "delete some, ask AWS for a higher quota, or set PolicyType to Inline",
			"has %d customer managed policies, its quota is %d, and this change needs %d more",
			q.Policies, q.PoliciesLimit, created)
	}
	return p, nil
}
