package share

import "regexp"

// parameters are those of the plain templates whose names are not their property's own: whoever gave one has never
// written the property that a message names.
var parameters = map[string]string{
	"Consumers.Account":      "ConsumerAccounts of templates/owner.yaml",
	"Consumers.Principal":    "ConsumerPrincipals of templates/owner.yaml",
	"Consumers.Organization": "ConsumerOrganization of templates/owner.yaml",
	"Consumers.Access":       "ConsumerAccess of templates/owner.yaml",
	"Delegates.User":         "DelegateUsers of templates/owner.yaml",
	"Delegates.Role":         "DelegateRoles of templates/owner.yaml",
	"Delegates.Group":        "DelegateGroups of templates/owner.yaml",
	"Delegates.Access":       "DelegateAccess of templates/owner.yaml",
	"Grantees.User":          "GranteeUsers of templates/consumer.yaml",
	"Grantees.Role":          "GranteeRoles of templates/consumer.yaml",
	"Grantees.Group":         "GranteeGroups of templates/consumer.yaml",
	"Grantees.Access":        "GranteeAccess of templates/consumer.yaml",
	"Region":                 "BucketRegion of templates/consumer.yaml",
}

// index is the place in a list.
var index = regexp.MustCompile(`\[[^\]]*\]`)

// ForTemplates names the templates' parameters beside the properties, for people who see a message in the events of
// their stack.
func (v Violations) ForTemplates() Violations {
	all := make(Violations, len(v))
	for i, one := range v {
		if parameter := parameters[index.ReplaceAllString(one.Property, "")]; parameter != "" {
			one.Property += " (" + parameter + ")"
		}
		all[i] = one
	}
	return all
}
