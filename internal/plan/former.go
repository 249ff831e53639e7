package plan

import "cmp"

// FormerKey is what leads to the key of the previous declaration where another one is declared now, "" for nothing.
func (w Wanted) FormerKey() string {
	if w.Previous == nil || w.Removal != "" || w.Previous.Bucket != w.Share.Bucket {
		return ""
	}
	former := Wanted{Share: *w.Previous}.KeyName()
	if former == w.KeyName() {
		return ""
	}
	return former
}

// leaveFormerKey takes this share's statements out of the key that it used before: nobody would know of them any more.
// The key itself stays until the share goes, as somebody may have written an object a moment ago. A key that was not
// found may be there all the same, where the bucket uses it still: KMS, too, answers of old.
func (p *planner) leaveFormerKey() ([]Step, error) {
	if p.previous == nil || p.previous.Bucket != p.want.Bucket {
		return nil, nil
	}
	k := cmp.Or(p.now.Former, p.now.OfBucket)
	if k == nil || k.ARN == p.keyARN || k.State == KeyPendingDeletion {
		return nil, nil
	}
	nothing := p.documents.Final.Key
	nothing.Statements = nil
	steps, _, err := rewrite(Step{
		Operation: PutKeyPolicy, Resource: k.ARN, OursPrefix: nothing.SidPrefix, Reason: "the share uses another key now",
	}, k.Policy, nothing)
	return steps, err
}

// ownKeys are the keys that may be this share's own: the one it uses, and those from before another one was declared.
func (p *planner) ownKeys() []*Key {
	if p.want.KeyARN == "" {
		return []*Key{p.key}
	}
	return append([]*Key{p.key}, p.now.Tagged...)
}
