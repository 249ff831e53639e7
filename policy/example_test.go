package policy_test

import (
	"fmt"
	"strings"

	"example.com/sharedbucket/policy"
)

// A document is always the same bytes: elements in a fixed order, and single values without a list.
func ExampleDocument_Text() {
	d := policy.Document{Version: policy.Version, Statements: []policy.Statement{{
		Sid: "Read", Effect: policy.Allow,
		Principal: &policy.Principal{AWS: policy.Values{"222222222222"}},
		Action:    policy.Values{"s3:GetObject"},
		Resource:  policy.Values{"arn:aws:s3:::b/*"},
		Condition: policy.Condition{"Bool": {"aws:SecureTransport": {"true"}}},
	}}}
	fmt.Println(d.Text())
	// Output:
	// {"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}
}

// What somebody else wrote stays, whatever it is; ours is replaced.
func ExampleStored_Merge() {
	stored, err := policy.ReadStored(`{"Version": "2012-10-17", "Statement": [
		{"Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Unknown": 1},
		{"Sid": "OursOld", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	ours := func(sid string) bool { return strings.HasPrefix(sid, "Ours") }
	fmt.Println(stored.Sids())
	fmt.Println(stored.Merge(nil, ours).Text())
	// Output:
	// [Theirs OursOld]
	// {"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Unknown":1}]}
}

// A Change says what has to be known before a document is sent: whether AWS would see a difference, whether an account
// is new in it, and whether there is a principal that was deleted, for which AWS takes no such document.
func ExampleStored_Change() {
	stored, err := policy.ReadStored(`{"Version": "2012-10-17", "Statement": [
		{"Sid": "Theirs", "Effect": "Allow", "Principal": {"AWS": "AIDAEXAMPLEDELETED01"}, "Action": "s3:GetObject",
			"Resource": "arn:aws:s3:::b/*"}]}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	read := policy.Statement{
		Sid: "OursRead", Effect: policy.Allow,
		Principal: &policy.Principal{AWS: policy.Values{"arn:aws:iam::222222222222:root"}},
		Action:    policy.Values{"s3:GetObject"}, Resource: policy.Values{"arn:aws:s3:::b/*"},
	}
	ours := func(sid string) bool { return strings.HasPrefix(sid, "Ours") }
	change := stored.Change([]policy.Statement{read}, ours)
	fmt.Println("differs:", change.Differs(), "- names a new account:", change.NewAccounts)
	for _, s := range change.Stale {
		fmt.Println("statement", s.Statement, "names", s.ID)
	}

	again := change.After.Change([]policy.Statement{read}, ours)
	fmt.Println("differs:", again.Differs(), "- names a new account:", again.NewAccounts)
	// Output:
	// differs: true - names a new account: true
	// statement "Theirs" names AIDAEXAMPLEDELETED01
	// differs: false - names a new account: false
}

// Equal is about what documents mean to AWS, not about how they are written.
func ExampleEqual() {
	same, err := policy.Equal(
		`{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": `+
			`["s3:getobject"], "Resource": "*"}]}`,
		`{"Statement": {"Resource": "*", "Action": "s3:GetObject", "Principal": {"AWS": ["111111111111"]}, "Effect": `+
			`"Allow"}}`)
	fmt.Println(same, err)
	// Output:
	// true <nil>
}
