package docs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"example.com/sharedbucket/test/local"
)

// The administrators' profiles, as the pages name them.
const (
	ownerProfile    = "account-a-admin"
	consumerProfile = "account-b-admin"
)

// fixture is a checkout in which a reader types the commands, with a local AWS of two accounts, ann and dilip.
type fixture struct {
	aws     *local.AWS
	folder  string
	path    string
	codeKey string            // what make publish printed last
	read    map[string]bool   // commands that were parsed
	said    map[string]string // what cdk said to some words
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	s := &fixture{folder: checkout(t), read: map[string]bool{}, said: map[string]string{}}
	cli, err := local.Tool(t.Context(), "aws")
	must(t, err)
	bin := t.TempDir()
	s.path = strings.Join([]string{bin, filepath.Dir(cli), filepath.Join(s.folder, "cdk/node_modules/.bin"),
		os.Getenv("PATH")}, string(os.PathListSeparator))
	build := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "./cmd/sharedbucket")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s.aws = local.StartForTest(t, local.Options{Authorizer: filepath.Join(bin, "sharedbucket")})
	s.people(t)
	// The app wants the function to be built. It is, before anything is deployed.
	for _, architecture := range []string{"arm64", "x86_64"} {
		s.write(t, "build/lambda/"+architecture+"/bootstrap", "a program")
	}
	share, err := os.ReadFile(filepath.Join(root, "examples/walkthrough.yaml"))
	must(t, err)
	s.write(t, "my-share.yaml", string(share))
	// As verify.md says: account B and Dilip are set to Read.
	s.write(t, "walkthrough.yaml", strings.NewReplacer("Access: ReadWrite", "Access: Read",
		"- User: dilip", "- User: dilip\n      Access: Read").Replace(string(share)))
	return s
}

// checkout is a copy of the repository as it is now, with the tools that are there already.
func checkout(t *testing.T) string {
	t.Helper()
	folder, from := t.TempDir(), absolute(t, root)
	listing := exec.CommandContext(t.Context(), "git", "ls-files", "-co", "--exclude-standard")
	listing.Dir = from
	listed, err := listing.Output()
	must(t, err)
	for name := range strings.SplitSeq(strings.TrimSpace(string(listed)), "\n") {
		about, err := os.Stat(filepath.Join(from, name))
		if err != nil || !about.Mode().IsRegular() {
			continue
		}
		data, err := os.ReadFile(filepath.Join(from, name))
		must(t, err)
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o755))
		must(t, os.WriteFile(filepath.Join(folder, name), data, about.Mode()))
	}
	for _, tools := range []string{".cache", "cdk/node_modules"} {
		must(t, os.Symlink(filepath.Join(from, tools), filepath.Join(folder, tools)))
	}
	return folder
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	must(t, err)
	return path
}

func (s *fixture) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(s.folder, name)
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o600))
}

// people makes ann and dilip, and the administrators' profiles.
func (s *fixture) people(t *testing.T) {
	t.Helper()
	var profiles strings.Builder
	for _, p := range []struct{ account, profile, user string }{
		{account: "111111111111", profile: ownerProfile, user: "ann"},
		{account: "222222222222", profile: consumerProfile, user: "dilip"},
	} {
		account, err := s.aws.Account(t.Context(), p.account)
		must(t, err)
		_, err = account.CreateUser(t.Context(), p.user, "")
		must(t, err)
		fmt.Fprintf(&profiles, "[profile %s]\nregion = %s\naws_access_key_id = %s\naws_secret_access_key = %s\n\n",
			p.profile, s.aws.Region, account.Admin.Credentials.AccessKeyID, account.Admin.Credentials.SecretAccessKey)
	}
	s.write(t, "aws-config", profiles.String())
}

// bash runs a script in the checkout as somebody with the profiles, who is the owner's administrator unless it says
// otherwise.
func (s *fixture) bash(t *testing.T, endpoint, script string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
	command.Dir = s.folder
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") && !strings.HasPrefix(variable, "MAKE") &&
			!strings.HasPrefix(variable, "JSII_") {
			command.Env = append(command.Env, variable)
		}
	}
	command.Env = append(command.Env, "PATH="+s.path, "AWS_PROFILE="+ownerProfile, "AWS_ENDPOINT_URL="+endpoint,
		"AWS_CONFIG_FILE="+filepath.Join(s.folder, "aws-config"), "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1", "AWS_PAGER=", "CDK_DISABLE_CLI_TELEMETRY=true")
	out, err := command.CombinedOutput()
	return string(out), err
}

// sayings are what is otherwise here than in the pages: the function runs on this machine, and a plan that has
// something to do says so with its exit code.
const sayings = `
make() { if [ "$1" = publish ]; then set -- "$@" ARCH=` + "%s" + `; fi; command make "$@"; }
sharedbucket() { command sharedbucket "$@" || { local code=$?; [ "$1" = plan ] && [ $code = 2 ]; }; }
`

// architecture is this machine's, in Lambda's words.
func architecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}

var printedKey = regexp.MustCompile(`CodeKey=(\S+)`)

// play runs the blocks, each as one script.
func (s *fixture) play(t *testing.T, blocks []block) {
	for _, b := range blocks {
		s.prepare(t, b)
		script := fmt.Sprintf(sayings, architecture())
		for _, command := range each(b.text) {
			// A bucket that is shared already cannot be adopted; TestAdopt does it with another.
			if isUsage(command) || strings.HasPrefix(command, "cdk ") || strings.HasPrefix(command, "sharedbucket adopt ") {
				s.parseOne(t, command)
				continue
			}
			script += s.filledIn(command) + "\n"
		}
		s.must(t, script)
	}
}

// must runs a script, and remembers the key of a zip that it published.
func (s *fixture) must(t *testing.T, script string) {
	t.Helper()
	out, err := s.bash(t, s.aws.Endpoint, script)
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, out[max(0, len(out)-4000):])
	}
	if m := printedKey.FindStringSubmatch(out); m != nil {
		s.codeKey = m[1]
	}
}

// filledIn is a command with values in place of what a page leaves open, as whoever it is for.
func (s *fixture) filledIn(command string) string {
	command = strings.NewReplacer(
		"sharedbucket-provider/arm64/….zip", s.codeKey+" Architecture="+architecture(),
		"--profile …", "--profile account-a-admin --profile account-b-admin",
		"--bucket NAME", "--bucket account-a-bucket",
	).Replace(command)
	if strings.HasPrefix(command, "aws ") && regexp.MustCompile(`Consumer-|consumer\.yaml`).MatchString(command) {
		return "AWS_PROFILE=account-b-admin " + command
	}
	return command
}

// prepare does what a page takes for done before a block.
func (s *fixture) prepare(t *testing.T, b block) {
	t.Helper()
	switch {
	case strings.Contains(b.text, "sharedbucket-provider_v1.2.3_arm64.zip"):
		s.write(t, "sharedbucket-provider_v1.2.3_arm64.zip", "a zip")
	case strings.Contains(b.text, "templates/consumer.yaml"): // "with a provider of its own"
		s.must(t, fmt.Sprintf(`
			aws --profile account-a-admin s3 cp --quiet s3://my-zips-ap-southeast-2/%[1]s code.zip
			aws --profile account-b-admin s3 mb s3://zips-of-b
			aws --profile account-b-admin s3 cp --quiet code.zip s3://zips-of-b/%[1]s
			aws --profile account-b-admin cloudformation deploy --stack-name SharedBucketProvider \
			  --template-file templates/provider.yaml --capabilities CAPABILITY_NAMED_IAM \
			  --parameter-overrides CodeBucket=zips-of-b CodeKey=%[1]s Architecture=%[2]s`, s.codeKey, architecture()))
	case b.key() == "docs/upgrade.md › Upgrading":
		s.must(t, "make publish PREFIX=my-zips REGIONS=ap-southeast-2 VERSION=v1.2.3 ARCH="+architecture())
	}
}
