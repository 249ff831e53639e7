package local_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"example.com/sharedbucket/test/local"
)

// organization is one with two units, one of which has another below it.
type organization struct {
	management        *local.Account
	client            *organizations.Client
	root              string
	first, below, etc string // organizational units
}

func newOrganization(t *testing.T) organization {
	t.Helper()
	o := organization{management: account(t)}
	o.client = organizations.NewFromConfig(o.management.Config())
	if _, err := o.client.CreateOrganization(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	roots, err := o.client.ListRoots(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	o.root = *roots.Roots[0].Id
	unit := func(name, parent string) string {
		made, err := o.client.CreateOrganizationalUnit(t.Context(),
			&organizations.CreateOrganizationalUnitInput{Name: &name, ParentId: &parent})
		if err != nil {
			t.Fatal(err)
		}
		return *made.OrganizationalUnit.Id
	}
	o.first, o.etc = unit("first", o.root), unit("etc", o.root)
	o.below = unit("below", o.first)
	return o
}

func (o organization) member(t *testing.T, parent string) *local.Account {
	t.Helper()
	a := account(t)
	if err := a.Join(t.Context(), o.management, parent); err != nil {
		t.Fatal(err)
	}
	return a
}

func (o organization) move(t *testing.T, a *local.Account, from, to string) {
	t.Helper()
	if _, err := o.client.MoveAccount(t.Context(), &organizations.MoveAccountInput{
		AccountId: &a.ID, SourceParentId: &from, DestinationParentId: &to,
	}); err != nil {
		t.Fatal(err)
	}
}

// greeting is what the stack set's template leaves in an account.
func greeting(t *testing.T, a *local.Account) string {
	t.Helper()
	found, err := ssm.NewFromConfig(a.Config()).GetParameter(t.Context(),
		&ssm.GetParameterInput{Name: aws.String("/greeting")})
	if errorCode(err) == "ParameterNotFound" {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return *found.Parameter.Value
}

var greetingTemplate = props{
	"Parameters": props{"Word": props{"Type": "String"}},
	"Resources": props{"Greeting": props{"Type": "AWS::SSM::Parameter", "Properties": props{
		"Name": "/greeting", "Type": "String", "Value": props{"Fn::Sub": "${Word} ${AWS::AccountId}"},
	}}},
}

func TestServiceManagedStackSet(t *testing.T) {
	o := newOrganization(t)
	ctx := t.Context()
	one, two, other := o.member(t, o.first), o.member(t, o.below), o.member(t, o.etc)
	client := cloudformation.NewFromConfig(o.management.Config())
	name := aws.String("greet-" + o.management.ID)
	create := &cloudformation.CreateStackSetInput{
		StackSetName: name, TemplateBody: body(t, greetingTemplate), PermissionModel: cfntypes.PermissionModelsServiceManaged,
		Parameters:     []cfntypes.Parameter{{ParameterKey: aws.String("Word"), ParameterValue: aws.String("hello")}},
		AutoDeployment: &cfntypes.AutoDeployment{Enabled: aws.Bool(true), RetainStacksOnAccountRemoval: aws.Bool(false)},
	}
	_, err := client.CreateStackSet(ctx, create)
	wantCode(t, "without trusted access", err, "ValidationError")
	if _, err := client.ActivateOrganizationsAccess(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateStackSet(ctx, create); err != nil {
		t.Fatal(err)
	}
	started, err := client.CreateStackInstances(ctx, &cloudformation.CreateStackInstancesInput{
		StackSetName: name, Regions: []string{shared.Region},
		DeploymentTargets: &cfntypes.DeploymentTargets{OrganizationalUnitIds: []string{o.first}},
	})
	if err != nil {
		t.Fatal(err)
	}
	operation, err := client.DescribeStackSetOperation(ctx, &cloudformation.DescribeStackSetOperationInput{
		StackSetName: name, OperationId: started.OperationId,
	})
	if err != nil || operation.StackSetOperation.Status != cfntypes.StackSetOperationStatusSucceeded {
		t.Fatalf("%+v %v", operation, err)
	}
	instances := func() []string {
		found, err := client.ListStackInstances(ctx, &cloudformation.ListStackInstancesInput{StackSetName: name})
		if err != nil {
			t.Fatal(err)
		}
		var accounts []string
		for _, instance := range found.Summaries {
			accounts = append(accounts, fmt.Sprint(*instance.Account, " ", instance.Status))
		}
		slices.Sort(accounts)
		return accounts
	}
	greetings := func(what string, want map[*local.Account]string) {
		t.Helper()
		for a, text := range want {
			if text != "" {
				text += " " + a.ID
			}
			if got := greeting(t, a); got != text {
				t.Errorf("%s: %s has %q, want %q", what, a.ID, got, text)
			}
		}
	}
	want(t, "instances", instances(), []string{one.ID + " CURRENT", two.ID + " CURRENT"})
	greetings("at first", map[*local.Account]string{one: "hello", two: "hello", other: "", o.management: ""})

	late := o.member(t, o.below)
	greetings("an account joins later", map[*local.Account]string{late: "hello"})
	o.move(t, other, o.etc, o.first)
	greetings("an account moves in", map[*local.Account]string{other: "hello"})
	o.move(t, one, o.first, o.etc)
	greetings("an account moves out", map[*local.Account]string{one: ""})

	if _, err := client.UpdateStackSet(ctx, &cloudformation.UpdateStackSetInput{
		StackSetName: name, UsePreviousTemplate: aws.Bool(true),
		Parameters: []cfntypes.Parameter{{ParameterKey: aws.String("Word"), ParameterValue: aws.String("bye")}},
	}); err != nil {
		t.Fatal(err)
	}
	greetings("updated", map[*local.Account]string{two: "bye", late: "bye", other: "bye", one: ""})

	_, err = client.DeleteStackSet(ctx, &cloudformation.DeleteStackSetInput{StackSetName: name})
	wantCode(t, "delete with instances", err, "StackSetNotEmptyException")
	if _, err := client.DeleteStackInstances(ctx, &cloudformation.DeleteStackInstancesInput{
		StackSetName: name, Regions: []string{shared.Region}, RetainStacks: aws.Bool(false),
		DeploymentTargets: &cfntypes.DeploymentTargets{OrganizationalUnitIds: []string{o.first}},
	}); err != nil {
		t.Fatal(err)
	}
	greetings("deleted", map[*local.Account]string{two: "", late: "", other: ""})
	if _, err := client.DeleteStackSet(ctx, &cloudformation.DeleteStackSetInput{StackSetName: name}); err != nil {
		t.Error(err)
	}
}

func TestStackSetInATemplate(t *testing.T) {
	o := newOrganization(t)
	ctx := t.Context()
	one := o.member(t, o.first)
	delegated := o.member(t, o.etc)
	if _, err := o.client.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{
		ServicePrincipal: aws.String("member.org.stacksets.cloudformation.amazonaws.com"),
	}); err != nil {
		t.Fatal(err)
	}
	template := func(word string) props {
		return resources(props{"Set": props{"Type": "AWS::CloudFormation::StackSet", "Properties": props{
			"StackSetName": "in-template", "PermissionModel": "SERVICE_MANAGED", "CallAs": "DELEGATED_ADMIN",
			"AutoDeployment": props{"Enabled": true, "RetainStacksOnAccountRemoval": false},
			"TemplateBody":   *body(t, greetingTemplate), "Capabilities": []string{"CAPABILITY_NAMED_IAM"},
			"Parameters": []props{{"ParameterKey": "Word", "ParameterValue": word}},
			"OperationPreferences": props{
				"FailureToleranceCount": 1, "MaxConcurrentCount": 2, "RegionConcurrencyType": "PARALLEL",
			},
			"StackInstancesGroup": []props{
				{"Regions": []string{shared.Region}, "DeploymentTargets": props{"OrganizationalUnitIds": []string{o.first}}},
			},
		}}})
	}
	s := stack(t, delegated, "sets")
	want(t, "create by an account that is no delegated administrator", s.create(template("hello")), "ROLLBACK_COMPLETE")
	want(t, "delete", s.delete(), "DELETE_COMPLETE")
	if _, err := o.client.RegisterDelegatedAdministrator(ctx, &organizations.RegisterDelegatedAdministratorInput{
		AccountId: &delegated.ID, ServicePrincipal: aws.String("member.org.stacksets.cloudformation.amazonaws.com"),
	}); err != nil {
		t.Fatal(err)
	}
	want(t, "create", s.create(template("hello")), "CREATE_COMPLETE")
	want(t, "greeting", greeting(t, one), "hello "+one.ID)
	late := o.member(t, o.first)
	want(t, "greeting of who joins later", greeting(t, late), "hello "+late.ID)
	want(t, "update", s.update(template("bye")), "UPDATE_COMPLETE")
	want(t, "greeting", greeting(t, late), "bye "+late.ID)
	want(t, "delete", s.delete(), "DELETE_COMPLETE")
	want(t, "greeting", greeting(t, one), "")
}

func TestStackSetsInSequence(t *testing.T) {
	o := newOrganization(t)
	ctx := t.Context()
	client := cloudformation.NewFromConfig(o.management.Config())
	if _, err := client.ActivateOrganizationsAccess(ctx, nil); err != nil {
		t.Fatal(err)
	}
	// The second reads at its deployment what the first leaves, and is made before it.
	reader := props{
		"Parameters": props{"Word": props{"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/greeting"}},
		"Resources": props{
			"Echo": props{
				"Type": "AWS::SSM::Parameter", "Properties": props{
					"Name": "/echo", "Type": "String", "Value": props{"Ref": "Word"},
				},
			},
		},
	}
	first, second := "first-"+o.management.ID, "second-"+o.management.ID
	create := func(name string, template props, parameters ...cfntypes.Parameter) string {
		made, err := client.CreateStackSet(ctx, &cloudformation.CreateStackSetInput{
			StackSetName: &name, TemplateBody: body(t, template), PermissionModel: cfntypes.PermissionModelsServiceManaged,
			Parameters:     parameters,
			AutoDeployment: &cfntypes.AutoDeployment{Enabled: aws.Bool(true), RetainStacksOnAccountRemoval: aws.Bool(false)},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.CreateStackInstances(ctx, &cloudformation.CreateStackInstancesInput{
			StackSetName: &name, Regions: []string{shared.Region}, DeploymentTargets: &cfntypes.DeploymentTargets{
				OrganizationalUnitIds: []string{o.first},
			},
		}); err != nil {
			t.Fatal(err)
		}
		return "arn:aws:cloudformation:" + shared.Region + ":" + o.management.ID + ":stackset/" + *made.StackSetId
	}
	create(second, reader)
	arn := create(first, greetingTemplate, cfntypes.Parameter{
		ParameterKey: aws.String("Word"), ParameterValue: aws.String("hello"),
	})
	if _, err := client.UpdateStackSet(ctx, &cloudformation.UpdateStackSetInput{
		StackSetName: &second, UsePreviousTemplate: aws.Bool(true),
		AutoDeployment: &cfntypes.AutoDeployment{
			Enabled: aws.Bool(true), RetainStacksOnAccountRemoval: aws.Bool(false), DependsOn: []string{arn},
		},
	}); err != nil {
		t.Fatal(err)
	}
	member := o.member(t, o.first)
	found, err := ssm.NewFromConfig(member.Config()).GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String("/echo")})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "echo", *found.Parameter.Value, "hello "+member.ID)
}
