package e2e

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/local"
)

// remembered are the declarations of the account's shares.
func (s *account) remembered() []declaration.Declaration {
	s.t.Helper()
	var all []declaration.Declaration
	for _, p := range s.parameters() {
		d, err := declaration.Read(*p.Value)
		must(s.t, err)
		if d.Name() != *p.Name {
			s.t.Errorf("%s is in %s", d.Name(), *p.Name)
		}
		all = append(all, d)
	}
	return all
}

func (s *account) parameters() []ssmtypes.Parameter {
	s.t.Helper()
	out, err := ssm.NewFromConfig(s.Config()).GetParametersByPath(s.t.Context(), &ssm.GetParametersByPathInput{
		Path: ptr(declaration.Path), Recursive: ptr(true),
	})
	must(s.t, err)
	return out.Parameters
}

func TestShareIsRememberedUntilItGoes(t *testing.T) {
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := three(t, owner)
	succeeded(t, s.create(p))
	all := owner.remembered()
	if len(all) != 1 || all[0].StackID != s.stackID || all[0].Type != share.BucketType {
		t.Fatalf("remembered: %+v", all)
	}
	tags, err := ssm.NewFromConfig(owner.Config()).ListTagsForResource(t.Context(), &ssm.ListTagsForResourceInput{
		ResourceType: ssmtypes.ResourceTypeForTaggingParameter, ResourceId: ptr(all[0].Name()),
	})
	must(t, err)
	if len(tags.TagList) != 2 {
		t.Errorf("tags: %+v", tags.TagList)
	}
	succeeded(t, s.remove())
	if left := owner.parameters(); len(left) > 0 {
		t.Errorf("deleted with Retain, and still remembered: %+v", left)
	}
}

// A roll-back of a roll-back may come with old properties that are not those of the Update that failed.
func TestDelegateOfAFailedUpdateIsRevoked(t *testing.T) {
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := three(t, owner)
	succeeded(t, s.create(p))
	_, err := owner.CreateUser(t.Context(), "carl", "")
	must(t, err)
	more := append([]any{map[string]any{"User": "carl"}}, p["Delegates"].([]any)...)
	succeeded(t, s.update(with(p, map[string]any{"Delegates": more})))
	back := s.event("Update", p, p)
	succeeded(t, s.sendIn("UPDATE_ROLLBACK_IN_PROGRESS", back))
	policies, err := iam.NewFromConfig(owner.Config()).ListUserPolicies(t.Context(), &iam.ListUserPoliciesInput{
		UserName: ptr("carl"),
	})
	must(t, err)
	if len(policies.PolicyNames) > 0 {
		t.Errorf("carl keeps %v", policies.PolicyNames)
	}
}

func TestDeleteThatMayNotReadWhatIsRemembered(t *testing.T) {
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := three(t, owner)
	succeeded(t, s.create(p))
	deny := local.Document(map[string]any{"Effect": "Deny", "Action": "ssm:*", "Resource": "*"})
	_, err := iam.NewFromConfig(owner.Config()).PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: ptr(roleName()), PolicyName: ptr("deny"), PolicyDocument: &deny,
	})
	must(t, err)
	failedWith(t, s.remove(), "AccessDeniedException", declaration.Path)
	now := owner.state(p)
	for id, identity := range now.Identities {
		if identity.Policy.Text() != "" {
			t.Errorf("%s keeps its inline policy", id)
		}
	}
	_, err = iam.NewFromConfig(owner.Config()).DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{
		RoleName: ptr(roleName()), PolicyName: ptr("deny"),
	})
	must(t, err)
	succeeded(t, s.remove())
	owner.wantNoTrace(p)
	if left := owner.parameters(); len(left) > 0 {
		t.Errorf("still remembered: %+v", left)
	}
}

func TestAccessIsRememberedUntilItGoes(t *testing.T) {
	consumer := newAccount(t)
	_, err := consumer.CreateUser(t.Context(), "dilip", "")
	must(t, err)
	s := consumer.newStack(share.AccessType)
	p := map[string]any{
		"BucketName": newBucket(), "OwnerAccount": "999999999999", "Grantees": []any{map[string]any{"User": "dilip"}},
	}
	succeeded(t, s.create(p))
	if all := consumer.remembered(); len(all) != 1 || all[0].Type != share.AccessType {
		t.Errorf("remembered: %+v", all)
	}
	succeeded(t, s.remove())
	if left := consumer.parameters(); len(left) > 0 {
		t.Errorf("deleted, and still remembered: %+v", left)
	}
}

func TestList(t *testing.T) {
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := three(t, owner)
	succeeded(t, s.create(p))
	access := owner.newStack(share.AccessType)
	_, err := owner.CreateUser(t.Context(), "dilip", "")
	must(t, err)
	other := map[string]any{
		"BucketName": newBucket(), "OwnerAccount": "999999999999", "Drift": "Repair",
		"Grantees": []any{map[string]any{"User": "dilip"}},
	}
	succeeded(t, access.create(other))
	program, err := local.BuildAuthorizer(t.Context(), t.TempDir())
	must(t, err)
	list := func(arguments ...string) string {
		t.Helper()
		command := exec.CommandContext(t.Context(), program, append([]string{"list"}, arguments...)...)
		command.Env = owner.Admin.Environment()
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	for _, text := range []string{
		p["BucketName"].(string), "owner", "222222222222", "Report", "test/Resource", "consumer (access-s3-", "999999999999",
		"Repair",
	} {
		if out := list(); !strings.Contains(out, text) {
			t.Errorf("no %q in\n%s", text, out)
		}
	}
	shares := fits(t, "list.schema.json", list("--json"))
	if n := len(shares.(map[string]any)["shares"].([]any)); n != 2 {
		t.Errorf("%d shares", n)
	}
}

// fits is what a text of JSON holds, checked against a schema of docs.
func fits(t *testing.T, schema, text string) any {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("../../docs/" + schema)
	must(t, err)
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	must(t, err)
	must(t, s.Validate(v))
	return v
}
