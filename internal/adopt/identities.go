package adopt

import (
	"cmp"
	"slices"
	"strings"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// identitiesOf proposes every identity with a policy of its own that names the bucket, or that the bucket policy names
// in the owner account. Who may use every bucket of his account is not let in by this share, and stays as he is.
func identitiesOf(env share.Env, w proof.World, d documents, folders []string) []identity {
	var all []identity
	var whole, own []proof.Subject // as they are, and with the policies alone that name the bucket
	for _, p := range w.Principals {
		i := identity{account: p.Account, id: p.Identity(), named: namingBucket(env, w, p), from: d.naming(p.ARN)}
		if len(i.named) == 0 && len(i.from) == 0 {
			continue
		}
		for _, policy := range i.named {
			i.from = append(i.from, policy.Name)
		}
		requester := p
		if p.Type == proof.GroupType {
			requester = anyMember(env, p)
		} else {
			i.arn = p.ARN
		}
		all = append(all, i)
		whole = append(whole, proof.Subject{Principal: requester, Role: proof.Known, Free: true, Label: p.ARN})
		requester.Policies = i.named
		own = append(own, proof.Subject{Principal: requester, Role: proof.Known, Free: true, Label: p.ARN})
	}
	overallOf := proof.Ask(w, whole, folders)
	weak := make([]string, len(all)) // why not, where the policies that name the bucket allow nothing themselves
	found := reaches(w, own, folders, func(i int, a proof.Answer) bool {
		able := a.Decision.S3 == evaluator.Allow && overallOf[i].Allowed()
		if why := &all[a.Subject].why; core[a.Operation] != 0 {
			*why = cmp.Or(*why, whyNot(a, overallOf[i]))
			weak[a.Subject] = cmp.Or(weak[a.Subject], a.Deciding().Text())
		}
		return able
	})
	for i, r := range found {
		all[i].scopes = r.in(share.ConsumerID{Account: all[i].account}).scopes()
		all[i].why = cmp.Or(all[i].why, weak[i])
	}
	return all
}

// whyNot is what keeps somebody from what his policies that name the bucket are about, as far as an answer says.
func whyNot(own, whole proof.Answer) string {
	switch {
	case own.Decision.S3 != evaluator.Allow:
		return ""
	case whole.Allowed() && own.Operation == "DeleteObject":
		return "it can only delete, and no level is so"
	case whole.Allowed():
		return ""
	}
	return whole.Deciding().Text()
}

// naming are the statements of the bucket policy that let a principal in by its ARN in the owner account.
func (d documents) naming(arn string) []string {
	var all []string
	for _, s := range d.bucket.judged() {
		if s.statement.Effect != policy.Allow || s.statement.Principal == nil {
			continue
		}
		account := strings.SplitN(arn+":::::", ":", 6)[4]
		if slices.Contains(whoOf(account, s.statement).identities, arn) {
			all = append(all, s.place)
		}
	}
	return all
}

// accounts are all accounts that statements name, sorted.
func (d documents) accounts() []string {
	var all []string
	for _, s := range slices.Concat(d.bucket.sources, d.key.sources) {
		for _, text := range mentioned(s.statement) {
			if account, is := policy.AccountOf(text); is {
				all = append(all, account)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// mentioned are the principals of a statement, and those of its conditions.
func mentioned(s policy.Statement) []string {
	var all []string
	for _, p := range []*policy.Principal{s.Principal, s.NotPrincipal} {
		if p != nil {
			all = append(all, p.AWS...)
		}
	}
	for _, tests := range s.Condition {
		for key, values := range tests {
			if strings.EqualFold(key, "aws:PrincipalAccount") || strings.EqualFold(key, "aws:PrincipalArn") {
				all = append(all, values...)
			}
		}
	}
	return all
}

// folders are all folders that something names, sorted.
func foldersNamed(env share.Env, w proof.World, d documents) []string {
	bucketARN := env.BucketARN(w.Bucket.Name)
	var all []string
	for _, s := range d.bucket.sources {
		all = append(all, whereOf(bucketARN, s.statement).folders...)
	}
	for _, p := range w.Principals {
		for _, policy := range namingBucket(env, w, p) {
			for _, s := range statementsOf(policy) {
				all = append(all, whereOf(bucketARN, s).folders...)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
