package e2e

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"example.com/sharedbucket/test/local"
)

// limits are what the provider of an account is told to keep to, by its environment and its role, with more in the
// environment. They overlap as little as can be, so that each statement of the role is needed by something.
func limits(account *local.Account, more map[string]string) map[string]string {
	all := map[string]string{
		"BucketArns": "arn:aws:s3:::e2e-*", "AdoptableBucketArns": "arn:aws:s3:::*",
		"KeyArns": "arn:aws:kms:*:" + account.ID + ":key/*", "WhoDrifted": "true",
	}
	maps.Copy(all, more)
	return all
}

// roleTemplate is the part of templates/provider.yaml that the function's role needs.
var roleTemplate = sync.OnceValues(func() (string, error) {
	root, err := local.Root()
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(root, "templates", "provider.yaml"))
	if err != nil {
		return "", err
	}
	before, _, found := strings.Cut(string(text), "\n  Function:\n")
	if !found {
		return "", fmt.Errorf("templates/provider.yaml has no resource Function behind its role")
	}
	return before, nil
})

// newRole makes the provider's role in an account as CloudFormation makes it from the template, and returns its ARN.
func newRole(t *testing.T, account *local.Account) string {
	t.Helper()
	template, err := roleTemplate()
	must(t, err)
	parameters := map[string]string{"CodeBucket": "none", "CodeKey": strings.Repeat("0", 64) + ".zip"}
	maps.Copy(parameters, limits(account, nil))
	var given []cfntypes.Parameter
	for name, value := range parameters {
		given = append(given, cfntypes.Parameter{ParameterKey: &name, ParameterValue: &value})
	}
	_, err = cloudformation.NewFromConfig(account.Config()).CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: ptr("role"), TemplateBody: &template, Parameters: given,
		Capabilities: []cfntypes.Capability{cfntypes.CapabilityCapabilityNamedIam},
	})
	must(t, err)
	name := roleName()
	role, err := iam.NewFromConfig(account.Config()).GetRole(t.Context(), &iam.GetRoleInput{RoleName: &name})
	must(t, err)
	return *role.Role.Arn
}

func roleName() string { return "sharedbucket-provider-" + aws.Region }

// unneeded are the role's statements that no test of this package needs, with the reason.
var unneeded = map[string]string{
	"ReEncryptExistingObjects": "the local AWS has no UpdateObjectEncryption",
	"ReEncryptUnderGivenKey":   "the same",
	"GoOn":                     "the local AWS's Lambda asks nobody",
	"SeeOrganization":          "nor do its Organizations",
	"WriteLog":                 "Lambda writes the log, as the role, and the local AWS's does not",
	"KeepFailedEvents":         "so it does with the queue",
	"EncryptFailedEvents":      "the same",
}

// checkNeeded fails on a statement of the provider's role that let no request of any test through, and on an entry of
// unneeded that is not so.
func checkNeeded(ctx context.Context) error {
	statements, err := roleStatements()
	if err != nil {
		return err
	}
	needed, err := aws.NeededStatements(ctx)
	if err != nil {
		return err
	}
	for _, one := range needed {
		if strings.HasSuffix(one.Principal, ":role/"+roleName()) {
			delete(statements, one.Statement)
		}
	}
	var wrong []string
	for sid := range unneeded {
		if !statements[sid] {
			wrong = append(wrong, fmt.Sprintf("%s is in the table of unneeded statements and is needed, or is gone", sid))
		}
	}
	for sid := range statements {
		if unneeded[sid] == "" {
			wrong = append(wrong, sid+" lets no request of any test through: test what needs it, or take it away")
		}
	}
	if wrong == nil {
		return nil
	}
	slices.Sort(wrong)
	return fmt.Errorf("statements of the provider's role in templates/provider.yaml:\n\t%s", strings.Join(wrong, "\n\t"))
}

// roleStatements are the Sids of what the role's template allows.
func roleStatements() (map[string]bool, error) {
	template, err := roleTemplate()
	if err != nil {
		return nil, err
	}
	_, role, _ := strings.Cut(template, "\n  ManagedPolicy:\n")
	before, jobs, _ := strings.Cut(role, "\n  JobRole:\n") // is S3's
	_, after, _ := strings.Cut(jobs, "\n  Role:\n")
	role = before + after
	all := map[string]bool{}
	for _, statement := range strings.Split(role, "Sid: ")[1:] {
		sid, rest, _ := strings.Cut(statement, "\n")
		if strings.HasPrefix(strings.TrimSpace(rest), "Effect: Allow") {
			all[sid] = true
		}
	}
	return all, nil
}
