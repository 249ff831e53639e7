package sharefile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharefile"
)

const walkthrough = `
Region: ap-southeast-2
Owner: "111111111111"
BucketName: account-a-bucket
Consumers:
  - Account: "222222222222"
    Access: ReadWrite
Delegates:
  - User: ann
Grantees:
  "222222222222":
    - User: dilip
`

func parse(t *testing.T, text string) sharefile.File {
	t.Helper()
	f, err := sharefile.Parse("share.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestBothEnds(t *testing.T) {
	f := parse(t, walkthrough)
	if err := f.Check(); err != nil {
		t.Fatal(err)
	}
	wantBucket := map[string]any{
		"BucketName": "account-a-bucket",
		"Consumers":  []any{map[string]any{"Account": "222222222222", "Access": "ReadWrite"}},
		"Delegates":  []any{map[string]any{"User": "ann"}},
	}
	if diff := cmp.Diff(wantBucket, f.BucketProperties()); diff != "" {
		t.Error("bucket properties:", diff)
	}
	wantAccess := map[string]any{
		"BucketName":   "account-a-bucket",
		"OwnerAccount": "111111111111",
		"Region":       "ap-southeast-2",
		"Grantees":     []any{map[string]any{"User": "dilip"}},
	}
	if diff := cmp.Diff(wantAccess, f.AccessProperties("222222222222")); diff != "" {
		t.Error("access properties:", diff)
	}
	if diff := cmp.Diff([]string{"222222222222"}, f.Accounts()); diff != "" {
		t.Error("accounts:", diff)
	}
	if got := f.Env(); got != (share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "111111111111"}) {
		t.Error("env:", got)
	}
}

func TestConsumerFollowsOwner(t *testing.T) {
	f := parse(t, walkthrough+`
Encryption: {Alias: alias/ours}
Canary: false
Verify: false
`)
	got := f.AccessProperties("222222222222")
	for property, want := range map[string]any{"Alias": "alias/ours", "Canary": "false", "Verify": "false"} {
		if got[property] != want {
			t.Errorf("%s is %v, want %v", property, got[property], want)
		}
	}
}

// Account ids without quotes are numbers to YAML, some of them octal.
func TestAccountIDsWithoutQuotes(t *testing.T) {
	f := parse(t, `
Region: ap-southeast-2
Owner: 011111111111
BucketName: account-a-bucket
Consumers:
  - Account: [000000000012, 0222222222227, 222222222222]
  - Account: !!str 012345670123
Grantees:
  000000000012:
    - User: dilip
`)
	if got := f.Owner(); got != "011111111111" {
		t.Errorf("owner is %q", got)
	}
	consumers := f.BucketProperties()["Consumers"].([]any)
	want := []any{
		map[string]any{"Account": []any{"000000000012", "0222222222227", "222222222222"}},
		map[string]any{"Account": "012345670123"},
	}
	if diff := cmp.Diff(want, consumers); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"000000000012"}, f.Accounts()); diff != "" {
		t.Error(diff)
	}
	if got := properties(f.Check()); !cmp.Equal(got, []string{"Consumers[0].Account[1]"}) {
		t.Errorf("violations at %q, want only the id of thirteen digits", got)
	}
}

func TestViolationsHavePathsOfTheFile(t *testing.T) {
	const head = "Region: ap-southeast-2\nOwner: '111111111111'\nBucketName: account-a-bucket\n"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"nothing but a name": {text: "BucketName: account-a-bucket", want: []string{"Region", "Owner"}},
		"everything at once": {text: `
Region: Sydney
Owner: "12"
BucketName: Account_A
Consumer: []
Consumers:
  - Account: "222222222222"
    Access: Reed
Encryption: {RotationPeriodInDays: 3}
Grantees:
  "222222222222":
    - User: dilip
      Access: Wriet
    - Usr: dora
`, want: []string{"Consumer", "Owner", "Region", "BucketName", "Consumers[0].Access", "Encryption.RotationPeriodInDays",
			`Grantees["222222222222"][1].Usr`, `Grantees["222222222222"][0].Access`}},
		"owner as consumer and as grantee": {text: head + `
Consumers: [{Account: "111111111111"}]
Grantees:
  "111111111111": [{User: ann}]
`, want: []string{"Consumers[0].Account", `Grantees["111111111111"]`}},
		"grantees of an account that is not let in": {text: head + `
Consumers: [{Account: "222222222222"}]
Grantees:
  "333333333333": [{User: mallory}]
`, want: []string{`Grantees["333333333333"]`}},
		"an organization may let in any account": {text: head + `
Consumers: [{Organization: o-a1b2c3d4e5}]
Grantees:
  "333333333333": [{User: mallory}]
`, want: nil},
		"a principal's account is let in": {text: head + `
Consumers: [{Principal: "arn:aws:iam::333333333333:role/reader"}]
Grantees:
  "333333333333": [{Role: reader}]
`, want: nil},
		"a bad account id among grantees": {text: head + `
Consumers: [{Organization: o-a1b2c3d4e5}]
Grantees:
  "3333": [{User: mallory}]
`, want: []string{`Grantees["3333"]`}},
		"grantees as a list": {text: head + "Grantees: [{User: dilip}]", want: []string{"Grantees"}},
		"an account with none": {text: head + "Consumers: [{Account: '222222222222'}]\nGrantees: {'222222222222': }",
			want: []string{`Grantees["222222222222"]`}},
		"grantees too large for a user": {text: head + `
Consumers: [{Account: "222222222222"}]
Grantees:
  "222222222222":
    - User: dilip
      Prefixes: [` + manyPrefixes() + `]
`, want: []string{`Grantees["222222222222"]`}},
		"another partition's principal": {text: `
Region: cn-north-1
Owner: "111111111111"
BucketName: account-a-bucket
Consumers: [{Principal: "arn:aws:iam::333333333333:role/reader"}]
`, want: []string{"Consumers[0].Principal"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := parse(t, c.text).Check()
			// The order is that of package share's checks.
			if diff := cmp.Diff(c.want, properties(err), cmpopts.SortSlices(strings.Compare)); diff != "" {
				t.Error(diff, err)
			}
		})
	}
}

func TestUnknownTopLevelPropertyNamesTheNearest(t *testing.T) {
	for given, nearest := range map[string]string{
		"Grantee": "Grantees", "region": "Region", "Bucketname": "BucketName", "Ovner": "Owner",
	} {
		var all share.Violations
		errors.As(parse(t, walkthrough+given+": x\n").Check(), &all)
		if len(all) != 1 || all[0].Property != given || all[0].Remedy != "did you mean "+nearest+"?" {
			t.Errorf("%s: %v, want %s suggested", given, all, nearest)
		}
	}
}

func TestYAMLThatIsNoShareFile(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":            "",
		"only a comment":     "# soon",
		"a list":             "- Region: x",
		"a word":             "Region",
		"two documents":      walkthrough + "---" + walkthrough,
		"a property twice":   walkthrough + "Region: eu-west-1\n",
		"a tab":              "Region:\n\t- x",
		"a merge key":        "Base: &b {Access: Read}\nConsumers: [{<<: *b}]",
		"a function's tag":   "BucketName: !Ref Bucket",
		"an unknown anchor":  "BucketName: *b",
		"an unclosed list":   "Consumers: [",
		"hostile nesting":    "A: " + repeat("[", 200) + repeat("]", 200),
		"a mapping as a key": "{a: b}: c",
	} {
		t.Run(name, func(t *testing.T) {
			if f, err := sharefile.Parse("share.yaml", []byte(text)); err == nil {
				t.Errorf("read as %v", f.BucketProperties())
			}
		})
	}
}

func TestAnchors(t *testing.T) {
	f := parse(t, walkthrough+"Tags: &t {a: b}\nVersioning: &v Enabled\n")
	if err := f.Check(); err != nil {
		t.Error(err)
	}
	f = parse(t, "Consumers:\n- {Account: '222222222222', Prefixes: &p [in]}\n- {Account: '333333333333', Prefixes: *p}\n")
	if got := f.BucketProperties()["Consumers"].([]any)[1].(map[string]any)["Prefixes"]; !cmp.Equal(got, []any{"in"}) {
		t.Errorf("an alias became %v", got)
	}
}

func TestExamplesAreGood(t *testing.T) {
	paths, err := filepath.Glob("../../examples/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal("no examples found", err)
	}
	for _, path := range paths {
		f, err := sharefile.Read(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := f.Check(); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestMissingFileIsNamed(t *testing.T) {
	_, err := sharefile.Read("nowhere.yaml")
	if !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(walkthrough))
	f.Add([]byte("a: &a [*a, *a]\n? b\n: !!str 1\nc: |\n  x\nd: 0x1f\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := sharefile.Parse("fuzz.yaml", data)
		if err != nil {
			return
		}
		_ = file.Check()
		for _, account := range file.Accounts() {
			file.AccessProperties(account)
		}
	})
}

func properties(err error) []string {
	var all share.Violations
	errors.As(err, &all)
	var paths []string
	for _, v := range all {
		paths = append(paths, v.Property)
	}
	return paths
}

func manyPrefixes() string {
	all := "p"
	for i := range 60 {
		all += ", " + repeat(string(rune('a'+i%26)), 20+i/26)
	}
	return all
}

func repeat(s string, n int) string {
	var all string
	for range n {
		all += s
	}
	return all
}

func TestShareName(t *testing.T) {
	for text, want := range map[string]string{
		"BucketName: account-a-bucket":               "account-a-bucket",
		"BucketName: a.bucket.with.dots":             "a-bucket-with-dots",
		"BucketName: account-a-bucket\nName: Orders": "Orders",
		"BucketName: account-a-bucket\nName: '007'":  "007",
	} {
		if got := parse(t, text).ShareName(); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for _, bad := range []string{"a.b", "a b", "-a", "''", "[a]", strings.Repeat("a", 64)} {
		err := parse(t, walkthrough+"Name: "+bad+"\n").Check()
		if err == nil || !strings.Contains(err.Error(), "no name that stacks can carry") {
			t.Errorf("Name: %s: %v", bad, err)
		}
	}
	if _, there := parse(t, walkthrough+"Name: Orders\n").BucketProperties()["Name"]; there {
		t.Error("the resource gets the share's name as a property")
	}
}
