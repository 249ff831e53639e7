package proof_test

import (
	"maps"
	"testing"

	"pgregory.net/rapid"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// TestDocumentsAreReadOnce: whatever is asked of a world, and of one that was made of it, its documents answer as they
// were read when it was made.
func TestDocumentsAreReadOnce(t *testing.T) {
	s, a := walkthrough(t, "ReadWrite")
	before := deployed(t, s, a)
	after := before
	after.Bucket.Policy = proof.ResourcePolicy(`{"Version":"2012-10-17","Statement":[]}`, grammar.BucketPolicy)
	worlds := readIn(before)
	maps.Copy(worlds, readIn(after))
	named := map[string]bool{}
	for p := range worlds {
		named[p.Name] = true
	}
	asked := 0
	for _, r := range []proof.Report{
		proof.ForShare(s, granteesOf(a), before), proof.ForShare(s, granteesOf(a), after), proof.ForBucket(s.Env, before),
	} {
		for _, answer := range r.Answers {
			for _, reason := range answer.Decision.Reasons {
				p := reason.Policy()
				if p == nil || !named[p.Name] {
					continue // one that somebody imagined has
				}
				if asked++; !worlds[p] {
					t.Fatalf("%s was read again for %s", p.Name, answer.Try())
				}
			}
		}
	}
	if asked == 0 {
		t.Error("no document decided anything")
	}
}

// readIn are the documents of a world as they were read.
func readIn(w proof.World) map[*evaluator.Policy]bool {
	all := map[*evaluator.Policy]bool{w.Bucket.Policy.Policy(): true, w.Bucket.Key.Policy.Policy(): true}
	for _, p := range w.Principals {
		for _, d := range p.Policies {
			all[d.Policy()] = true
		}
	}
	return all
}

// TestWhatCannotBeReadIsAProblem: a document that is none to compare and merge is never valid.
func TestWhatCannotBeReadIsAProblem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.SampledFrom([]string{
			`{`, `}`, `[`, `]`, `"Version"`, `"Statement"`, `"Id"`, `:`, `,`, `"2012-10-17"`, `5`, `null`, `true`, ` `, `x`,
			`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}`,
		})
		text := ""
		for range rapid.IntRange(0, 12).Draw(t, "length") {
			text += part.Draw(t, "part")
		}
		if rapid.Bool().Draw(t, "a document") {
			text = `{"Version":"2012-10-17","Statement":` + text + `}`
		}
		if _, err := policy.ReadStored(text); err == nil {
			return
		}
		d := proof.NewDocument("", text, grammar.BucketPolicy)
		if len(d.Policy().Problems) == 0 || d.Stored().Text() != "" || d.Text() != text {
			t.Errorf("%q: %v", text, d.Policy().Problems)
		}
	})
	if d := (proof.Document{}); !d.None() || d.Text() != "" || d.Policy() != nil {
		t.Errorf("no document is %+v", d)
	}
}
