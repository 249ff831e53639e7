package proof

import (
	"errors"
	"fmt"
	"slices"

	"example.com/sharedbucket/internal/share"
)

// CanaryText is what a canary writes. It is always the same, so that two of them at the same time cannot disagree.
const CanaryText = "written, read and deleted by SharedBucket's provider in an account that uses this bucket\n"

// CanaryObject is what came back of a canary's object.
type CanaryObject struct{ Text, Algorithm, KeyARN string }

// Problem says why an object proves nothing, nil when it does: it must be what was written, and under the key that the
// grantees may use.
func (o CanaryObject) Problem(keyARN string) error {
	switch {
	case o.Text != CanaryText:
		return errors.New("what was read is not what was written")
	case o.Algorithm != "aws:kms" || o.KeyARN != keyARN:
		return fmt.Errorf("it was encrypted with %q, key %q, and not with key %s", o.Algorithm, o.KeyARN, keyARN)
	}
	return nil
}

// providers are the roles of the providers of all consumers, each with every permission of its account: what a canary
// may do follows from bucket policy and key policy alone.
func providers(env share.Env, consumers []share.ConsumerID) []Subject {
	var all []Subject
	var accounts []string
	for _, c := range consumers {
		s := BestEquipped(env, c)
		if s.Home == nil && slices.Contains(accounts, s.Account) {
			continue
		}
		accounts = append(accounts, s.Account)
		of := "account " + s.Account
		if s.Home != nil {
			of = "any account of " + c.Name
		}
		s.Principal, s.Role = providerOf(env, s.Account), Provider
		s.Label = "SharedBucket's provider of " + of
		all = append(all, s)
	}
	return all
}
