package role_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.com/sharedbucket/cdk/internal/role"
	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy/grammar"
)

// jobStatements are all that the role of jobs has.
func jobStatements(settings role.Settings) []role.Statement {
	return append(role.OfBoth(role.Statements(settings, own)), role.JobStatements(settings)...)
}

// IAM takes the role of jobs, and each of its actions knows the resources and condition keys.
func TestTheRoleOfJobsIsValid(t *testing.T) {
	for name, settings := range map[string]role.Settings{
		"all": limited, "buckets alone": {role.AdoptableBucketArns: {"arn:aws:s3:::archive"}},
	} {
		t.Run(name, func(t *testing.T) { wantValid(t, jobStatements(settings)) })
	}
}

// With the role of jobs nobody does anything but what the provider may do with the objects of the buckets that are
// listed, and write reports there.
func TestTheRoleOfJobsIsNarrow(t *testing.T) {
	reports := "/.sharedbucket/jobs/*"
	provider := role.Statements(limited, own)
	for _, s := range jobStatements(limited) {
		for _, action := range s.Actions {
			if action == "s3:PutInventoryConfiguration" || action == "s3:PutObject" {
				continue
			}
			if len(allows(provider, action)) == 0 {
				t.Errorf("%s: %s is more than the provider may", s.Sid, action)
			}
		}
		for _, arn := range s.Resources {
			listed := slices.Contains(limited[role.AdoptableBucketArns], strings.TrimSuffix(arn, s.Below))
			if strings.Contains(arn, ":s3:::") && !listed {
				t.Errorf("%s reaches %s", s.Sid, arn)
			}
			if slices.Contains(s.Actions, "s3:PutObject") && !strings.HasSuffix(arn, reports) {
				t.Errorf("%s writes to %s", s.Sid, arn)
			}
			if strings.Contains(arn, ":kms:") && !slices.Contains(keys(s), "kms:ViaService") {
				t.Errorf("%s uses %s without S3", s.Sid, arn)
			}
		}
	}
	trust := fmt.Sprint(role.JobTrust())
	if strings.Count(trust, "Principal") != 1 || !strings.Contains(trust, "Service:batchoperations.s3.amazonaws.com") {
		t.Errorf("it is trusted to %s", trust)
	}
	if !strings.HasPrefix(role.JobRoleName, share.ProviderRolePrefix) {
		t.Errorf("%s is not out of reach as a grantee", role.JobRoleName)
	}
}

// The evaluator says what the provider may do with jobs: give them their role and no other, and nobody else that role.
func TestTheProviderPassesOneRoleToOneService(t *testing.T) {
	text := policyOf(t, role.Statements(limited, own))
	const roles = "arn:aws:iam::111111111111:role/"
	const jobs = roles + "sharedbucket-provider-ap-southeast-2-jobs"
	for _, c := range []struct {
		name                 string
		action, resource, to string
		allowed              bool
	}{
		{
			name:     "the jobs' role, to S3 Batch Operations",
			action:   "iam:PassRole",
			resource: jobs,
			to:       "batchoperations.s3.amazonaws.com",
			allowed:  true,
		},
		{name: "that role, to Lambda", action: "iam:PassRole", resource: jobs, to: "lambda.amazonaws.com"},
		{
			name:     "another role",
			action:   "iam:PassRole",
			resource: roles + "admin",
			to:       "batchoperations.s3.amazonaws.com",
		},
		{name: "what the jobs' role may do", action: "iam:PutRolePolicy", resource: jobs},
		{
			name:     "the status of a job of this region",
			action:   "s3:UpdateJobStatus",
			resource: "arn:aws:s3:ap-southeast-2:111111111111:job/j-1",
			allowed:  true,
		},
		{
			name:     "the status of one of another region",
			action:   "s3:UpdateJobStatus",
			resource: "arn:aws:s3:eu-west-1:111111111111:job/j-1",
		},
		{
			name:     "a job's priority",
			action:   "s3:UpdateJobPriority",
			resource: "arn:aws:s3:ap-southeast-2:111111111111:job/j-1",
		},
	} {
		if got := decided(t, text, c.action, c.resource, c.to); got != c.allowed {
			t.Errorf("%s: %s on %s to %q: allowed %v", c.name, c.action, c.resource, c.to, got)
		}
	}
}

// decided is whether the evaluator lets the provider do something.
func decided(t *testing.T, document, action, resource, to string) bool {
	t.Helper()
	account := &evaluator.Account{ID: "111111111111"}
	role := "arn:aws:iam::111111111111:role/sharedbucket-provider-ap-southeast-2"
	request := evaluator.Request{Operation: evaluator.Operation(action), Resource: resource}
	if to != "" {
		request.Context.Set("iam:PassedToService", evaluator.One(to))
	}
	decision := evaluator.NewEvaluator(evaluator.Bucket{Name: "none", Region: "ap-southeast-2", Owner: account}).Decide(
		evaluator.NewRequester(evaluator.Principal{
			ARN: role, RoleARN: role, Account: account, Type: evaluator.Role,
			Identity: []*evaluator.Policy{evaluator.NewPolicy("provider", document, grammar.Identity)},
		}), request)
	return decision.Overall == evaluator.Allow
}
