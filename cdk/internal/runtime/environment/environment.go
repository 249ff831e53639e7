// Package environment sets what the process of Node is started with that CDK runs in, unless the caller's environment
// says otherwise.
//
// CDK's packages start that process when they are initialized, before main. Go initializes a package as soon as what it
// imports is, so this one imports nothing but os: the packages that start the process need more.
// https://go.dev/ref/spec#Program_initialization
package environment

import "os"

func init() {
	for name, value := range map[string]string{
		// Node 20 works; the warning is long, and comes with each run.
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
		// CDK holds each template against rules of its own, which takes several times as long as all the rest of a
		// synthesis. TestCDKFindsNothingWrong has it look at this module's stacks; what a share file says is held
		// against stricter rules before.
		// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-validate.html
		"CDK_VALIDATION": "false",
	} {
		if _, given := os.LookupEnv(name); !given {
			os.Setenv(name, value)
		}
	}
}
