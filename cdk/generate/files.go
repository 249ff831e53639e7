package main

import (
	"fmt"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"example.com/sharedbucket/cdk/stacks"
)

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
			files["templates/"+name+".yaml"], err = stacks.Render(form)
		}
	}
	add("provider", stacks.ProviderForm)
	add("owner", stacks.OwnerForm)
	add("consumer", stacks.ConsumerForm)
	add("artifacts", stacks.ArtifactsForm)
	rolledOut, err := stacks.RenderTemplates()
	add("organization", stacks.OrganizationForm(rolledOut))
	if err != nil {
		return nil, err
	}
	files["docs/provider-role.md"] = roleReference()
	files["docs/reference.md"], err = reference(filepath.Join(root, "internal", "share", "properties.go"))
	return files, err
}
