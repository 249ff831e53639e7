package e2e

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/local"
)

// look sends what the provider's schedule sends, and returns the log of that invocation and its measurement.
func (s *account) look() (log string, measured map[string]any) {
	s.t.Helper()
	_, err := s.provider.Invoke(s.t.Context(), map[string]any{"Look": map[string]any{}})
	must(s.t, err)
	runs, err := s.provider.Invocations(s.t.Context())
	must(s.t, err)
	log = strings.Join(runs[len(runs)-1].Lines, "\n")
	for _, line := range runs[len(runs)-1].Lines {
		var one map[string]any
		if json.Unmarshal([]byte(line), &one) == nil && one["_aws"] != nil {
			measured = one
		}
	}
	if measured == nil {
		s.t.Fatalf("nothing measured: %s", log)
	}
	return log, measured
}

func (s *account) wantLook(drift, repaired, failures float64, says ...string) {
	s.t.Helper()
	log, measured := s.look()
	if measured["Drift"] != drift || measured["Repaired"] != repaired || measured["LookFailures"] != failures {
		s.t.Errorf("measured %v\n%s", measured, log)
	}
	for _, text := range says {
		if !strings.Contains(log, text) {
			s.t.Errorf("the log lacks %q: %s", text, log)
		}
	}
}

// openByHand lets an account in as an administrator would, in a hurry.
func (s *account) openByHand(bucket string) {
	s.t.Helper()
	s.openAs(s.s3(), bucket)
}

func (s *account) openAs(client *s3.Client, bucket string) {
	s.t.Helper()
	now, err := client.GetBucketPolicy(s.t.Context(), &s3.GetBucketPolicyInput{Bucket: &bucket})
	must(s.t, err)
	var document struct {
		Version   string
		Statement []any
	}
	must(s.t, json.Unmarshal([]byte(*now.Policy), &document))
	document.Statement = append(document.Statement, map[string]any{
		"Sid": "SharedBucketByHand", "Effect": "Allow", "Principal": map[string]any{"AWS": "arn:aws:iam::" + s.ID + ":root"},
		"Action": "s3:GetObject", "Resource": "arn:aws:s3:::" + bucket + "/*",
	})
	text, err := json.Marshal(document)
	must(s.t, err)
	_, err = client.PutBucketPolicy(s.t.Context(), &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: ptr(string(text))})
	must(s.t, err)
}

// deployed is a share whose stack is at rest.
func (a *account) deployed(p map[string]any) *stack {
	a.t.Helper()
	s := a.newStack(share.BucketType)
	succeeded(a.t, s.create(p))
	must(a.t, aws.ShowStack(a.t.Context(), s.stackID, "CREATE_COMPLETE"))
	return s
}

func TestDrift(t *testing.T) {
	owner := newAccount(t)
	p := three(t, owner)
	bucket := p["BucketName"].(string)
	s := owner.deployed(p)
	owner.wantLook(0, 0, 0)

	owner.openByHand(bucket)
	owner.forgetCalls()
	owner.wantLook(1, 0, 0, "message=drift ", "PutBucketPolicy", "SharedBucketByHand", "Drift: Report")
	if w := owner.writes(); len(w) > 0 {
		t.Errorf("a report wrote %v", w)
	}

	succeeded(t, s.update(with(p, map[string]any{"Drift": "Repair"}))) // which mends it too
	owner.openByHand(bucket)
	owner.wantLook(0, 0, 0, "UPDATE_IN_PROGRESS") // the stack is at work: nothing is looked at
	must(t, aws.ShowStack(t.Context(), s.stackID, "UPDATE_COMPLETE"))
	owner.wantLook(1, 1, 0, "drift is repaired")
	s.wantShared(p)
	owner.wantLook(0, 0, 0)
}

// CloudTrail tells who changed the bucket, in its region, and who an identity, in that of IAM. Without the right to ask
// it, drift is found all the same.
func TestDriftSaysWho(t *testing.T) {
	owner := newAccount(t)
	p := three(t, owner)
	bucket := p["BucketName"].(string)
	owner.deployed(p)
	mallory, err := owner.CreateUser(t.Context(), "mallory", local.AllowAll)
	must(t, err)
	owner.openAs(s3.NewFromConfig(mallory.Config(), func(o *s3.Options) { o.UsePathStyle = true }), bucket)
	name := "access-s3-" + bucket
	_, err = iam.NewFromConfig(mallory.Config()).DeleteUserPolicy(t.Context(),
		&iam.DeleteUserPolicyInput{UserName: ptr("ann"), PolicyName: &name})
	must(t, err)

	log, _ := owner.look()
	for _, event := range []string{"PutBucketPolicy", "DeleteUserPolicy"} {
		told := `changedBy="\[\{Event:` + event + ` Time:\S+Z Principal:arn:aws:iam::` + owner.ID + `:user/mallory\}\]"`
		if !regexp.MustCompile(told).MatchString(log) {
			t.Errorf("%s by mallory is not told: %s", event, log)
		}
	}

	_, err = iam.NewFromConfig(owner.Config()).PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: ptr(roleName()), PolicyName: ptr("nobody-is-told"),
		PolicyDocument: ptr(local.Document(map[string]any{"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*"})),
	})
	must(t, err)
	owner.wantLook(1, 0, 0, "CloudTrail does not tell", "AccessDenied", "WhoDrifted")
}

// Whoever may write parameters can have nothing given to anybody.
func TestForgedDeclarationIsNotActedUpon(t *testing.T) {
	owner := newAccount(t)
	p := with(three(t, owner), map[string]any{"Drift": "Repair"})
	owner.deployed(p)
	mallory, err := owner.CreateUser(t.Context(), "mallory", local.Document(map[string]any{
		"Effect": "Allow", "Action": "ssm:PutParameter", "Resource": "*",
	}))
	must(t, err)
	is := owner.parameters()[0]
	forged := bytes.Replace([]byte(*is.Value), []byte(`"Consumers":[`), []byte(`"Consumers":[{"Account":"999999999999"},`), 1)
	if string(forged) == *is.Value {
		t.Fatal("nothing forged")
	}
	_, err = ssm.NewFromConfig(mallory.Config()).PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: is.Name, Value: ptr(string(forged)), Overwrite: ptr(true),
	})
	must(t, err)
	owner.forgetCalls()
	owner.wantLook(1, 0, 1, "user/mallory")
	if w := owner.writes(); len(w) > 0 {
		t.Errorf("it wrote %v", w)
	}
}
