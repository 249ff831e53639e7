package proof

import (
	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// Document is a policy with what people call it, read once, where it comes from: whatever worlds have it, nobody reads
// it again. The zero Document is none.
type Document struct {
	Name   string
	text   string
	stored policy.Stored
	policy *evaluator.Policy
}

// NewDocument reads a document. One that is not valid is a document all the same: its Policy says why, and the
// evaluator wherever it counts.
func NewDocument(name, text string, kind grammar.Kind) Document {
	d := Document{Name: name, text: text, policy: evaluator.NewPolicy(name, text, kind)}
	if stored, err := policy.ReadStored(text); err == nil { // an error is among the Policy's problems
		d.stored = stored
	}
	return d
}

// BucketPolicyOf is the policy of a bucket that was read already, none for none.
func BucketPolicyOf(d policy.Stored) Document { return documentOf("", d, grammar.BucketPolicy) }

// KeyPolicyOf is to a key what BucketPolicyOf is to a bucket.
func KeyPolicyOf(d policy.Stored) Document { return documentOf("", d, grammar.KeyPolicy) }

// IdentityPolicyOf is to an identity what BucketPolicyOf is to a bucket.
func IdentityPolicyOf(name string, d policy.Stored) Document {
	return documentOf(name, d, grammar.Identity)
}

func documentOf(name string, d policy.Stored, kind grammar.Kind) Document {
	if d.Text() == "" {
		return Document{Name: name}
	}
	return Document{Name: name, text: d.Text(), stored: d, policy: evaluator.NewPolicy(name, d.Text(), kind)}
}

// ResourcePolicy is the policy of a bucket or key, "" for none.
func ResourcePolicy(text string, kind grammar.Kind) Document {
	if text == "" {
		return Document{}
	}
	return NewDocument("", text, kind)
}

// InlineName is how an inline policy of an identity is called. Members of a group have it too, under the same name.
func InlineName(id share.Identity, name string) string {
	of := ""
	if id.Kind == share.Group {
		of = " of group " + id.Name
	}
	return "inline policy " + name + of
}

// Inline is an inline policy of an identity.
func Inline(id share.Identity, name, text string) Document {
	return NewDocument(InlineName(id, name), text, grammar.Identity)
}

// AsBoundary is the policy as a permissions boundary.
func (d Document) AsBoundary() Document { return NewDocument(d.Name, d.text, grammar.Boundary) }

// None says that there is no document.
func (d Document) None() bool { return d.policy == nil }

// Text is the document as AWS has it.
func (d Document) Text() string { return d.text }

// Policy is the document as the evaluator takes it, nil for none.
func (d Document) Policy() *evaluator.Policy { return d.policy }

// Stored is the document as it is compared and merged. What is no document to AWS is none.
func (d Document) Stored() policy.Stored { return d.stored }

// Is says whether two are the same policy, which several principals may have.
func (d Document) Is(other Document) bool { return d.Name == other.Name && d.text == other.text }

// optional is nil for no document.
func optional(d *Document) *evaluator.Policy {
	if d == nil {
		return nil
	}
	return d.policy
}
