package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"sharedbucket/cdk/sharedbucket"
	"sharedbucket/cdk/stacks"
	"sharedbucket/cdk/template"
)

const header = "Made from the CDK app by make templates. To change it, change cdk/stacks and make it again."

// Files are all generated files by their paths below the repository's root.
func Files(root string) (files map[string]string, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("synthesizing templates: %v", problem)
		}
	}()
	files = map[string]string{}
	add := func(name string, form func(awscdk.App) awscdk.Stack) {
		if err == nil {
			files["templates/"+name+".yaml"], err = render(form)
		}
	}
	add("provider", stacks.ProviderForm)
	add("owner", stacks.OwnerForm)
	add("consumer", stacks.ConsumerForm)
	add("artifacts", stacks.ArtifactsForm)
	add("organization", stacks.OrganizationForm(stacks.Templates{
		Provider: files["templates/provider.yaml"],
		Consumer: files["templates/consumer.yaml"],
	}))
	if err != nil {
		return nil, err
	}
	files["docs/provider-role.md"] = roleReference()
	files["docs/reference.md"], err = reference(filepath.Join(root, "share", "properties.go"))
	return files, err
}

// render synthesizes one stack as a template to read.
func render(form func(awscdk.App) awscdk.Stack) (string, error) {
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

// notes are the reasons of the role's statements.
func notes() template.Notes {
	all := template.Notes{}
	for _, s := range sharedbucket.AllStatements() {
		all[s.Sid] = strings.TrimSpace(s.Why + " " + s.Star)
	}
	return all
}
