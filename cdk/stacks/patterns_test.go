package stacks

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// What a share takes, the templates' parameters take as well: otherwise the same declaration would work by cdk and be
// refused by a template.
func TestParametersTakeWhatAShareTakes(t *testing.T) {
	consumers := map[share.ConsumerKind]string{
		share.KindAccount: accountsPattern, share.KindPrincipal: principalsPattern,
		share.KindOrganization: organizationPattern,
	}
	rapid.Check(t, func(t *rapid.T) {
		env := sharetest.Envs().Draw(t, "env")
		s := sharetest.Shares(env).Draw(t, "share")
		takes := func(pattern, value string) {
			if !regexp.MustCompile(pattern).MatchString(value) {
				t.Errorf("%s is not taken by %s", value, pattern)
			}
		}
		takes(bucketPattern, s.Bucket)
		takes(aliasPattern, s.Alias)
		takes(keyPattern, sharetest.KeyOf(env))
		takes(regionPattern, env.Region)
		takes(accountPattern, env.Account)
		for _, c := range s.Consumers {
			if pattern, is := consumers[c.ID.Kind]; is {
				takes(pattern, c.ID.Name)
			}
		}
		for _, d := range s.Delegates {
			takes(namesPattern, d.Identity.Name)
		}
	})
}
