package proof

import (
	"cmp"
	"strings"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
)

// Deployed is the World in which a share and its consumers' sides are deployed and nothing else is: what can be said
// before anything is there. A key that the share will make has a stand-in for its ARN.
func Deployed(s share.Share, sides []share.Access) (World, error) {
	key := cmp.Or(s.KeyARN, s.Env.PendingKeyARN())
	policies := document.OfShare(s, key, "")
	w := World{
		Bucket: Bucket{
			Name: s.Bucket, Region: s.Env.Region, Owner: s.Env.Account,
			Policy:           BucketPolicyOf(policies.BucketPolicy().Stored()),
			Key:              &Key{ARN: key, Policy: KeyPolicyOf(policies.KeyPolicy().Stored()), Aliases: aliases(s)},
			BucketKeyEnabled: true, RestrictPublicBuckets: true,
		},
		Accounts: map[string]Account{},
	}
	w.add(s.Env, s.PolicyName(), policies)
	for _, a := range sides {
		w.add(a.Env, a.PolicyName, document.OfAccess(a, key, ""))
		if organization, path := homeOf(s, a.Env.Account); organization != "" {
			w.Accounts[a.Env.Account] = Account{Organization: organization, Paths: []string{path}}
		}
	}
	return w, nil
}

func aliases(s share.Share) []string {
	if s.Alias == "" {
		return nil
	}
	return []string{s.Alias}
}

// homeOf is where an account with grantees must be in an organization to be let in, "" when it is let in by itself.
func homeOf(s share.Share, account string) (organization, path string) {
	for _, c := range s.Consumers {
		if c.ID.Account == account {
			return "", ""
		}
	}
	for _, c := range s.Consumers {
		switch c.ID.Kind {
		case share.KindOrganization:
			organization, path = c.ID.Name, c.ID.Name+"/r-some/"
		case share.KindOrganizationalUnit:
			organization, _, _ := strings.Cut(c.ID.Name, "/")
			return organization, c.ID.Name + "/"
		}
	}
	return organization, path
}

func (w *World) add(env share.Env, name string, policies document.Policies) {
	for _, p := range policies.Identities {
		w.Principals = append(w.Principals, Principal{
			ARN: env.ARN("iam", "", env.Account, p.Identity.String()), Account: env.Account, Type: TypeOf(p.Identity.Kind),
			Policies: []Document{IdentityPolicyOf(InlineName(p.Identity, name), p.Document.Stored())},
		})
	}
}
