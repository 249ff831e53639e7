package sharefile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/sharedbucket/internal/sharefile"
)

// laughs is a text whose aliases stand for eight to the power of n values.
func laughs(n int) string {
	text := "a0: &a0 [x, x, x, x, x, x, x, x]\n"
	for i := 1; i <= n; i++ {
		text += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 8), ", "))
	}
	return text
}

// Each of these is refused before the parser, which takes minutes for some of them, sees it: the error is of our own.
func TestFilesThatAreNotParsed(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{
			name: "100 KB of brackets", text: strings.Repeat("[", 49_000),
			want: "share.yaml:1:51: it is nested too deeply",
		},
		{name: "brackets line by line", text: strings.Repeat("[\n", 20_000),
			want: "share.yaml:51:1: it is nested too deeply"},
		{name: "braces", text: strings.Repeat("{", 49_000), want: "share.yaml:1:51: it is nested too deeply"},
		{name: "hyphens", text: strings.Repeat("- ", 40_000), want: "share.yaml:1:101: it is nested too deeply"},
		{name: "question marks", text: strings.Repeat("? ", 40_000), want: "nested too deeply"},
		{name: "anchors", text: strings.Repeat("&a ", 20_000), want: "nested too deeply"},
		{name: "tags", text: strings.Repeat("!a ", 40_000), want: "nested too deeply"},
		{
			name: "many brackets", text: strings.Repeat("[", 100_000),
			want: "100000 names, values and marks, more than 50000",
		},
		{name: "many entries", text: "a:\n" + strings.Repeat("- b\n", 40_000), want: "80002 names, values and marks"},
		{name: "many documents", text: strings.Repeat("---\na\n", 10_000),
			want: "share.yaml:5:1: it has more than one document"},
		{name: "a large file", text: "# " + strings.Repeat("x", 1<<20), want: "more than 262144"},
		{name: "aliases that repeat each other", text: laughs(20), want: "its aliases repeat too much"},
		{name: "lines deep", text: deep(100), want: "share.yaml:51:51: it is nested too deeply"},
		{name: "a byte order mark", text: "\ufeff" + walkthrough,
			want: "share.yaml:1:1: it begins with a byte order mark; save it as UTF-8"},
		{name: "UTF-16", text: "\xff\xfeR\x00", want: "share.yaml:1:1: it is UTF-16; save it as UTF-8"},
		{name: "Latin-1", text: "Region: x\n# Gr\xfc\xdfe\n", want: "share.yaml:2:1: this line is not UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := sharefile.Parse("share.yaml", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 500 {
				t.Errorf("got %.300v, want %q", err, c.want)
			}
		})
	}
}

func deep(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "%*sa:\n", i, "")
	}
	return text.String()
}

func TestLargeFilesAreNotReadWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "share.yaml")
	if err := os.WriteFile(path, []byte(strings.Repeat("#", 1<<20)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sharefile.Read(path); err == nil || !strings.Contains(err.Error(), "more than 262144") {
		t.Error(err)
	}
}

// A share file of a thousand identities is far from the bounds.
func TestLargeSharesAreRead(t *testing.T) {
	text := "Region: eu-west-1\nOwner: '111111111111'\nBucketName: b-1\n" +
		"Consumers: [{Organization: o-a1b2c3d4e5}]\nGrantees:\n"
	for i := range 100 {
		text += fmt.Sprintf("  '%d':\n", 222222222000+i)
		for j := range 10 {
			text += fmt.Sprintf("    - Role: role-%d\n      Access: ReadWrite\n      Prefixes: [accounts/{account}, shared]\n",
				j)
		}
	}
	f := parse(t, strings.ReplaceAll(text, "accounts/{account}", "'accounts/{account}'"))
	if err := f.Check(); err != nil {
		t.Error(err)
	}
}

func TestErrorsNameLineAndColumn(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"an unclosed list":    {text: "Region: x\nConsumers: [", want: "share.yaml:2:12: "},
		"a tab":               {text: "Region:\n\t- x", want: "share.yaml:2:1: "},
		"a property twice":    {text: "Region: x\nOwner: y\nRegion: z\n", want: "share.yaml:3:1: "},
		"a function's tag":    {text: "BucketName: !Ref Bucket", want: "share.yaml:1:13: the tag !Ref"},
		"an unknown anchor":   {text: "Region: x\nBucketName: *b", want: "share.yaml:2:13: no anchor &b stands above"},
		"an anchor in itself": {text: "a: &a [*a]", want: "share.yaml:1:8: no anchor &a stands above"},
		"a list at the top":   {text: "# share\n- Region: x", want: "share.yaml:2:1: it is not a mapping"},
		"a mapping as a key":  {text: "Region: x\n? {a: b}\n: c", want: "share.yaml:3:"},
		"a null tag":          {text: "Region: !!null x", want: "share.yaml:1:9: the tag !!null means nothing"},
	} {
		_, err := sharefile.Parse("share.yaml", []byte(c.text))
		if err == nil || !strings.HasPrefix(err.Error(), "reading share file "+c.want) || strings.Contains(err.Error(),
			"\n") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestViolationsNameLineAndColumn(t *testing.T) {
	err := parse(t, `Region: ap-southeast-2
Owner: "111111111111"
BucketName: account-a-bucket
Consumers:
  - Account: &b "222222222222"
    Access: Reed
  - Account:
      - "333333333333"
      - "44"
  - PermissionSet: {Account: "555555555555"}
Consumer: x
Tags: {team: ~}
Grantees:
  "222222222222":
    - User: dilip
      Prefixes: []
  "333333333333": [{Usr: dora}]
`).Check()
	want := []string{
		"share.yaml:11:1: Consumer: unknown property",
		"share.yaml:10:5: Consumers[2].PermissionSet.Name: required",
		"share.yaml:12:8: Tags.team: a string expected, got nothing",
		"share.yaml:6:5: Consumers[0].Access: unknown level",
		"share.yaml:9:9: Consumers[1].Account[1]: \"44\"",
		"share.yaml:16:7: Grantees[\"222222222222\"][0].Prefixes: empty",
		"share.yaml:17:21: Grantees[\"333333333333\"][0].Usr: unknown property",
	}
	got := err.Error()
	for _, w := range want {
		if !strings.Contains(got, ") "+w) {
			t.Errorf("no %q in:\n%s", w, strings.ReplaceAll(got, " (", "\n("))
		}
	}
	if !strings.HasPrefix(got, fmt.Sprintf("%d invalid properties", len(want))) {
		t.Error(got)
	}
}
