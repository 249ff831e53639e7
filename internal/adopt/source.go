package adopt

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// source is one statement that is there, or a grant of KMS as the statement that it amounts to.
type source struct {
	place     string // for people
	text      string
	statement policy.Statement
	grant     bool
	public    bool   // S3 refuses a bucket policy with it once public access is blocked
	problem   string // why the evaluator cannot judge it
}

// sourceDocument is a document taken apart.
type sourceDocument struct {
	kind    grammar.Kind
	version string
	sources []source
	made    map[string]proof.Document // of some of the sources, by its text
}

// takeApart takes a document apart. Each statement is read by itself, so that one that is not valid spoils no other.
func takeApart(whole proof.Document, kind grammar.Kind) (sourceDocument, error) {
	d := sourceDocument{kind: kind, version: policy.Version, made: map[string]proof.Document{}}
	if whole.None() {
		return d, nil
	}
	stored := whole.Stored()
	if stored.Text() == "" {
		return d, fmt.Errorf("reading the %s: %w", kind, whole.Policy().Problems)
	}
	d.version = stored.Version()
	for i, text := range stored.Statements() {
		s := source{place: fmt.Sprintf("%s, Statement[%d]", kind, i), text: text}
		alone := d.of([]source{s}).Policy()
		if len(alone.Problems) > 0 {
			s.problem = alone.Problems.Error()
		} else {
			s.statement = alone.Document.Statements[0]
			s.public = kind == grammar.BucketPolicy && alone.Public()
		}
		if sid := s.statement.Sid; sid != "" {
			s.place += fmt.Sprintf(" %q", sid)
		}
		d.sources = append(d.sources, s)
	}
	return d, nil
}

// addGrants adds grants as statements of the key policy: whoever has one may use the key as far as it says.
func (d *sourceDocument) addGrants(grants []Grant) {
	for i, g := range grants {
		s := policy.Statement{
			Sid: fmt.Sprintf("Grant%d", i), Effect: policy.Allow,
			Principal: &policy.Principal{AWS: policy.Values{g.Grantee}}, Resource: policy.Values{"*"},
		}
		for _, o := range g.Operations {
			s.Action = append(s.Action, "kms:"+o)
		}
		for _, key := range slices.Sorted(maps.Keys(g.Context)) {
			if s.Condition == nil {
				s.Condition = policy.Condition{"StringEquals": {}}
			}
			s.Condition["StringEquals"]["kms:EncryptionContext:"+key] = policy.Values{g.Context[key]}
		}
		one := source{
			place: fmt.Sprintf("KMS grant %s for %s", g.ID, g.Grantee), statement: s, grant: true,
			text: textOf(s),
		}
		if !identityARN.MatchString(g.Grantee) {
			one.problem = "a grantee that is no user or role of IAM is not judged"
		}
		d.sources = append(d.sources, one)
	}
}

func textOf(s policy.Statement) string {
	text := policy.Document{Statements: []policy.Statement{s}}.Text()
	return strings.TrimSuffix(strings.TrimPrefix(text, `{"Statement":[`), "]}")
}

// of is a document of some of the sources, none for none of them.
func (d sourceDocument) of(sources []source) proof.Document {
	if len(sources) == 0 {
		return proof.Document{}
	}
	all := make([]string, len(sources))
	for i, s := range sources {
		all[i] = s.text
	}
	version := ""
	if d.version != "" {
		version = fmt.Sprintf(`"Version":%q,`, d.version)
	}
	text := "{" + version + `"Statement":[` + strings.Join(all, ",") + "]}"
	one, is := d.made[text]
	if !is {
		one = proof.NewDocument("", text, d.kind)
		d.made[text] = one
	}
	return one
}

// judged are the sources that the evaluator judges. A Deny that asks for circumstances which no request here has, such
// as an address, is left out on both sides of every comparison: it stays in force beside the share, and would only hide
// whom the other statements let in.
func (d sourceDocument) judged() []source {
	return slices.DeleteFunc(slices.Clone(d.sources), func(s source) bool {
		return s.problem != "" || len(circumstances(s.statement)) > 0 && s.statement.Effect == policy.Deny
	})
}

// circumstances are the condition keys of a statement that no request of the evaluator's has.
func circumstances(s policy.Statement) []string {
	var all []string
	for _, tests := range s.Condition {
		for key := range tests {
			if !known(strings.ToLower(key)) {
				all = append(all, key)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// knownKeys are condition keys that requests have here, or of which their absence is what most requests are like.
var knownKeys = []string{
	"aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:principaltype",
	"aws:principalisawsservice", "aws:userid", "aws:username", "aws:resourceaccount", "aws:resourceorgid",
	"aws:resourceorgpaths", "aws:securetransport", "aws:requestedregion", "aws:viaawsservice", "s3:resourceaccount",
	"s3:prefix", "s3:delimiter", "kms:viaservice", "kms:calleraccount", "kms:encryptioncontextkeys",
}

func known(key string) bool {
	return slices.Contains(knownKeys, key) || strings.HasPrefix(key, "aws:principaltag/") ||
		strings.HasPrefix(key, "kms:encryptioncontext:") || strings.HasPrefix(key, "s3:x-amz-server-side-encryption")
}

// documents are the two documents of a bucket. key.sources has the grants as well.
type documents struct{ bucket, key sourceDocument }

func readDocuments(w proof.World, grants []Grant) (documents, error) {
	var d documents
	var err error
	if d.bucket, err = takeApart(w.Bucket.Policy, grammar.BucketPolicy); err != nil {
		return d, err
	}
	if w.Bucket.Key != nil {
		if d.key, err = takeApart(w.Bucket.Key.Policy, grammar.KeyPolicy); err != nil {
			return d, err
		}
		if !w.Bucket.Key.Policy.None() {
			d.key.addGrants(grants)
		}
	}
	return d, nil
}

// in is a world with the documents made of those sources that keep keeps.
func (d documents) in(w proof.World, keep func(source) bool) proof.World {
	kept := func(all []source) []source {
		return slices.DeleteFunc(all, func(s source) bool { return !keep(s) })
	}
	w.Bucket.Policy = d.bucket.of(kept(d.bucket.judged()))
	if w.Bucket.Key != nil {
		key := *w.Bucket.Key
		if !key.Policy.None() {
			key.Policy = d.key.of(kept(d.key.judged()))
		}
		w.Bucket.Key = &key
	}
	return w
}
