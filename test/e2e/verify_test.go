package e2e

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"example.com/sharedbucket/test/local"
)

// make deploys the walkthrough's rendered templates.
func (h hands) make() {
	h.t.Helper()
	folder := h.render("cloudformation")
	h.createStack(h.a, filepath.Join(folder, "1-owner-"+idA+".json"))
	h.createStack(h.b, filepath.Join(folder, "2-consumer-"+idB+".json"), cfntypes.Parameter{
		ParameterKey: sdk.String("KeyArn"), ParameterValue: sdk.String(h.keyARN()),
	})
}

func (h hands) createStack(a *local.Account, path string, parameters ...cfntypes.Parameter) {
	h.t.Helper()
	template, err := os.ReadFile(path)
	must(h.t, err)
	client := cloudformation.NewFromConfig(a.Config())
	_, err = client.CreateStack(h.t.Context(), &cloudformation.CreateStackInput{
		StackName: sdk.String("Share"), TemplateBody: sdk.String(string(template)), Parameters: parameters,
		Capabilities: []cfntypes.Capability{cfntypes.CapabilityCapabilityNamedIam},
	})
	must(h.t, err)
	err = cloudformation.NewStackCreateCompleteWaiter(client).Wait(h.t.Context(),
		&cloudformation.DescribeStacksInput{StackName: sdk.String("Share")}, time.Minute)
	if err != nil {
		h.t.Fatalf("%v\n%s", err, strings.Join(failures(h.t, a, "Share"), "\n"))
	}
}

// both are the profiles of both accounts' administrators.
var both = []string{"--profile", idA + "=account-" + idA, "--profile", "account-" + idB}

// sharedbucket runs the command and returns what it wrote and its exit code.
func (h hands) sharedbucket(arguments ...string) (out string, code int) {
	h.t.Helper()
	out, err := h.command(filepath.Join(h.work, "sharedbucket"), arguments...)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		h.t.Fatal(err)
	}
	if exit != nil {
		code = exit.ExitCode()
	}
	return out, code
}

// says checks the exit code and what was written.
func (h hands) says(wantCode int, wants []string, arguments ...string) string {
	h.t.Helper()
	out, code := h.sharedbucket(arguments...)
	if code != wantCode {
		h.t.Errorf("sharedbucket %s: exit code %d, want %d\n%s", strings.Join(arguments, " "), code, wantCode, out)
	}
	for _, want := range wants {
		if !strings.Contains(out, want) {
			h.t.Errorf("sharedbucket %s: no %q in\n%s", strings.Join(arguments, " "), want, out)
		}
	}
	return out
}

// TestVerify: what is there is as declared, until somebody takes a statement away or another policy stands in the way.
func TestVerify(t *testing.T) {
	h := newHands(t)
	h.make()
	verify := append([]string{"verify", h.share}, both...)
	h.says(0, []string{"user/dilip of " + idB, "As declared: "}, verify...)

	t.Run("any bucket", func(t *testing.T) {
		h.says(0, []string{"user/dilip of " + idB, "account " + idB + ", its best-equipped principal"},
			append([]string{"verify", "--bucket", "account-a-bucket"}, both...)...)
	})
	t.Run("as JSON", func(t *testing.T) {
		out := h.says(0, nil, append(verify, "--json")...)
		var m struct {
			Version  int
			Verified string
		}
		must(t, json.Unmarshal([]byte(out), &m))
		if m.Version != 1 || m.Verified != "true" {
			t.Errorf("the matrix is of version %d, verified %s", m.Version, m.Verified)
		}
	})
	t.Run("with credentials of the consumer alone", func(t *testing.T) {
		h.says(0, []string{"not all is proven", "bucket policy of account " + idA + ": no credentials"},
			"verify", h.share, "--profile", "account-"+idB)
	})
	t.Run("collected and simulated", func(t *testing.T) {
		out := h.says(0, nil, append([]string{"collect", h.share}, both...)...)
		file := filepath.Join(h.work, "scenarios.jsonl")
		must(t, os.WriteFile(file, []byte(out), 0o600))
		h.says(0, []string{h.dilip.ARN}, "simulate", file)
	})
	t.Run("a boundary that knows no KMS", func(t *testing.T) {
		client := iam.NewFromConfig(h.b.Config())
		bound := func(name, action string) {
			boundary, err := client.CreatePolicy(t.Context(), &iam.CreatePolicyInput{
				PolicyName: &name, PolicyDocument: sdk.String(allow(action)),
			})
			must(t, err)
			_, err = client.PutUserPermissionsBoundary(t.Context(), &iam.PutUserPermissionsBoundaryInput{
				UserName: sdk.String("dilip"), PermissionsBoundary: boundary.Policy.Arn,
			})
			must(t, err)
		}
		bound("only-s3", "s3:*")
		h.says(1, []string{"user/dilip of " + idB + " cannot", "the permissions boundary of"}, verify...)
		h.expect("dilip", h.dilip.Config(), "account-a-bucket", "notes/x", "list")
		bound("everything", "*")
	})
	t.Run("a key policy that forgets the consumer", func(t *testing.T) {
		client := kms.NewFromConfig(h.a.Config())
		key := h.keyARN()
		was, err := client.GetKeyPolicy(t.Context(), &kms.GetKeyPolicyInput{
			KeyId: &key, PolicyName: sdk.String("default"),
		})
		must(t, err)
		set := func(text string) {
			_, err := client.PutKeyPolicy(t.Context(), &kms.PutKeyPolicyInput{
				KeyId: &key, Policy: &text, PolicyName: sdk.String("default"),
			})
			must(t, err)
		}
		set(`{"Version":"2012-10-17","Statement":{"Effect":"Allow",` +
			`"Principal":{"AWS":"` + idA + `"},"Action":"kms:*","Resource":"*"}}`)
		h.says(1, []string{"user/dilip of " + idB + " cannot", "the key policy of " + key}, verify...)
		h.says(0, []string{"GetObject, anywhere: deny, missing", "kms:Decrypt deny: the key policy of"},
			append(verify, "--principal", h.dilip.ARN)...)
		set(*was.Policy)
		h.says(0, nil, verify...)
	})
}

// TestVerifyInOrganization: SCPs are read where they may be, and stand in the way where they do.
func TestVerifyInOrganization(t *testing.T) {
	h := newHands(t)
	h.make()
	management := h.account("999999999990")
	client := organizations.NewFromConfig(management.Config())
	_, err := client.CreateOrganization(t.Context(), &organizations.CreateOrganizationInput{FeatureSet: "ALL"})
	must(t, err)
	roots, err := client.ListRoots(t.Context(), &organizations.ListRootsInput{})
	must(t, err)
	root := *roots.Roots[0].Id
	must(t, h.b.Join(t.Context(), management, root))
	verify := append([]string{"verify", h.share}, both...)
	h.says(0, []string{"service control policies of account " + idB, "not all is proven"}, verify...)

	h.addProfile("management", management.Admin)
	verify = append(verify, "--profile", "management")
	h.says(0, []string{"As declared: "}, verify...)

	_, err = client.EnablePolicyType(t.Context(), &organizations.EnablePolicyTypeInput{
		RootId: &root, PolicyType: orgtypes.PolicyTypeServiceControlPolicy,
	})
	must(t, err)
	made, err := client.CreatePolicy(t.Context(), &organizations.CreatePolicyInput{
		Name: sdk.String("no-uploads"), Type: orgtypes.PolicyTypeServiceControlPolicy, Description: sdk.String(""),
		Content: sdk.String(`{"Version":"2012-10-17","Statement":[` +
			`{"Sid":"NoUploads","Effect":"Deny","Action":"s3:PutObject","Resource":"*"}]}`),
	})
	must(t, err)
	_, err = client.AttachPolicy(t.Context(), &organizations.AttachPolicyInput{
		PolicyId: made.Policy.PolicySummary.Id, TargetId: sdk.String(idB),
	})
	must(t, err)
	h.says(1, []string{"user/dilip of " + idB + " cannot PutObject", "NoUploads", "SCP"}, verify...)
}

func (h hands) keyARN() string {
	h.t.Helper()
	out, err := kms.NewFromConfig(h.a.Config()).DescribeKey(h.t.Context(), &kms.DescribeKeyInput{
		KeyId: sdk.String("alias/s3-account-a-bucket-encryption"),
	})
	must(h.t, err)
	return *out.KeyMetadata.Arn
}

func allow(action string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"` + action + `","Resource":"*"}}`
}

// TestPlan: nothing to do when all is there; what differs is a step, and whoever it concerns is named.
func TestPlan(t *testing.T) {
	h := newHands(t)
	plan := func(path string) []string { return append([]string{"plan", path}, both...) }
	h.says(2, []string{"CreateBucket account-a-bucket", "PutInlinePolicy user/dilip"}, plan(h.share)...)
	h.make()
	text, err := os.ReadFile(h.share)
	must(t, err)
	adopted := filepath.Join(h.work, "adopted.yaml")
	must(t, os.WriteFile(adopted, append(text, "Adopt: true\n"...), 0o644))
	h.says(2, []string{"TagBucket account-a-bucket", "Who loses access\n- nobody"}, plan(adopted)...)

	less := strings.Replace(string(text), "Access: ReadWrite", "Access: Read", 1)
	less = strings.Replace(less, "- User: dilip", "- {User: dilip, Access: Read}", 1)
	must(t, os.WriteFile(adopted, []byte(less+"Adopt: true\n"), 0o644))
	out := h.says(2, []string{"PutBucketPolicy", "PutKeyPolicy", "PutInlinePolicy user/dilip"}, plan(adopted)...)
	_, losers, _ := strings.Cut(out, "Who loses access\n")
	if !strings.HasPrefix(losers, "- user/dilip of "+idB+": PutObject") {
		t.Errorf("who loses access:\n%s", losers)
	}
	h.says(1, []string{"set Adopt to true"}, plan(h.share)...)
}
