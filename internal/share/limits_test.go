package share_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

func TestLimitsOfAShare(t *testing.T) {
	const key = "arn:aws:kms:ap-southeast-2:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	const bucket = `"BucketName": "team-data"`
	open := share.Limits{AdoptableBucketArns: []string{"*"}, KeyArns: []string{"*"}}
	for _, c := range []struct {
		name       string
		limits     share.Limits
		properties string
		want       []string
	}{
		{name: "without limits, a new bucket with a new key", properties: bucket},
		{
			name: "without limits, an existing bucket", properties: bucket + `, "Adopt": true`,
			want: []string{"Adopt…arn:aws:s3:::team-data…AdoptableBucketArns…nothing unless somebody sets it…can widen"},
		},
		{
			name: "without limits, an existing key", properties: bucket + `, "Encryption": {"KeyArn": "` + key + `"}`,
			want: []string{"Encryption.KeyArn…" + key + "…KeyArns…nothing unless"},
		},
		{
			name:       "an existing bucket and key within limits",
			properties: bucket + `, "Adopt": true, "Encryption": {"KeyArn": "` + key + `"}`,
			limits: share.Limits{
				AdoptableBucketArns: []string{"arn:aws:s3:::x", "arn:aws:s3:::team-*"},
				KeyArns:             []string{"arn:aws:kms:*:111111111111:key/1234abcd-*"},
			},
		},
		{
			name: "buckets that may be created are not for adoption", properties: bucket + `, "Adopt": true`,
			limits: share.Limits{BucketArns: []string{"*"}},
			want:   []string{"Adopt…AdoptableBucketArns"},
		},
		{
			name: "another bucket", properties: bucket, limits: share.Limits{BucketArns: []string{"arn:aws:s3:::other-*"}},
			want: []string{"BucketName…arn:aws:s3:::team-data…BucketArns…arn:aws:s3:::other-*"},
		},
		{
			name: "direct use of an existing key, whatever the limits", limits: open,
			properties: bucket + `, "Encryption": {"KeyArn": "` + key + `", "DirectUse": true}`,
			want:       []string{"Encryption.DirectUse…did not make the key"},
		},
		{
			name: "a malformed key is said once", limits: share.Limits{},
			properties: bucket + `, "Encryption": {"KeyArn": "alias/x"}`, want: []string{"Encryption.KeyArn…alias"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := share.ParseShare(sharetest.Object(t, "{"+c.properties+"}"), sharetest.Sydney, share.Within(c.limits))
			sharetest.WantViolations(t, sharetest.ViolationsOf(t, err), c.want)
		})
	}
}

func TestLimitsOfConsumers(t *testing.T) {
	properties := sharetest.Object(t, `{"BucketName": "team-data", "Consumers": [
		{"Account": ["222222222222", "333333333333"]},
		{"Principal": "arn:aws:iam::333333333333:role/app"},
		{"PermissionSet": {"Account": "333333333333", "Name": "Analyst"}},
		{"Organization": "o-a1b2c3d4e5"},
		{"OrganizationalUnit": "o-f6a7b8c9d0/r-ab12/ou-ab12-11111111"}]}`)
	accounts := []string{
		"Consumers[0].Account[1]…333333333333…ConsumerAccounts", "Consumers[1].Principal…333333333333…ConsumerAccounts",
		"Consumers[2].PermissionSet.Account…333333333333…ConsumerAccounts",
	}
	const organization = "Consumers[3].Organization…o-a1b2c3d4e5…ConsumerOrganizations"
	const unit = "Consumers[4].OrganizationalUnit…o-f6a7b8c9d0…ConsumerOrganizations"
	for _, c := range []struct {
		name   string
		limits share.Limits
		want   []string
	}{
		{name: "no limit", limits: share.Limits{}},
		{
			name:   "one account: nobody else, no organization either",
			limits: share.Limits{ConsumerAccounts: []string{"222222222222"}},
			want:   append(accounts, organization, unit),
		},
		{
			name:   "one organization: its units, but accounts only by their own ids",
			limits: share.Limits{ConsumerOrganizations: []string{"o-f6a7b8c9d0"}, ConsumerAccounts: []string{"222222222222"}},
			want:   append(accounts, organization),
		},
		{
			name:   "every account, and one organization",
			limits: share.Limits{ConsumerOrganizations: []string{"o-a1b2c3d4e5"}, ConsumerAccounts: []string{"*"}},
			want:   []string{unit},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := share.ParseShare(properties, sharetest.Sydney, share.Within(c.limits))
			sharetest.WantViolations(t, sharetest.ViolationsOf(t, err), c.want)
		})
	}
}

// A name is within the limit when some path makes it an ARN that is.
func TestLimitsOfIdentities(t *testing.T) {
	for _, c := range []struct {
		name, pattern, kind, identity string
		outside                       bool
	}{
		{name: "no limit", kind: "Role", identity: "app"},
		{name: "a provider's role, without a limit", kind: "Role", identity: "sharedbucket-provider-eu-west-1",
			outside: true},
		{name: "a provider's role, whatever the limit", pattern: "*", kind: "Role", identity: "sharedbucket-provider-x",
			outside: true},
		{name: "a user of such a name", kind: "User", identity: "sharedbucket-provider-x"},
		{name: "a path, below which any name may be", pattern: "arn:aws:iam::111111111111:role/data/*", kind: "Role",
			identity: "app"},
		{name: "a path of users", pattern: "arn:aws:iam::111111111111:user/data/*", kind: "Role", identity: "app",
			outside: true},
		{name: "a path of another account", pattern: "arn:aws:iam::222222222222:role/data/*", kind: "Role", identity: "app",
			outside: true},
		{name: "one role with its path", pattern: "arn:aws:iam::111111111111:role/data/app", kind: "Role", identity: "app"},
		{name: "another role", pattern: "arn:aws:iam::111111111111:role/data/app", kind: "Role", identity: "ap",
			outside: true},
		{name: "the end of a name is no name", pattern: "arn:aws:iam::111111111111:role/my-app", kind: "Role",
			identity: "app", outside: true},
		{name: "a name's beginning", pattern: "arn:aws:iam::111111111111:role/*/data-?*", kind: "Role", identity: "data-x"},
		{name: "another name's beginning", pattern: "arn:aws:iam::111111111111:role/*/data-?*x", kind: "Role",
			identity: "data-y", outside: true},
		{name: "a group", pattern: "arn:aws:iam::111111111111:group/*", kind: "Group", identity: "analysts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var limits share.Limits
			if c.pattern != "" {
				limits.GranteeArns = []string{c.pattern}
			}
			declared := []any{map[string]any{c.kind: c.identity}}
			_, err := share.ParseShare(map[string]any{"BucketName": "b-1", "Delegates": declared}, sharetest.Sydney,
				share.Within(limits))
			if (err != nil) != c.outside {
				t.Errorf("as a delegate: %v", err)
			}
			access := map[string]any{"BucketName": "b-1", "OwnerAccount": "999999999999", "Grantees": declared}
			_, err = share.ParseAccess(access, sharetest.Sydney, share.Within(limits))
			if (err != nil) != c.outside {
				t.Errorf("as a grantee: %v", err)
			}
			if err != nil && !strings.HasPrefix(err.Error(), "invalid property: Grantees[0]."+c.kind+": ") {
				t.Error(err)
			}
		})
	}
}

func TestLimitsOfAFoundKey(t *testing.T) {
	key := sharetest.KeyOf(sharetest.Sydney)
	s := share.Share{Env: sharetest.Sydney, Bucket: "team-data", Adopt: true}
	sharetest.WantViolations(t, sharetest.ViolationsOf(t, share.Limits{}.FoundKey(s, key)),
		[]string{"Adopt…" + key + "…KeyArns"})
	within := share.Limits{KeyArns: []string{"arn:aws:kms:ap-southeast-2:111111111111:key/*"}}
	if err := within.FoundKey(s, key); err != nil {
		t.Error(err)
	}
	s.DirectUse = true
	sharetest.WantViolations(t, sharetest.ViolationsOf(t, within.FoundKey(s, key)),
		[]string{"Encryption.DirectUse…" + key})
}

func TestReadingLimits(t *testing.T) {
	environment := map[string]string{
		"BucketArns": "arn:aws:s3:::a-*, arn:aws:s3:::b ,", "AdoptableBucketArns": "arn:aws:s3:::c",
		"KeyArns":     "arn:aws:kms:*",
		"GranteeArns": "arn:aws:iam::*:role/x/*", "ConsumerAccounts": "222222222222,333333333333",
		"ConsumerOrganizations": " ",
	}
	want := share.Limits{
		BucketArns: []string{"arn:aws:s3:::a-*", "arn:aws:s3:::b"}, AdoptableBucketArns: []string{"arn:aws:s3:::c"},
		KeyArns: []string{"arn:aws:kms:*"}, GranteeArns: []string{"arn:aws:iam::*:role/x/*"},
		ConsumerAccounts: []string{"222222222222", "333333333333"},
	}
	if diff := cmp.Diff(want, share.ReadLimits(func(name string) string { return environment[name] })); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(share.Limits{}, share.ReadLimits(func(string) string { return "" })); diff != "" {
		t.Error("without any:", diff)
	}
}
