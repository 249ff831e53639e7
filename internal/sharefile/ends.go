package sharefile

import (
	"fmt"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/share"
)

// bothEnds compares the grantees of one account with what the owner's end gives that account. Each deploys by itself,
// so a difference would show only when somebody is refused.
type bothEnds struct {
	share    share.Share
	account  string
	path     string // of the account's list
	bad      share.Violations
	warnings share.Violations
}

// compare looks at entries of grantees. What cannot work at all is wrong; what works in part may be meant.
func (b *bothEnds) compare(entries [][]share.Grantee) share.Violations {
	if !slices.ContainsFunc(b.share.Consumers, b.mayBe) {
		b.bad.Add(b.path, fmt.Sprintf("add {Account: %q} to Consumers", b.account),
			"nothing in Consumers lets this account in")
		return b.bad
	}
	for i, entry := range entries {
		for _, g := range entry {
			b.grantee(g, fmt.Sprintf("%s[%d]", b.path, i))
		}
	}
	return b.bad
}

// mayBe says whether a consumer can be of the account. Who belongs to an organization is not known here.
func (b *bothEnds) mayBe(c share.Consumer) bool {
	return c.ID.Account == b.account || c.ID.Account == ""
}

func (b *bothEnds) grantee(g share.Grantee, path string) {
	var given []share.Scope
	for _, c := range b.share.Consumers {
		if b.mayBe(c) && b.admits(c.ID, g.Identity, path) {
			given = append(given, c.Scope.In(b.account))
		}
	}
	if len(given) == 0 {
		b.bad.Add(path, "add it to Consumers by its ARN as Principal, or the whole account as Account",
			"Consumers let others of account %s in, but not %s", b.account, g.Identity.String())
		return
	}
	b.scope(g, g.Scope.In(b.account), given, path)
}

// admits says whether a consumer can be this identity. A group makes no requests: its members do.
func (b *bothEnds) admits(c share.ConsumerID, id share.Identity, path string) bool {
	switch c.Kind {
	case share.KindPermissionSet:
		return false // its roles take no inline policies, so that no grantee can be one
	case share.KindPrincipal:
		if id.Kind == share.Group && strings.Contains(c.Name, ":user/") {
			b.warn(path, "name the group's members as users, or let the whole account in",
				"of the members of %s, only those who are Principals of Consumers get in", id.String())
			return true
		}
		kind := ":" + strings.ToLower(string(id.Kind)) + "/"
		return strings.Contains(c.Name, kind) && strings.HasSuffix(c.Name, "/"+id.Name)
	}
	return true
}

// abilities are what levels consist of.
var abilities = []struct {
	name string
	of   func(share.Level) bool
}{{"read", share.Level.Reads}, {"write", share.Level.Writes}, {"delete", share.Level.Deletes}}

// scope compares what a grantee is to be able to do, and where, with what is given.
func (b *bothEnds) scope(g share.Grantee, want share.Scope, given []share.Scope, path string) {
	who := g.Identity.String()
	var lacking []string
	lost, partly := map[string][]string{}, map[string][]string{} // folder → abilities
	for _, ability := range abilities {
		if !ability.of(want.Level) {
			continue
		}
		able := slices.DeleteFunc(slices.Clone(given), func(s share.Scope) bool { return !ability.of(s.Level) })
		if len(able) == 0 {
			lacking = append(lacking, ability.name)
			continue
		}
		for _, folder := range foldersOf(want) {
			switch reach(folder, able) {
			case nowhere:
				lost[folder] = append(lost[folder], ability.name)
			case inPart:
				partly[folder] = append(partly[folder], ability.name)
			}
		}
	}
	if len(lacking) > 0 {
		b.bad.Add(path+".Access", "give the consumer the level, or the grantee a lower one",
			"%s may %s here, which Consumers do not give account %s", who, strings.Join(lacking, " and "), b.account)
	}
	for _, folder := range foldersOf(want) {
		if a := lost[folder]; a != nil {
			b.bad.Add(path+".Prefixes", "give the consumer the prefix too, or take it from the grantee",
				"%s may %s in %s here, which Consumers do not give account %s", who, strings.Join(a,
					" and "), nameOf(folder), b.account)
		}
		if a := partly[folder]; a != nil {
			b.warn(path, "name the grantee's Prefixes as the consumer's",
				"%s may %s in %s here, but Consumers give account %s only a part of that",
				who, strings.Join(a, " and "), nameOf(folder), b.account)
		}
	}
}

// warn adds a warning once, whichever way leads to it.
func (b *bothEnds) warn(path, remedy, format string, args ...any) {
	var one share.Violations
	one.Add(path, remedy, format, args...)
	if !slices.Contains(b.warnings, one[0]) {
		b.warnings = append(b.warnings, one[0])
	}
}

// wholeBucket stands for no prefix.
const wholeBucket = ""

// nameOf is a folder for people.
func nameOf(folder string) string {
	if folder == wholeBucket {
		return "the whole bucket"
	}
	return folder + "/"
}

func foldersOf(s share.Scope) []string {
	if len(s.Prefixes) == 0 {
		return []string{wholeBucket}
	}
	return s.Prefixes
}

// how much of a folder is given.
type extent int

const (
	nowhere extent = iota
	inPart
	everywhere
)

func reach(folder string, given []share.Scope) extent {
	most := nowhere
	for _, s := range given {
		for _, g := range foldersOf(s) {
			switch {
			case g == wholeBucket, g == folder, strings.HasPrefix(folder, g+"/"):
				return everywhere
			case folder == wholeBucket, strings.HasPrefix(g, folder+"/"):
				most = inPart
			}
		}
	}
	return most
}
