package document

import (
	"regexp"
	"slices"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// CanaryFolder is where consumer accounts' providers write, read and delete one small object, each below its own
// account, to see that what is deployed works.
const CanaryFolder = ".sharedbucket/canary/"

// CanaryKey is the key of that object, for the resource with a mark. It is the same each time, so that what a crash
// leaves is found and deleted by the next canary.
func CanaryKey(account string, m Mark) string { return CanaryFolder + account + "/" + string(m) }

var canaryKey = regexp.MustCompile(`^\.sharedbucket/canary/[0-9]{12}/[A-Z2-7]{13}$`)

// IsCanary says whether a key is one that only a canary has.
func IsCanary(key string) bool { return canaryKey.MatchString(key) }

// largestCanary is more bytes than a canary's object has.
const largestCanary = 1 << 10

// LeftByCanary says whether an object is what a canary leaves that was cut off.
func LeftByCanary(key string, size int64) bool { return IsCanary(key) && size <= largestCanary }

// CanaryActions are what a provider does with its object. It deletes by version, so that no delete marker stays.
var CanaryActions = []string{"s3:DeleteObjectVersion", "s3:GetObject", "s3:PutObject"}

// canaryKeyActions are what S3 asks of the key for these.
var canaryKeyActions = []string{"kms:Decrypt", "kms:GenerateDataKey"}

// canaryStatements open the canary's folder to the providers' roles of all consumer accounts, each one's below its own
// account. It is for the road to the bucket and not for a level, so whoever may only read has one too.
func canaryStatements(s share.Share) []policy.Statement {
	folder := policy.Values{s.Env.BucketARN(s.Bucket) + "/" + CanaryFolder + "${aws:PrincipalAccount}/*"}
	return forProviders(s, func(l share.Scope) bool { return l.Level.Deletes() && len(l.Prefixes) == 0 },
		func(kind share.ConsumerKind) policy.Statement {
			return policy.Statement{
				Sid: sid("Canary", string(kind)), Action: policy.Sorted(CanaryActions), Resource: folder,
			}
		})
}

// canaryKeyStatements let these roles use the key for it, where a consumer's own statements do not do so already.
func canaryKeyStatements(s share.Share) []policy.Statement {
	return forProviders(s, func(l share.Scope) bool { return l.Level.Writes() },
		func(kind share.ConsumerKind) policy.Statement {
			return policy.Statement{
				Sid:    keySid(s, "Canary", string(kind)),
				Action: policy.Sorted(canaryKeyActions), Resource: policy.Values{"*"},
				Condition: throughBucket(s.Env, s.Env.BucketARN(s.Bucket)),
			}
		})
}

// forProviders are statements for the providers' roles of all consumers but those whose own scope is enough already.
func forProviders(
	s share.Share, enough func(share.Scope) bool, statement func(share.ConsumerKind) policy.Statement,
) []policy.Statement {
	if !s.Canary {
		return nil
	}
	can := map[share.ConsumerID]bool{}
	for _, c := range s.Consumers {
		can[c.ID] = can[c.ID] || enough(c.Scope)
	}
	var all []policy.Statement
	for _, g := range wholes(s) {
		g.consumers = slices.DeleteFunc(g.consumers, func(id share.ConsumerID) bool { return can[id] })
		if len(g.consumers) == 0 {
			continue
		}
		who := partyOf(s, g.kind, g.consumers)
		a := statement(g.kind)
		a.Effect, a.Principal = policy.Allow, &who.principal
		a.Condition = with(a.Condition, with(who.condition, providersOnly(s.Env)))
		all = append(all, a)
	}
	return all
}

// providersOnly is the condition that a provider's role asks, of whatever account and region: that is how they are
// named.
func providersOnly(e share.Env) policy.Condition {
	return policy.Condition{
		"ArnLike": {"aws:PrincipalArn": {e.ARN("iam", "", "*", "role/"+share.ProviderRolePrefix+"*")}},
	}
}
