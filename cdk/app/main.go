// The CDK app of SharedBucket. cdk.json runs it.
//
//	cdk deploy SharedBucketProvider SharedBucketOwner    --profile account-a-admin -c share=examples/walkthrough.yaml
//	cdk deploy SharedBucketProvider SharedBucketConsumer --profile account-b-admin -c share=examples/walkthrough.yaml
//
//	cdk deploy SharedBucketOrganization --profile management-admin -c organization=true --parameters …
//
// Context: share is the share file; account, the account to synthesize for instead of the profile's; arch, the
// function's architecture, arm64 (default) or x86_64; organization=true adds SharedBucketOrganization, which needs no
// share file: its values are parameters (docs/organization.md).
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/cdk/stacks"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharefile"
)

func main() {
	err := synthesize()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	stacks.CloseRuntime()
	if err != nil {
		os.Exit(1)
	}
}

// synthesize writes the cloud assembly. The constructs' validations panic with all that they found.
func synthesize() (err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("%v", problem)
		}
	}()
	app := awscdk.NewApp(nil)
	if err := build(app); err != nil {
		return err
	}
	app.Synth(nil)
	return nil
}

// build adds the stacks. A share file that is wrong is refused before anything else.
func build(app awscdk.App) error {
	if context(app, "organization") == "true" {
		return stacks.AddOrganization(app)
	}
	path := context(app, "share")
	if path == "" {
		return errors.New("no share file: give one with -c share=FILE, such as -c share=examples/walkthrough.yaml")
	}
	file, err := sharefile.Read(path)
	if err != nil {
		return err
	}
	if err := file.Check(); err != nil {
		return errors.New(complaint(path, err))
	}
	for _, line := range file.Warnings().Lines() {
		fmt.Fprintln(os.Stderr, "warning: "+line)
	}
	code, architecture, err := function(context(app, "arch"))
	if err != nil {
		return err
	}
	account := context(app, "account")
	if account == "" {
		account = os.Getenv("CDK_DEFAULT_ACCOUNT")
	}
	s := stacks.Share{File: file, Code: code, Architecture: architecture}
	if !s.Add(app, account) {
		fmt.Fprintf(os.Stderr, "account %s is neither Owner of %s nor among its Grantees: it has no stack but %s\n", account, path, stacks.ProviderName)
	}
	return nil
}

// function is the provider's code as make build left it.
func function(arch string) (awslambda.Code, awslambda.Architecture, error) {
	architectures := map[string]func() awslambda.Architecture{
		"":       awslambda.Architecture_ARM_64,
		"arm64":  awslambda.Architecture_ARM_64,
		"x86_64": awslambda.Architecture_X86_64,
	}
	architecture, ok := architectures[arch]
	if !ok {
		return nil, nil, fmt.Errorf("arch is %q; Lambda has arm64 and x86_64", arch)
	}
	if arch == "" {
		arch = "arm64"
	}
	directory, err := filepath.Abs(filepath.Join("build", "lambda", arch))
	if err != nil {
		return nil, nil, err
	}
	if _, err := os.Stat(filepath.Join(directory, "bootstrap")); err != nil {
		return nil, nil, fmt.Errorf("the function is not built: run make build (%w)", err)
	}
	return awslambda.Code_FromAsset(jsii.String(directory), nil), architecture(), nil
}

func context(app awscdk.App, key string) string {
	value, _ := app.Node().TryGetContext(jsii.String(key)).(string)
	return value
}

// complaint lists violations one a line.
func complaint(path string, err error) string {
	var all share.Violations
	errors.As(err, &all)
	lines := []string{fmt.Sprintf("%s is not a good share file (%d violations):", path, len(all))}
	for _, line := range all.Lines() {
		lines = append(lines, "  "+line)
	}
	return strings.Join(lines, "\n")
}
