package provider

import (
	"testing"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// The administrator's limits bind what is made, and never what is taken away.
func TestLimitsBindWhatIsMade(t *testing.T) {
	s := newFixture(t, ownerEnv)
	a := s.create(properties("Adopt", true))
	s.want(a, "FAILED", a.PhysicalResourceId, "AdoptableBucketArns")
	a = s.create(properties("Encryption", map[string]any{"KeyArn": sharetest.KeyOf(ownerEnv)}))
	s.want(a, "FAILED", a.PhysicalResourceId, "KeyArns")
	s.wantNothing()

	s.want(s.create(properties()), "SUCCESS", "account-a-bucket", "")
	s.provider.Limits = share.Limits{ConsumerAccounts: []string{"999999999999"}}
	a = s.update("account-a-bucket", properties("Versioning", "Suspended"), properties())
	s.want(a, "FAILED", "account-a-bucket", "ConsumerAccounts")
	s.want(s.delete("account-a-bucket", properties()), "SUCCESS", "account-a-bucket", "")
	s.wantNobody()
}
