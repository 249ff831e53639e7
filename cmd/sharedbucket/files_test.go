package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const ownersKey = "1234abcd-12ab-34cd-56ef-1234567890ab"

// rendered are the templates of a share file without custom resources, as --from takes them.
func rendered(t *testing.T, shareFile string) (folder string, from []string) {
	t.Helper()
	folder = t.TempDir()
	_, err := run("render", shareFile, "--as", "cloudformation", "--out", folder)
	must(t, err)
	templates, err := filepath.Glob(filepath.Join(folder, "*.json"))
	must(t, err)
	for _, path := range templates {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		from = append(from, "--from", name[strings.LastIndexByte(name, '-')+1:]+"="+path)
	}
	return folder, append(from, "--parameter", "Key="+ownersKey)
}

// collected are the scenarios that collect writes, as a file for simulate, and what else it says.
func collected(t *testing.T, arguments ...string) (path, said string) {
	t.Helper()
	out, err := run(append([]string{"collect"}, arguments...)...)
	must(t, err)
	var lines []string
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "{") {
			lines = append(lines, line)
		} else {
			said += line
		}
	}
	path = filepath.Join(t.TempDir(), "scenarios.jsonl")
	must(t, os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600))
	return path, said
}

// TestCollectFromTemplates: the templates that render writes of a share do what the share says, and one word less in
// them is found.
func TestCollectFromTemplates(t *testing.T) {
	for name, key := range map[string]string{"walkthrough": "ap-southeast-2", "folders": "eu-central-1"} {
		t.Run(name, func(t *testing.T) {
			example := "../../examples/" + name + ".yaml"
			folder, from := rendered(t, example)
			from = append(from, "--parameter", "KeyArn=arn:aws:kms:"+key+":111111111111:key/"+ownersKey)
			path, said := collected(t, append([]string{example}, from...)...)
			if strings.Contains(said, "not read") && strings.Contains(said, "bucket policy") {
				t.Error(said)
			}
			if out, err := run("simulate", path); err != nil {
				t.Errorf("%v\n%.2000s", err, out)
			}
			owner := filepath.Join(folder, "1-owner-111111111111.json")
			text, err := os.ReadFile(owner)
			must(t, err)
			must(t, os.WriteFile(owner, []byte(strings.ReplaceAll(string(text), `"s3:PutObject"`, `"s3:GetObjectAcl"`)), 0o600))
			path, _ = collected(t, append([]string{example}, from...)...)
			if out, err := run("simulate", path); err == nil {
				t.Errorf("without s3:PutObject all is as expected\n%.500s", out)
			}
		})
	}
}

// TestCollectFromAssembly: a synthesized CDK app, with accounts and regions from its manifest.
func TestCollectFromAssembly(t *testing.T) {
	path, said := collected(t, "--from", "testdata/cdk.out")
	for _, want := range []string{
		"Key961B73FD: AWS makes up what it is called", "AmazonS3ReadOnlyAccess: no file has this managed policy",
		"may be the bucket's key, whose ARN is not known",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	out, err := run("simulate", path)
	must(t, err)
	if !strings.Contains(out, "arn:aws:iam::111111111111:user/ann") {
		t.Errorf("ann is not among\n%.500s", out)
	}
	_, said = collected(t, "--from", "testdata/cdk.out", "--parameter", "Key961B73FD="+ownersKey)
	if strings.Contains(said, "may be the bucket's key") || strings.Contains(said, "makes up") {
		t.Errorf("the key is given, and yet: %s", said)
	}
}

// TestCollectFromTerraform: a plan, beside a template of another account.
func TestCollectFromTerraform(t *testing.T) {
	_, said := collected(t, "--region", "ap-southeast-2", "--account", "111111111111", "--bucket", "account-a-bucket",
		"--from", "../../internal/terraform/testdata/plan.json")
	if !strings.Contains(said, "aws_iam_user_policy.ann.policy: known only after it is applied") {
		t.Error(said)
	}
}

// TestCollectFromAnotherRegion: the files of a share may be those of another region.
func TestCollectFromAnotherRegion(t *testing.T) {
	folder := t.TempDir()
	_, err := run("render", shareFile, "--as", "cloudformation", "--out", folder)
	must(t, err)
	path, _ := collected(t, shareFile, "--region", "eu-west-1",
		"--from", "111111111111="+filepath.Join(folder, "1-owner-111111111111.json"))
	text, err := os.ReadFile(path)
	must(t, err)
	if !strings.Contains(string(text), `"region":"eu-west-1"`) {
		t.Errorf("the bucket is not in eu-west-1:\n%.500s", text)
	}
}

// TestCollectFromUsage: what cannot be meant is refused.
func TestCollectFromUsage(t *testing.T) {
	const plan = "../../internal/terraform/testdata/plan.json"
	for name, c := range map[string]struct {
		arguments []string
		want      string
	}{
		"no account":         {arguments: []string{"--from", plan, "--region", "eu-west-1"}, want: "whose account"},
		"no region":          {arguments: []string{"--from", "111111111111=" + plan}, want: "which region"},
		"a folder of no app": {arguments: []string{"--from", "testdata"}, want: "cdk synth"},
		"no such file": {
			arguments: []string{"--from", "111111111111=none.json", "--region", "eu-west-1"}, want: "none.json",
		},
		"a share file": {
			arguments: []string{"--from", "111111111111=" + shareFile, "--region", "eu-west-1"}, want: "no Resources",
		},
		"no such bucket": {
			arguments: []string{"--bucket", "x", "--from", "testdata/cdk.out"}, want: "there are account-a-bucket",
		},
		"another owner": {
			arguments: []string{shareFile, "--from", "222222222222=" + plan}, want: "in account 222222222222",
		},
		"parameters of none": {arguments: []string{shareFile, "--parameter", "A=b"}, want: "give --from"},
		"a parameter":        {arguments: []string{"--from", "testdata/cdk.out", "--parameter", "A"}, want: "NAME=VALUE"},
		"files and profiles": {arguments: []string{"--from", "testdata/cdk.out", "--profile", "x"}, want: "not both"},
		"a share and a bucket": {
			arguments: []string{shareFile, "--bucket", "x", "--from", plan}, want: "a share file or --bucket",
		},
		"another share's file": {arguments: []string{"../../examples/folders.yaml", "--from", "testdata/cdk.out"},
			want: "no file declares bucket"},
	} {
		_, err := run(append([]string{"collect"}, c.arguments...)...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
