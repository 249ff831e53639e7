package main

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
)

// stackPattern is a name, or a pattern of names, of this app's stacks as they stand on cdk's command line.
var stackPattern = regexp.MustCompile(`^(/?)SharedBucket(Provider|Owner|Consumer|Organization)[A-Za-z0-9*?-]*$`)

// checkAsked refuses a command for a stack that the app does not have. cdk destroy only warns of one and exits with 0,
// so somebody who names the wrong share file would take access for revoked that is there still.
func checkAsked(commandLine, ids []string) error {
	for _, word := range commandLine {
		pattern := strings.TrimPrefix(word, "/")
		if !stackPattern.MatchString(word) || matchesAny(pattern, ids) {
			continue
		}
		return fmt.Errorf("there is no stack %s for this account in the share files given with -c share; there "+
			"are:\n  %s",
			word, strings.Join(ids, "\n  "))
	}
	return nil
}

func matchesAny(pattern string, ids []string) bool {
	for _, id := range ids {
		if ok, err := path.Match(pattern, id); ok && err == nil {
			return true
		}
	}
	return false
}

func stackIDs(app awscdk.App) []string {
	var ids []string
	for _, c := range *app.Node().Children() {
		if stack, ok := c.(awscdk.Stack); ok {
			ids = append(ids, *stack.Node().Id())
		}
	}
	return ids
}

// commandLine is that of the cdk command which runs this app: cdk tells an app nothing of the stacks it was asked for.
// It is found among the processes above; where these cannot be listed, it is empty and nothing is checked.
func commandLine() []string {
	if os.Getenv("CDK_CLI_VERSION") == "" {
		return nil
	}
	pid := os.Getppid()
	for range 8 {
		out, err := exec.Command("ps", "-o", "ppid=,args=", "-p", strconv.Itoa(pid)).Output()
		words := strings.Fields(string(out))
		if err != nil || len(words) < 2 {
			return nil
		}
		for _, word := range words[1:] {
			if path.Base(word) == "cdk" || strings.HasSuffix(word, "aws-cdk/bin/cdk") {
				return words[1:]
			}
		}
		if pid, err = strconv.Atoi(words[0]); err != nil {
			return nil
		}
	}
	return nil
}
