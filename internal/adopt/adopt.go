package adopt

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// Adoption is a share that says what a bucket's policies say, and how it differs from them.
type Adoption struct {
	World    proof.World // as it was read
	Hand     Hand
	Share    share.Share
	Sides    []share.Access
	Replaced []string // statements and policies that say nothing any more once the share is there
	Unsaid   []Unsaid
	// What changes when the share is deployed beside what is there.
	Gained, Lost, Refused []proof.Change
	Changes               []string // of the bucket and its key
	InTheWay              []string // what has to be done first
	Taken                 []Taken

	declared declaration
}

// Unsaid is something that the share does not say, wholly or in part. It stays in force beside the share.
type Unsaid struct {
	What string
	Why  []string
}

// Taken is an identity that has an inline policy by the name that the share's will have.
type Taken struct {
	Account  string
	Identity share.Identity
}

// From makes the share of a bucket.
func From(w proof.World, h Hand) (Adoption, error) {
	if err := readable(w, h); err != nil {
		return Adoption{}, err
	}
	env := share.Env{Partition: policy.PartitionOf(w.Bucket.Region), Region: w.Bucket.Region, Account: w.Bucket.Owner}
	w = assumed(w)
	d, err := readDocuments(w, h.Grants)
	if err != nil {
		return Adoption{}, err
	}
	r := adoption{env: env, documents: d}
	r.today = r.in(w, func(source) bool { return true })
	r.private = r.in(w, func(s source) bool { return !s.public })
	if err := valid(r.today); err != nil {
		return Adoption{}, err
	}
	r.folders = foldersNamed(env, w, d)
	r.declared = declaration{env: env, bucket: w.Bucket.Name, keyARN: keyOf(env, w), versioning: versioning(h)}
	if err := r.declare(); err != nil {
		return Adoption{}, err
	}
	if err := r.prove(w); err != nil {
		return Adoption{}, err
	}
	all := Adoption{World: w, Hand: h, Share: r.ends.share, Sides: r.ends.sides, declared: r.declared}
	c := r.compare(r.ends.beside(r.private))
	all.Gained, all.Lost, all.Refused = once(c.Gained), once(c.Lost), c.Refused
	all.Replaced, all.Unsaid = r.replaced()
	all.Unsaid = slices.Concat(all.Unsaid, r.dropped)
	all.World.Unread = slices.Concat(w.Unread, withoutCredentials(w, r.declared))
	all.Changes, all.InTheWay, all.Taken = all.changes(), r.inTheWay(all), r.taken()
	return all, nil
}

// readable is an error where nothing could be said.
func readable(w proof.World, h Hand) error {
	if plan.Owned(h.Tags) {
		return fmt.Errorf("bucket %s belongs to a share already: %s in %s",
			w.Bucket.Name, h.Tags[plan.TagLogicalID], h.Tags[plan.TagStackID])
	}
	for _, u := range w.Unread {
		unknownKey := u.Part == proof.BucketEncryption && (w.Bucket.Key == nil || !share.IsKeyARN(w.Bucket.Key.ARN))
		if u.Account == w.Bucket.Owner && (u.Part == proof.BucketPolicy || unknownKey) {
			return fmt.Errorf("nothing can be said of bucket %s without its %s", w.Bucket.Name, u)
		}
	}
	return nil
}

// assumed is a world in which a key that could not even be looked at has a policy that was not read.
func assumed(w proof.World) proof.World {
	if w.Bucket.Key != nil && w.Bucket.Key.Policy.None() && !unread(w, proof.KeyPolicy) {
		w.Unread = append(slices.Clone(w.Unread), proof.Unread{
			Part: proof.KeyPolicy, Account: w.Bucket.Owner, Why: "the key could not be looked at",
		})
	}
	return w
}

// withoutCredentials notes the accounts whose identities nobody could read: who uses the bucket there is not known.
func withoutCredentials(w proof.World, d declaration) []proof.Unread {
	var all []proof.Unread
	for _, c := range d.consumers {
		account := c.id.Account
		known := slices.ContainsFunc(w.Principals, func(p proof.Principal) bool { return p.Account == account })
		noted := func(u proof.Unread) bool { return u.Part == proof.Identities && u.Account == account }
		if account != "" && !known && !slices.ContainsFunc(slices.Concat(w.Unread, all), noted) {
			const why = "no credentials for this account, so its grantees are not in the file"
			all = append(all, proof.Unread{Part: proof.Identities, Account: account, Why: why})
		}
	}
	return all
}

// valid is an error where a document is not valid as a whole, so that nothing in it can be judged.
func valid(w proof.World) error {
	documents := []proof.Document{w.Bucket.Policy}
	if w.Bucket.Key != nil {
		documents = append(documents, w.Bucket.Key.Policy)
	}
	for _, d := range documents {
		if p := d.Policy(); p != nil && len(p.Problems) > 0 {
			return fmt.Errorf("judging the %s: %w", p.Kind, p.Problems)
		}
	}
	return nil
}

// keyOf is the bucket's key where a share may use it.
func keyOf(env share.Env, w proof.World) string {
	k := w.Bucket.Key
	if k == nil || k.AWSManaged {
		return ""
	}
	d := declaration{env: env, bucket: w.Bucket.Name, keyARN: k.ARN}
	if _, err := d.parse(); err != nil {
		return "" // of another account or region
	}
	return k.ARN
}

// versioning is what leaves versioning as it is, as far as a share can.
func versioning(h Hand) string {
	if h.Versioning == share.VersioningEnabled {
		return ""
	}
	return share.VersioningSuspended
}

// adoption is one in the making.
type adoption struct {
	env share.Env
	documents
	today proof.World // as it is judged
	// private is today without the statements of a public bucket policy: S3 does not let them stand beside a share.
	private  proof.World
	folders  []string
	declared declaration
	ends     ends
	dropped  []Unsaid // candidates
}

// declare takes candidates until what is declared is right in itself and lets nobody do what he could not.
func (r *adoption) declare() error {
	r.declared.consumers = consumersOf(r.env, r.today, r.documents, r.folders)
	r.declared.identities = identitiesOf(r.env, r.today, r.documents, r.folders)
	r.dropInvalid()
	for {
		var err error
		if r.ends, err = r.declared.parse(); err != nil {
			return fmt.Errorf("saying it as a share: %w", err)
		}
		if !r.dropUnadmitted() && !r.dropGenerous() {
			return nil
		}
	}
}

// prove says whether the function would find the share as declared beside what is there, with everything in it: where
// it would not, the share must not verify itself, or its deployment would fail.
func (r *adoption) prove(w proof.World) error {
	report := proof.ForShare(r.ends.share, r.ends.grantees(), r.ends.beside(w))
	if report.Verified() != proof.False {
		return nil
	}
	r.declared.unproven = report.Findings()[0].String()
	var err error
	r.ends, err = r.declared.parse()
	return err
}

// dropInvalid leaves out candidates that no share can have, such as the role of a permission set as a delegate.
func (r *adoption) dropInvalid() {
	d := r.declared
	d.consumers, d.identities = nil, nil
	r.drop(func(c consumer) string {
		one := d
		one.consumers = []consumer{c}
		_, err := one.parse()
		return text(err)
	}, func(i identity) string {
		if len(i.scopes) == 0 {
			return "it can neither read nor write objects: " + i.why
		}
		one := d
		one.identities = []identity{i}
		_, err := one.parse()
		return text(err)
	})
}

func text(err error) string {
	var v share.Violations
	if errors.As(err, &v) && len(v) > 0 {
		return v[0].Problem + "; " + v[0].Remedy
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// drop leaves out candidates for the reasons that are given, "" for none, and says whether there were any.
func (r *adoption) drop(ofConsumer func(consumer) string, ofIdentity func(identity) string) bool {
	before := len(r.dropped)
	note := func(what, why string) bool {
		if why != "" {
			r.dropped = append(r.dropped, Unsaid{what, []string{why}})
		}
		return why != ""
	}
	r.declared.consumers = slices.DeleteFunc(r.declared.consumers, func(c consumer) bool {
		return note("consumer "+c.id.Name, ofConsumer(c))
	})
	r.declared.identities = slices.DeleteFunc(r.declared.identities, func(i identity) bool {
		return note(i.id.String()+" of "+i.account, ofIdentity(i))
	})
	return len(r.dropped) > before
}

// dropUnadmitted leaves out grantees whom the declared consumers do not let in: they get in by what a share cannot say.
func (r *adoption) dropUnadmitted() bool {
	alone := r.ends.beside(r.in(r.private, func(s source) bool {
		return s.statement.Effect == policy.Deny || r.ownersBusiness(s)
	}))
	missing := map[string]string{}
	report := proof.ForShare(r.ends.share, r.ends.grantees(), alone)
	for _, a := range report.Answers {
		s := report.Subjects[a.Subject]
		if a.Verdict == proof.Missing && s.Role == proof.Grantee && core[a.Operation] != 0 {
			missing[s.Label] = "what lets it in is not in the share: " + a.Deciding().Text()
		}
	}
	return r.drop(func(consumer) string { return "" }, func(i identity) string {
		if i.id.Kind == share.Group {
			return missing["any member of "+i.id.String()+" of "+i.account]
		}
		return missing[i.id.String()+" of "+i.account]
	})
}

// dropGenerous leaves out candidates by which somebody could read, write or delete who cannot today, alone or together
// with those before: a grantee may be let in by what a consumer may do.
func (r *adoption) dropGenerous() bool {
	if len(generous(r.compare(r.ends.beside(r.private)).Gained)) == 0 {
		return false
	}
	kept := r.declared
	kept.consumers, kept.identities = nil, nil
	judge := func(with declaration) string {
		e, err := with.parse()
		if err != nil {
			return err.Error()
		}
		if all := generous(r.compareEnds(e, e.beside(r.private)).Gained); len(all) > 0 {
			return "it would give more than today: " + all[0].String()
		}
		kept = with
		return ""
	}
	return r.drop(func(c consumer) string {
		with := kept
		with.consumers = append(slices.Clone(kept.consumers), c)
		return judge(with)
	}, func(i identity) string {
		with := kept
		with.identities = append(slices.Clone(kept.identities), i)
		return judge(with)
	})
}

// generous are changes of what levels are chosen by.
func generous(gained []proof.Change) []proof.Change {
	return slices.DeleteFunc(slices.Clone(gained), func(c proof.Change) bool {
		return !slices.ContainsFunc(c.Operations, func(o string) bool { return core[evaluator.Operation(o)] != 0 })
	})
}

func (r *adoption) compare(after proof.World) proof.Comparison { return r.compareEnds(r.ends, after) }

func (r *adoption) compareEnds(e ends, after proof.World) proof.Comparison {
	return r.between(e, r.today, after)
}

// between compares two worlds. Calls of KMS itself are left out where they are about two keys.
func (r *adoption) between(e ends, before, after proof.World) proof.Comparison {
	c := proof.Compare(e.share, e.grantees(), before, after, proof.More{
		Folders: r.folders, Subjects: members(r.env, r.documents, r.declared.consumers),
	})
	if k := before.Bucket.Key; k != nil && k.ARN != after.Bucket.Key.ARN {
		c.Lost, c.Gained = withoutDirect(c.Lost), withoutDirect(c.Gained)
	}
	return c
}

// once leaves out who is the same principal, asked about for another reason.
func once(all []proof.Change) []proof.Change {
	var kept []proof.Change
	for _, c := range all {
		if !slices.ContainsFunc(kept, func(o proof.Change) bool {
			return o.ARN == c.ARN && slices.Equal(o.Operations, c.Operations) && slices.Equal(o.Places, c.Places)
		}) {
			kept = append(kept, c)
		}
	}
	return kept
}

func withoutDirect(all []proof.Change) []proof.Change {
	var kept []proof.Change
	for _, c := range all {
		c.Operations = slices.DeleteFunc(c.Operations, func(o string) bool { return strings.HasPrefix(o, "kms:") })
		if len(c.Operations) > 0 {
			kept = append(kept, c)
		}
	}
	return kept
}
