package provider

import (
	"context"
	"strings"
	"testing"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/sharetest"
)

// A key that was there before serves several shares, and whoever writes its policy writes all of it: one that had read
// it before a share was removed puts back what that had there.
func TestRevokedIsReadBack(t *testing.T) {
	for name, c := range map[string]struct {
		times  int    // the other one writes, each before the policy is read back
		code   string // of AWS, to each read
		status string
		says   string
		stays  bool
	}{
		"nobody writes":      {status: "SUCCESS"},
		"once":               {times: 1, status: "SUCCESS"},
		"again and again":    {times: 100, status: "FAILED", says: "was changed by somebody else", stays: true},
		"it may not be read": {code: "AccessDenied", status: "SUCCESS"},
		"it cannot be known": {times: 1, code: "InternalFailure", status: "SUCCESS", stays: true},
		"for a while":        {times: 4, status: "SUCCESS"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newFixture(t, ownerEnv)
			arn := sharetest.KeyOf(ownerEnv)
			s.provider.Limits.KeyArns = []string{"*"}
			s.aws.Keys[arn] = &plan.Key{ARN: arn, State: plan.KeyEnabled, Spec: plan.KeySymmetric,
				Usage: "ENCRYPT_DECRYPT", Origin: plan.KeyOriginKMS, Manager: "CUSTOMER",
				Policy: sharetest.Stored(`{"Version":"2012-10-17","Statement":[{"Sid":"theirs","Effect":"Allow",` +
					`"Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"kms:*","Resource":"*"}]}`)}
			p := properties("Encryption", map[string]any{"KeyArn": arn})
			s.want(s.create(p), "SUCCESS", "account-a-bucket", "")
			before, left := s.aws.Keys[arn].Policy, c.times
			s.aws.before = func(_ context.Context, what string) error {
				if what == "Documents" && left > 0 {
					left--
					s.aws.Keys[arn].Policy = before
				}
				if what == "Documents" && c.code != "" {
					return awsError(c.code)
				}
				return nil
			}
			s.want(s.delete("account-a-bucket", p), c.status, "account-a-bucket", c.says)
			if stays := strings.Contains(s.aws.Keys[arn].Policy.Text(), "SharedBucket"); stays != c.stays {
				t.Errorf("the key's policy is %s", s.aws.Keys[arn].Policy.Text())
			}
		})
	}
}
