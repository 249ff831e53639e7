package grammar

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
