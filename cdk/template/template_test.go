package template_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/sharedbucket/cdk/template"
)

func TestRender(t *testing.T) {
	const synthesized = `{
 "Resources": {
  "Role": {
   "Type": "AWS::IAM::Role",
   "DependsOn": ["Bucket", "Other"],
   "Properties": {
    "RoleName": {"Fn::Join": ["", ["provider-", {"Ref": "AWS::Region"}, "-${x}"]]},
    "Policies": [{"PolicyDocument": {"Statement": [
     {"Action": "s3:GetObject", "Condition": {"Null": {"s3:prefix": "true"}}, "Effect": "Allow",
      "Resource": [{"Fn::GetAtt": ["Bucket", "Arn"]}, {"Fn::Sub": "arn:${AWS::Partition}:s3:::*"}], "Sid": "Read"}
    ], "Version": "2012-10-17"}, "PolicyName": "p"}]
   }
  }
 },
 "Conditions": {"HasTopic": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Topic"}, ""]}]}},
 "Description": "roles: all"
}`
	const want = `# Made by a test.

Description: "roles: all"

Conditions:
  HasTopic: !Not [!Equals [!Ref Topic, ""]]

Resources:
  Role:
    Type: AWS::IAM::Role
    DependsOn: Other
    Properties:
      RoleName: !Sub provider-${AWS::Region}-${!x}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              # Reads one object.
              - Sid: Read
                Effect: Allow
                Action: s3:GetObject
                Resource:
                  - !GetAtt Bucket.Arn
                  - !Sub arn:${AWS::Partition}:s3:::*
                Condition:
                  "Null":
                    s3:prefix: "true"
`
	got, err := template.Render([]byte(synthesized), "Made by a test.", template.Notes{"Read": "Reads one object."})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("-want +got:", diff)
	}
}

// In a template within a template, which is indented less, a function's list still belongs to the function: at the same
// column it would be the list's around it, and the function would have nothing.
func TestAFunctionInAListKeepsItsOwnList(t *testing.T) {
	const synthesized = `{"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [
 {"Fn::If": ["HasKey", {"Sid": "OpenKey", "Effect": "Allow", "Action": "kms:PutKeyPolicy"}, {"Ref": "AWS::NoValue"}]}
]}}}}`
	const want = `   Policies:
   - !If
    - HasKey
    - {Sid: OpenKey, Effect: Allow, Action: kms:PutKeyPolicy}
    - !Ref AWS::NoValue
`
	got, err := template.Render([]byte(synthesized), "Made by a test.", nil)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(got, want) {
		t.Errorf("want at the end:\n%s\ngot:\n%s", want, got)
	}
}

// Whatever text stands in a template, a YAML reader gets the same text, and not a number, a date or a comment.
func TestTextsSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		telling := rapid.SampledFrom([]string{"yes", "012", "1e3", "2012-10-17", "a: b", "a #b", "- x", "*", "!Ref", "'",
			"\"", "{a}", "a,b", "null", "~", "0x1F", ".5", "a:", " a", "=", "<<", "%", "@x", "`", "|", ">"})
		text := rapid.OneOf(telling, rapid.StringMatching(`[ -~]{0,20}`),
			rapid.StringMatching(`[a-z]{1,5}\n[ -~]{1,10}\n?`)).Draw(t, "text")
		in, err := json.Marshal(map[string]any{"Metadata": map[string]any{"list": []any{text, "b"}, "text": text}})
		if err != nil {
			t.Fatal(err)
		}
		out, err := template.Render(in, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Metadata map[string]any `yaml:"Metadata"`
		}
		if err := yaml.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if diff := cmp.Diff(map[string]any{"list": []any{text, "b"}, "text": text}, got.Metadata); diff != "" {
			t.Fatalf("%s\n%s", diff, out)
		}
	})
}

func TestNotATemplate(t *testing.T) {
	for _, text := range []string{"", "[]", "{", "3"} {
		if out, err := template.Render([]byte(text), "", nil); err == nil {
			t.Errorf("%q became %q", text, out)
		}
	}
}
