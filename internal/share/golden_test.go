package share_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares documents with the file of that name: their titles and contents, as a person reads them.
func golden(t *testing.T, name string, documents ...document) {
	t.Helper()
	var b strings.Builder
	b.WriteString("{\n")
	for i, d := range documents {
		if i > 0 {
			b.WriteString(",\n")
		}
		text := d.text
		if text == "" {
			text = "null"
		}
		fmt.Fprintf(&b, "%q: %s", d.title, strings.TrimSuffix(policy.Indent(text), "\n"))
	}
	b.WriteString("\n}\n")
	var whole any
	must(t, json.Unmarshal([]byte(b.String()), &whole))
	got := policy.Indent(b.String())
	file := filepath.Join("testdata", name+".json")
	if *update {
		must(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; when that is meant, run the test with -update: %s", file, diff)
	}
}

type document struct{ title, text string }

var sydney = share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "111111111111"}

func sydneyKey(env share.Env) string { return env.KeyARN("1234abcd-12ab-34cd-56ef-1234567890ab") }

// object reads properties as they stand in a template.
func object(t fataler, text string) map[string]any {
	t.Helper()
	var m map[string]any
	must(t, json.Unmarshal([]byte(text), &m))
	return m
}

func documents(t *testing.T, s share.Share) []document {
	t.Helper()
	key := sydneyKey(s.Env)
	keyPolicy, err := policy.Merge("", append([]policy.Statement{s.Administration()}, s.KeyPolicy()...), s.OursInKeyPolicy)
	must(t, err)
	all := []document{
		{"key policy", keyPolicy},
		{"bucket policy", fullBucketPolicy(t, "", s.BucketPolicy(key))},
	}
	for _, id := range share.Identities(s.Delegates) {
		all = append(all, document{"inline policy of " + id.String(), s.InlinePolicy(id, key).Text()})
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
		{"walkthrough", sydney, `{"BucketName": "account-a-bucket",
			"Consumers": [{"Account": "222222222222"}], "Delegates": [{"User": "ann"}]}`},
		{"level-read", sydney, `{"BucketName": "account-a-bucket",
			"Consumers": [{"Account": "222222222222", "Access": "Read"}], "Delegates": [{"User": "ann", "Access": "Read"}]}`},
		{"level-write", sydney, `{"BucketName": "account-a-bucket",
			"Consumers": [{"Account": "222222222222", "Access": "Write"}], "Delegates": [{"User": "ann", "Access": "Write"}]}`},
		{"level-full", sydney, `{"BucketName": "account-a-bucket",
			"Consumers": [{"Account": "222222222222", "Access": "Full"}], "Delegates": [{"User": "ann", "Access": "Full"}]}`},
		{"prefixes", sydney, `{"BucketName": "account-a-bucket",
			"Consumers": [
				{"Account": "222222222222", "Access": "Read", "Prefixes": ["in"]},
				{"Account": "222222222222", "Access": "Write", "Prefixes": ["out/raw/", "out/clean"]}],
			"Delegates": [{"Role": "etl", "Prefixes": ["in", "out"]}]}`},
		{"role-and-user", sydney, `{"BucketName": "account-a-bucket",
			"Consumers": [{"Principal": ["arn:aws:iam::222222222222:role/service/app", "arn:aws:iam::333333333333:user/dilip"], "Access": "Read"}]}`},
		{"permission-set", sydney, `{"BucketName": "account-a-bucket",
			"Consumers": [{"PermissionSet": {"Account": ["222222222222", "333333333333"], "Name": "Analyst"}, "Access": "Read"}]}`},
		{"organization", sydney, `{"BucketName": "account-a-bucket",
			"Consumers": [{"Organization": "o-a1b2c3d4e5", "Access": "Read", "Prefixes": ["public"]}]}`},
		{"organizational-unit", sydney, `{"BucketName": "account-a-bucket",
			"Consumers": [{"OrganizationalUnit": ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111", "o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/ou-ab12-33333333"]}]}`},
		{"grouped", sydney, `{"BucketName": "account-a-bucket", "Consumers": [
			{"Account": ["222222222222", "333333333333"]}, {"Account": "444444444444"},
			{"Account": "555555555555", "Access": "Read"},
			{"Principal": "arn:aws:iam::666666666666:role/app"}, {"Principal": "arn:aws:iam::777777777777:role/app"},
			{"Account": "888888888888", "Access": "Read", "Prefixes": "team-b"}, {"Account": "999999999999", "Access": "Read", "Prefixes": "team-b"}]}`},
		{"direct-use", sydney, `{"BucketName": "account-a-bucket", "Encryption": {"DirectUse": "true"},
			"Consumers": [{"Account": "222222222222"}, {"Organization": "o-a1b2c3d4e5", "Access": "Read"}], "Delegates": [{"Group": "analysts"}]}`},
		{"china", in("aws-cn", "cn-north-1"), `{"BucketName": "account-a-bucket",
			"Consumers": [{"Account": "222222222222"}], "Delegates": [{"User": "ann"}]}`},
		{"us-gov", in("aws-us-gov", "us-gov-west-1"), `{"BucketName": "account-a-bucket",
			"Consumers": [{"PermissionSet": {"Account": "222222222222", "Name": "Analyst"}}], "Delegates": [{"User": "ann"}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			golden(t, c.name, documents(t, parse(t, object(t, c.properties), c.env))...)
		})
	}
}

func TestGoldenAccess(t *testing.T) {
	env := share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "222222222222"}
	for _, c := range []struct{ name, key, properties string }{
		{"access", sydneyKey(sydney), `{"BucketName": "account-a-bucket", "OwnerAccount": "111111111111",
			"Grantees": [{"User": "dilip"}, {"Role": "etl", "Access": "Read", "Prefixes": ["in"]}, {"Role": "etl", "Access": "Write", "Prefixes": ["out"]}]}`},
		{"access-before-owner", "", `{"BucketName": "account-a-bucket", "OwnerAccount": "111111111111", "Grantees": [{"User": "dilip"}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := share.ParseAccess(object(t, c.properties), env)
			must(t, err)
			var all []document
			for _, id := range share.Identities(a.Grantees) {
				all = append(all, document{"inline policy of " + id.String(), a.InlinePolicy(id, c.key).Text()})
			}
			golden(t, c.name, all...)
		})
	}
}

// What somebody else wrote into the policies of an adopted bucket and its key stays through the whole life of a share.
func TestGoldenAdoption(t *testing.T) {
	const theirBucketPolicy = `{"Version": "2008-10-17", "Id": "theirs", "Statement": {"Sid": "Logs", "Effect": "Allow",
		"Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::account-a-bucket/logs/*",
		"Condition": {"StringEquals": {"aws:SourceAccount": "111111111111"}}}}`
	const theirKeyPolicy = `{"Version": "2012-10-17", "Statement": [
		{"Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "kms:*", "Resource": "*"},
		{"Sid": "Backup", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:role/backup"}, "Action": ["kms:Decrypt"], "Resource": "*"}]}`
	w := worldWithBucket(theirBucketPolicy, theirKeyPolicy)
	owner := share.Owner{StackID: "arn:aws:cloudformation:ap-southeast-2:111111111111:stack/s/1", LogicalID: "Share"}
	key := sydneyKey(sydney)
	read := func(stage string) []document {
		return []document{
			{"bucket policy after " + stage, w.Buckets["account-a-bucket"].Policy},
			{"key policy after " + stage, w.Keys[key].Policy},
		}
	}
	create := parse(t, object(t, `{"BucketName": "account-a-bucket", "Adopt": true, "Encryption": {"KeyArn": "`+key+`"},
		"Consumers": [{"Account": "222222222222", "Access": "Read"}]}`), sydney)
	change := parse(t, object(t, `{"BucketName": "account-a-bucket", "Adopt": true, "Encryption": {"KeyArn": "`+key+`"},
		"Consumers": [{"Account": "333333333333", "Access": "Write"}]}`), sydney)
	var all []document
	apply(t, w, share.Wanted{Share: create, Owner: owner})
	all = append(all, read("Create")...)
	apply(t, w, share.Wanted{Share: change, Previous: &create, Owner: owner})
	all = append(all, read("Update")...)
	plan, err := share.PlanRemoval(change, owner, share.Completed, w.Observe(change, nil, owner))
	must(t, err)
	_, err = w.Run(plan, nil)
	must(t, err)
	all = append(all, read("Delete")...)
	golden(t, "adopted", all...)
	if got := canonical(t, w.Buckets["account-a-bucket"].Policy); got != canonical(t, theirBucketPolicy) {
		t.Errorf("their bucket policy became %s", got)
	}
	if got := canonical(t, w.Keys[key].Policy); got != canonical(t, theirKeyPolicy) {
		t.Errorf("their key policy became %s", got)
	}
}
