package stacks

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/cdk/sharedbucket"
	"example.com/sharedbucket/cdk/template"
)

const header = "Made from the CDK app by make templates. To change it, change cdk/stacks and make it again."

// Render synthesizes one stack by itself, as a template to read.
func Render(form func(awscdk.App) awscdk.Stack) (string, error) {
	directory, err := os.MkdirTemp("", "templates")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(directory)
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(directory), AnalyticsReporting: jsii.Bool(false)})
	stack := form(app)
	app.Synth(nil)
	data, err := os.ReadFile(filepath.Join(directory, *stack.TemplateFile()))
	if err != nil {
		return "", err
	}
	return template.Render(data, header, notes())
}

// AddOrganization adds SharedBucketOrganization to an app. Its values are CloudFormation parameters.
func AddOrganization(app awscdk.App) error {
	var t Templates
	var err error
	if t.Provider, err = Render(ProviderForm); err != nil {
		return err
	}
	if t.Consumer, err = Render(ConsumerForm); err != nil {
		return err
	}
	OrganizationForm(t)(app)
	return nil
}

// notes are the reasons of the role's statements.
func notes() template.Notes {
	all := template.Notes{}
	for _, s := range sharedbucket.AllStatements() {
		all[s.Sid] = strings.TrimSpace(s.Why + " " + s.Star)
	}
	return all
}
