package share

import (
	"fmt"
	"slices"
	"strings"
)

// named is one name that an entry of a list declares, with the place it stands at.
type named struct{ path, value string }

func (c checker) names(list List, path string) []named {
	var all []named
	for i, v := range list {
		at := path
		if len(list) > 1 {
			at = fmt.Sprintf("%s[%d]", path, i)
		}
		switch {
		case c.reported[at], c.reported[fmt.Sprintf("%s[%d]", path, i)]:
			continue
		case v == "":
			c.bad.Add(at, "leave it out", "empty entry")
			continue
		}
		all = append(all, named{at, v})
	}
	return all
}

// consumers checks every consumer and takes lists apart. Entries with violations are kept as far as they can be read,
// because what was once declared must be found again to be revoked.
func (c checker) consumers(declared []ConsumerProperties) []Consumer {
	var all []Consumer
	seen := duplicates{bad: c.bad, of: map[string]string{}}
	for i, d := range declared {
		path := fmt.Sprintf("Consumers[%d]", i)
		scope := c.scope(d.Access, d.Prefixes, path)
		consumers := c.consumerIDs(d, path)
		if kinds := declaredKinds(d); len(kinds) > 1 || (len(kinds) == 0 && !c.reported[path]) {
			c.bad.Add(path, "give exactly one of Account, Principal, PermissionSet, Organization and OrganizationalUnit",
				"%s", howMany(kinds))
		}
		for _, o := range consumers {
			c.limitConsumer(o.id, o.path)
			seen.check(fmt.Sprint(o.id), o.id.Name, o.path, scope)
			all = append(all, Consumer{o.id, scope})
		}
	}
	slices.SortFunc(all, compareConsumers)
	return all
}

type placedConsumer struct {
	id   ConsumerID
	path string
}

func (c checker) consumerIDs(d ConsumerProperties, path string) []placedConsumer {
	var found []placedConsumer
	add := func(n named, o ConsumerID, ok bool) {
		if ok {
			found = append(found, placedConsumer{o, n.path})
		}
	}
	for _, n := range c.names(d.Account, path+".Account") {
		add(n, ConsumerID{KindAccount, n.value, n.value}, c.outsideAccount(n.value, n.path))
	}
	for _, n := range c.names(d.Principal, path+".Principal") {
		account, ok := c.principal(n.value, n.path)
		add(n, ConsumerID{KindPrincipal, account, n.value}, ok)
	}
	if s := d.PermissionSet; s != nil {
		ok := c.permissionSetName(s.Name, path+".PermissionSet.Name")
		for _, n := range c.names(s.Account, path+".PermissionSet.Account") {
			add(n, ConsumerID{KindPermissionSet, n.value, s.Name}, c.outsideAccount(n.value, n.path) && ok)
		}
	}
	if d.Organization != "" {
		n := named{path + ".Organization", d.Organization}
		add(n, ConsumerID{Kind: KindOrganization, Name: n.value}, c.organization(n))
	}
	for _, n := range c.names(d.OrganizationalUnit, path+".OrganizationalUnit") {
		n.value = strings.TrimSuffix(n.value, "/")
		add(n, ConsumerID{Kind: KindOrganizationalUnit, Name: n.value}, c.organizationalUnit(n))
	}
	return found
}

func (c checker) outsideAccount(id, path string) bool {
	if id == c.env.Account && id != "" {
		c.bad.Add(path, "use Delegates for identities of the owner account", "%s is the owner account", id)
		return false
	}
	return c.account(id, path)
}

// principal checks the ARN of a role or user and returns its account.
func (c checker) principal(arn, path string) (account string, ok bool) {
	const remedy = "give the ARN of a role or user, arn:<partition>:iam::<account>:role/<name>"
	if c.skip(arn) {
		return "", arn != ""
	}
	m := principalARN.FindStringSubmatch(arn)
	switch {
	case strings.ContainsAny(arn, "*?"):
		c.bad.Add(path, "name each role or user, or use Account, PermissionSet or Organization", "%q has a wildcard", arn)
	case strings.Contains(arn, "${"):
		c.bad.Add(path, "name each role or user as it is", "%q has a policy variable", arn)
	case strings.HasSuffix(arn, ":root"):
		c.bad.Add(path, "use Account", "%q stands for a whole account", arn)
	case strings.Contains(arn, ":assumed-role/"):
		c.bad.Add(path, "give the role's own ARN, arn:<partition>:iam::<account>:role/<name>", "%q is a role's session", arn)
	case m == nil:
		c.bad.Add(path, remedy, "%q is not the ARN of an IAM role or user", arn)
	case c.env.Partition != "" && m[1] != c.env.Partition:
		c.bad.Add(path, "accounts of one partition cannot be let in from another", "%q is in partition %s, the share in %s",
			arn, m[1], c.env.Partition)
	case m[2] == c.env.Account:
		c.bad.Add(path, "use Delegates for identities of the owner account", "%q is in the owner account", arn)
	default:
		return m[2], true
	}
	return "", false
}

// permissionSetName checks a name against the pattern of IAM Identity Center.
// https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreatePermissionSet.html
func (c checker) permissionSetName(name, path string) bool {
	if c.skip(name) || (len(name) <= 32 && iamName.MatchString(name)) {
		return name != ""
	}
	c.bad.Add(path, "give the permission set's name, without AWSReservedSSO_ and suffix",
		"%q is not the name of a permission set", name)
	return false
}

func (c checker) organization(n named) bool {
	if c.skip(n.value) || orgID.MatchString(n.value) {
		return true
	}
	c.bad.Add(n.path, "give the organization's id, such as o-a1b2c3d4e5", "%q is not an organization id", n.value)
	return false
}

func (c checker) organizationalUnit(n named) bool {
	if c.skip(n.value) || ouPath.MatchString(n.value) {
		return n.value != ""
	}
	c.bad.Add(n.path, "give the whole path from the organization down, o-…/r-…/ou-…; for everybody use Organization",
		"%q is not the path of an organizational unit", n.value)
	return false
}

// grantees checks every delegate or grantee and takes lists apart.
func (c checker) grantees(declared []GranteeProperties, property string) []Grantee {
	var all []Grantee
	seen := duplicates{bad: c.bad, of: map[string]string{}}
	for i, d := range declared {
		path := fmt.Sprintf("%s[%d]", property, i)
		scope := c.scope(d.Access, d.Prefixes, path)
		identities, kinds := c.identities(d, path)
		for _, one := range identities {
			seen.check(one.id.String(), one.id.String(), one.path, scope)
			all = append(all, Grantee{one.id, scope})
		}
		if len(kinds) > 1 || (len(kinds) == 0 && !c.reported[path]) {
			c.bad.Add(path, "give exactly one of User, Role and Group", "%s", howMany(kinds))
		}
	}
	slices.SortFunc(all, compareGrantees)
	return all
}

type placedIdentity struct {
	id   Identity
	path string
}

// identities are those of one entry, and the kinds that it gives.
func (c checker) identities(d GranteeProperties, path string) (found []placedIdentity, kinds []string) {
	for _, k := range []struct {
		kind  IdentityKind
		names List
	}{{User, d.User}, {Role, d.Role}, {Group, d.Group}} {
		if len(k.names) > 0 {
			kinds = append(kinds, string(k.kind))
		}
		for _, n := range c.names(k.names, path+"."+string(k.kind)) {
			if c.identity(k.kind, n) {
				id := Identity{k.kind, n.value}
				c.limitIdentity(id, n.path)
				found = append(found, placedIdentity{id, n.path})
			}
		}
	}
	return found, kinds
}

func (c checker) identity(kind IdentityKind, n named) bool {
	if c.skip(n.value) {
		return true
	}
	if strings.ContainsAny(n.value, ":/") {
		c.bad.Add(n.path, "write "+brief(n.value[strings.LastIndexAny(n.value, ":/")+1:]),
			"%q is an ARN or has a path; IAM wants the name alone", n.value)
		return false
	}
	if longest := longestName(kind); len(n.value) > longest || !iamName.MatchString(n.value) {
		c.bad.Add(n.path, fmt.Sprintf("use letters, digits and +=,.@_-, %d characters at most", longest),
			"%q is not a name that IAM takes", n.value)
		return false
	}
	if remedy, protected := protectedRole(n.value); kind == Role && protected {
		c.bad.Add(n.path, remedy, "%s is a role that only AWS can change", n.value)
		return false
	}
	return true
}

// duplicates reports somebody who is given the same part of the bucket twice. Different prefixes at different levels
// are no duplicates: reading one folder and writing another is ordinary.
type duplicates struct {
	bad *Violations
	of  map[string]string // who and prefix → where it was declared first
}

func (d duplicates) check(key, label, path string, scope Scope) {
	parts := scope.Prefixes
	if len(parts) == 0 {
		parts = []string{""}
	}
	for _, p := range parts {
		k := key + "\x00" + p
		if first, there := d.of[k]; there {
			d.bad.Add(path, "leave one of the two out", "%s is declared already at %s", label, first)
			return
		}
		d.of[k] = path
	}
}

func declaredKinds(d ConsumerProperties) []string {
	var kinds []string
	add := func(kind ConsumerKind, there bool) {
		if there {
			kinds = append(kinds, string(kind))
		}
	}
	add(KindAccount, len(d.Account) > 0)
	add(KindPrincipal, len(d.Principal) > 0)
	add(KindPermissionSet, d.PermissionSet != nil)
	add(KindOrganization, d.Organization != "")
	add(KindOrganizationalUnit, len(d.OrganizationalUnit) > 0)
	return kinds
}

func howMany(kinds []string) string {
	if len(kinds) == 0 {
		return "says nobody"
	}
	return strings.Join(kinds, " and ") + " are both given"
}
