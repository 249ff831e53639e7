package proof

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// ForBucket says who can do what with a bucket about which nothing is declared: everybody whom its policies name, every
// identity that was read, and those whom nobody would mean to let in.
func ForBucket(env share.Env, w World) Report {
	subjects := slices.Concat(namedSubjects(env, w), realSubjects(w), []Subject{
		{
			Label: "an administrator of any account", Role: Stranger, Imagined: true, Home: &Account{},
			Principal: administratorOf(env, unlistedAccount),
		},
	})
	nobody := anonymous()
	nobody.Role = Stranger
	subjects = append(subjects, nobody)
	keyARN := ""
	if w.Bucket.Key != nil {
		keyARN = w.Bucket.Key.ARN
	}
	return ask(w, subjects, undeclared(subjects, keyARN))
}

// undeclared are the questions where nothing is declared: strangers must be refused, all else is noted.
func undeclared(subjects []Subject, keyARN string) []Question {
	var all []Question
	for i, s := range subjects {
		all = append(all, ordinary(i, s, anywhere)...)
		all = append(all, farther(i, s, false, keyARN)...)
	}
	return all
}

// realSubjects are all identities that were read.
func realSubjects(w World) []Subject {
	var all []Subject
	d := declared{world: w}
	for _, p := range w.Principals {
		if p.Type == GroupType {
			continue
		}
		s := d.known(p, label(p))
		s.Role, s.Free = Known, true
		all = append(all, s)
	}
	return all
}

// namedSubjects are those whom bucket policy and key policy name, each as its best-equipped principal.
func namedSubjects(env share.Env, w World) []Subject {
	n := names{env: env, owner: w.Bucket.Owner}
	n.read(w.Bucket.Policy.policy)
	if w.Bucket.Key != nil {
		n.read(w.Bucket.Key.Policy.policy)
	}
	return n.subjects
}

// names collects whom policies name.
type names struct {
	env      share.Env
	owner    string
	subjects []Subject
}

func (n *names) read(p *evaluator.Policy) {
	if p == nil || len(p.Problems) > 0 {
		return // the evaluator says so wherever the document counts
	}
	for _, s := range p.Document.Statements {
		if s.Effect == policy.Allow && s.Principal != nil {
			n.statement(s)
		}
	}
}

func (n *names) statement(s policy.Statement) {
	for _, text := range s.Principal.AWS {
		n.add(text)
	}
	for _, operator := range slices.Sorted(maps.Keys(s.Condition)) { // in an order that is the same whenever it is asked
		for _, key := range slices.Sorted(maps.Keys(s.Condition[operator])) {
			values := s.Condition[operator][key]
			switch strings.ToLower(key) {
			case "aws:principalarn", "aws:principalaccount":
				for _, text := range values {
					n.add(text)
				}
			case "aws:principalorgid":
				for _, text := range values {
					n.organization(text, text+"/r-some/")
				}
			case "aws:principalorgpaths":
				for _, text := range values {
					organization, _, _ := strings.Cut(text, "/")
					n.organization(organization, strings.TrimSuffix(text, "*"))
				}
			}
		}
	}
}

var identityPattern = regexp.MustCompile(`^arn:[a-z-]+:(?:iam|sts)::(\d{12}):(user|role|assumed-role)/[^*?]+$`)

// add takes an account or identity. Patterns, services and the ids of those who are deleted are nobody who could be
// asked about.
func (n *names) add(text string) {
	if account, is := policy.AccountOf(text); is {
		if account != n.owner {
			n.subject(administratorOf(n.env, account), "account "+account+", its best-equipped principal", nil)
		}
		return
	}
	m := identityPattern.FindStringSubmatch(text)
	if m == nil {
		return
	}
	kind := map[string]evaluator.PrincipalType{
		"user": evaluator.User, "role": evaluator.Role, "assumed-role": evaluator.RoleSession,
	}[m[2]]
	p := equipped(m[1], text, kind)
	n.subject(p, label(p)+", best equipped", nil)
}

func (n *names) organization(id, path string) {
	if strings.ContainsAny(id, "*?$") {
		return
	}
	home := &Account{Organization: id, Paths: []string{path}}
	n.subject(administratorOf(n.env, memberAccount), "any account below "+strings.TrimSuffix(path, "/r-some/")+
		", its best-equipped principal", home)
}

func (n *names) subject(p Principal, label string, home *Account) {
	same := func(s Subject) bool { return s.Label == label }
	if slices.ContainsFunc(n.subjects, same) {
		return
	}
	n.subjects = append(n.subjects, Subject{
		Principal: p, Role: Named, Label: label, Free: true, Imagined: true, Home: home,
	})
}
