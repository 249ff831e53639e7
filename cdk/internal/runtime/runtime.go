// Package runtime is about the process of Node that CDK runs in, for programs and tests of this module. An app of
// somebody else's that takes the constructs of package sharedbucket decides for itself.
package runtime

import (
	"os"

	"github.com/aws/jsii-runtime-go"

	_ "example.com/sharedbucket/cdk/internal/runtime/environment"
)

// Run runs what uses CDK, ends the process, and returns the exit code: the last thing that a program does. Two
// goroutines of the jsii runtime wait for the process, and the one that comes second complains on the standard error:
// https://github.com/aws/jsii/blob/main/packages/%40jsii/go-runtime/jsii-runtime-go/internal/kernel/process/process.go
func Run(program func() int) int {
	code := program()
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	jsii.Close()
	return code
}
