package proof

import (
	"strings"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/share"
)

// Accounts and organizations that nobody has: those who must not get in come from there. An account id is twelve digits
// of AWS's choosing, and a World that has one of these has it as a consumer, who is then no stranger.
const (
	unlistedAccount  = "999999999999"
	neighbourAccount = "999999999998"
	memberAccount    = "999999999997" // of an organization that is let in
	otherOUAccount   = "999999999996" // of the same organization, elsewhere
	neighbour        = "o-neighbour00"
)

// BestEquipped is a principal of a consumer that has every permission its account can give: it can do what bucket
// policy and key policy let the consumer do.
func BestEquipped(env share.Env, c share.ConsumerID) Subject {
	s := Subject{Role: Consumer, Imagined: true}
	switch c.Kind {
	case share.KindAccount:
		s.Principal = administratorOf(env, c.Account)
		s.Label = "account " + c.Account + ", its best-equipped principal"
	case share.KindPrincipal:
		s.Principal = equipped(c.Account, c.Name, typeOf(c.Name))
		s.Label = label(s.Principal) + ", best equipped"
	case share.KindPermissionSet:
		s.Principal = equipped(c.Account, permissionSetARN(env, c.Account, c.Name), evaluator.Role)
		s.Label = "permission set " + c.Name + " in " + c.Account + ", best equipped"
	case share.KindOrganization:
		s.Home = &Account{Organization: c.Name, Paths: []string{c.Name + "/r-some/"}}
		s.Principal = administratorOf(env, memberAccount)
		s.Label = "any account of organization " + c.Name + ", its best-equipped principal"
	case share.KindOrganizationalUnit:
		organization, _, _ := strings.Cut(c.Name, "/")
		s.Home = &Account{Organization: organization, Paths: []string{c.Name + "/"}}
		s.Principal = administratorOf(env, memberAccount)
		s.Label = "any account below OU " + c.Name + ", its best-equipped principal"
	}
	return s
}

func typeOf(arn string) evaluator.PrincipalType {
	if strings.Contains(arn, ":user/") {
		return evaluator.User
	}
	return evaluator.Role
}

// How IAM Identity Center names the roles of permission sets.
// https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
const (
	permissionSetPath   = ":role/aws-reserved/sso.amazonaws.com/"
	permissionSetRole   = "AWSReservedSSO_"
	permissionSetSuffix = 16
)

func permissionSetARN(env share.Env, account, name string) string {
	role := "role/aws-reserved/sso.amazonaws.com/" + env.Region + "/" + permissionSetRole + name + "_0123456789abcdef"
	return env.ARN("iam", "", account, role)
}

// strangers are those who must not get in, each with every permission that its own account could give, and each of
// them one mistake in a document away from being let in.
func strangers(env share.Env, consumers []share.ConsumerID) []Subject {
	all := []Subject{
		{
			Label: "an identity of the owner account without any policy",
			Principal: Principal{
				ARN:     env.ARN("iam", "", env.Account, "user/without-any-policy"),
				Account: env.Account, Type: evaluator.User,
			},
		},
		{
			Label:     "an administrator of an account that is not listed",
			Principal: administratorOf(env, unlistedAccount),
			Home:      &Account{},
		},
		{
			Label:     "an administrator of an account in another organization",
			Principal: administratorOf(env, neighbourAccount),
			Home:      &Account{Organization: neighbour, Paths: []string{neighbour + "/r-some/"}},
		},
		anonymous(),
	}
	all = append(all, strangersProviders(env)...)
	for _, c := range consumers {
		all = append(all, nextTo(env, c)...)
	}
	for i := range all {
		all[i].Role, all[i].Imagined = Stranger, true
	}
	return all
}

func anonymous() Subject {
	return Subject{
		Label: "anybody, without credentials", Imagined: true,
		Principal: Principal{ARN: "anonymous", Type: evaluator.Anonymous},
	}
}

// nextTo is somebody who is nearly of a consumer.
func nextTo(env share.Env, c share.ConsumerID) []Subject {
	var s Subject
	switch c.Kind {
	case share.KindPrincipal:
		s.Principal = equipped(c.Account, env.ARN("iam", "", c.Account, "role/another-administrator"), evaluator.Role)
		s.Label = "another administrator of " + c.Account
	case share.KindPermissionSet:
		s.Principal = equipped(c.Account, permissionSetARN(env, c.Account, c.Name+"_Other"), evaluator.Role)
		s.Label = "permission set " + c.Name + "_Other in " + c.Account
	case share.KindOrganizationalUnit:
		organization, _, _ := strings.Cut(c.Name, "/")
		s.Home = &Account{Organization: organization, Paths: []string{organization + "/r-some/ou-some-otherplace/"}}
		s.Principal = administratorOf(env, otherOUAccount)
		s.Label = "an administrator elsewhere in organization " + organization
	default:
		return nil
	}
	return []Subject{s}
}

// administratorOf has every permission that an account can give.
func administratorOf(env share.Env, account string) Principal {
	return equipped(account, env.ARN("iam", "", account, "role/any-administrator"), evaluator.Role)
}

// administrator is everything that the owner's own account can give: the bucket's protection must hold for him too.
func administrator(env share.Env) Subject {
	return Subject{
		Label: "an administrator of the owner account", Role: Insider, Imagined: true, Free: true,
		Principal: administratorOf(env, env.Account),
	}
}

// providerOf is the role of an account's provider, with every permission that the account can give.
func providerOf(env share.Env, account string) Principal {
	env.Account = account
	return equipped(account, env.ProviderRole(), evaluator.Role)
}

// strangersProviders have the name of a provider's role, and nothing else that a canary asks for.
func strangersProviders(env share.Env) []Subject {
	own := providerOf(env, env.Account)
	own.Policies = nil
	return []Subject{
		{
			Label:     "a provider of an account that is not listed",
			Principal: providerOf(env, unlistedAccount),
			Home:      &Account{},
		},
		{Label: "a provider's role of the owner account without any policy", Principal: own},
	}
}
