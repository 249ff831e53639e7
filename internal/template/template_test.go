package template

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/internal/inventory"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

var sydney = share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "111111111111"}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const head = `
Parameters:
  Name: {Type: String, Default: data}
  Missing: {Type: String}
  Looked: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /x}
  Accounts: {Type: CommaDelimitedList, Default: "222222222222, 333333333333"}
Mappings:
  Map: {ap-southeast-2: {Suffix: syd}}
Conditions:
  Yes: !Equals [!Ref Name, data]
  No: !Not [!Condition Yes]
  Both: !And [!Condition Yes, !Condition No]
  Open: !Equals [!Ref Missing, x]
  Decided: !Or [!Condition Open, !Condition Yes]
  Circle: !Condition Circle
Resources:
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${Name}-bucket"}}
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: app, Path: /service/}}
  Key: {Type: AWS::KMS::Key}
  Topic: {Type: AWS::SNS::Topic}
`

// TestFunctions: what each function gives, in short form and long.
func TestFunctions(t *testing.T) {
	for _, c := range []struct {
		name, value string
		want        any
		unknown     string
	}{
		{name: "a parameter", value: "!Ref Name", want: "data"},
		{name: "a list", value: "!Ref Accounts", want: []any{"222222222222", "333333333333"}},
		{name: "an account", value: "{Ref: 'AWS::AccountId'}", want: "111111111111"},
		{name: "the name of a bucket", value: "!Ref Bucket", want: "data-bucket"},
		{name: "the ARN of a bucket", value: "!GetAtt Bucket.Arn", want: "arn:aws:s3:::data-bucket"},
		{name: "the ARN of a role, in long form", value: "{'Fn::GetAtt': [Role, Arn]}",
			want: "arn:aws:iam::111111111111:role/service/app"},
		{name: "a text", value: `!Sub "${Bucket.Arn}/${AWS::Region}/${!aws:username}"`,
			want: "arn:aws:s3:::data-bucket/ap-southeast-2/${aws:username}"},
		{name: "a text with its own variables", value: `!Sub ["${A}-${Name}", {A: !Ref Name}]`, want: "data-data"},
		{name: "a join", value: `!Join ["", ["arn:", !Ref AWS::Partition, ":s3:::", !Ref Bucket]]`,
			want: "arn:aws:s3:::data-bucket"},
		{name: "a choice", value: `!Select [1, !Split [",", "a,b"]]`, want: "b"},
		{name: "a mapping", value: "!FindInMap [Map, !Ref AWS::Region, Suffix]", want: "syd"},
		{name: "a branch", value: "!If [Yes, a, b]", want: "a"},
		{name: "a branch of no", value: "!If [Both, a, b]", want: "b"},
		{name: "a condition that one decides", value: "!If [Decided, a, b]", want: "a"},
		{name: "no value", value: "{A: !If [No, a, !Ref AWS::NoValue], B: [!Ref AWS::NoValue, c]}",
			want: map[string]any{"B": []any{"c"}}},
		{name: "JSON", value: "{'Fn::ToJsonString': {A: !Ref Name}}", want: `{"A":"data"}`},
		{name: "an account id without quotes", value: "012345678901", want: "012345678901"},

		{name: "a parameter without value", value: "!Ref Missing", unknown: "x.yaml: parameter Missing has no value"},
		{name: "within a text", value: "!Sub '${Missing}/*'", unknown: "parameter Missing has no value"},
		{name: "within a join", value: "!Join ['', [a, !Ref Missing]]", unknown: "parameter Missing has no value"},
		{name: "a parameter of SSM", value: "!Ref Looked", unknown: "looked up in SSM"},
		{name: "a branch that is not decided", value: "!If [Open, a, b]", unknown: "parameter Missing has no value"},
		{name: "an import", value: "!ImportValue other", unknown: "Fn::ImportValue is not worked out"},
		{name: "a dynamic reference", value: "'{{resolve:ssm:/x}}'", unknown: "looks"},
		{name: "another resource", value: "!GetAtt Topic.TopicArn", unknown: "Topic.TopicArn is not known"},
		{name: "no such resource", value: "!Ref Nobody", unknown: "no parameter or resource Nobody"},
		{name: "the stack's name", value: "!Ref AWS::StackName", unknown: "--parameter AWS::StackName=…"},
		{name: "a circle", value: "!If [Circle, a, b]", unknown: "refers to itself"},
	} {
		t.Run(c.name, func(t *testing.T) {
			parsed, err := parse([]byte(head + "  X: " + c.value + "\n"))
			must(t, err)
			s := &stack{name: "x.yaml", env: sydney, template: parsed}
			got := s.resolve(section(parsed["Resources"])["X"], "x.yaml")
			u, missed := inventory.Find(got)
			switch {
			case c.unknown != "" && !strings.Contains(u.String(), c.unknown):
				t.Errorf("got %v, want unknown: %s", got, c.unknown)
			case c.unknown == "" && (missed || cmp.Diff(c.want, got) != ""):
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// worldOf is the world of bucket data-bucket in a template.
func worldOf(t *testing.T, resources string, parameters map[string]string) proof.World {
	t.Helper()
	all := inventory.New()
	_, err := Read(all, File{Name: "x.yaml", Env: sydney, Parameters: parameters}, []byte(head+resources))
	must(t, err)
	w, err := all.World("data-bucket")
	must(t, err)
	return w
}

// TestUnread: what is not known counts as unread wherever it is about the bucket, with its path; and as read once it is
// given.
func TestUnread(t *testing.T) {
	const allow = `{Version: 2012-10-17, Statement: [{Effect: Allow, Action: 's3:*', Resource: !Ref Missing}]}`
	for _, c := range []struct{ name, resources, part, path string }{
		{
			name: "a bucket policy",
			resources: `
  Policy: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref Bucket, PolicyDocument: {Statement:
    [{Effect: Allow, Principal: {AWS: !Ref Missing}, Action: 's3:*', Resource: '*'}]}}}`,
			part: "bucket policy",
			path: "x.yaml: Resources.Policy.Properties.PolicyDocument.Statement[0].Principal.AWS",
		},
		{
			name: "the bucket that a policy is of",
			resources: `
  Policy: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref Missing, PolicyDocument: {Statement: []}}}`,
			part: "bucket policy",
			path: "Resources.Policy.Properties.Bucket",
		},
		{
			name: "whether a policy is there",
			resources: `
  Policy: {Type: AWS::S3::BucketPolicy, Condition: Open, Properties: {Bucket: !Ref Bucket}}`,
			part: "bucket policy",
			path: "Resources.Policy.Condition",
		},
		{
			name: "an inline policy",
			resources: `
  P: {Type: AWS::IAM::Policy, Properties: {PolicyName: p, Roles: [!Ref Role], PolicyDocument: ` + allow + `}}`,
			part: "identity policies",
			path: "Resources.P.Properties.PolicyDocument.Statement[0].Resource",
		},
		{
			name: "a managed policy",
			resources: `
  P: {Type: AWS::IAM::ManagedPolicy, Properties: {Roles: [!Ref Role], PolicyDocument: ` + allow + `}}`,
			part: "identity policies",
			path: "Resources.P.Properties.PolicyDocument.Statement[0].Resource",
		},
		{
			name: "who has a policy",
			resources: `
  P: {Type: AWS::IAM::Policy, Properties: {PolicyName: p, Roles: [!Ref Missing], PolicyDocument: {Statement: []}}}`,
			part: "identities",
			path: "Resources.P.Properties.Roles[0]",
		},
		{
			name: "a policy that no file has",
			resources: `
  U: {Type: AWS::IAM::User, Properties: {ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']}}`,
			part: "identity policies",
			path: "AdministratorAccess: no file has this managed policy",
		},
		{
			name: "an identity of which only a part is here",
			resources: `
  P: {Type: AWS::IAM::UserPolicy, Properties: {UserName: ann, PolicyName: p, PolicyDocument: {Statement: []}}}`,
			part: "identity policies",
			path: "user/ann: no file declares it",
		},
		{
			name: "a boundary",
			resources: `
  U: {Type: AWS::IAM::User, Properties: {PermissionsBoundary: !Ref Missing}}`,
			part: "identity policies",
			path: "Resources.U.Properties.PermissionsBoundary",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var found bool
			for _, u := range worldOf(t, c.resources, nil).Unread {
				found = found || string(u.Part) == c.part && strings.Contains(u.String(), c.path)
			}
			if !found {
				t.Errorf("unread: %v", worldOf(t, c.resources, nil).Unread)
			}
			for _, u := range worldOf(t, c.resources, map[string]string{"Missing": "app"}).Unread {
				if strings.Contains(u.Why, "Missing") {
					t.Errorf("given, and still unread: %s", u)
				}
			}
		})
	}
}

// TestRepositorysTemplates: this repository's own are read, with all policies of the provider's role, and its custom
// resources are said not to be looked into.
func TestRepositorysTemplates(t *testing.T) {
	folder := filepath.Join("..", "..", "templates")
	data, err := os.ReadFile(filepath.Join(folder, "provider.yaml"))
	must(t, err)
	all := inventory.New()
	all.Bucket(sydney, "some-bucket")
	given := map[string]string{
		"CodeBucket": "code", "CodeKey": strings.Repeat("0", 64) + ".zip", "AWS::StackName": "Provider",
		"AWS::StackId": "arn:aws:cloudformation:ap-southeast-2:111111111111:stack/Provider/0",
	}
	_, err = Read(all, File{Name: "provider.yaml", Env: sydney, Parameters: given}, data)
	must(t, err)
	w, err := all.World("some-bucket")
	must(t, err)
	if len(w.Unread) > 0 || len(w.Principals) == 0 ||
		!strings.Contains(w.Principals[0].Policies[0].Text(), "s3:PutBucketPolicy") {
		t.Errorf("unread %v, principals %v", w.Unread, w.Principals)
	}
	for _, name := range []string{"owner.yaml", "consumer.yaml"} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		must(t, err)
		notes, err := Read(inventory.New(), File{Name: name, Env: sydney}, data)
		must(t, err)
		if len(notes) != 1 || !strings.Contains(notes[0], "Custom::SharedBucket") {
			t.Errorf("%s: %v", name, notes)
		}
	}
}

// TestNoTemplates: what is no template is refused, with its line, and not by the parser where that takes long.
func TestNoTemplates(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"nothing":      {text: "", want: "not a mapping"},
		"a share file": {text: "BucketName: x", want: "no Resources"},
		"brackets":     {text: strings.Repeat("[", 49_000), want: "depth"},
		"lists in lists": {
			text: "Resources: " + strings.Repeat("[", 300) + strings.Repeat("]", 300), want: "nested too deeply",
		},
		"aliases that grow":   {text: laughs(12), want: "too much"},
		"a large one":         {text: strings.Repeat("#", 1<<20+1), want: "bytes"},
		"the same twice":      {text: "Resources: {A: {}}\nResources: {}", want: "line 2: \"Resources\" is there twice"},
		"an unclosed list":    {text: "Resources:\n  A: [", want: "line 2"},
		"an unknown anchor":   {text: "Resources: {A: *a}", want: "unknown anchor"},
		"an anchor in itself": {text: "Resources: &a {A: *a}", want: "nested too deeply"},
		"JSON that ends":      {text: `{"Resources": {`, want: "line 1"},
	} {
		_, err := Read(inventory.New(), File{Name: "x", Env: sydney}, []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// laughs is a text whose aliases stand for eight to the power of n values.
func laughs(n int) string {
	text := "a0: &a0 [x, x, x, x, x, x, x, x]\n"
	for i := 1; i <= n; i++ {
		eight := strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 8), ", ")
		text += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, eight)
	}
	return text
}

// FuzzRead: no template makes it fall over.
func FuzzRead(f *testing.F) {
	f.Add(head)
	f.Add(`{"Resources":{"A":{"Type":"AWS::IAM::User","Properties":{"Policies":{"Ref":"A"},"ManagedPolicyArns":[{"a":1}]}}}}`)
	f.Add("Resources: {A: {Type: AWS::S3::Bucket, Properties: {BucketName: !GetAtt A.Arn}}}")
	f.Add("Resources: {A: {Type: AWS::IAM::Policy, Properties: {Roles: [[a], {b: c}], PolicyDocument: 1}}}")
	f.Fuzz(func(t *testing.T, text string) {
		all := inventory.New()
		if _, err := Read(all, File{Name: "x", Env: sydney}, []byte(text)); err != nil {
			return
		}
		for _, b := range all.Buckets() {
			if _, err := all.World(b); err != nil {
				t.Error(err)
			}
		}
	})
}
