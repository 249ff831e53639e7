package plan_test

import (
	"testing"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/sharetest"
)

// What somebody else wrote into the policies of an adopted bucket and its key stays through the whole life of a share.
func TestGoldenAdoption(t *testing.T) {
	const theirBucketPolicy = `{"Version": "2008-10-17", "Id": "theirs", "Statement": {"Sid": "Logs", "Effect": "Allow",
		"Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::account-a-bucket/logs/*",
		"Condition": {"StringEquals": {"aws:SourceAccount": "111111111111"}}}}`
	const theirKeyPolicy = `{"Version": "2012-10-17", "Statement": [
		{"Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "kms:*", "Resource": "*"},
		{"Sid": "Backup", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:role/backup"}, "Action": ["kms:Decrypt"], "Resource": "*"}]}`
	w := accountWithBucket(theirBucketPolicy, theirKeyPolicy)
	owner := plan.Owner{StackID: "arn:aws:cloudformation:ap-southeast-2:111111111111:stack/s/1", LogicalID: "Share"}
	key := sharetest.KeyOf(sharetest.Sydney)
	read := func(stage string) []sharetest.Titled {
		return []sharetest.Titled{
			{Title: "bucket policy after " + stage, Text: w.Buckets["account-a-bucket"].Policy.Text()},
			{Title: "key policy after " + stage, Text: w.Keys[key].Policy.Text()},
		}
	}
	create := sharetest.Parse(t,
		sharetest.Object(t, `{"BucketName": "account-a-bucket", "Adopt": true, "Encryption": {"KeyArn": "`+key+`"},
		"Canary": false, "Consumers": [{"Account": "222222222222", "Access": "Read"}]}`), sharetest.Sydney)
	change := sharetest.Parse(t,
		sharetest.Object(t, `{"BucketName": "account-a-bucket", "Adopt": true, "Encryption": {"KeyArn": "`+key+`"},
		"Canary": false, "Consumers": [{"Account": "333333333333", "Access": "Write"}]}`), sharetest.Sydney)
	var all []sharetest.Titled
	apply(t, w, plan.Wanted{Share: create, Owner: owner})
	all = append(all, read("Create")...)
	apply(t, w, plan.Wanted{Share: change, Previous: &create, Owner: owner})
	all = append(all, read("Update")...)
	steps, err := removal(w, plan.Wanted{Share: change, Owner: owner, Removal: plan.Completed})
	sharetest.Must(t, err)
	_, err = w.Run(steps, nil)
	sharetest.Must(t, err)
	all = append(all, read("Delete")...)
	sharetest.Golden(t, "adopted", all...)
	if got := sharetest.Canonical(t, w.Buckets["account-a-bucket"].Policy.Text()); got != sharetest.Canonical(t,
		theirBucketPolicy) {
		t.Errorf("their bucket policy became %s", got)
	}
	if got := sharetest.Canonical(t, w.Keys[key].Policy.Text()); got != sharetest.Canonical(t, theirKeyPolicy) {
		t.Errorf("their key policy became %s", got)
	}
}
