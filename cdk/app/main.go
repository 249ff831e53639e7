// The CDK app of SharedBucket. cdk.json runs it.
//
//	cdk ls -c share=examples
//	cdk deploy SharedBucketProvider SharedBucketOwner-account-a-bucket    --profile account-a-admin -c share=FILE
//	cdk deploy SharedBucketProvider SharedBucketConsumer-account-a-bucket --profile account-b-admin -c share=FILE
//
//	cdk deploy SharedBucketOrganization --profile management-admin -c organization=true --parameters …
//
// Context: share is a share file, several separated by commas, or a folder of them; account, the account to
// synthesize for instead of the profile's; arch, the function's architecture, arm64 (default) or x86_64, whatever
// this machine's is; BucketArns and the other limits, EncryptionKeyArn, DriftSchedule and WhoDrifted, as in
// templates/provider.yaml;
// organization=true adds SharedBucketOrganization, which needs no share file: its values are parameters
// (docs/organization.md).
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"example.com/sharedbucket/cdk/internal/role"
	"example.com/sharedbucket/cdk/internal/runtime"
	"example.com/sharedbucket/cdk/stacks"
)

func main() {
	os.Exit(runtime.Run(func() int {
		if err := synthesize(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	}))
}

// synthesize writes the cloud assembly. What CDK itself finds wrong, it panics with.
func synthesize() (err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("%v", problem)
		}
	}()
	app := awscdk.NewApp(nil)
	if err := addStacks(app); err != nil {
		return err
	}
	if err := checkAsked(commandLine(), stackIDs(app)); err != nil {
		return err
	}
	app.Synth(nil)
	return nil
}

// addStacks adds the stacks. A share file that is wrong is refused before anything else.
func addStacks(app awscdk.App) error {
	if text(app, "organization") == "true" {
		return stacks.AddOrganization(app)
	}
	paths := values(app, "share")
	if len(paths) == 0 {
		return errors.New("no share file: give one, several separated by commas, or a folder with -c share=…, " +
			"such as -c share=examples/walkthrough.yaml")
	}
	files, err := read(paths)
	if err != nil {
		return err
	}
	s := stacks.Shares{
		Files: files, EncryptionKeyArn: text(app, role.EncryptionKeyArn), Limits: limits(app),
		DriftSchedule: given(app, "DriftSchedule"),
	}
	if s.Program, s.Architecture, err = function(text(app, "arch")); err != nil {
		return err
	}
	if s.WhoDrifted, err = yesOrNo(app, role.WhoDrifted); err != nil {
		return err
	}
	account := text(app, "account")
	if account == "" {
		account = os.Getenv("CDK_DEFAULT_ACCOUNT")
	}
	s.Add(app, account)
	if account != "" && !s.TakesPart(account) {
		fmt.Fprintf(os.Stderr, "account %s is neither Owner of %s nor among its Grantees: it has no stack but %s\n",
			account, strings.Join(paths, ", "), stacks.ProviderName)
	}
	return nil
}
