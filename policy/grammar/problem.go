package grammar

import (
	"fmt"
	"strings"
)

// Problem is one way in which a document is not what AWS documents as valid.
type Problem struct {
	Place string // such as Statement[1].Condition.StringEqualz; empty for the document as a whole
	Text  string // what is wrong there
	Page  string // the page that says so
}

func (p Problem) String() string {
	if p.Place == "" {
		return p.Text
	}
	return p.Place + ": " + p.Text
}

// Problems is everything that is wrong with a document, in the order of the document. It is an error when there is any.
type Problems []Problem

// Err is the problems as one error, nil when there are none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

func (p Problems) Error() string {
	texts := make([]string, len(p))
	for i, one := range p {
		texts[i] = one.String()
	}
	return "policy document is not valid: " + strings.Join(texts, "; ")
}

// The pages that say what a valid document is.
const (
	pageGrammar       = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html"
	pageVersion       = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html"
	pageStatement     = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_statement.html"
	pageSid           = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html"
	pageID            = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_id.html"
	pageEffect        = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_effect.html"
	pagePrincipal     = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
	pageNotPrincipal  = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html"
	pageAction        = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html"
	pageResource      = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html"
	pageOperators     = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
	pageVariables     = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"
	pageChecks        = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"
	pageKeyPolicy     = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html"
	pageKMSConditions = "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html"
	pageSCP           = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html"
	pageRCP           = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html"
)

// report collects the problems of one document.
type report struct {
	kind     Kind
	version  string              // of the document, which decides whether there are variables
	alone    bool                // the document has one statement
	sids     map[string]struct{} // seen so far
	problems Problems
}

func (r *report) add(page, place, format string, args ...any) {
	r.problems = append(r.problems, Problem{Place: place, Text: fmt.Sprintf(format, args...), Page: page})
}

// join is the place of a member within a place.
func join(place, name string) string {
	if place == "" {
		return name
	}
	return place + "." + name
}

// item is the place of one value of a list; a value that stands alone has the place of the element.
func item(place string, i int, alone bool) string {
	if alone {
		return place
	}
	return fmt.Sprintf("%s[%d]", place, i)
}
