package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/cdk/internal/role"
	"example.com/sharedbucket/cdk/sharedbucket"
	"example.com/sharedbucket/internal/build"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharefile"
)

// read reads and checks share files, and those of folders. Each share has a name of its own.
func read(given []string) ([]sharefile.File, error) {
	paths, err := expand(given)
	if err != nil {
		return nil, err
	}
	var files []sharefile.File
	var problems []error
	named := map[string]string{}
	for _, path := range paths {
		if slices.ContainsFunc(files, func(f sharefile.File) bool { return f.Path == path }) {
			continue
		}
		file, err := sharefile.Read(path)
		if err == nil {
			err = complaint(path, file.Check())
		}
		if err != nil {
			problems = append(problems, err)
			continue
		}
		for _, line := range file.Warnings().Lines() {
			fmt.Fprintln(os.Stderr, "warning: "+line)
		}
		if other, taken := named[file.ShareName()]; taken {
			problems = append(problems, fmt.Errorf("%s and %s are both shares named %s: give one of them "+
				"another Name",
				other, path, file.ShareName()))
		}
		named[file.ShareName()] = path
		files = append(files, file)
	}
	return files, errors.Join(problems...)
}

// expand puts the share files of a folder, sorted, in the folder's place.
func expand(given []string) ([]string, error) {
	var paths []string
	for _, path := range given {
		about, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("reading share file: %w", err)
		}
		if !about.IsDir() {
			paths = append(paths, path)
			continue
		}
		found, err := filepath.Glob(filepath.Join(path, "*.y*ml"))
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("the folder %s has no share file (*.yaml)", path)
		}
		paths = append(paths, found...)
	}
	return paths, nil
}

// complaint lists violations one a line.
func complaint(path string, err error) error {
	var all share.Violations
	if !errors.As(err, &all) {
		return err
	}
	lines := []string{fmt.Sprintf("%s is not a good share file (%d violations):", path, len(all))}
	for _, line := range all.Lines() {
		lines = append(lines, "  "+line)
	}
	return errors.New(strings.Join(lines, "\n"))
}

// limits are the provider's, from context values of their names.
func limits(app awscdk.App) sharedbucket.Limits {
	list := func(name string) *[]*string {
		given := values(app, name)
		if len(given) == 0 {
			return nil
		}
		return jsii.Strings(given...)
	}
	return sharedbucket.Limits{
		BucketArns:            list(role.BucketArns),
		AdoptableBucketArns:   list(role.AdoptableBucketArns),
		KeyArns:               list(role.KeyArns),
		GranteeArns:           list(role.GranteeArns),
		ConsumerAccounts:      list(role.ConsumerAccounts),
		ConsumerOrganizations: list(role.ConsumerOrganizations),
	}
}

// function is the folder of the provider's program as make build left it, and what that was built for.
func function(arch string) (string, awslambda.Architecture, error) {
	architectures := map[string]func() awslambda.Architecture{
		"arm64":  awslambda.Architecture_ARM_64,
		"x86_64": awslambda.Architecture_X86_64,
	}
	if arch == "" {
		arch = "arm64"
	}
	architecture, ok := architectures[arch]
	if !ok {
		return "", nil, fmt.Errorf("arch is %q; Lambda has arm64 and x86_64", arch)
	}
	directory, err := filepath.Abs(filepath.Join("build", "lambda", arch))
	if err != nil {
		return "", nil, err
	}
	if _, err := os.Stat(filepath.Join(directory, "bootstrap")); err != nil {
		return "", nil, fmt.Errorf("the function is not built for %s: run make build/lambda/%s/bootstrap (%w)",
			arch, arch, err)
	}
	if err := build.CheckMachine(filepath.Join(directory, "bootstrap"), arch); err != nil {
		return "", nil, err
	}
	return directory, architecture(), nil
}

// values is a context value that may be several: separated by commas on the command line, or a list in cdk.json.
func values(app awscdk.App, key string) []string {
	var all []string
	list, isList := app.Node().TryGetContext(jsii.String(key)).([]any)
	if !isList {
		for value := range strings.SplitSeq(text(app, key), ",") {
			list = append(list, value)
		}
	}
	for _, value := range list {
		if value := strings.TrimSpace(fmt.Sprint(value)); value != "" {
			all = append(all, value)
		}
	}
	return all
}

// text is a context value.
func text(app awscdk.App, key string) string {
	value, _ := app.Node().TryGetContext(jsii.String(key)).(string)
	return strings.TrimSpace(value)
}

// given is a context value that may be empty on purpose, nil when it is not there.
func given(app awscdk.App, key string) *string {
	value, is := app.Node().TryGetContext(jsii.String(key)).(string)
	if !is {
		return nil
	}
	return &value
}

// yesOrNo is a context value that is true or false, nil when it is not there.
func yesOrNo(app awscdk.App, key string) (*bool, error) {
	value := app.Node().TryGetContext(jsii.String(key))
	if value == nil {
		return nil, nil
	}
	yes, err := strconv.ParseBool(fmt.Sprint(value))
	if err != nil {
		return nil, fmt.Errorf("%s is %q; it is true or false", key, value)
	}
	return &yes, nil
}
