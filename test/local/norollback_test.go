package local_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"example.com/sharedbucket/test/local"
)

// createToStay and updateToStay disable roll-back.
func (s stackClient) createToStay(template props) string {
	s.Helper()
	if _, err := s.CreateStack(s.Context(), &cloudformation.CreateStackInput{
		StackName: &s.name, TemplateBody: body(s.T, template), OnFailure: cfntypes.OnFailureDoNothing,
	}); err != nil {
		s.Fatal(err)
	}
	return s.settled()
}

func (s stackClient) updateToStay(template props) string {
	s.Helper()
	if _, err := s.UpdateStack(s.Context(), &cloudformation.UpdateStackInput{
		StackName: &s.name, TemplateBody: body(s.T, template), DisableRollback: aws.Bool(true),
	}); err != nil {
		s.Fatal(err)
	}
	return s.settled()
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
func TestCreateFailsAndStays(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{})
	s := stack(t, a, "stays")
	template := func(bad props) props {
		needy := custom(f, props{"PhysicalId": "needy"})
		needy["DependsOn"] = "Bad"
		good := custom(f, props{"PhysicalId": "good", "Value": "g"})
		return resources(props{"Good": good, "Bad": custom(f, bad), "Needy": needy})
	}
	fails, works := props{"PhysicalId": "bad", "Fail": "Create"}, props{"PhysicalId": "new"}
	want(t, "create", s.createToStay(template(fails)), "CREATE_FAILED")
	want(t, "disabled", *s.describe().DisableRollback, true)
	want(t, "beside the failure", s.statuses("Good"), []string{"CREATE_IN_PROGRESS", "CREATE_COMPLETE"})
	want(t, "behind the failure", len(s.statuses("Needy")), 0)

	_, err := s.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: &s.name, TemplateBody: body(t, template(works)),
	})
	if err == nil || !strings.Contains(err.Error(), "non-terminal [CREATE_FAILED] state") {
		t.Errorf("an update that could roll back: %v", err)
	}
	want(t, "the same again", s.updateToStay(template(fails)), "UPDATE_FAILED")
	want(t, "update", s.updateToStay(template(works)), "UPDATE_COMPLETE")
	want(t, "the failed one is made anew", s.statuses("Bad"), []string{
		"CREATE_IN_PROGRESS", "CREATE_FAILED",
		"DELETE_IN_PROGRESS", "DELETE_COMPLETE", "CREATE_IN_PROGRESS", "CREATE_FAILED",
		"DELETE_IN_PROGRESS", "DELETE_COMPLETE", "CREATE_IN_PROGRESS", "CREATE_COMPLETE",
	})
	want(t, "the others", s.statuses("Needy"), []string{"CREATE_IN_PROGRESS", "CREATE_COMPLETE"})
	rollsBack := resources(props{"Good": custom(f, props{"PhysicalId": "good", "Fail": "Update"})})
	want(t, "and roll-back again", s.update(rollsBack), "UPDATE_ROLLBACK_COMPLETE")
}

func TestUpdateFailsAndStays(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{})
	s := stack(t, a, "stays")
	template := func(one, two props) props {
		second := custom(f, two)
		second["DependsOn"] = "One"
		return resources(props{"One": custom(f, one), "Two": second})
	}
	first, second := props{"PhysicalId": "one", "Value": "a"}, props{"PhysicalId": "two", "Value": "a"}
	want(t, "create", s.create(template(first, second)), "CREATE_COMPLETE")
	other := props{"PhysicalId": "other", "Value": "b"} // another id: the old one waits for its Delete
	want(t, "update", s.updateToStay(template(other, props{"PhysicalId": "two", "Value": "b", "Fail": "Update"})),
		"UPDATE_FAILED")
	want(t, "update", s.updateToStay(template(other, second)), "UPDATE_COMPLETE")
	want(t, "requests", requests(t, f), []string{
		"Create One  a", "Create Two  a", "Update One one b from a", "Update Two two b from a",
		// From its last stable state to it: it is open how far the update came.
		"Update Two two a from a",
		"Delete One one a",
	})

	third := props{"PhysicalId": "third", "Value": "c"}
	failing := template(third, props{"PhysicalId": "two", "Value": "c", "Fail": "Update"})
	want(t, "update", s.updateToStay(failing), "UPDATE_FAILED")
	want(t, "delete", s.delete(), "DELETE_COMPLETE")
	deleted := map[string]bool{}
	for _, request := range requests(t, f) {
		if id, found := strings.CutPrefix(request, "Delete "); found {
			deleted[strings.Join(strings.Fields(id)[:2], " ")] = true
		}
	}
	want(t, "deleted", deleted, map[string]bool{"One one": true, "One other": true, "One third": true, "Two two": true})
}

func TestChangeSetFailsAndStays(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{})
	s := stack(t, a, "stays")
	execute := func(name string, kind cfntypes.ChangeSetType, disable bool, template props) error {
		t.Helper()
		_, err := s.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
			StackName: &s.name, ChangeSetName: &name, ChangeSetType: kind, TemplateBody: body(t, template),
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{
			StackName: &s.name, ChangeSetName: &name, DisableRollback: &disable,
		})
		return err
	}
	fails := resources(props{"Bad": custom(f, props{"Fail": "Create"})})
	if err := execute("first", cfntypes.ChangeSetTypeCreate, true, fails); err != nil {
		t.Fatal(err)
	}
	want(t, "create", s.settled(), "CREATE_FAILED")
	works := resources(props{"Bad": custom(f, props{"PhysicalId": "good"})})
	if err := execute("second", cfntypes.ChangeSetTypeUpdate, false, works); err == nil {
		t.Error("a change set that could roll back was executed")
	}
	if err := execute("third", cfntypes.ChangeSetTypeUpdate, true, works); err != nil {
		t.Fatal(err)
	}
	want(t, "update", s.settled(), "UPDATE_COMPLETE")

	_, err := s.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("gone"), TemplateBody: body(t, works), OnFailure: cfntypes.OnFailureDelete,
	})
	wantCode(t, "a stack that goes when it fails", err, "ValidationError")
}
