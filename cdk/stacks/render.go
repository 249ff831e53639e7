package stacks

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/cdk/internal/role"
	"example.com/sharedbucket/cdk/template"
)

const header = "Made from the CDK app by make templates. To change it, change cdk/stacks and make it again."

// Render synthesizes one stack by itself, as a template to read.
func Render(form func(awscdk.App) awscdk.Stack) (string, error) { return render(form, header, notes()) }

// renderPlain is Render for a template that stands in another one, which CloudFormation takes up to 51,200 bytes of: it
// has no reasons for statements, and no words for its parameters, whose values the other one gives.
func renderPlain(form func(awscdk.App) awscdk.Stack) (string, error) {
	return render(form, "Made by make templates.", nil)
}

func render(form func(awscdk.App) awscdk.Stack, header string, notes template.Notes) (string, error) {
	data, err := synthesize(form, notes != nil)
	if err != nil {
		return "", err
	}
	return template.Render(data, header, notes)
}

// synthesize is the template that CDK makes of a form, as JSON.
func synthesize(form func(awscdk.App) awscdk.Stack, labelled bool) ([]byte, error) {
	directory, err := os.MkdirTemp("", "templates")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(directory)
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(directory), AnalyticsReporting: jsii.Bool(false)})
	stack := form(app)
	if !labelled {
		withoutWords(stack)
	}
	app.Synth(nil)
	return os.ReadFile(filepath.Join(directory, *stack.TemplateFile()))
}

// withoutWords leaves out what is for people who fill in parameters: in a StackSet there are none, and whoever gave the
// values has been told what they must look like.
func withoutWords(stack awscdk.Stack) {
	stack.TemplateOptions().SetMetadata(nil)
	for _, child := range *stack.Node().Children() {
		if p, is := child.(awscdk.CfnParameter); is {
			p.SetDescription(nil)
			p.SetConstraintDescription(nil)
			p.SetAllowedPattern(nil)
		}
	}
}

// RenderTemplates are the templates that the organization's StackSets deploy.
func RenderTemplates() (t Templates, err error) {
	if t.Provider, err = renderPlain(ProviderForm); err != nil {
		return t, err
	}
	t.Consumer, err = renderPlain(ConsumerForm)
	return t, err
}

// AddOrganization adds SharedBucketOrganization to an app. Its values are CloudFormation parameters.
func AddOrganization(app awscdk.App) error {
	t, err := RenderTemplates()
	if err != nil {
		return err
	}
	OrganizationForm(t)(app)
	return nil
}

// notes are the reasons of the role's statements.
func notes() template.Notes {
	all := template.Notes{}
	for _, s := range role.Every() {
		all[s.Sid] = strings.TrimSpace(s.Why + " " + s.Star)
	}
	return all
}
