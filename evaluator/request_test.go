package evaluator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// The bucket and its key belong to the owner; ann, app and the first root are there, dilip, far and the second root are
// in another account.
const (
	owner = "111111111111"
	other = "222222222222"
	third = "333333333333"

	ann     = "arn:aws:iam::111111111111:user/ann"
	dilip   = "arn:aws:iam::222222222222:user/team/dilip"
	appRole = "arn:aws:iam::111111111111:role/service/app"
	app     = "arn:aws:sts::111111111111:assumed-role/app/i-1"
	farRole = "arn:aws:iam::222222222222:role/far"
	far     = "arn:aws:sts::222222222222:assumed-role/far/session"
	keyARN  = "arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"

	allowAll = `{"Effect": "Allow", "Action": "*", "Resource": "*"}`
)

// request is a request by somebody, with every policy in force. Policies are lists of statements; a document that is
// given as text begins with a brace and "Version".
type request struct {
	who       string
	operation string
	key       string
	context   given
	kms       given

	identity, boundary, session []string
	bucket, keyPolicy           []string
	// of all documents but SCPs and RCPs, when it is not the current one; "none" for no Version
	version             string
	scps, ownerRCPs     [][]string // a list of statements for every level
	keyOwner            string     // when it is not the owner
	awsManaged, noKey   bool
	bucketKey, restrict bool
	orgOf               map[string]string // account → organization
	management          string            // the account that is a management account
	tags                map[string]string
}

type given = map[string]string

// delegates is the statement by which a key policy lets its account's identity policies count.
func delegates(account string) string {
	return `{"Effect": "Allow", "Principal": {"AWS": "` + account + `"}, "Action": "kms:*", "Resource": "*"}`
}

// to is an Allow of everything to a principal.
func to(principal string) string {
	return `{"Effect": "Allow", "Principal": ` + quoted(principal) + `, "Action": ["s3:*", "kms:*"], "Resource": "*"}`
}

// toIf is to with a condition.
func toIf(principal, condition string) string {
	return strings.TrimSuffix(to(principal), "}") + `, "Condition": {` + condition + `}}`
}

// against is a Deny of everything to a principal.
func against(principal string) string {
	return strings.Replace(to(principal), "Allow", "Deny", 1)
}

// sparing is a Deny of everything to everybody but these.
func sparing(principals ...string) string {
	return `{"Effect": "Deny", "NotPrincipal": {"AWS": ["` + strings.Join(principals, `", "`) +
		`"]}, "Action": ["s3:*", "kms:*"], "Resource": "*"}`
}

func quoted(principal string) string {
	if strings.HasPrefix(principal, "{") {
		return principal
	}
	if principal == "*" {
		return `"*"`
	}
	return `{"AWS": "` + principal + `"}`
}

func (s request) policy(kind grammar.Kind, statements []string) *evaluator.Policy {
	if statements == nil {
		return nil
	}
	version := `"Version": "` + policy.Version + `", `
	switch {
	case s.version == "" || kind == grammar.SCP || kind == grammar.RCP:
	case s.version == "none":
		version = ""
	default:
		version = `"Version": "` + s.version + `", `
	}
	text := `{` + version + `"Statement": [` + strings.Join(statements, ", ") + `]}`
	if len(statements) == 1 && strings.HasPrefix(statements[0], "raw:") {
		text = strings.TrimPrefix(statements[0], "raw:")
	}
	return evaluator.NewPolicy("", text, kind)
}

func (s request) account(id string) *evaluator.Account {
	a := &evaluator.Account{ID: id, OrgID: s.orgOf[id], Management: s.management == id}
	if a.OrgID != "" {
		a.OrgPaths = []string{a.OrgID + "/r-1/ou-" + id[:1] + "/"}
	}
	return a
}

func (s request) levels(kind grammar.Kind, levels [][]string) []evaluator.OrganizationLevel {
	var all []evaluator.OrganizationLevel
	for i, statements := range levels {
		l := evaluator.OrganizationLevel{Target: fmt.Sprintf("level-%d", i)}
		if p := s.policy(kind, statements); p != nil {
			l.Policies = []*evaluator.Policy{p}
		}
		all = append(all, l)
	}
	return all
}

func (s request) requester() *evaluator.Requester {
	p := evaluator.Principal{ARN: s.who, UserID: "AIDAEXAMPLE", Tags: s.tags, Type: evaluator.User}
	home := owner
	switch {
	case s.who == "anonymous":
		return evaluator.NewRequester(evaluator.Principal{ARN: s.who, Type: evaluator.Anonymous})
	case strings.HasSuffix(s.who, ":root"):
		p.Type = evaluator.Root
	case strings.Contains(s.who, ":assumed-role/"):
		p.Type, p.RoleARN = evaluator.RoleSession, map[string]string{app: appRole, far: farRole}[s.who]
	case strings.Contains(s.who, ":role/"):
		p.Type = evaluator.Role
	}
	if strings.Contains(s.who, other) {
		home = other
	}
	p.Account = s.account(home)
	p.Account.SCPs = s.levels(grammar.SCP, s.scps)
	p.Boundary, p.Session = s.policy(grammar.Boundary, s.boundary), s.policy(grammar.Session, s.session)
	if id := s.policy(grammar.Identity, s.identity); id != nil {
		p.Identity = []*evaluator.Policy{id}
	}
	return evaluator.NewRequester(p)
}

func (s request) decide(t *testing.T) evaluator.Decision {
	t.Helper()
	b := evaluator.Bucket{
		Name: "b", Region: "eu-west-1", Owner: s.account(owner), Policy: s.policy(grammar.BucketPolicy, s.bucket),
		RestrictPublicBuckets: s.restrict, BucketKeyEnabled: s.bucketKey,
	}
	b.Owner.RCPs = s.levels(grammar.RCP, s.ownerRCPs)
	if !s.noKey {
		b.Key = &evaluator.Key{ARN: keyARN, Owner: b.Owner, AWSManaged: s.awsManaged,
			Policy: s.policy(grammar.KeyPolicy, s.keyPolicy)}
		if s.keyOwner != "" {
			b.Key.ARN = strings.Replace(keyARN, owner, s.keyOwner, 1)
			b.Key.Owner = s.account(s.keyOwner)
		}
	}
	if s.operation == "" {
		s.operation = "GetObject"
	}
	operation, err := evaluator.ParseOperation(s.operation)
	if err != nil {
		t.Fatal(err)
	}
	q := evaluator.Request{Operation: operation, Key: s.key}
	for k, v := range s.context {
		q.Context.Set(k, evaluator.One(v))
	}
	for k, v := range s.kms {
		q.KMSContext.Set(k, evaluator.One(v))
	}
	return evaluator.NewEvaluator(b).Decide(s.requester(), q)
}

// verdicts is "s3 kms" with the layers that did not allow in parentheses: "deny(identity) allow".
func verdicts(d evaluator.Decision) string {
	text := func(c evaluator.Service, v evaluator.Verdict) string {
		var layers []string
		for _, r := range d.Reasons {
			if r.Service == c && r.Verdict != evaluator.Allow && !slices.Contains(layers, string(r.Layer)) {
				layers = append(layers, string(r.Layer))
			}
		}
		if layers == nil {
			return string(v)
		}
		return fmt.Sprintf("%s(%s)", v, strings.Join(layers, ", "))
	}
	return text(evaluator.S3, d.S3) + " " + text(evaluator.KMS, d.KMS)
}

// rule is one case of a rule.
type rule struct {
	name string
	request
	want string
}

func run(t *testing.T, rules []rule) {
	t.Helper()
	for _, r := range rules {
		d := r.decide(t)
		if got := verdicts(d); got != r.want {
			t.Errorf("%s:\n got %s\nwant %s", r.name, got, r.want)
			for _, reason := range d.Reasons {
				t.Logf("  %s: %s", reason.Layer, reason.Text())
			}
		}
		for _, check := range []evaluator.Service{evaluator.S3, evaluator.KMS} {
			if check == evaluator.KMS && d.KMS == evaluator.None || check == evaluator.S3 && d.S3 == evaluator.None {
				continue
			}
			if !slices.ContainsFunc(d.Reasons, func(r evaluator.Reason) bool { return r.Service == check && r.Text() != "" }) {
				t.Errorf("%s: no reason for %s", r.name, check)
			}
		}
	}
}
