package demo

import (
	"io"
	"os"
	"runtime"

	"example.com/sharedbucket/test/local"
)

// The accounts, as in examples/walkthrough.yaml. C is the outsider.
const (
	accountA = "111111111111"
	accountB = "222222222222"
	accountC = "333333333333"
	bucket   = "account-a-bucket"

	// shareFile is the demo's share file below the repository, a copy that it changes.
	shareFile = "build/demo/walkthrough.yaml"
)

// fixture is the local AWS with everybody in it.
type fixture struct {
	out          io.Writer
	aws          *local.AWS
	root         string
	folder       string   // for the share file of the demo, the profiles and the log
	log          *os.File // what the commands print
	cli          string   // the aws command
	sharedbucket string   // the project's own
	cdk          string
	share        string // the share file, a copy that the demo changes
	act          int
	checks       int
	could        map[string]string // what everybody could do when it was tried last, by profile and try
}

// hostArchitecture is this machine's, in Lambda's words: functions run as its processes.
func hostArchitecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}
