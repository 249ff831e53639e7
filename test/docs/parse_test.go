package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// parse reads each command of blocks that are not run.
func (s *fixture) parse(t *testing.T, blocks []block) {
	for _, b := range blocks {
		for _, command := range each(b.text) {
			s.parseOne(t, command)
		}
	}
}

// parseOne has a command read by its own program, which does nothing of it.
func (s *fixture) parseOne(t *testing.T, command string) {
	t.Helper()
	if s.read[command] {
		return
	}
	s.read[command] = true
	first, _, _ := strings.Cut(command, " ")
	if strings.Contains(command, " && ") {
		first = ""
	}
	switch first {
	case "aws":
		s.readAWS(t, command)
	case "cdk":
		s.readCDK(t, command)
	case "make":
		s.readMake(t, command)
	case "sharedbucket":
		s.readSharedbucket(t, command)
	default:
		if out, err := s.bash(t, "", "if false; then\n"+command+"\nfi"); err != nil {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
	}
}

// isUsage says whether a line is about how a command is called, in the form that manuals have.
func isUsage(command string) bool {
	return strings.Contains(command, " [-") || strings.Contains(command, "… …")
}

// sample puts values in place of what a page leaves open, and takes out what only version 2 of the aws command knows:
// the pinned one is version 1.
var sample = strings.NewReplacer(" --cli-binary-format raw-in-base64-out", "",
	"$QUEUE", "https://sqs.ap-southeast-2.amazonaws.com/111111111111/a-queue", "publish … ", "publish ", "….zip", "0.zip", "CodeKey=…", "CodeKey=0.zip", "<id>", "111111111111",
	"STACK", "a-stack", "QUEUE", "https://sqs.ap-southeast-2.amazonaws.com/111111111111/a-queue",
	"BUCKET", "a-bucket", "--key-id KEY", "--key-id 1234abcd-12ab-34cd-56ef-1234567890ab")

// readAWS lets the aws command check names, flags and values, and then fail to connect. Of a deployment it checks the
// parameters against the template, which only CloudFormation would.
func (s *fixture) readAWS(t *testing.T, command string) {
	t.Helper()
	out, err := s.bash(t, "http://127.0.0.1:9", sample.Replace(command))
	if err != nil && !strings.Contains(out, "Could not connect to the endpoint URL") {
		t.Errorf("%s: %v\n%s", command, err, out)
	}
	file := regexp.MustCompile(`--template-file (\S+)`).FindStringSubmatch(command)
	if file == nil {
		return
	}
	template, err := os.ReadFile(filepath.Join(root, file[1]))
	must(t, err)
	_, given, _ := strings.Cut(command, "--parameter-overrides")
	for _, parameter := range regexp.MustCompile(`([A-Z]\w+)=`).FindAllStringSubmatch(given, -1) {
		if !strings.Contains(string(template), "\n  "+parameter[1]+":\n    Description:") {
			t.Errorf("%s has no parameter %s", file[1], parameter[1])
		}
	}
}

// readCDK checks that the stacks are among those that cdk lists for the profile, which runs the app, and that of the
// options there are none but those that the listing was made with. A bootstrap is tried once, up to its template.
func (s *fixture) readCDK(t *testing.T, command string) {
	t.Helper()
	words := strings.Fields(command)
	verb, profile, named := words[1], "", []string{}
	for i := 2; i < len(words); i++ {
		switch word := words[i]; {
		case word == "--profile":
			i++
			profile = words[i]
		case word == "-c":
			i++
			if !strings.HasPrefix(words[i], "share=") {
				t.Errorf("%s: is there a context value %s?", command, words[i])
			}
		case strings.HasPrefix(word, "-"):
			t.Errorf("%s: is there an option %s?", command, word)
		default:
			named = append(named, word)
		}
	}
	if verb == "bootstrap" {
		s.cdk(t, "bootstrap --show-template")
		return
	}
	if profile != "" {
		profile = "--profile " + profile
	}
	listed := strings.Fields(s.cdk(t, strings.TrimSpace("ls "+profile)))
	for _, name := range named {
		if !slices.Contains(listed, name) {
			t.Errorf("%s: the stacks are %q", command, listed)
		}
	}
}

// cdk is what cdk says to some words, with my-share.yaml.
func (s *fixture) cdk(t *testing.T, words string) string {
	t.Helper()
	if said, is := s.said[words]; is {
		return said
	}
	out, err := s.bash(t, s.aws.Endpoint, "cdk "+words+" -c share=my-share.yaml")
	if err != nil {
		t.Errorf("cdk %s: %v\n%s", words, err, out)
	}
	if strings.Contains(out, "is end-of-life") {
		t.Errorf("cdk %s is not quiet about Node:\n%s", words, out)
	}
	s.said[words] = out
	return out
}

// readMake checks that make has the targets and variables.
func (s *fixture) readMake(t *testing.T, command string) {
	t.Helper()
	if out, err := s.bash(t, "", command+" --dry-run"); err != nil {
		t.Errorf("%s: %v\n%s", command, err, out)
	}
	for _, variable := range regexp.MustCompile(`([A-Z_]+)=`).FindAllStringSubmatch(command, -1) {
		if out, err := s.bash(t, "", "grep -F '$("+variable[1]+")' Makefile cdk/cdk.mk"); err != nil {
			t.Errorf("no makefile knows %s: %s%v", variable[1], out, err)
		}
	}
}

// readSharedbucket checks the name of the subcommand, and its flags.
func (s *fixture) readSharedbucket(t *testing.T, command string) {
	t.Helper()
	words := strings.FieldsFunc(command, func(r rune) bool { return strings.ContainsRune(" []|", r) })
	help := exec.CommandContext(t.Context(), filepath.Join(strings.SplitN(s.path, ":", 2)[0], "sharedbucket"), words[1],
		"--help")
	out, err := help.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "sharedbucket "+words[1]) {
		t.Errorf("%s: %v\n%s", command, err, out)
	}
	known := strings.Fields(string(out))
	for _, word := range words {
		if strings.HasPrefix(word, "--") && !slices.Contains(known, word) {
			t.Errorf("%s: no flag %s", command, word)
		}
	}
}

var inCode = regexp.MustCompile("`((?:make|sharedbucket|cdk|aws) [^`]*)`")

// sentences checks commands within sentences: what is said of make and sharedbucket within a sentence names a target, a subcommand or a
// flag that there is.
func (s *fixture) sentences(t *testing.T, page, text string) {
	for _, m := range inCode.FindAllStringSubmatch(text, -1) {
		switch command := sample.Replace(m[1]); {
		case strings.HasPrefix(command, "make "):
			s.readMake(t, strings.ReplaceAll(command, "<owner>", "owner"))
		case strings.HasPrefix(command, "sharedbucket "):
			s.readSharedbucket(t, command)
		}
	}
}
