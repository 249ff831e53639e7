package evaluator_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// The vocabulary of random policies: few values, so that they meet.
var (
	someActions   = []string{`"s3:GetObject"`, `"s3:*"`, `"kms:Decrypt"`, `["s3:Get*", "kms:*"]`, `"*"`, `"ec2:*"`}
	someResources = []string{`"*"`, `"arn:aws:s3:::b/*"`, `["arn:aws:s3:::b/x", "` + keyARN + `"]`,
		`"arn:aws:s3:::b/${aws:username}/*"`, `"arn:aws:s3:::c/*"`}
	somePrincipals = []string{`"*"`, `{"AWS": "*"}`, `{"AWS": "` + owner + `"}`, `{"AWS": "` + other + `"}`,
		`{"AWS": "` + ann + `"}`, `{"AWS": ["` + dilip + `", "` + appRole + `"]}`,
		`{"AWS": "` + app + `"}`, `{"AWS": ["` + farRole + `", "AIDAEXAMPLE"]}`, `{"AWS": "arn:aws:iam::` + owner + `:root"}`}
	someConditions = []string{``, ``, ``, `"Bool": {"aws:SecureTransport": "true"}`,
		`"StringEquals": {"aws:PrincipalOrgID": "o-1"}`,
		`"ArnLike": {"aws:PrincipalArn": ["` + ann + `", "` + appRole + `"]}`,
		`"StringNotEquals": {"aws:PrincipalAccount": "` + other + `"}`,
		`"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}`, `"Null": {"aws:userid": "false"}`,
		`"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}`}
	somebody = []string{ann, dilip, app, far, appRole, "anonymous", "arn:aws:iam::" + owner + ":root",
		"arn:aws:iam::" + other + ":root"}
)

// drawStatement makes a statement; an empty effect is either.
func drawStatement(t *rapid.T, kind grammar.Kind, effect string) string {
	if effect == "" {
		effect = rapid.SampledFrom([]string{"Allow", "Allow", "Deny"}).Draw(t, "effect")
	}
	if kind == grammar.RCP {
		effect = "Deny"
	}
	actions := someActions
	if kind == grammar.RCP {
		actions = someActions[:4]
	}
	s := `{"Effect": "` + effect + `", `
	element := func(names []string, values []string, label string) {
		s += `"` + rapid.SampledFrom(names).Draw(t, label+" element") + `": ` + rapid.SampledFrom(values).Draw(t, label) +
			`, `
	}
	switch {
	case kind == grammar.RCP:
		s += `"Principal": "*", `
		element([]string{"Action"}, actions, "action")
	case kind.ResourceBased():
		names := []string{"Principal"}
		if effect == "Deny" {
			names = append(names, "NotPrincipal")
		}
		element(names, somePrincipals, "principal")
		fallthrough
	default:
		element([]string{"Action", "Action", "Action", "NotAction"}, actions, "action")
	}
	element([]string{"Resource", "Resource", "Resource", "NotResource"}, someResources, "resource")
	return s + `"Condition": {` + rapid.SampledFrom(someConditions).Draw(t, "condition") + `}}`
}

func drawStatements(t *rapid.T, kind grammar.Kind, least int) []string {
	n := rapid.IntRange(least, 4).Draw(t, string(kind))
	var all []string
	for range n {
		all = append(all, drawStatement(t, kind, ""))
	}
	return all
}

func drawRequest(t *rapid.T) request {
	s := request{
		who:       rapid.SampledFrom(somebody).Draw(t, "who"),
		operation: rapid.SampledFrom([]string{"GetObject", "MultipartUpload", "ListBucket"}).Draw(t, "operation"),
		key:       rapid.SampledFrom([]string{"x", "ann/x", "a?b*c"}).Draw(t, "key"),
		identity:  drawStatements(t, grammar.Identity, 0),
		bucket:    drawStatements(t, grammar.BucketPolicy, 0),
		keyPolicy: drawStatements(t, grammar.KeyPolicy, 0),
		bucketKey: rapid.Bool().Draw(t, "bucket key"),
		restrict:  rapid.Bool().Draw(t, "restrict"),
		orgOf:     map[string]string{owner: "o-1", other: rapid.SampledFrom([]string{"o-1", "o-2", ""}).Draw(t, "org")},
	}
	if strings.Contains(s.who, "root") || s.who == "anonymous" {
		s.identity = nil
	} else if rapid.Bool().Draw(t, "limited") {
		s.boundary = drawStatements(t, grammar.Boundary, 1)
		if strings.Contains(s.who, "assumed-role") {
			s.session = drawStatements(t, grammar.Session, 1)
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "levels") {
		s.scps = append(s.scps, drawStatements(t, grammar.SCP, 1))
		s.ownerRCPs = append(s.ownerRCPs, drawStatements(t, grammar.RCP, 1))
	}
	return s
}

// layers are the lists of statements of a request that a statement can be added to, with their kinds.
func (s *request) lists() map[grammar.Kind]*[]string {
	all := map[grammar.Kind]*[]string{grammar.BucketPolicy: &s.bucket, grammar.KeyPolicy: &s.keyPolicy}
	if s.who != "anonymous" && !strings.Contains(s.who, "root") {
		all[grammar.Identity] = &s.identity
	}
	if s.boundary != nil {
		all[grammar.Boundary] = &s.boundary
	}
	if s.session != nil {
		all[grammar.Session] = &s.session
	}
	if len(s.scps) > 0 {
		all[grammar.SCP] = &s.scps[0]
		all[grammar.RCP] = &s.ownerRCPs[0]
	}
	return all
}

func drawList(t *rapid.T, s *request) (grammar.Kind, *[]string) {
	lists := s.lists()
	var kinds []grammar.Kind
	for k := range lists {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	kind := rapid.SampledFrom(kinds).Draw(t, "where")
	return kind, lists[kind]
}

func property(t *testing.T, check func(*rapid.T, func(request) evaluator.Decision)) {
	rapid.Check(t, func(rt *rapid.T) {
		check(rt, func(s request) evaluator.Decision {
			d := s.decide(t)
			if d.S3 == evaluator.Invalid || d.KMS == evaluator.Invalid {
				rt.Fatalf("a policy of the vocabulary is not valid: %v", d.Reasons[0].Text())
			}
			return d
		})
	})
}

// TestDenyNeverAllowsMore: an added Deny, anywhere, never turns deny into allow.
func TestDenyNeverAllowsMore(t *testing.T) {
	property(t, func(t *rapid.T, decide func(request) evaluator.Decision) {
		s := drawRequest(t)
		before := decide(s)
		kind, list := drawList(t, &s)
		*list = append(slices.Clone(*list), drawStatement(t, kind, "Deny"))
		after := decide(s)
		if before.S3 == evaluator.Deny && after.S3 == evaluator.Allow ||
			before.KMS == evaluator.Deny && after.KMS == evaluator.Allow {
			t.Fatalf("%s, with a Deny in the %s: %s", verdicts(before), kind, verdicts(after))
		}
	})
}

// TestAllowNeverDeniesMore: an added Allow never turns allow into deny; only Block Public Access may, as an Allow can
// make a bucket policy public.
func TestAllowNeverDeniesMore(t *testing.T) {
	property(t, func(t *rapid.T, decide func(request) evaluator.Decision) {
		s := drawRequest(t)
		s.restrict = false
		before := decide(s)
		kind, list := drawList(t, &s)
		if kind == grammar.RCP {
			return // an RCP cannot allow
		}
		*list = append(slices.Clone(*list), drawStatement(t, kind, "Allow"))
		after := decide(s)
		if before.S3 == evaluator.Allow && after.S3 == evaluator.Deny ||
			before.KMS == evaluator.Allow && after.KMS == evaluator.Deny {
			t.Fatalf("%s, with an Allow in the %s: %s", verdicts(before), kind, verdicts(after))
		}
	})
}

// TestOrderNeverMatters: of statements, and of levels.
func TestOrderNeverMatters(t *testing.T) {
	property(t, func(t *rapid.T, decide func(request) evaluator.Decision) {
		s := drawRequest(t)
		before := decide(s)
		for _, list := range s.lists() {
			turned := slices.Clone(*list)
			slices.Reverse(turned)
			*list = turned
		}
		slices.Reverse(s.scps)
		slices.Reverse(s.ownerRCPs)
		if after := decide(s); before.S3 != after.S3 || before.KMS != after.KMS {
			t.Fatalf("%s, turned around: %s", verdicts(before), verdicts(after))
		}
	})
}

// rewritten is a request with every policy but RCPs put through a function of its text.
func rewritten(t *rapid.T, s request, rewrite func(string) string) request {
	each := func(statements []string) []string {
		if statements == nil {
			return nil
		}
		return []string{"raw:" + rewrite(`{"Version": "2012-10-17", "Statement": [`+strings.Join(statements, ", ")+`]}`)}
	}
	s.identity, s.boundary, s.session = each(s.identity), each(s.boundary), each(s.session)
	s.bucket, s.keyPolicy = each(s.bucket), each(s.keyPolicy)
	s.scps = slices.Clone(s.scps)
	for i := range s.scps {
		s.scps[i] = each(s.scps[i])
	}
	return s
}

// TestFormNeverMatters: neither the canonical form nor writing single values as lists decides otherwise.
func TestFormNeverMatters(t *testing.T) {
	canonical := func(text string) string {
		c, err := policy.Canonical(text)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	lists := func(text string) string {
		var doc map[string]any
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		listed(doc["Statement"])
		out, _ := json.Marshal(doc)
		return string(out)
	}
	property(t, func(t *rapid.T, decide func(request) evaluator.Decision) {
		s := drawRequest(t)
		before := decide(s)
		for name, rewrite := range map[string]func(string) string{"canonical": canonical, "lists": lists} {
			if after := decide(rewritten(t, s, rewrite)); before.S3 != after.S3 || before.KMS != after.KMS {
				t.Fatalf("%s, as %s: %s", verdicts(before), name, verdicts(after))
			}
		}
	})
}

// listed writes every single value below statements as a list of one.
func listed(v any) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			listed(one)
		}
	case map[string]any:
		for name, one := range v {
			if s, single := one.(string); single && name != "Effect" && s != "*" {
				v[name] = []any{s}
			}
			listed(one)
		}
	}
}

// TestSuggestionsAreEnough: who follows the suggestions of all reasons gets in, unless a reason has none, whatever the
// Version of the documents is and whatever characters the key has.
func TestSuggestionsAreEnough(t *testing.T) {
	property(t, func(t *rapid.T, decide func(request) evaluator.Decision) {
		s := drawRequest(t)
		s.version = rapid.SampledFrom([]string{"", "2008-10-17", "none"}).Draw(t, "version")
		s.key = rapid.SampledFrom([]string{"x", "a?b*c", "${aws:username}/x", "${*}", "$", "a:b"}).Draw(t, "another key")
		s.restrict = false
		before := decide(s)
		for _, r := range before.Reasons {
			if r.Verdict != evaluator.Deny {
				continue
			}
			suggested := r.Suggestion()
			if suggested == nil {
				return
			}
			s.follow(r, suggested)
		}
		if after := decide(s); after.S3 != evaluator.Allow || after.KMS == evaluator.Deny {
			t.Fatalf("%s, suggestions followed: %s", verdicts(before), verdicts(after))
		}
	})
}

// follow adds suggested statements to the layer of their reason.
func (s *request) follow(r evaluator.Reason, suggested []policy.Statement) {
	for _, statement := range suggested {
		text, _ := json.Marshal(statement)
		add := func(list []string) []string { return append(slices.Clone(list), string(text)) }
		switch r.Layer {
		case evaluator.LayerIdentity:
			s.identity = add(s.identity)
		case evaluator.LayerBucketPolicy:
			s.bucket = add(s.bucket)
		case evaluator.LayerKeyPolicy:
			s.keyPolicy = add(s.keyPolicy)
		case evaluator.LayerBoundary:
			s.boundary = add(s.boundary)
		case evaluator.LayerSession:
			s.session = add(s.session)
		case evaluator.LayerSCP:
			s.scps = slices.Clone(s.scps)
			for i := range s.scps {
				s.scps[i] = add(s.scps[i])
			}
		}
	}
}

// TestOverall: the whole is allowed exactly when every check that is needed is.
func TestOverall(t *testing.T) {
	property(t, func(t *rapid.T, decide func(request) evaluator.Decision) {
		d := decide(drawRequest(t))
		want := d.S3 == evaluator.Allow && d.KMS != evaluator.Deny
		if (d.Overall == evaluator.Allow) != want {
			t.Fatalf("s3 %s, kms %s, overall %s", d.S3, d.KMS, d.Overall)
		}
	})
}
