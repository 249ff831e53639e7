package sharefile

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
)

// Check says everything that is wrong with the file, each with its path in the file, such as
// Grantees["222222222222"][0].Access. The error is share.Violations.
func (f File) Check() error {
	bad := f.checkOwnProperties()
	env := f.Env()
	if len(bad) > 0 {
		// What is missing or malformed above would only be reported again below.
		env = share.Env{}
	}
	s, err := share.ParseShare(f.BucketProperties(), env)
	if err == nil {
		err = document.CheckShare(s)
	}
	bad = append(bad, known(violations(err))...)
	bad = append(bad, f.checkGrantees(s)...)
	if len(bad) == 0 {
		return nil
	}
	return bad
}

// checkOwnProperties checks what only a share file has.
func (f File) checkOwnProperties() share.Violations {
	var bad share.Violations
	names := topLevelNames()
	for _, name := range slices.Sorted(maps.Keys(f.properties)) {
		if !slices.Contains(names, name) {
			bad = append(bad, share.Violation{Property: name, Problem: unknownProperty, Remedy: share.Nearest(name, names)})
		}
	}
	for _, required := range []string{region, owner} {
		if f.text(required) == "" {
			bad = append(bad, share.Violation{Property: required, Problem: "required, but missing", Remedy: remedies[required]})
		}
	}
	bad = append(bad, share.CheckRegion(f.Region(), region)...)
	return append(bad, share.CheckAccount(f.Owner(), owner)...)
}

const unknownProperty = "unknown property"

var remedies = map[string]string{
	region: "give the region of the bucket, such as ap-southeast-2",
	owner:  "give the id of the account that owns the bucket",
}

// known leaves out the unknown properties of the top, which checkOwnProperties reports with more names to choose from.
func known(vs share.Violations) share.Violations {
	return slices.DeleteFunc(vs, func(v share.Violation) bool {
		return v.Problem == unknownProperty && !strings.ContainsAny(v.Property, ".[")
	})
}

func (f File) checkGrantees(s share.Share) share.Violations {
	given, there := f.properties[grantees]
	byAccount, isMap := given.(map[string]any)
	if there && given != nil && !isMap {
		return share.Violations{{
			Property: grantees,
			Problem:  "an object expected",
			Remedy:   "give the list of grantees of each consumer account below the account's id",
		}}
	}
	var bad share.Violations
	for _, account := range f.Accounts() {
		path := fmt.Sprintf("%s[%q]", grantees, account)
		if account == f.Owner() {
			bad = append(bad, share.Violation{
				Property: path, Problem: "this is the owner account", Remedy: "use Delegates for identities of the owner account",
			})
			continue
		}
		if byAccount[account] == nil {
			bad = append(bad, share.Violation{Property: path, Problem: "no grantees", Remedy: "give a list of them, or leave the account out"})
			continue
		}
		bad = append(bad, f.checkAccount(account, path)...)
		if !letsIn(s, account) {
			bad = append(bad, share.Violation{
				Property: path, Problem: "nothing in Consumers lets this account in",
				Remedy: fmt.Sprintf("add {Account: %q} to Consumers", account),
			})
		}
	}
	return bad
}

// checkAccount checks one account's grantees. Violations of properties that come from the owner's side are reported
// there.
func (f File) checkAccount(account, path string) share.Violations {
	bad := share.CheckAccount(account, path)
	env := f.EnvOf(account)
	if len(bad) > 0 {
		env.Account = ""
	}
	a, err := share.ParseAccess(f.AccessProperties(account), env)
	if err == nil {
		err = document.CheckAccess(a)
	}
	for _, v := range violations(err) {
		if rest, ok := strings.CutPrefix(v.Property, grantees); ok {
			v.Property = path + rest
			bad = append(bad, v)
		}
	}
	return bad
}

// letsIn says whether any consumer can be of this account. Who belongs to an organization is not known here.
func letsIn(s share.Share, account string) bool {
	return slices.ContainsFunc(s.Consumers, func(a share.Consumer) bool {
		return a.ID.Account == account || a.ID.Account == ""
	})
}

// topLevelNames are the properties of a share file: those of Custom::SharedBucket and its own.
func topLevelNames() []string {
	names := []string{region, owner, grantees}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[share.BucketProperties]()) {
		names = append(names, field.Name)
	}
	return names
}

func violations(err error) share.Violations {
	var vs share.Violations
	errors.As(err, &vs)
	return vs
}

// firstLine is an error without the excerpt that the YAML parser draws below it.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
