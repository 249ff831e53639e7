package document_test

import (
	"cmp"
	"testing"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy"
)

func documents(t *testing.T, s share.Share) []sharetest.Titled {
	t.Helper()
	key := sharetest.KeyOf(s.Env)
	keyPolicy, err := policy.Merge("",
		document.OfShare(s, key, "").KeyPolicy().Statements, document.InKeyPolicy(s.Bucket).Ours)
	sharetest.Must(t, err)
	all := []sharetest.Titled{
		{Title: "key policy", Text: keyPolicy},
		{Title: "bucket policy", Text: sharetest.FullBucketPolicy(t, "", document.OfShare(s, key, "").Bucket.Statements)},
	}
	for _, id := range share.Identities(s.Delegates) {
		all = append(all, sharetest.Titled{Title: "inline policy of " + id.String(),
			Text: document.OfShare(s, key, "").Of(id).Document.Text()})
	}
	return all
}

// goldenShares are the declarations whose documents are in testdata, in Sydney unless they say otherwise.
var goldenShares = []struct {
	name       string
	env        share.Env
	properties string
}{
	{
		name: "walkthrough",
		properties: `{"BucketName": "account-a-bucket",
		"Consumers": [{"Account": "222222222222"}], "Delegates": [{"User": "ann"}]}`,
	},
	{
		name: "without-canary",
		properties: `{"BucketName": "account-a-bucket", "Canary": false,
		"Consumers": [{"Account": "222222222222", "Access": "Read"}]}`,
	},
	{
		name: "level-read",
		properties: `{"BucketName": "account-a-bucket",
		"Consumers": [{"Account": "222222222222", "Access": "Read"}], "Delegates": [{"User": "ann", "Access": "Read"}]}`,
	},
	{
		name: "level-write",
		properties: `{"BucketName": "account-a-bucket",
		"Consumers": [{"Account": "222222222222", "Access": "Write"}], "Delegates": [{"User": "ann", "Access": "Write"}]}`,
	},
	{
		name: "level-full",
		properties: `{"BucketName": "account-a-bucket",
		"Consumers": [{"Account": "222222222222", "Access": "Full"}], "Delegates": [{"User": "ann", "Access": "Full"}]}`,
	},
	{
		name: "prefixes",
		properties: `{"BucketName": "account-a-bucket",
		"Consumers": [
			{"Account": "222222222222", "Access": "Read", "Prefixes": ["in"]},
			{"Account": "222222222222", "Access": "Write", "Prefixes": ["out/raw/", "out/clean"]}],
		"Delegates": [{"Role": "etl", "Prefixes": ["in", "out"]}]}`,
	},
	{
		name: "role-and-user",
		properties: `{"BucketName": "account-a-bucket",
		"Consumers": [{"Principal": ["arn:aws:iam::222222222222:role/service/app",
				"arn:aws:iam::333333333333:user/dilip"], "Access": "Read"}]}`,
	},
	{
		name: "permission-set",
		properties: `{"BucketName": "account-a-bucket",
		"Consumers": [{"PermissionSet": {"Account": ["222222222222", "333333333333"], "Name": "Analyst"},
			"Access": "Read"}]}`,
	},
	{
		name: "organization",
		properties: `{"BucketName": "account-a-bucket",
		"Consumers": [{"Organization": "o-a1b2c3d4e5", "Access": "Read", "Prefixes": ["public"]}]}`,
	},
	{
		name: "organizational-unit",
		properties: `{"BucketName": "account-a-bucket",
		"Consumers": [{"OrganizationalUnit": ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111",
				"o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/ou-ab12-33333333"]}]}`,
	},
	{
		name: "grouped",
		properties: `{"BucketName": "account-a-bucket", "Consumers": [
		{"Account": ["222222222222", "333333333333"]}, {"Account": "444444444444"},
		{"Account": "555555555555", "Access": "Read"},
		{"Principal": "arn:aws:iam::666666666666:role/app"}, {"Principal": "arn:aws:iam::777777777777:role/app"},
		{"Account": "888888888888", "Access": "Read", "Prefixes": "team-b"},
			{"Account": "999999999999", "Access": "Read", "Prefixes": "team-b"}]}`,
	},
	{
		name: "direct-use",
		properties: `{"BucketName": "account-a-bucket", "Encryption": {"DirectUse": "true"},
		"Consumers": [{"Account": "222222222222"}, {"Organization": "o-a1b2c3d4e5", "Access": "Read"}],
			"Delegates": [{"Group": "analysts"}]}`,
	},
	{
		name: "china",
		env:  in("aws-cn", "cn-north-1"),
		properties: `{"BucketName": "account-a-bucket",
		"Consumers": [{"Account": "222222222222"}], "Delegates": [{"User": "ann"}]}`,
	},
	{
		name: "us-gov",
		env:  in("aws-us-gov", "us-gov-west-1"),
		properties: `{"BucketName": "account-a-bucket",
		"Consumers": [{"PermissionSet": {"Account": "222222222222", "Name": "Analyst"}}], "Delegates": [{"User": "ann"}]}`,
	},
	{
		name: "accounts",
		properties: `{"BucketName": "account-a-bucket",
			"Consumers": [{"Organization": "o-a1b2c3d4e5", "Prefixes": ["accounts/{account}"]}],
			"Delegates": [{"Role": "collector", "Access": "Read", "Prefixes": ["accounts"]}]}`,
	},
}

func in(partition, region string) share.Env {
	return share.Env{Partition: partition, Region: region, Account: sharetest.OwnerAccount}
}

func TestGoldenDocuments(t *testing.T) {
	for _, c := range goldenShares {
		t.Run(c.name, func(t *testing.T) {
			s := sharetest.Parse(t, sharetest.Object(t, c.properties), cmp.Or(c.env, sharetest.Sydney))
			sharetest.Golden(t, c.name, documents(t, s)...)
		})
	}
}

func TestGoldenAccess(t *testing.T) {
	env := share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "222222222222"}
	for _, c := range []struct{ name, key, properties string }{
		{
			name: "access", key: sharetest.KeyOf(sharetest.Sydney),
			properties: `{"BucketName": "account-a-bucket", "OwnerAccount": "111111111111", "Grantees": [
				{"User": "dilip"}, {"Role": "etl", "Access": "Read", "Prefixes": ["in"]},
				{"Role": "etl", "Access": "Write", "Prefixes": ["out"]}, {"Role": "filler", "Prefixes": "accounts/{account}"}]}`,
		},
		{
			name:       "access-before-owner",
			properties: `{"BucketName": "account-a-bucket", "OwnerAccount": "111111111111", "Grantees": [{"User": "dilip"}]}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := share.ParseAccess(sharetest.Object(t, c.properties), env)
			sharetest.Must(t, err)
			var all []sharetest.Titled
			for _, id := range share.Identities(a.Grantees) {
				all = append(all, sharetest.Titled{Title: "inline policy of " + id.String(),
					Text: document.OfAccess(a, c.key, "").Of(id).Document.Text()})
			}
			sharetest.Golden(t, c.name, all...)
		})
	}
}
