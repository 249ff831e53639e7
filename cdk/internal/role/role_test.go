package role_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.com/sharedbucket/cdk/internal/role"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/policy/grammar"
	"example.com/sharedbucket/test/reference"
)

// limited has a value for every setting.
var limited = role.Settings{
	role.BucketArns:            {"arn:aws:s3:::shared-*"},
	role.AdoptableBucketArns:   {"arn:aws:s3:::archive", "arn:aws:s3:::attic"},
	role.KeyArns:               {"arn:aws:kms:ap-southeast-2:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"},
	role.GranteeArns:           {"arn:aws:iam::111111111111:role/data/*", "arn:aws:iam::111111111111:*/data/*"},
	role.ConsumerAccounts:      {"222222222222"},
	role.ConsumerOrganizations: {"o-a1b2c3d4e5"},
	role.WhoDrifted:            {"true"},
	role.EncryptionKeyArn:      {"arn:aws:kms:ap-southeast-2:111111111111:key/aaaaaaaa-12ab-34cd-56ef-1234567890ab"},
}

var own = role.Own{
	LogGroup: "arn:aws:logs:ap-southeast-2:111111111111:log-group:/aws/lambda/sharedbucket-provider:*",
	Queue:    "arn:aws:sqs:ap-southeast-2:111111111111:queue",
}

// variants are the role without limits and with all of them.
var variants = map[string][]role.Statement{
	"without limits": role.Statements(nil, own),
	"with limits":    role.Statements(limited, own),
}

func TestEachStatementIsExplained(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range role.Every() {
		t.Run(s.Sid, func(t *testing.T) {
			if seen[s.Sid] || s.Sid == "" {
				t.Error("the Sid is missing or there twice")
			}
			seen[s.Sid] = true
			if len(s.Why) < 20 {
				t.Error("no reason is given")
			}
			for _, action := range s.Actions {
				if strings.Contains(action, "*") {
					t.Errorf("%s has a wildcard", action)
				}
			}
			if star := slices.Contains(s.Resources, "*"); star != (s.Star != "") {
				t.Errorf("Resource is %q, and the reason for * %q", s.Resources, s.Star)
			}
		})
	}
}

// IAM takes it, and each action knows the resources and condition keys of its statement: a condition on a key that an
// action does not have denies it for ever, and silently.
func TestRoleIsValidByTheServiceAuthorizationReference(t *testing.T) {
	for name, statements := range variants {
		t.Run(name, func(t *testing.T) { wantValid(t, statements) })
	}
}

func wantValid(t *testing.T, statements []role.Statement) {
	t.Helper()
	for _, s := range statements {
		for _, action := range s.Actions {
			if _, known := reference.Lookup(action); !known {
				t.Errorf("%s: %s is no action", s.Sid, action)
			}
		}
		for _, problem := range slices.Concat(reference.Conditions(s.Actions, keys(s)),
			reference.Resources(s.Actions, s.Resources)) {
			t.Errorf("%s: %s", s.Sid, problem)
		}
	}
	if _, problems := grammar.Parse(policyOf(t, statements), grammar.Identity); len(problems) > 0 {
		t.Error(problems)
	}
}

// policyOf is a policy of statements as IAM gets it.
func policyOf(t *testing.T, statements []role.Statement) string {
	t.Helper()
	var all []map[string]any
	for _, s := range statements {
		all = append(all, s.JSON())
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": plain(all)})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func keys(s role.Statement) []string {
	var all []string
	for _, of := range s.Condition {
		for key := range of {
			all = append(all, key)
		}
	}
	return all
}

// plain is a value with what CloudFormation fills in.
func plain(value any) any {
	switch v := value.(type) {
	case []map[string]any:
		all := make([]any, len(v))
		for i, one := range v {
			all[i] = plain(one)
		}
		return all
	case []any:
		all := make([]any, len(v))
		for i, one := range v {
			all[i] = plain(one)
		}
		return all
	case map[string]any:
		if text, ok := v["Fn::Sub"].(string); ok {
			return strings.NewReplacer("${AWS::Partition}", "aws", "${AWS::Region}", "ap-southeast-2",
				"${AWS::AccountId}", "111111111111").Replace(text)
		}
		if name, ok := v["Ref"].(string); ok && name == "AWS::AccountId" {
			return "111111111111"
		}
		all := map[string]any{}
		for key, one := range v {
			all[key] = plain(one)
		}
		return all
	}
	return value
}

// allows are the statements that allow an action, by Sid.
func allows(statements []role.Statement, action string) map[string]role.Statement {
	found := map[string]role.Statement{}
	for _, s := range statements {
		if !s.Deny && slices.Contains(s.Actions, action) {
			found[s.Sid] = s
		}
	}
	return found
}

// seeAndReEncrypt is what the role may do with objects of the buckets that may be adopted, and of no other.
var seeAndReEncrypt = []string{"s3:GetObject", "s3:GetObjectVersion", "s3:UpdateObjectEncryption"}

// ownPolicies are the managed policies that shares make.
const ownPolicies = "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/sharedbucket/*"

// What can do harm is asked for a condition, or bound to what a limit lists.
func TestHarmfulActionsAreBounded(t *testing.T) {
	const stackTag = "aws:ResourceTag/sharedbucket:stack-id"
	bounds := map[string]string{
		"kms:CreateKey":           "aws:RequestTag/sharedbucket:stack-id",
		"kms:CancelKeyDeletion":   stackTag,
		"kms:EnableKey":           stackTag,
		"kms:EnableKeyRotation":   stackTag,
		"kms:PutKeyPolicy":        stackTag,
		"kms:ScheduleKeyDeletion": stackTag,
		"kms:UntagResource":       stackTag,
		"kms:Decrypt":             "kms:ViaService",
		"kms:GenerateDataKey":     "kms:ViaService",
		"kms:Encrypt":             "kms:ViaService",
		"kms:ReEncryptFrom":       "kms:ViaService",
		"kms:ReEncryptTo":         "kms:ViaService",
		"s3:DeleteBucket":         "aws:ResourceAccount",
		"s3:DeleteBucketPolicy":   "aws:ResourceAccount",
		"s3:PutBucketPolicy":      "aws:ResourceAccount",
	}
	for action, key := range bounds {
		found := allows(role.Statements(limited, own), action)
		if len(found) == 0 {
			t.Errorf("%s is allowed nowhere", action)
		}
		for sid, s := range found {
			if s.Only != role.KeyArns && !slices.Contains(keys(s), key) {
				t.Errorf("%s: %s without a condition on %s", sid, action, key)
			}
		}
	}
	for _, action := range []string{"iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy",
		"iam:DeletePolicyVersion", "iam:TagPolicy"} {
		for sid, s := range allows(role.Statements(limited, own), action) {
			if !slices.Equal(s.Resources, []string{ownPolicies}) {
				t.Errorf("%s: %s on %s", sid, action, s.Resources)
			}
		}
	}
	for _, s := range role.Every() {
		for _, action := range s.Actions {
			attaches := strings.HasPrefix(action, "iam:Attach") || strings.HasPrefix(action, "iam:Detach")
			if !s.Deny && attaches && !slices.Equal(s.Condition["ArnLike"]["iam:PolicyARN"], []string{ownPolicies}) {
				t.Errorf("%s: %s for any policy", s.Sid, action)
			}
			if !s.Deny && strings.HasPrefix(action, "iam:SetDefault") {
				t.Errorf("%s: %s puts a version in force that nobody compared", s.Sid, action)
			}
			listed := s.Only == role.AdoptableBucketArns && slices.Contains(seeAndReEncrypt, action)
			canaries := !slices.ContainsFunc(s.Resources, func(arn string) bool { return !isCanary(arn) })
			object := strings.HasPrefix(action, "s3:") && strings.Contains(action, "Object")
			if !s.Deny && !listed && !canaries && object {
				t.Errorf("%s: %s reaches objects", s.Sid, action)
			}
		}
	}
}

// An alias is given to, and taken from, a share's key only: the right is needed on the key too.
func TestAliasesAreThoseOfShares(t *testing.T) {
	for _, action := range []string{"kms:CreateAlias", "kms:DeleteAlias"} {
		for sid, s := range allows(role.Statements(nil, own), action) {
			onKeys := slices.ContainsFunc(s.Resources, func(arn string) bool { return !strings.Contains(arn, ":alias/") })
			if onKeys && !slices.Contains(keys(s), "aws:ResourceTag/sharedbucket:stack-id") {
				t.Errorf("%s: %s on every key", sid, action)
			}
		}
	}
}

// The tag that makes a key a share's goes on a new key only, or on one that has it.
func TestNoOtherKeyBecomesAShares(t *testing.T) {
	for sid, s := range allows(role.Statements(limited, own), "kms:TagResource") {
		onOwn := s.Condition["StringLike"]["aws:ResourceTag/sharedbucket:stack-id"] != nil
		withoutAlias := slices.Equal(s.Condition["Null"]["kms:ResourceAliases"], []string{"true"})
		if !onOwn && !withoutAlias {
			t.Errorf("%s lets any key be tagged as a share's", sid)
		}
	}
}

// KMS documents no condition keys for the check of TagResource that comes with CreateKey: the tag may be asked for only
// where it is known, and a denial must not reach a request without any.
// https://docs.aws.amazon.com/kms/latest/developerguide/tag-on-create.html
func TestTagsOfANewKeyAreAllowedWithOrWithoutTheirContext(t *testing.T) {
	const tag = "aws:RequestTag/sharedbucket:stack-id"
	for _, s := range role.Every() {
		if !slices.Contains(s.Actions, "kms:TagResource") {
			continue
		}
		for operator, keys := range s.Condition {
			if _, asks := keys[tag]; asks && !s.Deny && !strings.HasSuffix(operator, "IfExists") {
				t.Errorf("%s: %s insists on %s", s.Sid, operator, tag)
			}
		}
		if s.Deny && !slices.Equal(s.Condition["Null"]["aws:TagKeys"], []string{"false"}) {
			t.Errorf("%s denies a request of which KMS does not say that it has tags", s.Sid)
		}
	}
}

func TestProviderCannotChangeItsOwnRights(t *testing.T) {
	var denied []string
	for _, s := range role.Every() {
		if s.Deny && strings.HasSuffix(s.Resources[0], ":role/"+role.NamePrefix+"*") {
			denied = s.Actions
		}
	}
	for _, s := range role.Every() {
		for _, a := range s.Actions {
			writes := strings.HasPrefix(a, "iam:Put") || strings.HasPrefix(a, "iam:Delete") ||
				strings.HasPrefix(a, "iam:Attach") || strings.HasPrefix(a, "iam:Detach")
			policies := strings.HasPrefix(s.Resources[0], ownPolicies)
			if !s.Deny && writes && !policies && !slices.Contains(denied, a) {
				t.Errorf("%s on its own role is not denied", a)
			}
		}
	}
}

// isCanary says whether an ARN is of canaries alone (TestRoleTouchesNoObjectButCanaries).
func isCanary(arn string) bool { return strings.Contains(arn, "/"+document.CanaryFolder) }

// What a limit closes is closed in the role too, as far as a role can tell.
func TestLimitsBoundTheRole(t *testing.T) {
	for _, s := range role.Statements(limited, own) {
		for _, arn := range s.Resources {
			bucket := strings.Contains(arn, ":s3:::") && !isCanary(arn)
			identity := strings.Contains(arn, ":iam::") && !strings.Contains(arn, ":policy/") && !s.Deny
			listed := slices.Concat(limited[role.BucketArns], limited[role.AdoptableBucketArns], limited[role.GranteeArns])
			arn = strings.TrimSuffix(arn, s.Below)
			passed := slices.Equal(s.Actions, []string{"iam:PassRole"}) // the role of jobs alone
			if (bucket || identity) && !passed && !slices.Contains(listed, arn) {
				t.Errorf("%s is not limited: %s", s.Sid, arn)
			}
			adoptable := slices.Contains(limited[role.AdoptableBucketArns], arn)
			if adoptable && (slices.Contains(s.Actions, "s3:CreateBucket") || slices.Contains(s.Actions, "s3:DeleteBucket")) {
				t.Errorf("%s: an adoptable bucket can be created or deleted", s.Sid)
			}
		}
	}
	for _, s := range role.Statements(nil, own) {
		if s.Only+s.With != "" {
			t.Errorf("%s is there without %s", s.Sid, s.Only+s.With)
		}
	}
	if found := allows(role.Statements(nil, own), "kms:PutKeyPolicy"); len(found) != 1 ||
		len(found["ChangeOwnKey"].Actions) == 0 {
		t.Error("without KeyArns, key policies are written by", found)
	}
}

// Every limit that bounds the role has its property in the template's form.
func TestEverySettingOfAStatementHasAName(t *testing.T) {
	for _, s := range role.Every() {
		name := s.Limit + s.Only + s.If + s.With
		known := name == "" || name == role.EncryptionKeyArn || name == role.WhoDrifted ||
			slices.ContainsFunc(role.Limits, func(l role.Limit) bool { return l.Name == name })
		if !known || (s.Limit != "" && s.Only != "") || (s.With != "" && s.Only != "") {
			t.Errorf("%s depends on %q", s.Sid, name)
		}
	}
}

// IAM counts the characters of a role's inline policies, without white space, and takes no more than 10,240.
func TestWhatIAMOrLambdaWouldRefuseIsSaid(t *testing.T) {
	many := func(n int, pattern string) []string {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprintf(pattern, i)
		}
		return all
	}
	for name, c := range map[string]struct {
		settings role.Settings
		want     []string
	}{
		"no limits":  {settings: nil, want: nil},
		"all limits": {settings: limited, want: nil},
		"buckets": {settings: role.Settings{role.BucketArns: many(60, "arn:aws:s3:::shared-bucket-%02d")},
			want: []string{"IAM takes 10240"}},
		"accounts": {
			settings: role.Settings{role.ConsumerAccounts: many(320, "%012d")},
			want:     []string{"Lambda takes 4096"},
		},
		"keys, both refuse": {
			settings: role.Settings{
				role.KeyArns: many(90, "arn:aws:kms:us-east-1:111111111111:key/%08d-12ab-34cd-56ef-1234567890ab"),
			},
			want: []string{"IAM takes 10240", "IAM takes 6144", "Lambda takes 4096"}},
	} {
		t.Run(name, func(t *testing.T) {
			problems := role.CheckSize(c.settings)
			if len(problems) != len(c.want) {
				t.Fatal(problems)
			}
			for i, want := range c.want {
				if !strings.Contains(problems[i].Error(), want) {
					t.Errorf("%q is missing in %s", want, problems[i])
				}
			}
		})
	}
}

// There is room: for the lists of an administrator inline, and for another statement in either policy.
func TestPoliciesOfTheRoleHaveRoom(t *testing.T) {
	inline, managed, both := role.Inline(role.Every()), role.Managed(role.Every()), role.OfBoth(role.Every())
	if n := role.Characters(inline); n > role.LargestInline-4000 {
		t.Errorf("inline, %d of %d characters: too little is left for lists of ARNs", n, role.LargestInline)
	}
	if n := role.Characters(managed); n > role.LargestManaged-600 {
		t.Errorf("managed, %d of %d characters: too little is left for another statement", n, role.LargestManaged)
	}
	if n := role.Characters(both); n > role.LargestManaged-4500 {
		t.Errorf("of both roles, %d of %d characters: too little is left for lists of ARNs", n, role.LargestManaged)
	}
	if got, want := len(inline)+len(managed)+len(both), len(role.Every()); got != want {
		t.Errorf("%d statements in the policies, want %d", got, want)
	}
	for _, s := range managed {
		if name := s.Limit + s.Only + s.With; name != "" {
			t.Errorf("%s depends on %s: its lists need the room that is inline", s.Sid, name)
		}
	}
}
