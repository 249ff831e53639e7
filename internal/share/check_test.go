package share_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy"
)

func TestBadShares(t *testing.T) {
	name := func(n string) string { return fmt.Sprintf(`{"BucketName": %q}`, n) }
	with := func(rest string) string { return `{"BucketName": "account-a-bucket", ` + rest + `}` }
	consumers := func(list string) string { return with(`"Consumers": [` + list + `]`) }
	delegates := func(list string) string { return with(`"Delegates": [` + list + `]`) }
	encryption := func(list string) string { return with(`"Encryption": {` + list + `}`) }
	for _, c := range []struct {
		name, properties string
		want             []string
	}{
		{"no name", `{}`, []string{"BucketName…required"}},
		{"a blank name", name(" "), []string{"BucketName…nothing but white space"}},
		{"a name that is too short", name("ab"), []string{"BucketName…2 characters…3 to 63…choose another"}},
		{"a name that is too long", name(strings.Repeat("a", 64)), []string{"BucketName…64 characters…3 to 63"}},
		{"a name with capitals", name("My-bucket"), []string{"BucketName…lower-case"}},
		{"a name with an underscore", name("my_bucket"), []string{"BucketName…lower-case"}},
		{"a name that begins with a hyphen", name("-bucket"), []string{"BucketName…begin and end"}},
		{"a name that ends with a dot", name("bucket."), []string{"BucketName…begin and end"}},
		{"a name with two dots in a row", name("my..bucket"), []string{"BucketName…two dots"}},
		{"a name like an IP address", name("192.168.5.4"), []string{"BucketName…IP address"}},
		{"a name with xn--", name("xn--bucket"), []string{"BucketName…xn--…reserves"}},
		{"a name with sthree-", name("sthree-bucket"), []string{"BucketName…sthree-"}},
		{"a name with amzn-s3-demo-", name("amzn-s3-demo-bucket"), []string{"BucketName…amzn-s3-demo-"}},
		{"a name with -s3alias", name("bucket-s3alias"), []string{"BucketName…-s3alias"}},
		{"a name with --ol-s3", name("bucket--ol-s3"), []string{"BucketName…--ol-s3"}},
		{"a name with .mrap", name("bucket.mrap"), []string{"BucketName….mrap"}},
		{"a name with --x-s3", name("bucket--x-s3"), []string{"BucketName…--x-s3"}},
		{"a name with --table-s3", name("bucket--table-s3"), []string{"BucketName…--table-s3"}},
		{"a name of somebody else's namespace", name("bucket-222222222222-ap-southeast-2-an"), []string{"BucketName…-111111111111-ap-southeast-2-an"}},
		{"several rules broken at once", name("-My..bucket"), []string{"BucketName…lower-case", "BucketName…begin and end", "BucketName…two dots"}},

		{"an account id with a lost zero", consumers(`{"Account": 22222222222}`), []string{"Consumers[0].Account…22222222222…quote"}},
		{"an account id with letters", consumers(`{"Account": "22222222222a"}`), []string{"Consumers[0].Account…twelve digits"}},
		{"one bad account of several", consumers(`{"Account": ["222222222222", "2222"]}`), []string{"Consumers[0].Account[1]…2222"}},
		{"an empty account among others", consumers(`{"Account": ["222222222222", ""]}`), []string{"Consumers[0].Account[1]…empty entry"}},
		{"a null account among others", consumers(`{"Account": ["222222222222", null]}`), []string{"Consumers[0].Account[1]…empty entry"}},
		{"a null entry", consumers(`null`), []string{"Consumers[0]…empty entry"}},
		{"two kinds of consumer", consumers(`{"Account": "222222222222", "Organization": "o-a1b2c3d4e5"}`), []string{"Consumers[0]…Account and Organization…exactly one"}},
		{"no kind of consumer", consumers(`{"Access": "Read"}`), []string{"Consumers[0]…nobody…exactly one"}},
		{"an empty list of accounts", consumers(`{"Account": []}`), []string{"Consumers[0]…nobody"}},
		{"the ARN of another service", consumers(`{"Principal": "arn:aws:s3:::bucket"}`), []string{"Consumers[0].Principal…not the ARN of an IAM role or user…arn:<partition>:iam"}},
		{"a group as a principal", consumers(`{"Principal": "arn:aws:iam::222222222222:group/g"}`), []string{"Consumers[0].Principal…not the ARN of an IAM role or user"}},
		{"a principal of another partition", consumers(`{"Principal": "arn:aws-cn:iam::222222222222:role/r"}`), []string{"Consumers[0].Principal…partition aws-cn"}},
		{"a principal with a wildcard", consumers(`{"Principal": "arn:aws:iam::222222222222:role/*"}`), []string{"Consumers[0].Principal…wildcard…name each"}},
		{"a root as a principal", consumers(`{"Principal": "arn:aws:iam::222222222222:root"}`), []string{"Consumers[0].Principal…whole account…use Account"}},
		{"a session as a principal", consumers(`{"Principal": "arn:aws:sts::222222222222:assumed-role/r/s"}`), []string{"Consumers[0].Principal…session…role's own ARN"}},
		{"the owner as a consumer", consumers(`{"Account": "111111111111"}`), []string{"Consumers[0].Account…owner account…Delegates"}},
		{"a role of the owner as a consumer", consumers(`{"Principal": "arn:aws:iam::111111111111:role/r"}`), []string{"Consumers[0].Principal…owner account…Delegates"}},
		{"a permission set in the owner account", consumers(`{"PermissionSet": {"Account": "111111111111", "Name": "A"}}`), []string{"Consumers[0].PermissionSet.Account…owner account"}},
		{"a permission set without a name", consumers(`{"PermissionSet": {"Account": "222222222222"}}`), []string{"Consumers[0].PermissionSet.Name…required"}},
		{"a permission set by its role's pattern", consumers(`{"PermissionSet": {"Account": "222222222222", "Name": "AWSReservedSSO_*"}}`), []string{"Consumers[0].PermissionSet.Name…not the name of a permission set"}},
		{"an organization by its ARN", consumers(`{"Organization": "arn:aws:organizations::222222222222:organization/o-a1b2c3d4e5"}`), []string{"Consumers[0].Organization…o-a1b2c3d4e5"}},
		{"an OU without its path", consumers(`{"OrganizationalUnit": "ou-ab12-11111111"}`), []string{"Consumers[0].OrganizationalUnit…whole path"}},
		{"an OU path with a wildcard", consumers(`{"OrganizationalUnit": "o-a1b2c3d4e5/*"}`), []string{"Consumers[0].OrganizationalUnit…whole path"}},
		{"a consumer twice", consumers(`{"Account": "222222222222"}, {"Account": "222222222222", "Access": "Read"}`), []string{"Consumers[1].Account…declared already at Consumers[0].Account"}},
		{"a consumer twice in one entry", consumers(`{"Account": ["222222222222", "222222222222"]}`), []string{"Consumers[0].Account[1]…declared already"}},
		{"a consumer twice with the same prefix", consumers(`{"Account": "222222222222", "Prefixes": ["a", "b"]}, {"Account": "222222222222", "Prefixes": "b/"}`), []string{"Consumers[1].Account…declared already"}},
		{"an unknown level", consumers(`{"Account": "222222222222", "Access": "ReadWrit"}`), []string{"Consumers[0].Access…ReadWrit…did you mean ReadWrite?"}},
		{"a level like no other", consumers(`{"Account": "222222222222", "Access": "Administrator"}`), []string{"Consumers[0].Access…known are Full, Read, ReadWrite, Write"}},
		{"an empty prefix", consumers(`{"Account": "222222222222", "Prefixes": [""]}`), []string{"Consumers[0].Prefixes[0]…not a folder…leave Prefixes out"}},
		{"an empty prefix alone", consumers(`{"Account": "222222222222", "Prefixes": ""}`), []string{"Consumers[0].Prefixes…empty…leave Prefixes out for the whole bucket"}},
		{"a blank prefix among others", consumers(`{"Account": "222222222222", "Prefixes": ["a", " "]}`), []string{"Consumers[0].Prefixes[1]…nothing but white space"}},
		{"a slash as a prefix", consumers(`{"Account": "222222222222", "Prefixes": ["/"]}`), []string{"Consumers[0].Prefixes[0]…not a folder"}},
		{"a star as a prefix", consumers(`{"Account": "222222222222", "Prefixes": ["*"]}`), []string{"Consumers[0].Prefixes[0]…not a folder…whole bucket"}},
		{"a wildcard in a prefix", consumers(`{"Account": "222222222222", "Prefixes": ["a/*"]}`), []string{"Consumers[0].Prefixes[0]…wildcard"}},
		{"a policy variable in a prefix", consumers(`{"Account": "222222222222", "Prefixes": ["${aws:username}"]}`), []string{"Consumers[0].Prefixes[0]…policy variable"}},
		{"a prefix that begins with a slash", consumers(`{"Account": "222222222222", "Prefixes": ["/a"]}`), []string{"Consumers[0].Prefixes[0]…begins with a slash…write a"}},
		{"a prefix beyond what IAM takes", consumers(`{"Account": "222222222222", "Prefixes": ["日本"]}`), []string{"Consumers[0].Prefixes[0]…IAM takes in no policy"}},
		{"a prefix twice", consumers(`{"Account": "222222222222", "Prefixes": ["a", "a/"]}`), []string{"Consumers[0].Prefixes[1]…twice"}},

		{"an alias without alias/", encryption(`"Alias": "mine"`), []string{"Encryption.Alias…write alias/mine"}},
		{"an alias of AWS", encryption(`"Alias": "alias/aws/mine"`), []string{"Encryption.Alias…reserved"}},
		{"an alias with a dot", encryption(`"Alias": "alias/a.b"`), []string{"Encryption.Alias…letters, digits"}},
		{"an alias that is too long", encryption(`"Alias": "alias/` + strings.Repeat("a", 256) + `"`), []string{"Encryption.Alias…256 characters at most"}},
		{"an alias as an ARN", encryption(`"Alias": "arn:aws:kms:ap-southeast-2:111111111111:alias/a"`), []string{"Encryption.Alias…from alias/ on"}},
		{"aws/s3 as the key", encryption(`"KeyArn": "aws/s3"`), []string{"Encryption.KeyArn…AWS managed key…leave KeyArn out"}},
		{"a bare alias as the key", encryption(`"KeyArn": "alias/mine"`), []string{"Encryption.KeyArn…alias…full ARN"}},
		{"a bare id as the key", encryption(`"KeyArn": "1234abcd-12ab-34cd-56ef-1234567890ab"`), []string{"Encryption.KeyArn…full ARN"}},
		{"a key of another region", encryption(`"KeyArn": "arn:aws:kms:eu-west-1:111111111111:key/a"`), []string{"Encryption.KeyArn…region eu-west-1"}},
		{"a key of another account", encryption(`"KeyArn": "arn:aws:kms:ap-southeast-2:222222222222:key/a"`), []string{"Encryption.KeyArn…account 222222222222"}},
		{"a key of another partition", encryption(`"KeyArn": "arn:aws-cn:kms:ap-southeast-2:111111111111:key/a"`), []string{"Encryption.KeyArn…partition aws-cn"}},
		{"a key and an alias", encryption(`"KeyArn": "arn:aws:kms:ap-southeast-2:111111111111:key/a", "Alias": "alias/a"`), []string{"Encryption…both KeyArn and Alias"}},
		{"too short a rotation", encryption(`"RotationPeriodInDays": 89`), []string{"Encryption.RotationPeriodInDays…89…90 to 2560"}},
		{"too long a rotation", encryption(`"RotationPeriodInDays": "2561"`), []string{"Encryption.RotationPeriodInDays…2561"}},
		{"too short a window", encryption(`"DeletionWindowInDays": 6`), []string{"Encryption.DeletionWindowInDays…6…7 to 30"}},
		{"too long a window", encryption(`"DeletionWindowInDays": 31`), []string{"Encryption.DeletionWindowInDays…31"}},
		{"days that are no number", encryption(`"DeletionWindowInDays": "a month"`), []string{"Encryption.DeletionWindowInDays…whole number…a month"}},

		{"a role of IAM Identity Center", delegates(`{"Role": "AWSReservedSSO_Analyst_0123456789abcdef"}`), []string{"Delegates[0].Role…only AWS can change…permission set"}},
		{"a service-linked role", delegates(`{"Role": "AWSServiceRoleForSupport"}`), []string{"Delegates[0].Role…service-linked"}},
		{"a user by ARN", delegates(`{"User": "arn:aws:iam::111111111111:user/path/ann"}`), []string{"Delegates[0].User…write ann"}},
		{"a user's name with a space", delegates(`{"User": "ann lee"}`), []string{"Delegates[0].User…letters, digits"}},
		{"a user and a role", delegates(`{"User": "ann", "Role": "r"}`), []string{"Delegates[0]…User and Role…exactly one"}},
		{"no delegate", delegates(`{"Access": "Read"}`), []string{"Delegates[0]…nobody"}},
		{"a delegate twice", delegates(`{"User": "ann"}, {"User": ["bob", "ann"]}`), []string{"Delegates[1].User[1]…declared already at Delegates[0].User"}},

		{"an unknown property", with(`"Consumer": []`), []string{"Consumer…unknown property…did you mean Consumers?"}},
		{"an unknown property within", consumers(`{"Acount": "222222222222"}`), []string{"Consumers[0].Acount…did you mean Account?"}},
		{"a property like no other", with(`"Lifecycle": 1`), []string{"Lifecycle…known are Adopt, BucketName"}},
		{"a list that is an object", with(`"Consumers": {"Account": "222222222222"}`), []string{"Consumers…a list expected, got an object"}},
		{"an object that is a string", with(`"Encryption": "on"`), []string{`Encryption…an object expected, got "on"`}},
		{"a bool that is none", with(`"Adopt": "yes"`), []string{`Adopt…true or false expected, got "yes"`}},
		{"an unknown versioning", with(`"Versioning": "enabled"`), []string{"Versioning…did you mean Enabled?"}},
		{"an unknown removal policy", with(`"RemovalPolicy": "Destroy"`), []string{"RemovalPolicy…Destroy…known are Delete, Empty, Retain"}},
		{"emptying, which is not there yet", with(`"RemovalPolicy": "Empty"`), []string{"RemovalPolicy…not available yet…use Delete"}},
		{"adopting and deleting", with(`"Adopt": true, "RemovalPolicy": "Delete"`), []string{"RemovalPolicy…contradicts Adopt"}},
		{"a tag of AWS", with(`"Tags": {"aws:x": "y"}`), []string{"Tags.aws:x…reserved"}},
		{"a tag of ours", with(`"Tags": {"sharedbucket:stack-id": "y"}`), []string{"Tags.sharedbucket:stack-id…choose another"}},

		{"everything at once", `{"BucketName": "Bucket", "Consumers": [{"Account": "1"}, {}], "Versioning": "on", "Extra": 1}`,
			[]string{"Extra…unknown property", "BucketName…lower-case", "Consumers[0].Account…twelve digits", "Consumers[1]…nobody", "Versioning…unknown value"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := share.ParseShare(sharetest.Object(t, c.properties), sharetest.Sydney)
			sharetest.WantViolations(t, sharetest.ViolationsOf(t, err), c.want)
		})
	}
}

func TestBadAccesses(t *testing.T) {
	env := share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "222222222222"}
	with := func(rest string) string {
		return `{"BucketName": "account-a-bucket", "OwnerAccount": "111111111111", ` + rest + `}`
	}
	for _, c := range []struct {
		name, properties string
		want             []string
	}{
		{"nothing", `{}`, []string{"BucketName…required", "OwnerAccount…required"}},
		{"its own account as the owner", `{"BucketName": "account-a-bucket", "OwnerAccount": "222222222222"}`, []string{"OwnerAccount…account of this resource…Delegates"}},
		{"an owner that is no account", `{"BucketName": "account-a-bucket", "OwnerAccount": "1"}`, []string{"OwnerAccount…twelve digits"}},
		{"a key of another account than the owner's", with(`"KeyArn": "arn:aws:kms:ap-southeast-2:333333333333:key/a"`), []string{"KeyArn…333333333333"}},
		{"a key of another region than declared", with(`"Region": "eu-west-1", "KeyArn": "arn:aws:kms:ap-southeast-2:111111111111:key/a"`), []string{"KeyArn…region ap-southeast-2"}},
		{"a region that is none", with(`"Region": "Sydney"`), []string{"Region…region's code"}},
		{"an alias KMS would refuse", with(`"Alias": "alias/a b"`), []string{"Alias…letters"}},
		{"a policy name IAM would refuse", with(`"PolicyName": "a b"`), []string{"PolicyName…letters"}},
		{"a reserved role", with(`"Grantees": [{"Role": "AWSReservedSSO_A_0123456789abcdef"}]`), []string{"Grantees[0].Role…permission set"}},
		{"an unknown property", with(`"OwnerAcount": "1"`), []string{"OwnerAcount…did you mean OwnerAccount?"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := share.ParseAccess(sharetest.Object(t, c.properties), env)
			sharetest.WantViolations(t, sharetest.ViolationsOf(t, err), c.want)
		})
	}
}

func TestOneErrorSaysAll(t *testing.T) {
	_, err := share.ParseShare(sharetest.Object(t, `{"BucketName": "account-a-bucket", "Versioning": "on"}`), sharetest.Sydney)
	if want := `invalid property: Versioning: unknown value "on"; `; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s…", err, want)
	}
	_, err = share.ParseShare(sharetest.Object(t, `{"BucketName": "B", "Versioning": "on"}`), sharetest.Sydney)
	if want := "3 invalid properties: (1) BucketName: "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s…", err, want)
	}
}

func TestDefaults(t *testing.T) {
	got := sharetest.Parse(t, sharetest.Object(t, `{"ServiceToken": "arn:x", "ServiceTimeout": "960", "BucketName": "my.bucket", "Consumers": [], "Delegates": null, "Tags": null}`), sharetest.Sydney)
	want := share.Share{
		Env: sharetest.Sydney, Bucket: "my.bucket", Alias: "alias/s3-my-bucket-encryption", RotationDays: 365, DeletionDays: 30,
		Versioning: "Enabled", Removal: "Retain", Verify: true, Canary: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// CloudFormation passes every scalar as a string, nested ones too, and a list of one perhaps as its element.
func TestStringsForEverything(t *testing.T) {
	got := sharetest.Parse(t, sharetest.Object(t, `{"BucketName": "b-1", "Adopt": "true", "Verify": "false", "Canary": "False",
		"Encryption": {"RotationPeriodInDays": "180", "DeletionWindowInDays": "14", "DirectUse": "true"},
		"Consumers": [{"Account": "222222222222", "Prefixes": "in/"}, {"PermissionSet": {"Account": "222222222222", "Name": "A"}}],
		"Delegates": [{"User": "ann", "Prefixes": ["a"]}], "Tags": {"cost": "14", "on": "true"}}`), sharetest.Sydney)
	want := sharetest.Parse(t, map[string]any{
		"BucketName": "b-1", "Adopt": true, "Verify": false, "Canary": false,
		"Encryption": map[string]any{"RotationPeriodInDays": 180, "DeletionWindowInDays": 14.0, "DirectUse": true},
		"Consumers": []any{
			map[string]any{"Account": []any{222222222222.0}, "Prefixes": []any{"in"}},
			map[string]any{"PermissionSet": map[string]any{"Account": []any{uint64(222222222222)}, "Name": "A"}},
		},
		"Delegates": []any{map[string]any{"User": []any{"ann"}, "Prefixes": "a"}},
		"Tags":      map[string]any{"cost": 14, "on": true},
	}, sharetest.Sydney)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !got.Adopt || got.Verify || got.DeletionDays != 14 || got.RotationDays != 180 || !got.DirectUse {
		t.Errorf("got %+v", got)
	}
}

// What an earlier deployment declared is read as far as it can be, so that it can be revoked.
func TestLenientReading(t *testing.T) {
	for _, c := range []struct {
		name, properties string
		check            func(share.Share) bool
	}{
		{"a level of the past", `{"BucketName": "b-1", "Consumers": [{"Account": "222222222222", "Access": "Admin"}]}`,
			func(s share.Share) bool { return s.Bucket == "b-1" && len(s.Consumers) == 1 }},
		{"an unknown property", `{"BucketName": "b-1", "Gone": 1, "Delegates": [{"User": "ann"}]}`,
			func(s share.Share) bool { return len(s.Delegates) == 1 }},
		{"one bad delegate of two", `{"BucketName": "b-1", "Delegates": [{"User": "a b"}, {"User": "ann"}]}`,
			func(s share.Share) bool { return len(s.Delegates) == 1 && s.Delegates[0].Identity.Name == "ann" }},
		{"a name that S3 reserves today", `{"BucketName": "sthree-b"}`, func(s share.Share) bool { return s.Bucket == "sthree-b" }},
		{"a name that no bucket can have", `{"BucketName": "No_Bucket"}`, func(s share.Share) bool { return s.Bucket == "" }},
		{"an alias that no key can have", `{"BucketName": "b-1", "Encryption": {"Alias": "a b"}}`,
			func(s share.Share) bool { return s.Alias == "alias/s3-b-1-encryption" }},
		{"a key that cannot be ours", `{"BucketName": "b-1", "Encryption": {"KeyArn": "alias/x"}}`,
			func(s share.Share) bool { return s.KeyARN == "" && s.Alias != "" }},
		{"a removal policy of the past", `{"BucketName": "b-1", "RemovalPolicy": "Snapshot"}`, func(s share.Share) bool { return s.Removal == "Retain" }},
		{"nothing at all", `{}`, func(s share.Share) bool { return s.Bucket == "" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			if s, _ := share.ParseShare(sharetest.Object(t, c.properties), sharetest.Sydney); !c.check(s) {
				t.Errorf("read as %+v", s)
			}
		})
	}
}

// Before deployment, what only CloudFormation knows is left alone; the rest is checked.
func TestUnresolvedValuesAreLeftToTheDeployment(t *testing.T) {
	token := func(v string) bool { return strings.HasPrefix(v, "${Token") }
	properties := sharetest.Object(t, `{"BucketName": "${Token[1]}", "Consumers": [{"Account": "${Token[2]}"}, {"Principal": "${Token[3]}"},
		{"Account": "222222222222", "Access": "Rea", "Prefixes": ["${Token[4]}", "*"]}],
		"Delegates": [{"Role": "${Token[5]}"}], "Encryption": {"KeyArn": "${Token[6]}"}, "Tags": {"team": "${Token[7]}"}}`)
	_, err := share.ParseShare(properties, share.Env{}, share.BeforeDeployment(token))
	sharetest.WantViolations(t, sharetest.ViolationsOf(t, err),
		[]string{"Consumers[2].Access…did you mean Read?", "Consumers[2].Prefixes[1]…not a folder"})
	access := sharetest.Object(t, `{"BucketName": "${Token[1]}", "OwnerAccount": "${Token[2]}", "KeyArn": "${Token[3]}",
		"Grantees": [{"User": "${Token[4]}", "Access": "x"}]}`)
	_, err = share.ParseAccess(access, share.Env{}, share.BeforeDeployment(token))
	sharetest.WantViolations(t, sharetest.ViolationsOf(t, err), []string{"Grantees[0].Access…unknown level"})
}

func FuzzParseShare(f *testing.F) {
	f.Add(`{"BucketName": "account-a-bucket", "Consumers": [{"Account": "222222222222", "Prefixes": ["a"]}], "Delegates": [{"User": "ann"}]}`)
	f.Add(`{"BucketName": ["x"], "Consumers": [null, 1, {"PermissionSet": []}], "Tags": {"": null}, "Encryption": {"KeyArn": {}}}`)
	f.Add(`{"BucketName": "b-1", "OwnerAccount": 1e30, "Grantees": [{"Group": [[]]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		properties, ok := sharetest.Decoded(text)
		if !ok {
			return
		}
		lenient, _ := share.ParseShare(properties, sharetest.Sydney)
		_, _ = share.ParseAccess(properties, sharetest.Sydney)
		if s, err := share.ParseShare(properties, sharetest.Sydney); err == nil {
			sharetest.FullBucketPolicy(t, "", document.BucketStatements(s, sharetest.Sydney.PendingKeyARN()))
		}
		// Whatever was read leniently can at least be removed.
		now := sharetest.NewWorld(sharetest.Sydney).Observe(lenient, nil, plan.Owner{StackID: "s", LogicalID: "l"})
		if _, err := plan.Removal(lenient, plan.Owner{StackID: "s", LogicalID: "l"}, plan.Unfinished, now); err != nil {
			t.Fatal(err)
		}
	})
}

func TestNothingBreaksTheParser(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := sharetest.Envs().Draw(t, "env")
		properties := sharetest.Properties(env).Draw(t, "properties")
		key := rapid.SampledFrom([]string{"BucketName", "Consumers", "Delegates", "Encryption", "Tags", "Adopt", "Nonsense"}).Draw(t, "key")
		properties[key] = junk(2).Draw(t, "junk")
		s, err := share.ParseShare(properties, env)
		if err == nil {
			if _, err := policy.Canonical(sharetest.FullBucketPolicy(t, "", document.BucketStatements(s, env.PendingKeyARN()))); err != nil {
				t.Fatalf("%v", err)
			}
		}
	})
}

// junk is any value that JSON or YAML may hold.
func junk(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		switch k := rapid.IntRange(0, 3+2*min(depth, 1)).Draw(t, "kind"); k {
		case 0:
			return nil
		case 1:
			return rapid.Bool().Draw(t, "bool")
		case 2:
			return rapid.Float64().Draw(t, "number")
		case 3:
			return rapid.String().Draw(t, "text")
		case 4:
			return rapid.SliceOfN(junk(depth-1), 0, 3).Draw(t, "list")
		}
		return rapid.MapOfN(rapid.SampledFrom([]string{"Account", "User", "Prefixes", "Access", "KeyArn", "x"}), junk(depth-1), 0, 3).Draw(t, "object")
	})
}
