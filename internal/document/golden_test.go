package document_test

import (
	"testing"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy"
)

func documents(t *testing.T, s share.Share) []sharetest.Titled {
	t.Helper()
	key := sharetest.KeyOf(s.Env)
	keyPolicy, err := policy.Merge("", append([]policy.Statement{document.Administration(s)}, document.KeyStatements(s)...), document.OursInKeyPolicy(s))
	sharetest.Must(t, err)
	all := []sharetest.Titled{
		{Title: "key policy", Text: keyPolicy},
		{Title: "bucket policy", Text: sharetest.FullBucketPolicy(t, "", document.BucketStatements(s, key))},
	}
	for _, id := range share.Identities(s.Delegates) {
		all = append(all, sharetest.Titled{Title: "inline policy of " + id.String(), Text: document.DelegatePolicy(s, id, key).Text()})
	}
	return all
}

func TestGoldenDocuments(t *testing.T) {
	in := func(partition, region string) share.Env {
		return share.Env{Partition: partition, Region: region, Account: "111111111111"}
	}
	for _, c := range []struct {
		name       string
		env        share.Env
		properties string
	}{
		{"walkthrough", sharetest.Sydney, `{"BucketName": "account-a-bucket",
			"Consumers": [{"Account": "222222222222"}], "Delegates": [{"User": "ann"}]}`},
		{"level-read", sharetest.Sydney, `{"BucketName": "account-a-bucket",
			"Consumers": [{"Account": "222222222222", "Access": "Read"}], "Delegates": [{"User": "ann", "Access": "Read"}]}`},
		{"level-write", sharetest.Sydney, `{"BucketName": "account-a-bucket",
			"Consumers": [{"Account": "222222222222", "Access": "Write"}], "Delegates": [{"User": "ann", "Access": "Write"}]}`},
		{"level-full", sharetest.Sydney, `{"BucketName": "account-a-bucket",
			"Consumers": [{"Account": "222222222222", "Access": "Full"}], "Delegates": [{"User": "ann", "Access": "Full"}]}`},
		{"prefixes", sharetest.Sydney, `{"BucketName": "account-a-bucket",
			"Consumers": [
				{"Account": "222222222222", "Access": "Read", "Prefixes": ["in"]},
				{"Account": "222222222222", "Access": "Write", "Prefixes": ["out/raw/", "out/clean"]}],
			"Delegates": [{"Role": "etl", "Prefixes": ["in", "out"]}]}`},
		{"role-and-user", sharetest.Sydney, `{"BucketName": "account-a-bucket",
			"Consumers": [{"Principal": ["arn:aws:iam::222222222222:role/service/app", "arn:aws:iam::333333333333:user/dilip"], "Access": "Read"}]}`},
		{"permission-set", sharetest.Sydney, `{"BucketName": "account-a-bucket",
			"Consumers": [{"PermissionSet": {"Account": ["222222222222", "333333333333"], "Name": "Analyst"}, "Access": "Read"}]}`},
		{"organization", sharetest.Sydney, `{"BucketName": "account-a-bucket",
			"Consumers": [{"Organization": "o-a1b2c3d4e5", "Access": "Read", "Prefixes": ["public"]}]}`},
		{"organizational-unit", sharetest.Sydney, `{"BucketName": "account-a-bucket",
			"Consumers": [{"OrganizationalUnit": ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111", "o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/ou-ab12-33333333"]}]}`},
		{"grouped", sharetest.Sydney, `{"BucketName": "account-a-bucket", "Consumers": [
			{"Account": ["222222222222", "333333333333"]}, {"Account": "444444444444"},
			{"Account": "555555555555", "Access": "Read"},
			{"Principal": "arn:aws:iam::666666666666:role/app"}, {"Principal": "arn:aws:iam::777777777777:role/app"},
			{"Account": "888888888888", "Access": "Read", "Prefixes": "team-b"}, {"Account": "999999999999", "Access": "Read", "Prefixes": "team-b"}]}`},
		{"direct-use", sharetest.Sydney, `{"BucketName": "account-a-bucket", "Encryption": {"DirectUse": "true"},
			"Consumers": [{"Account": "222222222222"}, {"Organization": "o-a1b2c3d4e5", "Access": "Read"}], "Delegates": [{"Group": "analysts"}]}`},
		{"china", in("aws-cn", "cn-north-1"), `{"BucketName": "account-a-bucket",
			"Consumers": [{"Account": "222222222222"}], "Delegates": [{"User": "ann"}]}`},
		{"us-gov", in("aws-us-gov", "us-gov-west-1"), `{"BucketName": "account-a-bucket",
			"Consumers": [{"PermissionSet": {"Account": "222222222222", "Name": "Analyst"}}], "Delegates": [{"User": "ann"}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			sharetest.Golden(t, c.name, documents(t, sharetest.Parse(t, sharetest.Object(t, c.properties), c.env))...)
		})
	}
}

func TestGoldenAccess(t *testing.T) {
	env := share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "222222222222"}
	for _, c := range []struct{ name, key, properties string }{
		{"access", sharetest.KeyOf(sharetest.Sydney), `{"BucketName": "account-a-bucket", "OwnerAccount": "111111111111",
			"Grantees": [{"User": "dilip"}, {"Role": "etl", "Access": "Read", "Prefixes": ["in"]}, {"Role": "etl", "Access": "Write", "Prefixes": ["out"]}]}`},
		{"access-before-owner", "", `{"BucketName": "account-a-bucket", "OwnerAccount": "111111111111", "Grantees": [{"User": "dilip"}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := share.ParseAccess(sharetest.Object(t, c.properties), env)
			sharetest.Must(t, err)
			var all []sharetest.Titled
			for _, id := range share.Identities(a.Grantees) {
				all = append(all, sharetest.Titled{Title: "inline policy of " + id.String(), Text: document.GranteePolicy(a, id, c.key).Text()})
			}
			sharetest.Golden(t, c.name, all...)
		})
	}
}
