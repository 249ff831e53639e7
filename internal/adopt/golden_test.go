package adopt_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/internal/adopt"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharefile"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy/grammar"
)

const (
	reader = "arn:aws:iam::222222222222:role/service/reader"
	writer = "arn:aws:iam::222222222222:role/writer"
)

// cases are buckets that people share by hand, each in one way.
var cases = []struct {
	name  string
	world proof.World
	hand  adopt.Hand
}{
	{name: "the walkthrough", world: walkthrough()},
	{name: "named principals", world: world(document(
		allow(`{"AWS":["`+reader+`"]}`, `["s3:GetObject","s3:ListBucket"]`, wholeBucket),
		allow(aws(writer), `["s3:PutObject","s3:AbortMultipartUpload"]`, objects),
		allow(aws("arn:aws:iam::333333333333:role/aws-reserved/sso.amazonaws.com/ap-southeast-2/"+
			"AWSReservedSSO_Analyst_0123456789abcdef"), `"s3:GetObject"`, objects),
		allow(aws("arn:aws:iam::444444444444:user/gone"), `"s3:GetObject"`, objects),
		allow(aws("arn:aws:iam::111111111111:role/app"), `["s3:GetObject","s3:DeleteObject","s3:PutObject"]`, objects),
		allow(aws("AIDAEXAMPLEOFADELETEDUSER"), `"s3:GetObject"`, objects),
		allow(`{"Service":"logging.s3.amazonaws.com"}`, `"s3:PutObject"`, objects),
	), document(root, allow(`{"AWS":["`+reader+`","`+writer+`","333333333333"]}`, useOfKey, `"*"`)),
		identity(reader, "uses", document(
			`{"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":`+wholeBucket+`}`,
			`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}`)),
		identity("arn:aws:iam::111111111111:role/app",
			"key", document(`{"Effect":"Allow","Action":"kms:*","Resource":"`+keyARN+`"}`)),
	)},
	{name: "an organization", world: world(document(
		allow(`"*"`, listGetPut, wholeBucket, `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`),
		allow(`"*"`, `["s3:GetObject","s3:PutObject","s3:DeleteObject"]`, `"`+bucketARN+`/accounts/${aws:PrincipalAccount}/*"`,
			`,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"},`+
				`"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"}}`),
		allow(`"*"`, `"s3:DeleteObject"`, `"`+bucketARN+`/bin/*"`,
			`,"Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/*"}}`),
	), document(root, allow(`"*"`, useOfKey, `"*"`,
		`,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`)))},
	{name: "an organization without one of its accounts", world: world(document(
		allow(`"*"`, `"s3:GetObject"`, objects, `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"},`+
			`"StringNotEquals":{"aws:PrincipalAccount":"333333333333"}}`),
	), document(root, allow(`"*"`, useOfKey, `"*"`,
		`,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`)))},
	{name: "folders at two levels", world: world(document(
		allow(accountB, `["s3:GetObject"]`, objects),
		allow(accountB, `"s3:ListBucket"`, `"`+bucketARN+`"`, `,"Condition":{"StringLike":{"s3:prefix":["in/*","out/*"]}}`),
		allow(accountB, `["s3:PutObject"]`, `["`+bucketARN+`/in/*","`+bucketARN+`/drafts*"]`),
		allow(accountB, `["s3:PutObject","s3:DeleteObject"]`, `"`+bucketARN+`/in/b/*"`),
		allow(accountB, `["s3:PutObject"]`, `["`+bucketARN+`/*.csv","`+bucketARN+`/one.txt"]`),
	), document(root, inB),
		identity("arn:aws:iam::222222222222:user/dilip", "p", document(
			`{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"`+bucketARN+`/in/*"}`,
			`{"Effect":"Allow","Action":"kms:*","Resource":"*"}`)),
	)},
	{name: "denies of others", world: world(document(
		allow(accountB, listGetPut, wholeBucket),
		`{"Sid":"Office","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":`+wholeBucket+`,
			"Condition":{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}`,
		`{"Sid":"Tls","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":`+wholeBucket+`,
			"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`,
		`{"Sid":"NotHim","Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::222222222222:root",
			"arn:aws:iam::222222222222:user/dilip","arn:aws:iam::111111111111:root"]},"Action":"s3:DeleteObject",
			"Resource":`+objects+`}`,
		`{"Sid":"NoPuts","Effect":"Deny","Principal":`+accountB+`,"Action":"s3:PutObject","Resource":"`+bucketARN+`/old/*"}`,
	), document(root, inB))},
	{name: "through a grant of KMS", world: world(document(
		allow(aws(reader), `["s3:GetObject","s3:ListBucket"]`, wholeBucket),
		allow(aws(writer), `"s3:PutObject"`, objects),
	), document(root)), hand: adopt.Hand{Versioning: "Enabled", Grants: []adopt.Grant{
		{ID: "0a1b", Grantee: reader, Operations: []string{"Decrypt", "DescribeKey"},
			Context: map[string]string{"aws:s3:arn": bucketARN}},
		{ID: "2c3d", Grantee: "backup.amazonaws.com", Operations: []string{"Decrypt"}},
	}}},
	{name: "everybody", world: world(document(
		allow(`"*"`, `"s3:GetObject"`, `"`+bucketARN+`/public/*"`),
		allow(accountB, listGetPut, wholeBucket),
	), document(root, inB))},
	{name: "NotPrincipal with Allow", world: world(document(
		`{"Sid":"Others","Effect":"Allow","NotPrincipal":`+aws("arn:aws:iam::333333333333:root")+`,"Action":"s3:GetObject",
			"Resource":`+objects+`}`,
		allow(accountB, listGetPut, wholeBucket),
	), document(root, inB))},
	{name: "a key policy that was not read", world: withUnread(world(document(
		allow(accountB, `["s3:GetObject","s3:ListBucket"]`, wholeBucket)), ""), proof.KeyPolicy)},
	{name: "no key", world: withoutKey(world(document(allow(accountB, listGetPut, wholeBucket)), "",
		identity("arn:aws:iam::111111111111:role/app", "s3", document(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)),
		identity("arn:aws:iam::111111111111:user/ann", "mine", document(
			`{"Effect":"Allow","Action":`+listGetPut+`,"Resource":`+wholeBucket+`}`)),
	), nil)},
	{name: "the key aws s3", world: withoutKey(world(document(allow(accountB, listGetPut, wholeBucket)), ""), &proof.Key{
		ARN: keyARN, AWSManaged: true, Policy: proof.ResourcePolicy(document(`{"Effect":"Allow","Principal":{"AWS":"*"},
			"Action":["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*"],"Resource":"*","Condition":{
			"StringEquals":{"kms:CallerAccount":"111111111111","kms:ViaService":"s3.ap-southeast-2.amazonaws.com"}}}`),
			grammar.KeyPolicy)})},
	{name: "the key of another account", world: withUnread(withoutKey(world(document(
		allow(accountB, listGetPut, wholeBucket)), ""), &proof.Key{
		ARN: "arn:aws:kms:ap-southeast-2:333333333333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
	}),
		proof.KeyPolicy)},
	{name: "wildcards and more than a level", world: world(document(
		allow(accountB, `"s3:*"`, wholeBucket),
		allow(`{"AWS":"*"}`, `"s3:GetObject"`, objects,
			`,"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::333333333333:role/app-*"}}`),
		allow(aws("arn:aws:sts::444444444444:assumed-role/app/session"), `"s3:GetObject"`, objects),
		allow(aws("arn:aws:iam::555555555555:root"), `"s3:PutObject"`, objects,
			`,"Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}`),
		allow(aws("arn:aws:iam::666666666666:root"), `"s3:ListBucket"`, `"`+bucketARN+`"`),
		allow(aws("arn:aws:iam::777777777777:root"), `["s3:PutObject","s3:DeleteObject"]`, objects),
	), document(root, allow(`"*"`, useOfKey, `"*"`, `,"Condition":{"StringEquals":{"kms:ViaService":`+
		`"s3.ap-southeast-2.amazonaws.com"}}`)))},
	{name: "groups boundaries and reserved roles", world: groups()},
	{name: "access by ACL", world: walkthrough(), hand: adopt.Hand{
		ACL: []string{"canonical user 79a59df9 (READ)"}, Versioning: "Enabled"}},
	{name: "a key policy that keeps the provider out", world: world(document(allow(accountB, listGetPut, wholeBucket)),
		document(allow(aws("arn:aws:iam::111111111111:role/keeper"), `"kms:*"`, `"*"`), inB))},
	{name: "nobody", world: world("", document(root))},
}

func withUnread(w proof.World, parts ...proof.Part) proof.World {
	for _, p := range parts {
		w.Unread = append(w.Unread, proof.Unread{Part: p, Account: w.Bucket.Owner, Why: "AccessDenied"})
	}
	return w
}

func withoutKey(w proof.World, key *proof.Key) proof.World {
	w.Bucket.Key = key
	if key == nil {
		w.Bucket.Protection.Algorithm, w.Bucket.BucketKeyEnabled = "AES256", false
	}
	return w
}

func groups() proof.World {
	staff := identity("arn:aws:iam::111111111111:group/staff", "walkthrough of group staff", byHand)
	eve := identity("arn:aws:iam::111111111111:user/eve", "own", document(
		`{"Effect":"Allow","Action":"s3:DeleteObject","Resource":`+objects+`}`))
	eve.Groups, eve.Policies = []string{"staff"}, append(eve.Policies, staff.Policies...)
	bound := identity("arn:aws:iam::111111111111:user/bound", "mine", byHand)
	onlyKMS := proof.NewDocument("only KMS", document(`{"Effect":"Allow","Action":"kms:*","Resource":"*"}`),
		grammar.Boundary)
	bound.Boundary = &onlyKMS
	sso := identity("arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
		"mine", byHand)
	return world("", document(root), staff, eve, bound, sso)
}

// TestGolden: what comes out of each bucket, as people see it.
func TestGolden(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a, err := adopt.From(c.world, c.hand)
			sharetest.Must(t, err)
			golden(t, strings.ReplaceAll(c.name, " ", "-"), show(t, a))
			loads(t, a)
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if sharetest.Updating() {
		sharetest.Must(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	sharetest.Must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; when that is meant, run the test with -update: %s", file, diff)
	}
}

// loads checks that the file is a share file that says what was found.
func loads(t sharetest.Fataler, a adopt.Adoption) {
	t.Helper()
	f, err := sharefile.Parse("share.yaml", []byte(a.YAML()))
	sharetest.Must(t, err)
	if err := f.Check(); err != nil {
		t.Errorf("%v", err)
	}
	s, err := share.ParseShare(f.BucketProperties(), f.Env())
	sharetest.Must(t, err)
	if diff := cmp.Diff(a.Share, s); diff != "" {
		t.Errorf("the file says something else: %s", diff)
	}
}

// TestNamesAddNoProperties: what somebody called a policy or a statement cannot become a property of the share file.
func TestNamesAddNoProperties(t *testing.T) {
	const name = "x\nRemovalPolicy: Empty\r# \u2028Tags: {a: b}"
	w := walkthrough()
	w.Principals[1].Policies[0] = proof.NewDocument(
		"inline policy "+name, w.Principals[1].Policies[0].Text(), grammar.Identity)
	w.Bucket.Key.Policy = proof.ResourcePolicy(
		strings.Replace(w.Bucket.Key.Policy.Text(), "Allow use of the key", `x\nRemovalPolicy: Empty`, 1), grammar.KeyPolicy)
	a, err := adopt.From(w, adopt.Hand{})
	sharetest.Must(t, err)
	if !strings.Contains(a.YAML(), "RemovalPolicy") {
		t.Error("the names are not in the file at all")
	}
	loads(t, a)
	if a.Share.Removal != share.Retain || len(a.Share.Tags) > 0 {
		t.Errorf("the share is %+v", a.Share)
	}
}
