package render

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// TestQuote: a POSIX shell reads every word back as it was.
func TestQuote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[ -~\n]{0,20}`).Draw(t, "word")
		out, err := exec.Command("sh", "-c", "printf %s "+quote(word)+"x").Output()
		if err != nil || string(out) != word+"x" {
			t.Fatalf("%q became %q, %v", word, out, err)
		}
	})
}

// play runs a script with a stand-in for the aws command, which writes its arguments to a file, one call a line.
func play(t *testing.T, script string, environment ...string) (calls string, err error) {
	t.Helper()
	folder := t.TempDir()
	log := filepath.Join(folder, "calls")
	const standIn = "#!/bin/sh\necho \"$*\" | tr '\\n' ' ' >>\"$CALLS\"\necho >>\"$CALLS\"\n" +
		"case \"$*\" in *create-key*|*describe-key*) echo THE-KEY;; esac\n"
	sharetest.Must(t, os.WriteFile(filepath.Join(folder, "aws"), []byte(standIn), 0o755))
	path := filepath.Join(folder, "script.sh")
	sharetest.Must(t, os.WriteFile(path, []byte(script), 0o755))
	command := exec.Command(path)
	command.Env = append(environment, "PATH="+folder+":"+os.Getenv("PATH"), "CALLS="+log)
	err = command.Run()
	text, readErr := os.ReadFile(log)
	if readErr != nil && !os.IsNotExist(readErr) {
		t.Fatal(readErr)
	}
	return string(text), err
}

func commands(t *testing.T, properties map[string]any) string {
	t.Helper()
	files, err := AWSCLI(Ends{Share: sharetest.Parse(t, properties, sharetest.Sydney)})
	sharetest.Must(t, err)
	return files[0].Text
}

// TestScriptOrder: grants come last, and every command has the key that was made.
func TestScriptOrder(t *testing.T) {
	calls, err := play(t, commands(t, map[string]any{
		"BucketName": "account-a-bucket", "Delegates": []any{map[string]any{"User": "ann"}},
		"Consumers": []any{map[string]any{"Account": "222222222222"}},
	}), "PROFILE_111111111111=mine")
	sharetest.Must(t, err)
	var order []string
	for line := range strings.Lines(calls) {
		words := strings.Fields(line)
		if words[0] != "--profile" || words[1] != "mine" {
			t.Errorf("not with the profile: %s", line)
		}
		order = append(order, words[3])
	}
	const want = "create-bucket put-public-access-block create-key put-bucket-versioning create-alias " +
		"put-bucket-encryption enable-key-rotation put-bucket-policy put-key-policy put-user-policy"
	if got := strings.Join(order, " "); got != want {
		t.Errorf("commands are\n%s\nwant\n%s", got, want)
	}
	if strings.Contains(calls, "00000000-0000") || strings.Count(calls, "THE-KEY") != 7 {
		t.Errorf("the key stands in %d places:\n%s", strings.Count(calls, "THE-KEY"), calls)
	}
}

// TestScriptGuards: what somebody else wrote is not replaced unless told to.
func TestScriptGuards(t *testing.T) {
	script := commands(t, map[string]any{
		"BucketName": "example-archive", "Adopt": true,
		"Encryption": map[string]any{"KeyArn": sharetest.KeyOf(sharetest.Sydney)},
	})
	calls, err := play(t, script)
	if err == nil || strings.Contains(calls, "put-") {
		t.Errorf("without REPLACE: %v\n%s", err, calls)
	}
	calls, err = play(t, script, "REPLACE=yes")
	if err != nil || !strings.Contains(calls, "put-bucket-policy") || strings.Contains(calls, "create-bucket") {
		t.Errorf("with REPLACE: %v\n%s", err, calls)
	}
}

// TestTemplatesSayWhatDocumentsSay: a template's documents are those of the share, with a reference for the key.
func TestTemplatesSayWhatDocumentsSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sharetest.Shares(sharetest.Sydney).Draw(t, "share")
		e := Ends{Share: s}
		templates, err := CloudFormation(e)
		sharetest.Must(t, err)
		documents, err := Documents(e)
		sharetest.Must(t, err)
		var tree any
		sharetest.Must(t, json.Unmarshal([]byte(templates[0].Text), &tree))
		var there []string
		collect(t, tree, e.keyARN(), &there)
		if len(there) != len(documents) {
			t.Fatalf("%d documents in the template, want %d", len(there), len(documents))
		}
		for _, d := range documents {
			if !slices.Contains(there, sharetest.Canonical(t, d.Text)) {
				t.Fatalf("the template lacks %s", d.Name)
			}
		}
	})
}

// collect finds the documents of a template, each in its canonical form with the key's ARN in place of references.
func collect(t sharetest.Fataler, tree any, keyARN string, found *[]string) {
	switch n := tree.(type) {
	case map[string]any:
		for name, v := range n {
			if name == "PolicyDocument" || name == "KeyPolicy" {
				text, err := json.Marshal(v)
				sharetest.Must(t, err)
				resolved := strings.ReplaceAll(string(text), `{"Fn::GetAtt":["Key","Arn"]}`, `"`+keyARN+`"`)
				*found = append(*found, sharetest.Canonical(t, resolved))
				continue
			}
			collect(t, v, keyARN, found)
		}
	case []any:
		for _, v := range n {
			collect(t, v, keyARN, found)
		}
	}
}

// TestCloudFormationCannotMerge: no template can add to the policies of what is there already.
func TestCloudFormationCannotMerge(t *testing.T) {
	for _, properties := range []map[string]any{
		{"BucketName": "example-archive", "Adopt": true},
		{"BucketName": "example-archive", "Encryption": map[string]any{"KeyArn": sharetest.KeyOf(sharetest.Sydney)}},
	} {
		if _, err := CloudFormation(Ends{Share: sharetest.Parse(t, properties, sharetest.Sydney)}); err == nil {
			t.Errorf("a template for %v", properties)
		}
	}
}

// TestFileNames: names of IAM cannot lead out of the folder.
func TestFileNames(t *testing.T) {
	for _, name := range []string{"../x", "a/b", "c:d"} {
		if got := fileName(share.Identity{Kind: share.User, Name: name}); strings.ContainsAny(got, "/:") {
			t.Errorf("%s becomes %s", name, got)
		}
	}
}
