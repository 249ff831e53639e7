package share_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// consumer is a share's properties with one consumer that has this property.
func consumer(property string, value any) map[string]any {
	entry := map[string]any{property: value}
	if property == "Prefixes" || property == "Access" {
		entry["Account"] = "222222222222"
	}
	return map[string]any{"BucketName": "account-a-bucket", "Consumers": []any{entry}}
}

// What is empty must never mean more than what is there.
func TestEmptyValuesThatWouldGiveMore(t *testing.T) {
	for _, c := range []struct {
		name     string
		property string
		value    any
		want     string
	}{
		{name: "no prefixes", property: "Prefixes", value: []any{}, want: "Consumers[0].Prefixes…empty…whole bucket"},
		{name: "null prefixes", property: "Prefixes", value: nil, want: "Consumers[0].Prefixes…empty…whole bucket"},
		{name: "null as the only prefix", property: "Prefixes", value: []any{nil},
			want: "Consumers[0].Prefixes[0]…not a folder"},
		{name: "no level", property: "Access", value: "", want: "Consumers[0].Access…empty…ReadWrite"},
		{name: "a null level", property: "Access", value: nil, want: "Consumers[0].Access…empty…ReadWrite"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := share.ParseShare(consumer(c.property, c.value), sharetest.Sydney)
			sharetest.WantViolations(t, sharetest.ViolationsOf(t, err), []string{c.want})
		})
	}
	grantee := map[string]any{"BucketName": "b-1", "OwnerAccount": "222222222222",
		"Grantees": []any{map[string]any{"User": "ann", "Prefixes": []any{}}}}
	_, err := share.ParseAccess(grantee, sharetest.Sydney)
	sharetest.WantViolations(t, sharetest.ViolationsOf(t, err), []string{"Grantees[0].Prefixes…empty"})
}

// texts are all properties that hold text, each with a value that is right.
var texts = map[string]struct {
	value string
	make  func(value string) map[string]any
}{
	"BucketName": {
		value: "account-a-bucket", make: func(v string) map[string]any { return map[string]any{"BucketName": v} },
	},
	"Consumers[0].Account": {
		value: "222222222222", make: func(v string) map[string]any { return consumer("Account", v) },
	},
	"Consumers[0].Principal": {value: "arn:aws:iam::222222222222:role/app",
		make: func(v string) map[string]any { return consumer("Principal", v) }},
	"Consumers[0].Organization": {
		value: "o-a1b2c3d4e5", make: func(v string) map[string]any { return consumer("Organization", v) },
	},
	"Consumers[0].OrganizationalUnit": {value: "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111",
		make: func(v string) map[string]any { return consumer("OrganizationalUnit", v) }},
	"Consumers[0].PermissionSet.Name": {value: "Analyst", make: func(v string) map[string]any {
		return consumer("PermissionSet", map[string]any{"Account": "222222222222", "Name": v})
	}},
	"Consumers[0].Access": {value: "Read", make: func(v string) map[string]any { return consumer("Access", v) }},
	"Consumers[0].Prefixes[0]": {
		value: "in", make: func(v string) map[string]any { return consumer("Prefixes", []any{v}) },
	},
	"Delegates[0].Role": {value: "app", make: func(v string) map[string]any {
		return map[string]any{"BucketName": "b-1", "Delegates": []any{map[string]any{"Role": v}}}
	}},
	"Encryption.Alias": {value: "alias/ours", make: func(v string) map[string]any {
		return map[string]any{"BucketName": "b-1", "Encryption": map[string]any{"Alias": v}}
	}},
	"Encryption.KeyArn": {value: sharetest.KeyOf(sharetest.Sydney), make: func(v string) map[string]any {
		return map[string]any{"BucketName": "b-1", "Encryption": map[string]any{"KeyArn": v}}
	}},
	"Versioning": {value: "Enabled", make: func(v string) map[string]any {
		return map[string]any{"BucketName": "b-1", "Versioning": v}
	}},
	"RemovalPolicy": {value: "Retain", make: func(v string) map[string]any {
		return map[string]any{"BucketName": "b-1", "RemovalPolicy": v}
	}},
	"Tags.team": {value: "blue", make: func(v string) map[string]any {
		return map[string]any{"BucketName": "b-1", "Tags": map[string]any{"team": v}}
	}},
}

// A value is never made another by taking something off it, and never has what cannot be seen: one message each.
func TestTextsAreTakenAsTheyAreOrRefused(t *testing.T) {
	for path, property := range texts {
		if _, err := share.ParseShare(property.make(property.value), sharetest.Sydney); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		for name, spoil := range map[string]func(string) string{
			"a space before":            func(v string) string { return " " + v },
			"a no-break space behind":   func(v string) string { return v + "\u00a0" },
			"an ideographic space":      func(v string) string { return "\u3000" + v },
			"a line's end":              func(v string) string { return v + "\n" },
			"a line separator":          func(v string) string { return "\u2028" + v },
			"a zero-width space":        func(v string) string { return v[:1] + "\u200b" + v[1:] },
			"a byte order mark":         func(v string) string { return "\ufeff" + v },
			"a turn of direction":       func(v string) string { return v[:1] + "\u202e" + v[1:] },
			"a soft hyphen":             func(v string) string { return v[:1] + "\u00ad" + v[1:] },
			"a control character":       func(v string) string { return v[:1] + "\x00" + v[1:] },
			"a filler":                  func(v string) string { return v[:1] + "\u3164" + v[1:] },
			"bytes that are no letters": func(v string) string { return v + "\xff" },
		} {
			_, err := share.ParseShare(property.make(spoil(property.value)), sharetest.Sydney)
			got := sharetest.ViolationsOf(t, err)
			path := strings.TrimSuffix(path, "[0]")
			if len(got) != 1 || !strings.HasPrefix(got[0], path) {
				t.Errorf("%s with %s: %q, want one violation", path, name, got)
			}
		}
	}
}

func TestPolicyVariablesInPrincipals(t *testing.T) {
	for _, arn := range []string{
		"arn:aws:iam::222222222222:role/${aws:PrincipalTag/x}/name",
		"arn:aws:iam::222222222222:user/a/${aws:username}/name",
		"arn:aws:iam::222222222222:role/${aws:PrincipalTag/x}",
	} {
		_, err := share.ParseShare(consumer("Principal", arn), sharetest.Sydney)
		sharetest.WantViolations(t, sharetest.ViolationsOf(t, err), []string{"Consumers[0].Principal…policy variable"})
	}
}

// S3 takes letters, digits and spaces of any script and _ . : / = + - @, and fails CreateBucket for anything else.
func TestCharactersOfTags(t *testing.T) {
	for _, good := range []string{"", "a b", "Größe", "日本 語", "a_b.c:d/e=f+g-h@i", "१२"} {
		if _, err := share.ParseShare(texts["Tags.team"].make(good), sharetest.Sydney); err != nil {
			t.Errorf("value %q: %v", good, err)
		}
	}
	for _, bad := range []string{"a,b", "a;b", `a"b`, "a*b", "a&b", "(a)", "a#b", "é!", "a|b", "~"} {
		_, err := share.ParseShare(texts["Tags.team"].make(bad), sharetest.Sydney)
		sharetest.WantViolations(t, sharetest.ViolationsOf(t, err), []string{"Tags.team…the value…S3 does not take"})
		_, err = share.ParseShare(map[string]any{"BucketName": "b-1", "Tags": map[string]any{bad: "x"}}, sharetest.Sydney)
		sharetest.WantViolations(t, sharetest.ViolationsOf(t, err), []string{"Tags." + bad + "…the key…S3 does not take"})
	}
}

func TestEntriesOfTheWrongTypeSayOneThing(t *testing.T) {
	for text, want := range map[string]string{
		`{"BucketName": "b-1", "Consumers": [""]}`:                    "Consumers[0]…empty entry",
		`{"BucketName": "b-1", "Consumers": [[]]}`:                    "Consumers[0]…empty entry",
		`{"BucketName": "b-1", "Consumers": ["222222222222"]}`:        "Consumers[0]…an object expected",
		`{"BucketName": "b-1", "Consumers": [{"PermissionSet": ""}]}`: "Consumers[0].PermissionSet…an object expected",
		`{"BucketName": "b-1", "Delegates": [null]}`:                  "Delegates[0]…empty entry",
		`{"BucketName": "b-1", "Delegates": [{"User": [{}]}]}`:        "Delegates[0].User[0]…a string expected",
		`{"BucketName": "b-1", "Tags": {"a": null}}`:                  "Tags.a…a string expected, got nothing",
		`{"BucketName": "b-1", "Tags": {"a": {"b": "c"}}}`:            "Tags.a…a string expected, got an object",
		`{"BucketName": {"Ref": "x"}}`:                                "BucketName…a string expected, got an object",
	} {
		_, err := share.ParseShare(sharetest.Object(t, text), sharetest.Sydney)
		if got := sharetest.ViolationsOf(t, err); len(got) != 1 {
			t.Errorf("%s: %d violations: %q", text, len(got), got)
			continue
		}
		sharetest.WantViolations(t, sharetest.ViolationsOf(t, err), []string{want})
	}
}

// Whatever is declared, an error stays short enough for a log and an answer.
func TestMessagesAreBounded(t *testing.T) {
	long := strings.Repeat("å", 1<<20)
	var many []any
	for i := range 20_000 {
		many = append(many, map[string]any{"Account": fmt.Sprint(i)})
	}
	for name, properties := range map[string]map[string]any{
		"a name":            {"BucketName": long},
		"a property's name": {"BucketName": "b-1", long: 1},
		"a tag":             {"BucketName": "b-1", "Tags": map[string]any{long: long}},
		"a level":           consumer("Access", long),
		"a prefix":          consumer("Prefixes", []any{"/" + long}),
		"an ARN":            consumer("Principal", long),
		"a delegate":        {"BucketName": "b-1", "Delegates": []any{map[string]any{"User": "a/" + long}}},
		"an alias":          {"BucketName": "b-1", "Encryption": map[string]any{"Alias": long}},
		"a number":          {"BucketName": "b-1", "Encryption": map[string]any{"RotationPeriodInDays": json.Number(long)}},
		"a list for a text": {"BucketName": "b-1", "Versioning": []any{long}},
		"many entries":      {"BucketName": "b-1", "Consumers": many},
	} {
		_, err := share.ParseShare(properties, sharetest.Sydney)
		if err == nil || len(err.Error()) > 16_000 {
			t.Errorf("%s: a message of %d bytes", name, len(fmt.Sprint(err)))
		}
		for _, v := range err.(share.Violations) {
			if len(v.String()) > 700 {
				t.Errorf("%s: one violation of %d bytes: %.300s", name, len(v.String()), v)
				break
			}
		}
	}
	_, err := share.ParseShare(map[string]any{"BucketName": "b-1", "Consumers": many}, sharetest.Sydney)
	if !strings.HasSuffix(err.Error(), "and 19950 more") {
		t.Errorf("the message does not say how many more there are: …%s", err.Error()[len(err.Error())-100:])
	}
}

// {account} is a whole segment or nothing: whoever writes it otherwise means something that it is not.
func TestBracesInPrefixes(t *testing.T) {
	for _, good := range []string{"{account}", "accounts/{account}", "{account}/in/", "a/{account}/b"} {
		if _, err := share.ParseShare(consumer("Prefixes", []any{good}), sharetest.Sydney); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"{Account}", "x{account}", "{account}x", "{account", "accounts/{{account}}", "{region}", "a/}",
	} {
		_, err := share.ParseShare(consumer("Prefixes", []any{bad}), sharetest.Sydney)
		sharetest.WantViolations(t, sharetest.ViolationsOf(t, err),
			[]string{"Consumers[0].Prefixes[0]…" + bad + "…brace…{account}"})
	}
}
