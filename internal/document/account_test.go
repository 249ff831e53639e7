package document_test

import (
	"strings"
	"testing"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

const organization = "o-a1b2c3d4e5"

// eachAccount is a share in which every account below an OU has a folder of its own.
func eachAccount(t *testing.T) share.Share {
	return sharetest.Parse(t, sharetest.Object(t, `{"BucketName": "account-a-bucket", "Consumers": [
		{"OrganizationalUnit": "`+organization+`/r-ab12/ou-ab12-11111111", 
			"Prefixes": ["accounts/{account}"], "Access": "Full"}]}`),
		sharetest.Sydney)
}

// member is a user of an account of the organization, with the inline policy of a grantee or none.
func member(t *testing.T, account *evaluator.Account, inline bool) *evaluator.Requester {
	p := evaluator.Principal{ARN: "arn:aws:iam::" + account.ID + ":user/dilip", Account: account, Type: evaluator.User}
	if inline {
		env := sharetest.Sydney
		env.Account = account.ID
		a, err := share.ParseAccess(sharetest.Object(t, `{"BucketName": "account-a-bucket", "OwnerAccount": "111111111111",
			"Grantees": [{"User": "dilip", "Access": "Full", "Prefixes": "accounts/{account}"}]}`), env)
		sharetest.Must(t, err)
		text := document.OfAccess(a, sharetest.KeyOf(sharetest.Sydney), "").Of(a.Grantees[0].Identity).Document.Text()
		p.Identity = []*evaluator.Policy{evaluator.NewPolicy("inline", text, grammar.Identity)}
	}
	return evaluator.NewRequester(p)
}

// A folder for each account: one statement for all of them, in which nobody reaches the folder of another, which Block
// Public Access does not take for public, and which leaves the owner account to its own policies.
func TestAFolderForEachAccount(t *testing.T) {
	s := eachAccount(t)
	key := sharetest.KeyOf(s.Env)
	owner := &evaluator.Account{ID: s.Env.Account, OrgID: organization,
		OrgPaths: []string{organization + "/r-ab12/ou-ab12-11111111/"}}
	b := evaluator.Bucket{Name: s.Bucket, Region: s.Env.Region, Owner: owner, BucketKeyEnabled: true,
		RestrictPublicBuckets: true}
	b.Policy = evaluator.NewPolicy("bucket policy",
		document.OfShare(s, key, "").BucketPolicy().Text(), grammar.BucketPolicy)
	b.Key = &evaluator.Key{ARN: key, Owner: owner,
		Policy: evaluator.NewPolicy("key policy", document.OfShare(s, key, "").KeyPolicy().Text(), grammar.KeyPolicy)}
	e := evaluator.NewEvaluator(b)
	home := &evaluator.Account{ID: "222222222222", OrgID: organization, OrgPaths: owner.OrgPaths}
	elsewhere := &evaluator.Account{ID: "333333333333", OrgID: organization,
		OrgPaths: []string{organization + "/r-ab12/ou-ab12-99999999/"}}
	for _, c := range []struct {
		name   string
		who    *evaluator.Requester
		folder string
		want   evaluator.Verdict
	}{
		{name: "its own folder", who: member(t, home, true), folder: "accounts/222222222222", want: evaluator.Allow},
		{name: "the folder of another account", who: member(t, home, true), folder: "accounts/333333333333",
			want: evaluator.Deny},
		{name: "a folder whose name begins alike", who: member(t, home, true), folder: "accounts/2222222222222",
			want: evaluator.Deny},
		{name: "the folder of all", who: member(t, home, true), folder: "accounts", want: evaluator.Deny},
		{name: "the declared name as it is", who: member(t, home, true), folder: "accounts/{account}", want: evaluator.Deny},
		{name: "without an identity policy", who: member(t, home, false), folder: "accounts/222222222222",
			want: evaluator.Deny},
		{name: "of another OU", who: member(t, elsewhere, true), folder: "accounts/333333333333", want: evaluator.Deny},
		{name: "of the owner account", who: member(t, owner, false), folder: "accounts/111111111111", want: evaluator.Deny},
	} {
		for _, operation := range []evaluator.Operation{"GetObject", "PutObject", "DeleteObject", "ListBucket"} {
			q := evaluator.Request{Operation: operation, Key: c.folder + "/object"}
			if operation == "ListBucket" {
				q.Key = ""
				q.Context.Set("s3:prefix", evaluator.One(c.folder+"/"))
			}
			if d := e.Decide(c.who, q); d.Overall != c.want {
				t.Errorf("%s, %s: %s, want %s: %v", c.name, operation, d.Overall, c.want, d.Reasons)
			}
		}
	}
}

func TestAccountsCostNothingWithAFolderEach(t *testing.T) {
	s := eachAccount(t)
	statements := document.OfShare(s, sharetest.KeyOf(s.Env), "").Bucket.Statements
	text := policy.Document{Version: policy.Version, Statements: statements}.Text()
	if strings.Contains(text, share.AccountFolder) || !strings.Contains(text, "/accounts/${aws:PrincipalAccount}/*") {
		t.Error(text)
	}
}
