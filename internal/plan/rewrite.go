package plan

import (
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// rewrite completes the step that carries out a change of a policy which others write into as well. There is none when
// the change means nothing to AWS, and none that would leave a key without any statement, as KMS takes no such policy.
func rewrite(s Step, c document.Change) ([]Step, error) {
	if !c.Differs() || s.Operation == PutKeyPolicy && c.After.Text() == "" {
		return nil, nil
	}
	if err := refused(s, c); err != nil {
		return nil, err
	}
	s.Round, s.Before, s.After, s.NewAccounts = 1, c.Before.Text(), c.After.Text(), c.NewAccounts
	return []Step{s}, nil
}

// refused says why AWS would not take a policy, or not as it is meant, before AWS does: it would name no statement, and
// look as if it could be waited out.
func refused(s Step, c document.Change) error {
	kind := "bucket"
	if s.Operation == PutKeyPolicy {
		kind = "key"
	}
	for _, stale := range c.Stale {
		return conflict(kind+" "+s.Resource, "take that principal out of it, or delete the statement, then try again; a "+
			"user or role made a moment ago shows like that too, and then waiting is enough",
			"has a %s policy whose statement %s names %s, a user or role that was deleted: AWS takes no such document",
			kind, stale.Statement, stale.ID)
	}
	if c.VariablesAreText && s.Operation != PutKeyPolicy {
		return conflict("bucket "+s.Resource,
			"give its bucket policy the Version "+policy.Version+", and write ${ as ${$}{ there, or declare neither",
			"has a bucket policy of an older Version with ${ in it, in which %s and the Canary's folder would be text",
			share.AccountFolder)
	}
	return c.TooLarge
}
