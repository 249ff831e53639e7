package fault

import (
	"cmp"
	"fmt"
	"slices"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy/grammar"
)

// principal is somebody who may try: an administrator of an account, the role of its provider, or a user with the
// policies that the provider wrote.
type principal struct {
	Account string
	User    string // empty for the administrator
}

// The accounts of every scenario. Two more exist here: who else is let in is only named.
const (
	partner  = "222222222222" // declared from the beginning
	newcomer = "333333333333" // declared later
	stranger = "999999999999" // never declared
)

// theProvider is the User that stands for the role of an account's provider.
const theProvider = "the provider"

func (a principal) String() string {
	if a.User == "" {
		return "an administrator of " + a.Account
	}
	return a.User + " of " + a.Account
}

// tries are what principals try, on every kind of key. In clear means with a header that asks for S3's own encryption.
var tries = []string{"ListBucket", "GetObject", "PutObject", "DeleteObject", "DeleteObjectVersion", clearPut}

const (
	clearPut   = "PutObject in clear"
	everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
)

// The kinds of keys besides all others: in the folder that the share opens to the provider of the principal's own
// account, and in that of another account.
const (
	ofOwnCanary     = " of its own canary"
	ofAnotherCanary = " of another canary"
)

var kindsOfKeys = []string{"", ofOwnCanary, ofAnotherCanary}

// canaryTries are what the share opens that folder for.
var canaryTries = []string{
	"GetObject" + ofOwnCanary, "PutObject" + ofOwnCanary, "DeleteObjectVersion" + ofOwnCanary,
}

// access is who may do what. Everybody who is not in it may do nothing.
type access map[principal][]string

var nothing = access{}

// withCanaries is what a declaration's access comes to on all kinds of keys: what somebody may do with any key, he may
// do with those of canaries. An account that is let in has its provider's role in it, to which its canary's folder is
// open whatever the account may do besides; nobody else's is.
func (may access) withCanaries() access {
	all := access{}
	for who, some := range may {
		for _, kind := range kindsOfKeys {
			for _, try := range some {
				all[who] = append(all[who], try+kind)
			}
		}
		if who.User == "" {
			provider := principal{who.Account, theProvider}
			all[provider] = union(all[who], canaryTries)
		}
	}
	return all
}

// administrator is everything that anybody can be given in an account of his own.
var administrator = []*evaluator.Policy{evaluator.NewPolicy("administrator", everything, grammar.Identity)}

// may are the tries that are allowed to everybody who asks, on a bucket. A write that would not be encrypted with a KMS
// key counts as one in clear.
func (m *model) may(principals []principal, bucket string) access {
	b := m.buckets[bucket]
	if b == nil {
		return nothing
	}
	owner := &evaluator.Account{ID: m.owner}
	e := evaluator.NewEvaluator(m.bucketOf(bucket, b, owner))
	all := access{}
	for _, a := range principals {
		requester := evaluator.NewRequester(m.asEvaluated(a, owner))
		for _, kind := range kindsOfKeys {
			for _, try := range tries {
				if e.Decide(requester, m.request(a, try, kind, bucket)).Overall != evaluator.Allow {
					continue
				}
				if try == "PutObject" && b.key == "" {
					try = clearPut
				}
				all[a] = append(all[a], try+kind)
			}
		}
		all[a] = union(all[a], nil)
	}
	return all
}

// asEvaluated is a principal with the most that he can have: everything that an account can give him, and nothing but
// what the bucket policy says for the role of the owner's own provider, which needs nothing else of it.
func (m *model) asEvaluated(a principal, owner *evaluator.Account) evaluator.Principal {
	account := owner
	if a.Account != m.owner {
		account = &evaluator.Account{ID: a.Account}
	}
	p := evaluator.Principal{Account: account, Type: evaluator.User, Identity: administrator}
	p.ARN = fmt.Sprintf("arn:aws:iam::%s:user/%s", a.Account, cmp.Or(a.User, "admin"))
	switch {
	case a.User == theProvider:
		p.Type, p.ARN = evaluator.Role, share.Env{Partition: "aws", Account: a.Account, Region: m.region}.ProviderRole()
		if a.Account == m.owner {
			p.Identity = nil
		}
	case a.User != "":
		p.Identity = nil
		for name, text := range m.identities[a.Account+"/"+a.User] {
			text = cmp.Or(text, m.managed[name])
			p.Identity = append(p.Identity, m.policy("inline", text, grammar.Identity))
		}
	}
	return p
}

// request is a try. The key has its share's default alias, by which consumers name it that cannot see it yet.
func (m *model) request(a principal, try, kind, bucket string) evaluator.Request {
	account := a.Account
	if kind == ofAnotherCanary {
		account = anotherThan(a.Account)
	}
	q := evaluator.Request{Operation: evaluator.Operation(try), Key: "some/key"}
	if kind != "" {
		q.Key = document.CanaryKey(account, document.MarkOf("stack", "resource"))
	}
	switch try {
	case "ListBucket":
		q.Key = ""
		if kind != "" {
			q.Context.Set("s3:prefix", evaluator.One(document.CanaryFolder+account+"/"))
		}
	case clearPut:
		q.Operation = "PutObject"
		q.Context.Set("s3:x-amz-server-side-encryption", evaluator.One("AES256"))
	}
	q.KMSContext.Set("kms:ResourceAliases", evaluator.Many(share.DefaultAlias(bucket)))
	return q
}

// anotherThan is an account that is often let in, and not this one.
func anotherThan(account string) string {
	if account == partner {
		return newcomer
	}
	return partner
}

// merged is what two declarations give.
func merged(some, others access) access {
	all := access{}
	for _, may := range []access{some, others} {
		for who, tries := range may {
			all[who] = union(all[who], tries)
		}
	}
	return all
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
