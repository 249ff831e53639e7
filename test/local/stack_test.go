package local_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"example.com/sharedbucket/test/local"
)

func TestCustomResourceLife(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{})
	s := stack(t, a, "life")
	template := func(properties props) props {
		return props{
			"Resources": props{"Thing": custom(f, properties)},
			"Outputs": props{
				"Ref":  props{"Value": props{"Ref": "Thing"}},
				"Name": props{"Value": props{"Fn::GetAtt": []string{"Thing", "Name"}}},
			},
		}
	}
	properties := func(id, value string) props {
		return props{"PhysicalId": id, "Value": value, "Data": props{"Name": "name-" + value, "Number": 7}}
	}

	want(t, "create", s.create(template(properties("one", "a"))), "CREATE_COMPLETE")
	want(t, "outputs", s.outputs(), map[string]string{"Ref": "one", "Name": "name-a"})
	want(t, "events", s.statuses("Thing"), []string{"CREATE_IN_PROGRESS", "CREATE_COMPLETE"})

	_, err := s.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: &s.name, TemplateBody: body(t, template(properties("one", "a"))),
	})
	if err == nil || !strings.Contains(err.Error(), "No updates are to be performed") {
		t.Errorf("the same again: %v", err)
	}
	want(t, "update", s.update(template(properties("one", "b"))), "UPDATE_COMPLETE")
	want(t, "outputs after update", s.outputs(), map[string]string{"Ref": "one", "Name": "name-b"})
	want(t, "replacement", s.update(template(properties("two", "c"))), "UPDATE_COMPLETE")
	want(t, "stack events", s.statuses("life"), []string{
		"CREATE_IN_PROGRESS", "CREATE_COMPLETE",
		"UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE",
		"UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE",
	})
	want(t, "delete", s.delete(), "DELETE_COMPLETE")
	want(t, "requests", requests(t, f), []string{
		"Create Thing  a",
		"Update Thing one b from a",
		"Update Thing one c from b",
		"Delete Thing one b",
		"Delete Thing two c",
	})

	first := received(t, f)[0]
	if first.ServiceToken != f.ARN || first.ResourceProperties["ServiceToken"] != f.ARN ||
		first.ResourceType != "Custom::Thing" {
		t.Errorf("event %+v", first)
	}
	if !strings.HasPrefix(first.StackID, "arn:aws:cloudformation:"+shared.Region+":"+a.ID+":stack/life/") ||
		first.RequestID == "" {
		t.Errorf("event %+v", first)
	}
	want(t, "nested numbers", first.ResourceProperties["Data"], any(map[string]any{"Name": "name-a", "Number": "7"}))
}

func TestCreateFails(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{})
	s := stack(t, a, "bad")
	good := custom(f, props{"PhysicalId": "good", "Value": "g"})
	bad := custom(f, props{"PhysicalId": "bad", "Fail": "Create"})
	bad["DependsOn"] = "Good"
	want(t, "create", s.create(resources(props{"Good": good, "Bad": bad})), "ROLLBACK_COMPLETE")
	if got := s.reason("Bad", "CREATE_FAILED"); !strings.HasPrefix(got,
		"Received response status [FAILED] from custom resource. Message returned: told to fail Create (RequestId: ") {
		t.Errorf("reason %q", got)
	}
	want(t, "requests", requests(t, f), []string{
		"Create Good  g", "Create Bad  <nil>", "Delete Bad bad <nil>", "Delete Good good g",
	})
	want(t, "events", s.statuses("Good"), []string{
		"CREATE_IN_PROGRESS", "CREATE_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_COMPLETE",
	})
	_, err := s.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: &s.name, TemplateBody: body(t, resources(props{"Good": good})),
	})
	if err == nil || !strings.Contains(err.Error(), "is in ROLLBACK_COMPLETE state and can not be updated") {
		t.Errorf("update after it: %v", err)
	}
	want(t, "delete", s.delete(), "DELETE_COMPLETE")
	want(t, "no more requests", len(requests(t, f)), 4)
}

func TestCreateInFlightIsCancelled(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{})
	s := stack(t, a, "flight")
	want(t, "create", s.create(resources(props{
		"Slow": custom(f, props{"Silent": "Create"}),
		"Bad":  custom(f, props{"Fail": "Create"}),
	})), "ROLLBACK_COMPLETE")
	want(t, "reason", s.reason("Slow", "CREATE_FAILED"), "Resource creation cancelled")
	for _, event := range received(t, f) {
		if event.RequestType == "Delete" && event.LogicalResourceID == "Slow" {
			if !strings.HasPrefix(event.PhysicalResourceID, "flight-Slow-") {
				t.Errorf("deleted as %s, want an invented id", event.PhysicalResourceID)
			}
			return
		}
	}
	t.Error("the resource in flight was not deleted")
}

func TestUpdateFails(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{})
	// One is the resource under test, Two fails on purpose after it.
	template := func(one, two props) props {
		second := custom(f, two)
		second["DependsOn"] = "One"
		return resources(props{"One": custom(f, one), "Two": second})
	}
	quiet := props{"PhysicalId": "two", "Value": "t"}
	fails := props{"PhysicalId": "two", "Value": "f", "Fail": "Update"}
	before := props{"PhysicalId": "one", "Value": "a"}
	for _, test := range []struct {
		name     string
		one, two props
		requests []string
	}{
		{
			name: "by its own answer, under the same id",
			one:  props{"PhysicalId": "one", "Value": "b", "Fail": "Update"}, two: quiet,
			requests: []string{"Update One one b from a", "Update One one a from b"},
		},
		{
			name: "by its own answer, under another id",
			one:  props{"PhysicalId": "other", "Value": "b", "Fail": "Update"}, two: quiet,
			requests: []string{"Update One one b from a", "Delete One other b"},
		},
		{
			name: "by another resource, after an update in place", one: props{"PhysicalId": "one", "Value": "b"}, two: fails,
			requests: []string{
				"Update One one b from a", "Update Two two f from t", "Update One one a from b", "Update Two two t from f",
			},
		},
		{
			name: "by another resource, after a replacement", one: props{"PhysicalId": "other", "Value": "b"}, two: fails,
			requests: []string{
				"Update One one b from a", "Update Two two f from t", "Update Two two t from f", "Delete One other b",
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := stack(t, a, "update"+fmt.Sprint(len(requests(t, f))))
			want(t, "create", s.create(template(before, quiet)), "CREATE_COMPLETE")
			known := len(requests(t, f))
			want(t, "update", s.update(template(test.one, test.two)), "UPDATE_ROLLBACK_COMPLETE")
			want(t, "requests", requests(t, f)[known:], test.requests)
			found, err := s.DescribeStackResource(t.Context(), &cloudformation.DescribeStackResourceInput{
				StackName: &s.name, LogicalResourceId: aws.String("One"),
			})
			if err != nil {
				t.Fatal(err)
			}
			want(t, "physical id", *found.StackResourceDetail.PhysicalResourceId, "one")
			// The stack is what it was: the same template is no change, another one is.
			want(t, "update again", s.update(template(props{"PhysicalId": "one", "Value": "c"}, quiet)), "UPDATE_COMPLETE")
			want(t, "request", requests(t, f)[known+len(test.requests):], []string{"Update One one c from a"})
		})
	}
	t.Run("a new resource is deleted again", func(t *testing.T) {
		s := stack(t, a, "added")
		want(t, "create", s.create(resources(props{"One": custom(f, before)})), "CREATE_COMPLETE")
		known := len(requests(t, f))
		added := custom(f, props{"PhysicalId": "new", "Value": "n"})
		bad := custom(f, props{"PhysicalId": "one", "Value": "b", "Fail": "Update"})
		bad["DependsOn"] = "New"
		want(t, "update", s.update(resources(props{"One": bad, "New": added})), "UPDATE_ROLLBACK_COMPLETE")
		want(t, "requests", requests(t, f)[known:], []string{
			"Create New  n", "Update One one b from a", "Update One one a from b", "Delete New new n",
		})
	})
	t.Run("the roll-back fails too", func(t *testing.T) {
		s, asked := stack(t, a, "stuck"), len(requests(t, f))+1
		stubborn := props{"PhysicalId": "one", "Value": "a", "Fail": "Update"}
		want(t, "create", s.create(resources(props{"One": custom(f, stubborn)})), "CREATE_COMPLETE")
		stubborn = props{"PhysicalId": "one", "Value": "b", "Fail": "Update"}
		want(t, "update", s.update(resources(props{"One": custom(f, stubborn)})), "UPDATE_ROLLBACK_FAILED")
		if _, err := s.ContinueUpdateRollback(t.Context(), &cloudformation.ContinueUpdateRollbackInput{
			StackName: &s.name,
		}); err != nil {
			t.Fatal(err)
		}
		want(t, "continued", s.settled(), "UPDATE_ROLLBACK_FAILED")
		want(t, "asked", len(requests(t, f))-asked, 3)
	})
}

func TestDeleteFails(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{})
	s := stack(t, a, "stays")
	thing := custom(f, props{"PhysicalId": "thing", "Fail": "Delete"})
	kept := custom(f, props{"PhysicalId": "kept"})
	kept["DeletionPolicy"] = "Retain"
	want(t, "create", s.create(resources(props{"Thing": thing, "Kept": kept})), "CREATE_COMPLETE")
	want(t, "delete", s.delete(), "DELETE_FAILED")
	want(t, "retained", s.statuses("Kept")[2:], []string{"DELETE_SKIPPED"})
	want(t, "retaining it", s.delete("Thing"), "DELETE_COMPLETE")
}

func TestCleaningUpIsTriedThreeTimes(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{})
	s := stack(t, a, "leftover")
	old := props{"PhysicalId": "one", "Value": "a", "Fail": "Delete"}
	want(t, "create", s.create(resources(props{"Thing": custom(f, old)})), "CREATE_COMPLETE")
	next := props{"PhysicalId": "two", "Value": "b"}
	want(t, "update", s.update(resources(props{"Thing": custom(f, next)})), "UPDATE_COMPLETE")
	want(t, "requests", requests(t, f)[1:], []string{
		"Update Thing one b from a", "Delete Thing one a", "Delete Thing one a", "Delete Thing one a",
	})
	want(t, "delete", s.delete(), "DELETE_COMPLETE")
	want(t, "the last request", requests(t, f)[5:], []string{"Delete Thing two b"})
}

func TestPoliciesOfReplacement(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{})
	for name, test := range map[string]struct {
		policies, requests []string
	}{
		"DeletionPolicy": {
			policies: []string{"DeletionPolicy"}, requests: []string{"Update Thing one b from a", "Delete Thing one a"},
		},
		"UpdateReplacePolicy": {
			policies: []string{"UpdateReplacePolicy"},
			requests: []string{"Update Thing one b from a", "Delete Thing two b"},
		},
		"both": {
			policies: []string{"DeletionPolicy", "UpdateReplacePolicy"}, requests: []string{"Update Thing one b from a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := stack(t, a, "policy"+name)
			template := func(id, value string) props {
				thing := custom(f, props{"PhysicalId": id, "Value": value})
				for _, policy := range test.policies {
					thing[policy] = "Retain"
				}
				return resources(props{"Thing": thing})
			}
			want(t, "create", s.create(template("one", "a")), "CREATE_COMPLETE")
			known := len(requests(t, f))
			want(t, "update", s.update(template("two", "b")), "UPDATE_COMPLETE")
			want(t, "delete", s.delete(), "DELETE_COMPLETE")
			want(t, "requests", requests(t, f)[known:], test.requests)
		})
	}
}

// What a function wrote before it answered is there for whoever asks once the answer is: its invocation is not over
// then. A new process, which a second event at once takes, is late most often.
func TestLinesBeforeTheAnswer(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{})
	made := 0
	for range 20 {
		for range 4 {
			made++
			s := stack(t, a, fmt.Sprintf("lines-%d", made))
			want(t, "create", s.create(resources(props{"Thing": custom(f, props{})})), "CREATE_COMPLETE")
		}
		want(t, "creations", len(requests(t, f)), made)
	}
}

func TestBadAnswers(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{})
	if err := a.SetRetryDelays(t.Context(), 10*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		properties props
		reason     string
	}{
		"none in time": {
			properties: props{
				"Silent": "Create", "ServiceTimeout": 1,
			}, reason: "CloudFormation did not receive a response from your Custom Resource.",
		},
		"a content type": {
			properties: props{
				"ContentType": "application/json", "ServiceTimeout": 2,
			}, reason: "CloudFormation did not receive a response from your Custom Resource.",
		},
		"too long": {
			properties: props{"Data": props{"Long": strings.Repeat("x", 4096)}, "ServiceTimeout": 900},
			reason:     "Response object is too long.",
		},
		"a wrong status": {
			properties: props{"Status": "FAILURE"},
			reason:     "Invalid Response object: 'FAILURE' is not a valid ResponseStatus",
		},
		"another request": {
			properties: props{"Wrong": "RequestId"}, reason: "Invalid response: RequestId is not the request's",
		},
		"another stack": {properties: props{"Wrong": "StackId"}, reason: "Invalid response: StackId is not the request's"},
		"another resource": {
			properties: props{"Wrong": "LogicalResourceId"}, reason: "Invalid response: LogicalResourceId is not the request's",
		},
		"too long an id":  {properties: props{"PhysicalId": strings.Repeat("x", 1025)}, reason: "Invalid PhysicalResourceId"},
		"a wrong timeout": {properties: props{"ServiceTimeout": 3601}, reason: "ServiceTimeout must be"},
		"no function":     {properties: props{"ServiceToken": f.ARN + "-x"}, reason: "Function not found"},
	} {
		t.Run(name, func(t *testing.T) {
			s := stack(t, a, "answer-"+strings.ReplaceAll(name, " ", "-"))
			want(t, "create", s.create(resources(props{"Thing": custom(f, test.properties)})), "ROLLBACK_COMPLETE")
			if got := s.reason("Thing", "CREATE_FAILED"); !strings.HasPrefix(got, test.reason) {
				t.Errorf("reason %q, want %q", got, test.reason)
			}
		})
	}
}

func TestRulesOfTemplates(t *testing.T) {
	a := account(t)
	f := function(t, a, local.FunctionSpec{})
	template := resources(props{"Thing": custom(f, props{"PhysicalId": "thing"})})
	template["Parameters"] = props{"As": props{"Type": "String"}, "Of": props{"Type": "String", "Default": ""}}
	template["Rules"] = props{"OthersNameIt": props{
		"RuleCondition": props{"Fn::Equals": []any{props{"Ref": "As"}, "other"}},
		"Assertions": []any{props{
			"Assert":            props{"Fn::Not": []any{props{"Fn::Contains": []any{[]string{"", "none"}, props{"Ref": "Of"}}}}},
			"AssertDescription": "As=other needs Of",
		}},
	}}
	for name, test := range map[string]struct {
		as, of  string
		refused bool
	}{
		"not-applicable": {as: "self"},
		"holds":          {as: "other", of: "it"},
		"does-not-hold":  {as: "other", refused: true},
		"nor-this":       {as: "other", of: "none", refused: true},
	} {
		s := stack(t, a, name)
		_, err := s.CreateStack(t.Context(), &cloudformation.CreateStackInput{
			StackName: &name, TemplateBody: body(t, template), Parameters: []cfntypes.Parameter{
				{ParameterKey: aws.String("As"), ParameterValue: &test.as},
				{ParameterKey: aws.String("Of"), ParameterValue: &test.of},
			},
		})
		if refused := err != nil && strings.Contains(err.Error(), "As=other needs Of"); refused != test.refused {
			t.Errorf("%s: %v", name, err)
		}
	}
	want(t, "requests", len(requests(t, f)), 2)
}

func TestRuleOfOrganizationTemplate(t *testing.T) {
	a := account(t)
	root, err := local.Root()
	if err != nil {
		t.Fatal(err)
	}
	template, err := os.ReadFile(filepath.Join(root, "templates", "organization.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var given []cfntypes.Parameter
	for name, value := range map[string]string{
		"CallAs": "DELEGATED_ADMIN", "OrganizationalUnitIds": "r-abcd", "Regions": shared.Region,
		"CodeBucketPrefix": "zips", "CodeKey": strings.Repeat("0", 64) + ".zip",
	} {
		given = append(given, cfntypes.Parameter{ParameterKey: &name, ParameterValue: &value})
	}
	_, err = cloudformation.NewFromConfig(a.Config()).CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("organization"), TemplateBody: aws.String(string(template)), Parameters: given,
	})
	if err == nil || !strings.Contains(err.Error(), "CallAs=DELEGATED_ADMIN needs ManagementAccount") {
		t.Errorf("nobody says whose the organization is: %v", err)
	}
}
