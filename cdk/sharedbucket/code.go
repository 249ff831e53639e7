package sharedbucket

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/sharedbucket/internal/build"
	"example.com/sharedbucket/internal/version"
)

// builtCode is the function as the module that this package came in has it, built for an architecture. So an app of
// one's own has the version that its go.mod says, of construct and function alike. An error is one of synthesis, and
// some text stands in for the program.
func builtCode(
	scope constructs.Construct, architecture awslambda.Architecture,
) (code awslambda.Code, folder string) {
	folder, err := buildFunction(*architecture.Name())
	if err != nil {
		awscdk.Annotations_Of(scope).AddError(jsii.String("building the function: " + err.Error() +
			". Give Code, or make go build work where the app runs"))
	}
	return awslambda.Code_FromAsset(jsii.String(folder), nil), folder
}

// removeBuilt removes the folder, of which CDK has made a copy in the app's output by then, unless it was told not to.
func removeBuilt(scope constructs.Construct, folder string) {
	if folder != "" && scope.Node().TryGetContext(jsii.String("aws:cdk:disable-asset-staging")) == nil {
		os.RemoveAll(folder)
	}
}

// buildFunction builds bootstrap in a folder of its own.
func buildFunction(architecture string) (folder string, err error) {
	if folder, err = os.MkdirTemp("", "sharedbucket-function-"); err != nil {
		return folder, err
	}
	bootstrap := filepath.Join(folder, "bootstrap")
	if err := os.WriteFile(bootstrap, nil, 0o755); err != nil {
		return folder, err
	}
	if architecture == "" {
		return folder, errors.New("the architecture is known on deployment only")
	}
	module, err := moduleFolder()
	if err != nil {
		return folder, err
	}
	function, err := build.Function(module, architecture, version.Release())
	if err != nil {
		return folder, err
	}
	return folder, function.To(bootstrap)
}

// moduleFolder is where this package's module is: in the module cache, where a replace directive says, or here.
func moduleFolder() (string, error) {
	module := strings.TrimSuffix(reflect.TypeFor[IProvider]().PkgPath(), "/cdk/sharedbucket")
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if folder := strings.TrimSpace(string(out)); err == nil && folder != "" {
		return folder, nil
	}
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(failed.Stderr))
	}
	return "", fmt.Errorf("finding the module %s: %w", module, err)
}
