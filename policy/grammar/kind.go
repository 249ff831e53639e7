package grammar

// Kind is what a document is attached to, which decides what may stand in it.
type Kind string

// The kinds of documents, by the names that people read in reasons and problems.
const (
	Identity          Kind = "identity policy"
	Boundary          Kind = "permissions boundary"
	Session           Kind = "session policy"
	SCP               Kind = "SCP"
	RCP               Kind = "RCP"
	BucketPolicy      Kind = "bucket policy"
	AccessPointPolicy Kind = "access point policy"
	KeyPolicy         Kind = "key policy"
)

// ResourceBased says whether documents of this kind are attached to a resource and name principals.
func (k Kind) ResourceBased() bool {
	return k == BucketPolicy || k == AccessPointPolicy || k == KeyPolicy
}

// organizations says whether AWS Organizations attaches documents of this kind.
func (k Kind) organizations() bool { return k == SCP || k == RCP }

// page is the page of an SCP's or RCP's syntax, and the grammar for all others.
func (k Kind) page() string {
	switch k {
	case SCP:
		return pageSCP
	case RCP:
		return pageRCP
	case KeyPolicy:
		return pageKeyPolicy
	}
	return pageGrammar
}

// withArticle is the kind as it stands in a sentence.
func (k Kind) withArticle() string {
	switch k {
	case Identity, RCP, SCP, AccessPointPolicy:
		return "an " + string(k)
	}
	return "a " + string(k)
}
