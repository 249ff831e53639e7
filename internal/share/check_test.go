package share_test

import (
	"fmt"
	"slices"
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

// bad is a declaration that is refused, with what is said.
type bad struct {
	name, properties string
	want             []string // a violation each, see sharetest.WantViolations
}

func named(name string) string { return fmt.Sprintf(`{"BucketName": %q}`, name) }

func with(rest string) string { return `{"BucketName": "account-a-bucket", ` + rest + `}` }

func consumersOf(list string) string { return with(`"Consumers": [` + list + `]`) }

func delegatesOf(list string) string { return with(`"Delegates": [` + list + `]`) }

func encryptionOf(properties string) string { return with(`"Encryption": {` + properties + `}`) }

func TestBadShares(t *testing.T) {
	for _, c := range slices.Concat(badNames, badConsumers, badScopes, badKeys, badDelegates, badRest) {
		t.Run(c.name, func(t *testing.T) {
			_, err := share.ParseShare(sharetest.Object(t, c.properties), sharetest.Sydney)
			sharetest.WantViolations(t, sharetest.ViolationsOf(t, err), c.want)
		})
	}
}

func TestBadAccesses(t *testing.T) {
	env := sharetest.Sydney
	env.Account = sharetest.ConsumerAccount
	for _, c := range badAccesses {
		t.Run(c.name, func(t *testing.T) {
			_, err := share.ParseAccess(sharetest.Object(t, c.properties), env)
			sharetest.WantViolations(t, sharetest.ViolationsOf(t, err), c.want)
		})
	}
}

func TestOneErrorSaysAll(t *testing.T) {
	_, err := share.ParseShare(sharetest.Object(t, `{"BucketName": "account-a-bucket", "Versioning": "on"}`),
		sharetest.Sydney)
	if want := `invalid property: Versioning: unknown value "on"; `; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s…", err, want)
	}
	_, err = share.ParseShare(sharetest.Object(t, `{"BucketName": "B", "Versioning": "on"}`), sharetest.Sydney)
	if want := "3 invalid properties: (1) BucketName: "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s…", err, want)
	}
}

func TestDefaults(t *testing.T) {
	got := sharetest.Parse(t, sharetest.Object(t,
		`{"ServiceToken": "arn:x", "ServiceTimeout": "960", "BucketName": "my.bucket",
			"Consumers": [], "Delegates": null, "Tags": null}`), sharetest.Sydney)
	want := share.Share{
		Env: sharetest.Sydney, Bucket: "my.bucket", Alias: "alias/s3-my-bucket-encryption", RotationDays: 365,
		DeletionDays: 30, PolicyType: "Auto",
		Versioning: "Enabled", Removal: "Retain", Drift: "Report", Verify: true, Canary: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// CloudFormation passes every scalar as a string, nested ones too, and a list of one perhaps as its element.
func TestStringsForEverything(t *testing.T) {
	got := sharetest.Parse(t, sharetest.Object(t, `{"BucketName": "b-1", "Adopt": "true", 
		"Verify": "false", "Canary": "False",
		"Encryption": {"RotationPeriodInDays": "180", "DeletionWindowInDays": "14", "DirectUse": "true"},
		"Consumers": [{"Account": "222222222222", "Prefixes": "in/"},
			{"PermissionSet": {"Account": "222222222222", "Name": "A"}}],
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
		{
			name:       "a level of the past",
			properties: `{"BucketName": "b-1", "Consumers": [{"Account": "222222222222", "Access": "Admin"}]}`,
			check:      func(s share.Share) bool { return s.Bucket == "b-1" && len(s.Consumers) == 1 },
		},
		{
			name:       "an unknown property",
			properties: `{"BucketName": "b-1", "Gone": 1, "Delegates": [{"User": "ann"}]}`,
			check:      func(s share.Share) bool { return len(s.Delegates) == 1 },
		},
		{
			name:       "one bad delegate of two",
			properties: `{"BucketName": "b-1", "Delegates": [{"User": "a b"}, {"User": "ann"}]}`,
			check:      func(s share.Share) bool { return len(s.Delegates) == 1 && s.Delegates[0].Identity.Name == "ann" },
		},
		{
			name:       "a name that S3 reserves today",
			properties: `{"BucketName": "sthree-b"}`,
			check:      func(s share.Share) bool { return s.Bucket == "sthree-b" },
		},
		{
			name:       "a name that no bucket can have",
			properties: `{"BucketName": "No_Bucket"}`,
			check:      func(s share.Share) bool { return s.Bucket == "" },
		},
		{
			name:       "an alias that no key can have",
			properties: `{"BucketName": "b-1", "Encryption": {"Alias": "a b"}}`,
			check:      func(s share.Share) bool { return s.Alias == "alias/s3-b-1-encryption" },
		},
		{
			name:       "a key that cannot be ours",
			properties: `{"BucketName": "b-1", "Encryption": {"KeyArn": "alias/x"}}`,
			check:      func(s share.Share) bool { return s.KeyARN == "" && s.Alias != "" },
		},
		{
			name:       "a removal policy of the past",
			properties: `{"BucketName": "b-1", "RemovalPolicy": "Snapshot"}`,
			check:      func(s share.Share) bool { return s.Removal == "Retain" },
		},
		{name: "nothing at all", properties: `{}`, check: func(s share.Share) bool { return s.Bucket == "" }},
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
	properties := sharetest.Object(t, `{"BucketName": "${Token[1]}", 
		"Consumers": [{"Account": "${Token[2]}"}, {"Principal": "${Token[3]}"},
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
	f.Add(`{"BucketName": "account-a-bucket", "Consumers": [{"Account": "222222222222", "Prefixes": ["a"]}],
		"Delegates": [{"User": "ann"}]}`)
	f.Add(`{"BucketName": ["x"], "Consumers": [null, 1, {"PermissionSet": []}],
		"Tags": {"": null}, "Encryption": {"KeyArn": {}}}`)
	f.Add(`{"BucketName": "b-1", "OwnerAccount": 1e30, "Grantees": [{"Group": [[]]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		properties, ok := sharetest.Decoded(text)
		if !ok {
			return
		}
		lenient, _ := share.ParseShare(properties, sharetest.Sydney)
		_, _ = share.ParseAccess(properties, sharetest.Sydney)
		if s, err := share.ParseShare(properties, sharetest.Sydney); err == nil {
			sharetest.FullBucketPolicy(t, "", document.OfShare(s, sharetest.Sydney.PendingKeyARN(), "").Bucket.Statements)
		}
		// Whatever was read leniently can at least be removed.
		gone := plan.Wanted{Share: lenient, Owner: plan.Owner{StackID: "s", LogicalID: "l"}, Removal: plan.Unfinished}
		if _, err := plan.Removal(gone, sharetest.NewAccount(sharetest.Sydney).Observe(gone)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestNothingBreaksTheParser(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := sharetest.Envs().Draw(t, "env")
		properties := sharetest.Properties(env).Draw(t, "properties")
		key := rapid.SampledFrom([]string{"BucketName", "Consumers", "Delegates", "Encryption", "Tags", "Adopt",
			"Nonsense"}).Draw(t, "key")
		properties[key] = junk(2).Draw(t, "junk")
		s, err := share.ParseShare(properties, env)
		if err == nil {
			if _, err := policy.Canonical(sharetest.FullBucketPolicy(t, "",
				document.OfShare(s, env.PendingKeyARN(), "").Bucket.Statements)); err != nil {
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
		return rapid.MapOfN(rapid.SampledFrom([]string{"Account", "User", "Prefixes", "Access", "KeyArn", "x"}),
			junk(depth-1), 0, 3).Draw(t, "object")
	})
}
