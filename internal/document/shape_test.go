package document_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// longShape is an inline policy as it would be with a statement for everything: it says the same as the documents that
// are written, which share statements because IAM counts characters.
func longShape(scopes []share.Scope, owner, bucketARN, key string, use, describe policy.Condition) policy.Document {
	d := policy.Document{Version: policy.Version}
	add := func(sid string, actions, resources []string, c policy.Condition) {
		d.Statements = append(d.Statements, policy.Statement{
			Sid: "SharedBucket" + sid, Effect: policy.Allow, Action: actions, Resource: resources, Condition: c,
		})
	}
	bound := func(more policy.Condition) policy.Condition {
		c := policy.Condition{"StringEquals": {"s3:ResourceAccount": {owner}}}
		for operator, tests := range more {
			for key, values := range tests {
				if c[operator] == nil {
					c[operator] = map[string]policy.Values{}
				}
				c[operator][key] = values
			}
		}
		return c
	}
	strongest := share.Read
	for i, s := range scopes {
		sid := fmt.Sprint(s.Level)
		if len(s.Prefixes) > 0 {
			sid += fmt.Sprintf("%013d", i) // as long as a digest
		}
		actions, resources := append(s.Level.ObjectActions(), share.GetBucketLocation), []string{bucketARN}
		var patterns []string
		for _, p := range s.In("${aws:PrincipalAccount}").Prefixes {
			patterns = append(patterns, p+"/*")
			resources = append(resources, bucketARN+"/"+p+"/*")
		}
		if len(patterns) == 0 {
			actions, resources = append(actions, s.Level.ListActions()...), append(resources, bucketARN+"/*")
		}
		add(sid, actions, resources, bound(nil))
		if len(patterns) > 0 && s.Level.Reads() {
			list, bucket := []string{share.ListBucket}, []string{bucketARN}
			add("List"+sid, list, bucket, bound(policy.Condition{"StringLike": {"s3:prefix": patterns}}))
			add("Folder"+sid, list, bucket, bound(policy.Condition{"StringEquals": {
				"s3:prefix": s.In("${aws:PrincipalAccount}").Prefixes, "s3:delimiter": {"/"}}}))
		}
		if s.Level.Writes() {
			strongest = share.Write
		}
	}
	if reflect.DeepEqual(use, describe) {
		add("KeyOf1234567890123", append(strongest.KeyActions(), share.DescribeKey), []string{key}, use)
		return d
	}
	add("KeyOf1234567890123", strongest.KeyActions(), []string{key}, use)
	add("DescribeKey", []string{share.DescribeKey}, []string{key}, describe)
	return d
}

// longDelegate and longGrantee are what the policies of delegates and grantees would be in the long shape.
func longDelegate(s share.Share, id share.Identity, key string) policy.Document {
	var use policy.Condition
	if !s.DirectUse {
		use = policy.Condition{"StringEquals": {"kms:ViaService": {s.Env.ViaS3()}}}
	}
	return longShape(scopesOf(s.Delegates, id), s.Env.Account, s.Env.BucketARN(s.Bucket), key, use, nil)
}

func longGrantee(a share.Access, id share.Identity, key string) policy.Document {
	var c policy.Condition
	if key == "" {
		key = a.Env.ARN("kms", a.Env.Region, a.Owner, "key/*")
		c = policy.Condition{"ForAnyValue:StringEquals": {"kms:ResourceAliases": {a.Alias}}}
	}
	return longShape(scopesOf(a.Grantees, id), a.Owner, a.Env.BucketARN(a.Bucket), key, c, c)
}

func scopesOf(grantees []share.Grantee, id share.Identity) []share.Scope {
	var all []share.Scope
	for _, g := range grantees {
		if g.Identity == id {
			all = append(all, g.Scope)
		}
	}
	return all
}

// asked are requests of all kinds, about keys and listings in and beside the folders of generated shares.
func asked(t *rapid.T) evaluator.Request {
	var q evaluator.Request
	q.Operation = rapid.SampledFrom(slices.Concat(evaluator.Operations(), []evaluator.Operation{
		"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:DescribeKey", "kms:CreateGrant",
		"kms:PutKeyPolicy", "s3:GetObjectAcl", "s3:PutBucketPolicy", "s3:DeleteBucket",
	})).Draw(t, "operation")
	folder := rapid.SampledFrom([]string{"", "team-a", "team-b", "in", "in/raw", "out", "a b", "accounts/222222222222",
		"accounts/111111111111", "elsewhere"}).Draw(t, "folder")
	if rapid.Bool().Draw(t, "an object") {
		q.Key = folder + "/x"
		if q.Operation.Copies() {
			q.Source = evaluator.Source{Key: rapid.SampledFrom([]string{"in/x", "x"}).Draw(t, "source")}
		}
		return q
	}
	prefix := folder + rapid.SampledFrom([]string{"", "/", "/deeper", "-secret/"}).Draw(t, "prefix")
	q.Context.Set("s3:prefix", evaluator.One(prefix))
	if delimiter := rapid.SampledFrom([]string{"", "/", "x"}).Draw(t, "delimiter"); delimiter != "" {
		q.Context.Set("s3:delimiter", evaluator.One(delimiter))
	}
	return q
}

// The evaluator decides alike of a document and of its long shape: for the shared bucket and one that somebody else
// made under its name, through S3 and with the key alone.
func TestSharedStatementsSayTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := sharetest.Envs().Draw(t, "env")
		var short, long policy.Document
		var alias string
		bucket, owner, home, key := "", env.Account, env.Account, sharetest.KeyOf(env)
		if rapid.Bool().Draw(t, "delegate") {
			s := sharetest.Shares(env).Draw(t, "share")
			if len(s.Delegates) == 0 {
				t.Skip("no delegate")
			}
			id := rapid.SampledFrom(share.Identities(s.Delegates)).Draw(t, "who")
			short, long = document.OfShare(s, key, document.MarkOf("", "")).Of(id).Document, longDelegate(s, id, key)
			bucket = s.Bucket
		} else {
			a := sharetest.Accesses(env).Draw(t, "access")
			if len(a.Grantees) == 0 {
				t.Skip("no grantee")
			}
			bucket, owner, home, alias = a.Bucket, a.Owner, a.Env.Account, a.Alias
			key = a.Env.ARN("kms", a.Env.Region, a.Owner, "key/1234abcd-12ab-34cd-56ef-1234567890ab")
			known := rapid.SampledFrom([]string{"", key}).Draw(t, "known key")
			id := rapid.SampledFrom(share.Identities(a.Grantees)).Draw(t, "who")
			short, long = document.OfAccess(a, known, document.MarkOf("", "")).Of(id).Document, longGrantee(a, id, known)
		}
		who := evaluator.Principal{ARN: env.ARN("iam", "", home, "user/x"), Type: evaluator.User}
		b := evaluator.Bucket{Name: bucket, Region: env.Region, BucketKeyEnabled: rapid.Bool().Draw(t, "bucket key")}
		b.Owner = &evaluator.Account{ID: rapid.SampledFrom([]string{owner, home, "999999999999"}).Draw(t, "bucket's owner")}
		keyOwner := &evaluator.Account{ID: owner}
		who.Account = &evaluator.Account{ID: home}
		for _, account := range []**evaluator.Account{&b.Owner, &keyOwner} {
			if (*account).ID == home {
				*account = who.Account
			}
		}
		b.Policy = evaluator.NewPolicy("bucket policy", everything, grammar.BucketPolicy)
		b.Key = &evaluator.Key{ARN: key, Owner: keyOwner,
			Policy: evaluator.NewPolicy("key policy", delegating(env, owner, home), grammar.KeyPolicy)}
		aliased := alias != "" && rapid.Bool().Draw(t, "alias is there")
		e := evaluator.NewEvaluator(b)
		decide := func(d policy.Document, q evaluator.Request) string {
			who.Identity = []*evaluator.Policy{evaluator.NewPolicy("inline", d.Text(), grammar.Identity)}
			made := e.Decide(evaluator.NewRequester(who), q)
			return fmt.Sprint(made.Overall, made.S3, made.KMS)
		}
		for range 20 {
			q := asked(t)
			if aliased {
				q.Context.Set("kms:ResourceAliases", evaluator.Many(alias))
				q.KMSContext.Set("kms:ResourceAliases", evaluator.Many(alias))
			}
			if a, b := decide(short, q), decide(long, q); a != b {
				t.Fatalf("%s of %q: %s, and in the long shape %s\n%s\n%s", q.Operation, q.Key, a, b, short.Text(), long.Text())
			}
		}
	})
}

// delegating is a key policy that leaves everything to the identity policies of both accounts.
func delegating(env share.Env, accounts ...string) string {
	statement := policy.Statement{Sid: "All", Effect: policy.Allow, Principal: &policy.Principal{},
		Action: policy.Values{"kms:*"}, Resource: policy.Values{"*"}}
	for _, account := range accounts {
		statement.Principal.AWS = append(statement.Principal.AWS, env.RootARN(account))
	}
	return policy.Document{Version: policy.Version, Statements: []policy.Statement{statement}}.Text()
}
