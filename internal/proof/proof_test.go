package proof_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// walkthrough is the share of Ann and Dilip, with its one consumer's side.
func walkthrough(t sharetest.Fataler, access string) (share.Share, share.Access) {
	s := sharetest.Parse(t, map[string]any{
		"BucketName": "account-a-bucket",
		"Consumers":  []any{map[string]any{"Account": "222222222222", "Access": access}},
		"Delegates":  []any{map[string]any{"User": "ann"}},
	}, sharetest.Sydney)
	there := sharetest.Sydney
	there.Account = "222222222222"
	a, err := share.ParseAccess(map[string]any{
		"BucketName": "account-a-bucket", "OwnerAccount": sharetest.OwnerAccount,
		"Grantees": []any{map[string]any{"User": "dilip"}},
	}, there)
	sharetest.Must(t, err)
	return s, a
}

// edit gives a document another text.
func edit(d *proof.Document, change func(text string) string) {
	*d = proof.NewDocument(d.Name, change(d.Text()), d.Policy().Kind)
}

// replace is strings.Replace of the first occurrence, replaceAll of all of them.
func replace(d *proof.Document, old, by string) {
	edit(d, func(text string) string { return strings.Replace(text, old, by, 1) })
}

func replaceAll(d *proof.Document, old, by string) {
	edit(d, func(text string) string { return strings.ReplaceAll(text, old, by) })
}

func granteesOf(sides ...share.Access) map[string][]share.Grantee {
	all := map[string][]share.Grantee{}
	for _, a := range sides {
		all[a.Env.Account] = a.Grantees
	}
	return all
}

func deployed(t sharetest.Fataler, s share.Share, sides ...share.Access) proof.World {
	t.Helper()
	w, err := proof.Deployed(s, sides)
	sharetest.Must(t, err)
	return w
}

func texts(findings []proof.Finding) string {
	all := make([]string, len(findings))
	for i, f := range findings {
		all[i] = f.String()
	}
	return strings.Join(all, "\n")
}

// TestEveryShareProvesItself: the documents of any share do what the share declares.
func TestEveryShareProvesItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := sharetest.Envs().Draw(t, "env")
		s := sharetest.Shares(env).Draw(t, "share")
		r := proof.ForShare(s, nil, deployed(t, s))
		if r.Verified() != proof.True || len(r.Findings()) > 0 {
			t.Fatalf("verified is %s:\n%s", r.Verified(), texts(r.Findings()))
		}
	})
}

// TestAccountOfTheStrangers: whoever declares one of the accounts that strangers are imagined in has declared it, and
// is told of no stranger there.
func TestAccountOfTheStrangers(t *testing.T) {
	s := sharetest.Parse(t, map[string]any{
		"BucketName": "account-a-bucket",
		"Consumers":  []any{map[string]any{"Account": []any{"999999999999", "999999999998"}}},
	}, sharetest.Sydney)
	r := proof.ForShare(s, nil, deployed(t, s))
	if r.Verified() != proof.True {
		t.Errorf("verified is %s:\n%s", r.Verified(), texts(r.Findings()))
	}
}

// TestEveryStatementMatters: without any one of its statements a share is not as declared. So the questions see
// whatever the documents say.
func TestEveryStatementMatters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sharetest.Shares(sharetest.Sydney).Draw(t, "share")
		w := deployed(t, s)
		document := readDocument(t, w.Bucket.Policy.Text())
		i := rapid.IntRange(0, len(document.Statements)-1).Draw(t, "statement")
		gone := document.Statements[i]
		document.Statements = slices.Delete(slices.Clone(document.Statements), i, i+1)
		if covered(gone, document.Statements) {
			t.Skip("the others say the same")
		}
		edit(&w.Bucket.Policy, func(string) string { return document.Text() })
		if r := proof.ForShare(s, nil, w); r.Verified() != proof.False || len(r.Findings()) == 0 {
			t.Fatalf("without %s the share is still %s", gone.Sid, r.Verified())
		}
	})
}

// covered says that no question can tell whether a statement is there: nobody is let in whom its denial could hit, the
// statement is about listing a folder without its slash, or another says the same.
func covered(gone policy.Statement, others []policy.Statement) bool {
	if gone.Effect == policy.Deny {
		allows := func(s policy.Statement) bool { return s.Effect == policy.Allow }
		return !slices.ContainsFunc(others, allows)
	}
	return strings.Contains(gone.Sid, "Folder") || sameElsewhere(gone, others)
}

// sameElsewhere: two consumers may be the same principals, or one scope lie in another.
func sameElsewhere(gone policy.Statement, others []policy.Statement) bool {
	return slices.ContainsFunc(others, func(s policy.Statement) bool {
		has := func(action string) bool { return slices.Contains(s.Action, action) }
		return s.Effect == policy.Allow && slices.ContainsFunc(gone.Action, has)
	})
}

func TestWalkthrough(t *testing.T) {
	s, a := walkthrough(t, "ReadWrite")
	r := proof.ForShare(s, granteesOf(a), deployed(t, s, a))
	if r.Verified() != proof.True {
		t.Fatalf("verified is %s:\n%s", r.Verified(), texts(r.Findings()))
	}
	for _, who := range []string{"user/ann of 111111111111", "user/dilip of 222222222222"} {
		i := slices.IndexFunc(r.Subjects, func(s proof.Subject) bool { return s.Label == who })
		if i < 0 {
			t.Fatalf("nobody asked about %s", who)
		}
		for _, answer := range r.Answers {
			put := answer.Subject == i && answer.Operation == "PutObject" && answer.Variant == ""
			if put && !answer.Allowed() {
				t.Errorf("%s cannot write: %s", who, answer.Deciding().Text())
			}
		}
	}
}

// TestSurprises: one change in what is there, one finding that says what it is.
func TestSurprises(t *testing.T) {
	const everybody = `{"Sid": "Oops", "Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket",
		"Resource": "arn:aws:s3:::account-a-bucket", "Condition": {"StringLike": {"aws:PrincipalArn": "*"}}}`
	for name, c := range map[string]struct {
		access string
		change func(w *proof.World)
		want   []string // in one finding
	}{
		"a consumer lets in less than its grantee is declared": {
			access: "Read", change: func(*proof.World) {},
			want: []string{"user/dilip of 222222222222 cannot", "PutObject", "bucket policy", "lacks"},
		},
		"no bucket policy": {
			access: "ReadWrite", change: func(w *proof.World) { w.Bucket.Policy = proof.Document{} },
			want: []string{"account 222222222222, its best", "cannot", "the bucket policy of account-a-bucket is missing"},
		},
		"a key policy that forgets the consumer": {
			access: "ReadWrite", change: func(w *proof.World) {
				w.Bucket.Key.Policy = proof.ResourcePolicy(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow",`+
					`"Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"kms:*","Resource":"*"}]}`, grammar.KeyPolicy)
			},
			want: []string{"account 222222222222, its best-equipped principal cannot", "the key policy of"},
		},
		"dilip's own policy is gone": {
			access: "ReadWrite", change: func(w *proof.World) { named(w, "dilip").Policies = nil },
			want: []string{"user/dilip of 222222222222 cannot", "no identity policy of", "the identity layer lacks"},
		},
		"a boundary that knows no KMS": {
			access: "ReadWrite", change: func(w *proof.World) {
				onlyS3 := proof.NewDocument("OnlyS3",
					`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`, grammar.Boundary)
				named(w, "dilip").Boundary = &onlyS3
			},
			want: []string{"user/dilip of 222222222222 cannot", "permissions boundary", "kms:"},
		},
		"an SCP that denies": {
			access: "ReadWrite", change: func(w *proof.World) {
				w.Accounts["222222222222"] = proof.Account{Organization: "o-a1b2c3d4e5", SCPs: []proof.OrganizationLevel{{
					Target: "r-root", Policies: []proof.Document{proof.NewDocument("NoS3", `{"Version":"2012-10-17","Statement":[`+
						`{"Effect":"Allow","Action":"*","Resource":"*"},`+
						`{"Sid":"NoS3","Effect":"Deny","Action":"s3:Put*","Resource":"*"}]}`, grammar.SCP)},
				}}}
			},
			want: []string{"cannot PutObject", "SCP", "NoS3"},
		},
		"a statement for everybody": {
			access: "ReadWrite", change: func(w *proof.World) {
				w.Bucket.RestrictPublicBuckets = false
				replace(&w.Bucket.Policy, `"Statement":[`, `"Statement":[`+everybody+`,`)
			},
			want: []string{"without any policy can, and is not declared to", "ListObjectsV2", "Oops"},
		},
		"a canary's folder that is open to all folders": {
			access: "Read", change: func(w *proof.World) {
				replace(&w.Bucket.Policy, "canary/${aws:PrincipalAccount}/", "canary/")
			},
			want: []string{"provider of account 222222222222 can, and is not declared to", "canary/999999999995/", "PutObject"},
		},
		"a canary for the whole bucket": {
			access: "Read", change: func(w *proof.World) {
				replace(&w.Bucket.Policy, "/.sharedbucket/canary/${aws:PrincipalAccount}/*", "/*")
			},
			want: []string{"provider of account 222222222222 can, and is not declared to", "anywhere", "PutObject"},
		},
		"a canary for everybody in the account": {
			access: "Read", change: func(w *proof.World) {
				replaceAll(&w.Bucket.Policy, "role/sharedbucket-provider-*", "*")
				replaceAll(&w.Bucket.Key.Policy, "role/sharedbucket-provider-*", "*")
			},
			want: []string{"account 222222222222, its best-equipped principal can", ".sharedbucket/canary/222222222222/"},
		},
		"a canary for any account": {
			access: "Read", change: func(w *proof.World) {
				w.Bucket.RestrictPublicBuckets = false
				for _, policy := range []*proof.Document{&w.Bucket.Policy, &w.Bucket.Key.Policy} {
					edit(policy, func(text string) string {
						before, canary, _ := strings.Cut(text, "Canary")
						return before + "Canary" + strings.Replace(canary, `{"AWS":"arn:aws:iam::222222222222:root"}`, `"*"`, 1)
					})
				}
			},
			want: []string{"a provider of an account that is not listed can", ".sharedbucket/canary/999999999999/"},
		},
		"a canary without its key": {
			access: "Read", change: func(w *proof.World) {
				replace(&w.Bucket.Key.Policy, "kms:GenerateDataKey", "kms:Encrypt")
			},
			want: []string{"provider of account 222222222222 cannot PutObject", "key policy", "kms:GenerateDataKey"},
		},
		"dilip is declared a reader and may write by a policy of his own": {
			access: "ReadWrite", change: func(w *proof.World) {
				p := named(w, "dilip")
				p.Policies = append(p.Policies, proof.NewDocument("AdministratorAccess",
					`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`, grammar.Identity))
			},
			want: []string{"user/dilip", "can, and is not declared to", "DeleteObject", "AdministratorAccess"},
		},
		"ann may delete by a statement that names her": {
			access: "ReadWrite", change: func(w *proof.World) {
				replace(&w.Bucket.Policy, `"Statement":[`, `"Statement":[{"Sid": "AnnDeletes",`+
					`"Effect": "Allow", "Principal": {"AWS": "`+named(w, "ann").ARN+`"}, "Action": "s3:DeleteObject",`+
					`"Resource": "arn:aws:s3:::account-a-bucket/*"},`)
			},
			want: []string{"user/ann", "can, and is not declared to", "DeleteObject", "AnnDeletes"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, a := walkthrough(t, c.access)
			if strings.HasPrefix(name, "dilip is declared a reader") {
				s, _ = walkthrough(t, "Full")
				a.Grantees[0].Scope.Level = share.Read
			}
			w := deployed(t, s, a)
			c.change(&w)
			r := proof.ForShare(s, granteesOf(a), w)
			fits := func(f proof.Finding) bool { return holds(f.String()+fmt.Sprint(f.Operations), c.want) }
			if !slices.ContainsFunc(r.Findings(), fits) {
				t.Errorf("no finding with %q among\n%s", c.want, texts(r.Findings()))
			}
		})
	}
}

func holds(text string, parts []string) bool {
	return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(text, part) })
}

func named(w *proof.World, name string) *proof.Principal {
	i := slices.IndexFunc(w.Principals, func(p proof.Principal) bool { return strings.HasSuffix(p.ARN, "/"+name) })
	return &w.Principals[i]
}

// TestUnreadIsNeverProven: whatever part is unread, nothing that rests on it counts as proven, and what is refused in
// spite of it is still found.
func TestUnreadIsNeverProven(t *testing.T) {
	for part, account := range map[proof.Part]string{
		proof.BucketPolicy: sharetest.OwnerAccount, proof.KeyPolicy: sharetest.OwnerAccount,
		proof.RCPs: sharetest.OwnerAccount, proof.SCPs: "222222222222", proof.Identities: "222222222222",
	} {
		t.Run(string(part), func(t *testing.T) {
			s, a := walkthrough(t, "ReadWrite")
			w := deployed(t, s, a)
			w.Unread = []proof.Unread{{Part: part, Account: account, Why: "AccessDenied"}}
			switch part {
			case proof.BucketPolicy:
				w.Bucket.Policy = proof.Document{}
			case proof.KeyPolicy:
				w.Bucket.Key.Policy = proof.Document{}
			case proof.Identities:
				w.Principals = slices.DeleteFunc(w.Principals, func(p proof.Principal) bool { return p.Account == account })
			}
			r := proof.ForShare(s, granteesOf(a), w)
			if r.Verified() != proof.Partly {
				t.Errorf("verified is %s, want partly:\n%s", r.Verified(), texts(r.Findings()))
			}
			named := func(p proof.Subject) bool { return p.Label == "user/dilip of 222222222222" }
			dilip := slices.IndexFunc(r.Subjects, named)
			for _, answer := range r.Answers {
				if answer.Subject == dilip && answer.Allowed() && answer.Verdict != proof.Unproven {
					t.Errorf("%s is %s", answer.Try(), answer.Verdict)
				}
			}
		})
	}
}

// TestKeyByAlias: a grantee whose side came first uses the key by its alias. Where the aliases were not read, nothing
// is said of that.
func TestKeyByAlias(t *testing.T) {
	s, a := walkthrough(t, "ReadWrite")
	w := deployed(t, s, a)
	byAlias := document.OfAccess(a, "", "").Of(a.Grantees[0].Identity).Document.Text()
	if !strings.Contains(byAlias, s.Alias) {
		t.Fatal("the policy does not name the alias")
	}
	edit(&named(&w, "dilip").Policies[0], func(string) string { return byAlias })
	if r := proof.ForShare(s, granteesOf(a), w); r.Verified() != proof.True {
		t.Errorf("verified is %s:\n%s", r.Verified(), texts(r.Findings()))
	}
	w.Bucket.Key.Aliases = []string{"alias/another"}
	if r := proof.ForShare(s, granteesOf(a), w); r.Verified() != proof.False {
		t.Errorf("with another alias, verified is %s", r.Verified())
	}
	w.Bucket.Key.Aliases = nil
	w.Unread = []proof.Unread{{Part: proof.KeyAliases, Account: s.Env.Account, Why: "AccessDenied"}}
	if r := proof.ForShare(s, granteesOf(a), w); r.Verified() != proof.Partly {
		t.Errorf("without the aliases, verified is %s:\n%s", r.Verified(), texts(r.Findings()))
	}
}

// TestForAccess: the consumer's side alone can find what lacks there, and proves nothing about the owner's.
func TestForAccess(t *testing.T) {
	s, a := walkthrough(t, "ReadWrite")
	w := deployed(t, s, a)
	w.Bucket.Policy, w.Bucket.Key.Policy = proof.Document{}, proof.Document{}
	for _, part := range []proof.Part{proof.BucketPolicy, proof.KeyPolicy} {
		w.Unread = append(w.Unread, proof.Unread{Part: part, Account: s.Env.Account, Why: "another account's"})
	}
	if r := proof.ForAccess(a, w); r.Verified() != proof.Partly || r.Summary(1000) != "" {
		t.Errorf("verified is %s: %s", r.Verified(), r.Summary(1000))
	}
	named(&w, "dilip").Policies = nil
	r := proof.ForAccess(a, w)
	text := r.Summary(300)
	if r.Verified() != proof.False || len(text) > 300 || !strings.Contains(text, "user/dilip of 222222222222 cannot") {
		t.Errorf("verified is %s: %s", r.Verified(), text)
	}
}

// TestInvalidDocument: AWS takes no such document, so nothing about it is proven.
func TestInvalidDocument(t *testing.T) {
	s, a := walkthrough(t, "ReadWrite")
	w := deployed(t, s, a)
	edit(&w.Bucket.Policy, func(string) string { return `{"Version":"2012-10-17","Statement":[{"Effect":"allow"}]}` })
	r := proof.ForShare(s, granteesOf(a), w)
	for _, answer := range r.Answers {
		if strings.HasPrefix(string(answer.Operation), "kms:") {
			continue // a direct call knows no bucket policy
		}
		if answer.Verdict == proof.AsDeclared || answer.Allowed() {
			t.Errorf("%s by %s is %s", answer.Try(), r.Subjects[answer.Subject].Label, answer.Verdict)
		}
	}
}

// TestSummaryFits: in any size, never within a character.
func TestSummaryFits(t *testing.T) {
	s, a := walkthrough(t, "ReadWrite")
	w := deployed(t, s, a)
	w.Bucket.Policy = proof.Document{}
	r := proof.ForShare(s, granteesOf(a), w)
	for limit := 10; limit < 3000; limit += 7 {
		if text := r.Summary(limit); len(text) > limit || !json.Valid([]byte(`"`+strings.ReplaceAll(text, `"`, `'`)+`"`)) {
			t.Fatalf("%d bytes for %d: %s", len(text), limit, text)
		}
	}
	var m proof.Matrix
	if err := json.Unmarshal(r.Line(), &m); err != nil || strings.Contains(string(r.Line()), "\n") {
		t.Fatal(err)
	}
	if m.Version != proof.SchemaVersion || len(m.Subjects) != len(r.Subjects) || len(m.Findings) != len(r.Findings()) {
		t.Errorf("the matrix lacks something: %+v", m)
	}
}

// TestGroupMembers: members have their group's scope, and a group that nobody read is assumed.
func TestGroupMembers(t *testing.T) {
	s := sharetest.Parse(t, map[string]any{
		"BucketName": "account-a-bucket", "Delegates": []any{map[string]any{"Group": "staff"}},
	}, sharetest.Sydney)
	w := deployed(t, s)
	policies := named(&w, "staff").Policies
	w.Principals = append(w.Principals, proof.Principal{
		ARN: "arn:aws:iam::111111111111:user/eve", Account: s.Env.Account, Type: evaluator.User,
		Groups: []string{"staff"}, Policies: policies,
	})
	r := proof.ForShare(s, nil, w)
	if r.Verified() != proof.True {
		t.Errorf("verified is %s:\n%s", r.Verified(), texts(r.Findings()))
	}
	w.Principals[len(w.Principals)-1].Policies = nil
	found := texts(proof.ForShare(s, nil, w).Findings())
	if !strings.Contains(found, "user/eve of 111111111111, a member of group/staff cannot") {
		t.Errorf("findings are\n%s", found)
	}
}

func readDocument(t sharetest.Fataler, text string) policy.Document {
	t.Helper()
	d, problems := grammar.Parse(text, grammar.BucketPolicy)
	sharetest.Must(t, problems.Err())
	return d
}
