package document_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy"
)

// quotas is the page that this test writes.
const quotas = "../../docs/quotas.md"

// TestQuotas measures how much fits into AWS's limits, and keeps the page about it true.
func TestQuotas(t *testing.T) {
	got := quotasIntroduction + manyAccounts(t) + consumersThatFit(t) + inlineSizes(t)
	if sharetest.Updating() {
		sharetest.Must(t, os.WriteFile(quotas, []byte(got), 0o644))
	}
	want, err := os.ReadFile(quotas)
	sharetest.Must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; when that is meant, run the test with -update: %s", quotas, diff)
	}
}

const quotasIntroduction = `# How much fits

A bucket policy has 20,480 bytes, a key policy 32,768; IAM counts the characters, white space apart, of all inline
policies of one identity together: 2,048 for a user, 5,120 for a group, 10,240 for a role. A declaration that does
not fit is refused before anything is written, with the number of bytes over the limit. The numbers below are
measured by ` + "`internal/document/quotas_test.go`" + `, which writes this page, for the bucket
` + "`account-a-bucket`" + ` at level ` + "`ReadWrite`" + `.

`

// ofShare is a share with these consumers.
func ofShare(consumers ...any) map[string]any {
	return map[string]any{"BucketName": "account-a-bucket", "Consumers": consumers}
}

// withoutCanary is a share without the canary's statements, which name each account once more.
func withoutCanary(consumers ...any) map[string]any {
	properties := ofShare(consumers...)
	properties["Canary"] = false
	return properties
}

func accountID(i int) string { return fmt.Sprintf("%012d", 200_000_000_000+i) }

func manyAccounts(t *testing.T) string {
	page := "## A folder for each account of an organization\n\n" +
		"`Prefixes: [\"accounts/{account}\"]` is one statement, whatever the number of accounts; " +
		"a list of accounts is not.\n\n" +
		"| Accounts | organization, `accounts/{account}`: bucket policy, key policy | " +
		"list of accounts: bucket policy, key policy |\n|---|---|---|\n"
	for _, n := range []int{10, 1_000, 100_000} {
		var accounts []any
		for i := range n {
			accounts = append(accounts, accountID(i))
		}
		folders := []any{"accounts/{account}"}
		one := ofShare(map[string]any{"Organization": organization, "Prefixes": folders})
		list := ofShare(map[string]any{"Account": accounts, "Prefixes": folders})
		page += fmt.Sprintf("| %s | %s | %s |\n", thousands(n), sizes(t, one), sizes(t, list))
	}
	return page + "\n"
}

// sizes are those of a share's bucket policy and key policy, with the limit that is exceeded.
func sizes(t *testing.T, properties map[string]any) string {
	s := sharetest.Parse(t, properties, sharetest.Sydney)
	bucketPolicy := policy.Document{Version: policy.Version,
		Statements: document.OfShare(s, s.Env.PendingKeyARN(), "").Bucket.Statements}
	keyPolicy := policy.Document{Version: policy.Version,
		Statements: document.OfShare(s, "", "").KeyPolicy().Statements}
	text := fmt.Sprintf("%s, %s bytes", thousands(len(bucketPolicy.Text())), thousands(len(keyPolicy.Text())))
	if document.CheckShare(s) != nil {
		text += ": does not fit"
	}
	return text
}

func consumersThatFit(t *testing.T) string {
	page := "## Consumers of one share\n\n" +
		"The canary's statements name each account, organization and unit once more; `Canary: false` makes room.\n\n" +
		"| Each consumer is | in one statement | without the canary | with a folder of its own | what is full then |\n" +
		"|---|---|---|---|---|\n"
	for _, kind := range []struct {
		name string
		make func(i int) map[string]any
	}{
		{name: "`Account`", make: func(i int) map[string]any { return map[string]any{"Account": accountID(i)} }},
		{name: "`Principal`, `role/application` of an account each", make: func(i int) map[string]any {
			return map[string]any{"Principal": "arn:aws:iam::" + accountID(i) + ":role/application"}
		}},
		{name: "`Principal`, roles of one account", make: func(i int) map[string]any {
			return map[string]any{"Principal": fmt.Sprintf("arn:aws:iam::222222222222:role/application-%03d", i)}
		}},
		{name: "`PermissionSet`, of an account each", make: func(i int) map[string]any {
			return map[string]any{"PermissionSet": map[string]any{"Account": accountID(i), "Name": "Analyst"}}
		}},
		{name: "`Organization`",
			make: func(i int) map[string]any { return map[string]any{"Organization": fmt.Sprintf("o-a1b2c3%04d", i)} }},
		{name: "`OrganizationalUnit`, three levels below the root", make: func(i int) map[string]any {
			return map[string]any{"OrganizationalUnit": fmt.Sprintf("%s/r-ab12/ou-ab12-11111111/ou-ab12-22222222/ou-ab12-%08d",
				organization, i)}
		}},
	} {
		together, limit := largest(t, ofShare, kind.make)
		without, _ := largest(t, withoutCanary, kind.make)
		apart, _ := largest(t, ofShare, func(i int) map[string]any {
			consumer := kind.make(i)
			consumer["Prefixes"] = []any{fmt.Sprintf("team-%03d", i)}
			return consumer
		})
		page += fmt.Sprintf("| %s | %d | %d | %d | %s |\n", kind.name, together, without, apart, limit)
	}
	return page + "\n"
}

// largest is how many consumers fit into a share, and which document is full then.
func largest(
	t *testing.T, of func(...any) map[string]any, consumer func(i int) map[string]any,
) (n int, limit string) {
	fits, over := 0, 2_000
	for over-fits > 1 {
		n := (fits + over) / 2
		var all []any
		for i := range n {
			all = append(all, consumer(i))
		}
		err := document.CheckShare(sharetest.Parse(t, of(all...), sharetest.Sydney))
		if err == nil {
			fits = n
			continue
		}
		over = n
		var bad share.Violations
		errors.As(err, &bad)
		limit = "bucket policy"
		if strings.Contains(bad[0].Problem, "key policy") {
			limit = "key policy"
		}
	}
	return fits, limit
}

func inlineSizes(t *testing.T) string {
	page := "## Shares of one identity\n\n" +
		"Characters of one share's policy; in brackets, what it would take with a statement for everything, as AWS's\n" +
		"examples have it, and how many shares of that kind fit into one user, group and role. That both say the same is\n" +
		"proven by `internal/document/shape_test.go`.\n\n" +
		"| Level | delegate | delegate, one folder | grantee | grantee, one folder |\n|---|---|---|---|---|\n"
	for _, level := range share.Levels {
		page += fmt.Sprintf("| `%s` |", level)
		for _, delegate := range []bool{true, false} {
			for _, prefixes := range []string{"", `, "Prefixes": "team-b"`} {
				short, long := inlineTexts(t, delegate, `"Access": "`+string(level)+`"`+prefixes)
				n := policy.CharactersIAMCounts(short)
				page += fmt.Sprintf(" %s (%s; %d, %d, %d) |", thousands(n), thousands(policy.CharactersIAMCounts(long)),
					share.User.InlineLimit()/n, share.Group.InlineLimit()/n, share.Role.InlineLimit()/n)
			}
		}
		page += "\n"
	}
	return page + moreShares
}

const moreShares = `
## More shares than that

With ` + "`PolicyType: Auto`" + `, a share beyond that gets a managed policy of its own for that user, group or role: up to 6,144
characters, which do not count among the inline ones. IAM lets an identity have 10 of them attached, whosever they are,
and an account 1,500; both are quotas that AWS raises on request (Service Quotas, IAM). They are read as they are for
the account, and when one has no room, nothing is written and the error names it. What helps then: a group that all of
a share's users are in, or a role that they take on, in place of users; one share with prefixes in place of several.
`

// inlineTexts are the inline policy of one delegate or grantee, and its long shape.
func inlineTexts(t *testing.T, delegate bool, scope string) (short, long string) {
	key, mark := sharetest.KeyOf(sharetest.Sydney), document.MarkOf("", "")
	if delegate {
		s := sharetest.Parse(t, sharetest.Object(t,
			`{"BucketName": "account-a-bucket", "Delegates": [{"User": "ann", `+scope+`}]}`), sharetest.Sydney)
		id := s.Delegates[0].Identity
		return document.OfShare(s, key, mark).Of(id).Document.Text(), longDelegate(s, id, key).Text()
	}
	env := sharetest.Sydney
	env.Account = sharetest.ConsumerAccount
	a, err := share.ParseAccess(sharetest.Object(t, `{"BucketName": "account-a-bucket", "OwnerAccount": "111111111111",
		"Grantees": [{"User": "dilip", `+scope+`}]}`), env)
	sharetest.Must(t, err)
	id := a.Grantees[0].Identity
	return document.OfAccess(a, key, mark).Of(id).Document.Text(), longGrantee(a, id, key).Text()
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return thousands(n/1000) + fmt.Sprintf(",%03d", n%1000)
}
