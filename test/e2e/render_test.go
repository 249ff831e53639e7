package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.com/sharedbucket/test/local"
)

// hands are those who render a share and make it by hand: the walkthrough's people, the share file's path, and the aws
// configuration with a profile for each administrator.
type hands struct {
	*fixture
	a, b                *local.Account
	ann, dilip, mallory local.Principal
	share, config       string
}

func newHands(t *testing.T) hands {
	d := newFixture(t)
	h := hands{fixture: d, a: d.account(idA), b: d.account(idB)}
	h.ann, h.dilip = d.user(h.a, "ann", ""), d.user(h.b, "dilip", "")
	h.mallory = d.user(d.account(idC), "mallory", local.AllowAll)
	text, err := os.ReadFile(filepath.Join(d.root, "examples", "walkthrough.yaml"))
	must(t, err)
	h.share = filepath.Join(d.work, "share.yaml")
	must(t, os.WriteFile(h.share, append(text, "Tags: {purpose: \"a = b @ home\"}\n"...), 0o644))
	h.config = filepath.Join(d.work, "aws-config")
	h.addProfile("account-"+idA, h.a.Admin)
	h.addProfile("account-"+idB, h.b.Admin)
	return h
}

// addProfile gives the people one more profile.
func (h hands) addProfile(name string, p local.Principal) {
	h.t.Helper()
	file, err := os.OpenFile(h.config, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	must(h.t, err)
	_, err = fmt.Fprintf(file, "[profile %s]\naws_access_key_id = %s\naws_secret_access_key = %s\n\n",
		name, p.Credentials.AccessKeyID, p.Credentials.SecretAccessKey)
	must(h.t, errors.Join(err, file.Close()))
}

// command runs a program as somebody with the profiles would, without any other credentials.
func (h hands) command(program string, arguments ...string) (string, error) {
	h.t.Helper()
	cli, err := local.Tool(h.t.Context(), "aws")
	must(h.t, err)
	command := exec.CommandContext(h.t.Context(), program, arguments...)
	command.Dir = h.work
	command.Env = []string{
		"PATH=" + filepath.Dir(cli) + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + h.work,
		"AWS_ENDPOINT_URL=" + h.aws.Endpoint, "AWS_CONFIG_FILE=" + h.config, "AWS_EC2_METADATA_DISABLED=true",
	}
	out, err := command.CombinedOutput()
	return string(out), err
}

// render has the command write its files and returns their folder.
func (h hands) render(as string) string {
	h.t.Helper()
	folder := filepath.Join(h.work, as)
	out, err := h.command(filepath.Join(h.work, "sharedbucket"), "render", h.share, "--as", as, "--out", folder)
	if err != nil {
		h.t.Fatalf("%v\n%s", err, out)
	}
	return folder
}

func (h hands) expectWalkthrough() {
	h.t.Helper()
	const key = "notes/from-ann.txt"
	h.expect("ann", h.ann.Config(), "account-a-bucket", key, "put get list")
	h.expect("dilip", h.dilip.Config(), "account-a-bucket", key, "put get list")
	h.expect("mallory", h.mallory.Config(), "account-a-bucket", key, "")
	h.expect("nobody", h.aws.Anonymous(), "account-a-bucket", key, "")
}

// TestRenderedCommands: the aws commands, run in their order by each account's administrator, make the walkthrough.
func TestRenderedCommands(t *testing.T) {
	h := newHands(t)
	folder := h.render("aws-cli")
	for _, script := range []string{"1-owner-" + idA + ".sh", "2-consumer-" + idB + ".sh"} {
		if out, err := h.command(filepath.Join(folder, script)); err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
	}
	h.expectWalkthrough()
}

// TestRenderedTemplates: the templates without a custom resource, deployed with the aws CLI, make the walkthrough.
func TestRenderedTemplates(t *testing.T) {
	h := newHands(t)
	folder := h.render("cloudformation")
	deploy := func(account, template string, parameters ...string) {
		t.Helper()
		arguments := append([]string{
			"--profile", "account-" + account, "--region", h.aws.Region, "cloudformation", "deploy", "--stack-name", "Share",
			"--template-file", filepath.Join(folder, template), "--capabilities", "CAPABILITY_NAMED_IAM",
		}, parameters...)
		if out, err := h.command("aws", arguments...); err != nil {
			t.Fatalf("%s: %v\n%s\n%s", template, err, out, strings.Join(failures(t, h.account(account), "Share"), "\n"))
		}
	}
	deploy(idA, "1-owner-"+idA+".json")
	key, err := h.command("aws", "--profile", "account-"+idA, "--region", h.aws.Region,
		"cloudformation", "describe-stacks", "--stack-name", "Share",
		"--query", "Stacks[0].Outputs[0].OutputValue", "--output", "text")
	must(t, err)
	deploy(idB, "2-consumer-"+idB+".json", "--parameter-overrides", "KeyArn="+strings.TrimSpace(key))
	h.expectWalkthrough()
	for _, template := range []string{"1-owner-" + idA + ".json", "2-consumer-" + idB + ".json"} {
		lint, err := local.Tool(t.Context(), "cfn-lint")
		must(t, err)
		if out, err := h.command(lint, filepath.Join(folder, template)); err != nil {
			t.Errorf("%s: %v\n%s", template, err, out)
		}
	}
}
