// Package grammar is the language of IAM policy documents for those who judge them: whether a document is valid by
// AWS's documentation, kind by kind, and what its parts mean: condition operators, numbers, dates, address ranges,
// policy variables, ARNs.
//
// Parse reads a document and lists everything in which it is not valid, each with its place and the page that says so.
// It resolves nothing on the way and knows nothing of requests; package evaluator decides those.
package grammar

import (
	"fmt"
	"slices"

	"example.com/sharedbucket/policy"
)

// Parse reads a document of one kind and says everything in which it is not valid by AWS's documentation. A document
// with problems is returned as far as it could be read, and must not be evaluated.
//
// Nothing is resolved on the way: a repeated name, an unknown element, a value of the wrong type and text after the
// document are problems, and case counts wherever the documentation does not say otherwise.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func Parse(text string, kind Kind) (policy.Document, Problems) {
	r := &report{kind: kind}
	root, err := readTree(text)
	if err != nil {
		r.add(pageGrammar, "", "the document is not JSON: %v", err)
		return policy.Document{}, r.problems
	}
	if root.kind != objectNode {
		r.add(pageGrammar, "", "a document is an object, not %s", root.kind)
		return policy.Document{}, r.problems
	}
	r.repeatedNames(root, "")
	r.characters(root, "")
	doc := r.document(root)
	return doc, r.problems
}

// repeatedNames looks through the whole document: "individual elements must not contain multiple instances of the same
// key", and taking the last one would hide the others from whoever reads the document.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func (r *report) repeatedNames(n node, place string) {
	for i, kid := range n.kids {
		at := fmt.Sprintf("%s[%d]", place, i)
		if n.kind == objectNode {
			at = join(place, n.names[i])
			if slices.Contains(n.names[:i], n.names[i]) {
				r.add(pageGrammar, at, "stands here more than once")
			}
		}
		r.repeatedNames(kid, at)
	}
}

// characters finds text that a key policy must not have: only printable Latin-1, tab, line feed and carriage return.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
func (r *report) characters(n node, place string) {
	if r.kind != KeyPolicy {
		return
	}
	if bad, found := firstNotLatin1(n.text); found {
		r.add(pageKeyPolicy, place, "the character %q cannot stand in a key policy", bad)
	}
	for i, kid := range n.kids {
		at := fmt.Sprintf("%s[%d]", place, i)
		if n.kind == objectNode {
			at = join(place, n.names[i])
			if bad, found := firstNotLatin1(n.names[i]); found {
				r.add(pageKeyPolicy, at, "the character %q cannot stand in a key policy", bad)
			}
		}
		r.characters(kid, at)
	}
}

func firstNotLatin1(text string) (rune, bool) {
	for _, c := range text {
		printable := c >= ' ' && c <= '~' || c >= 0xa0 && c <= 0xff
		if !printable && c != '\t' && c != '\n' && c != '\r' {
			return c, true
		}
	}
	return 0, false
}

// document reads the elements of the document itself.
func (r *report) document(root node) policy.Document {
	var doc policy.Document
	r.version = r.readVersion(root)
	doc.Version = r.version
	for i, name := range root.names {
		kid := root.kids[i]
		switch name {
		case "Version":
		case "Id":
			doc.ID = r.text(kid, name)
			if !r.kind.ResourceBased() {
				r.add(pageID, name, "cannot stand in %s", r.kind.withArticle())
			}
		case "Statement":
			doc.Statements = r.statements(kid, name)
		default:
			r.add(pageGrammar, name, "is not an element of a policy document")
		}
	}
	if _, there := root.member("Statement"); !there {
		r.add(pageStatement, "Statement", "is missing")
	}
	return doc
}

// readVersion checks the Version of the document. SCPs and RCPs "must include a Version element with the value
// 2012-10-17"; in the others it may be missing, which makes them 2008-10-17.
func (r *report) readVersion(root node) string {
	n, there := root.member("Version")
	if !there {
		if r.kind.organizations() {
			r.add(r.kind.page(), "Version", "is missing: it must be %s", policy.Version)
		}
		return ""
	}
	version := r.text(n, "Version")
	switch {
	case n.kind != stringNode:
	case version != policy.Version && version != "2008-10-17":
		r.add(pageVersion, "Version", "%q is not a version of the policy language", version)
	case version != policy.Version && r.kind.organizations():
		r.add(r.kind.page(), "Version", "must be %s", policy.Version)
	}
	return version
}

// statements reads a list of statements, or a statement that stands alone.
func (r *report) statements(n node, place string) []policy.Statement {
	switch n.kind {
	case objectNode:
		r.alone = true
		return []policy.Statement{r.statement(n, place)}
	case listNode:
		r.alone = len(n.kids) == 1
		if len(n.kids) == 0 {
			r.add(pageStatement, place, "has no statement")
		}
		statements := make([]policy.Statement, 0, len(n.kids))
		for i, kid := range n.kids {
			at := item(place, i, false)
			if kid.kind != objectNode {
				r.add(pageStatement, at, "a statement is an object, not %s", kid.kind)
				continue
			}
			statements = append(statements, r.statement(kid, at))
		}
		return statements
	}
	r.add(pageStatement, place, "must be a statement or a list of statements, not %s", n.kind)
	return nil
}

// statement reads the elements of one statement.
func (r *report) statement(n node, place string) policy.Statement {
	var s policy.Statement
	for i, name := range n.names {
		kid, at := n.kids[i], join(place, name)
		switch name {
		case "Sid":
			s.Sid = r.text(kid, at)
		case "Effect":
			s.Effect = policy.Effect(r.text(kid, at))
		case "Principal":
			s.Principal = r.principal(kid, at)
		case "NotPrincipal":
			s.NotPrincipal = r.principal(kid, at)
		case "Action":
			s.Action = r.texts(kid, at)
		case "NotAction":
			s.NotAction = r.texts(kid, at)
		case "Resource":
			s.Resource = r.texts(kid, at)
		case "NotResource":
			s.NotResource = r.texts(kid, at)
		case "Condition":
			s.Condition = r.condition(kid, at)
		default:
			r.add(pageGrammar, at, "is not an element of a statement")
		}
	}
	r.checkStatement(s, n, place)
	return s
}

// principal reads "*" or the map of principal types to values.
func (r *report) principal(n node, place string) *policy.Principal {
	p := &policy.Principal{}
	switch {
	case n.kind == stringNode && n.text == "*":
		p.Any = true
		return p
	case n.kind != objectNode:
		r.add(pageChecks, place, `must be "*" or an object such as {"AWS": "111122223333"}`)
		return p
	case len(n.kids) == 0:
		r.add(pageGrammar, place, "names no principal")
	}
	for i, name := range n.names {
		at := join(place, name)
		switch name {
		case "AWS":
			p.AWS = r.texts(n.kids[i], at)
		case "Service":
			p.Service = r.texts(n.kids[i], at)
		case "Federated":
			p.Federated = r.texts(n.kids[i], at)
		case "CanonicalUser":
			p.CanonicalUser = r.texts(n.kids[i], at)
		default:
			r.add(pageChecks, at, "is not a type of principal")
		}
	}
	return p
}

// condition reads operator → condition key → values. An empty object is a statement without a condition.
func (r *report) condition(n node, place string) policy.Condition {
	if n.kind != objectNode {
		r.add(pageGrammar, place, "must be an object of condition operators, not %s", n.kind)
		return nil
	}
	c := make(policy.Condition, len(n.kids))
	for i, operator := range n.names {
		at := join(place, operator)
		tests := n.kids[i]
		if tests.kind != objectNode {
			r.add(pageGrammar, at, "must be an object of condition keys, not %s", tests.kind)
			continue
		}
		c[operator] = make(map[string]policy.Values, len(tests.kids))
		for j, key := range tests.names {
			c[operator][key] = r.conditionValues(tests.kids[j], join(at, key))
		}
	}
	return c
}

// conditionValues reads strings, numbers and booleans, one or a list.
func (r *report) conditionValues(n node, place string) policy.Values {
	return r.list(n, place, "a string, a number or a boolean", func(kind nodeKind) bool {
		return kind == stringNode || kind == numberNode || kind == booleanNode
	})
}

// texts reads a string or a list of strings.
func (r *report) texts(n node, place string) policy.Values {
	return r.list(n, place, "a string", func(kind nodeKind) bool { return kind == stringNode })
}

// list reads a value or a list of one or more.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html#policies-grammar-json
func (r *report) list(n node, place, want string, allowed func(nodeKind) bool) policy.Values {
	alone := n.kind != listNode
	kids := n.kids
	if alone {
		kids = []node{n}
	}
	if len(kids) == 0 {
		r.add(pageGrammar, place, "is an empty list")
	}
	values := make(policy.Values, 0, len(kids))
	for i, kid := range kids {
		if !allowed(kid.kind) {
			r.add(pageGrammar, item(place, i, alone), "must be %s, not %s", want, kid.kind)
			continue
		}
		values = append(values, kid.text)
	}
	return values
}
