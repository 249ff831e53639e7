package sharefile

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
)

// Check says everything that is wrong with the file, each with its place and path in the file, such as
// share.yaml:12:5: Grantees["222222222222"][0].Access. The error is share.Violations.
func (f File) Check() error {
	bad, _ := f.check()
	return bad.Err()
}

// Warnings are what may be meant, and what will not work then.
func (f File) Warnings() share.Violations {
	_, warnings := f.check()
	return warnings
}

func (f File) check() (bad, warnings share.Violations) {
	bad = f.checkOwnProperties()
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
	wrong, warnings := f.checkGrantees(s, err == nil)
	return f.placed(append(bad, wrong...)), f.placed(warnings)
}

// placed are violations with their places in the file. What is missing is placed where it would belong.
func (f File) placed(all share.Violations) share.Violations {
	for i, v := range all {
		all[i].Place = f.Path
		for path := v.Property; path != ""; path = parent(path) {
			if p, there := f.places[path]; there {
				all[i].Place = place(f.Path, p.Line, p.Column)
				break
			}
		}
	}
	return all
}

func parent(path string) string { return path[:max(0, strings.LastIndexAny(path, ".["))] }

// checkOwnProperties checks what only a share file has.
func (f File) checkOwnProperties() share.Violations {
	var bad share.Violations
	names := topLevelNames()
	for _, name := range slices.Sorted(maps.Keys(f.properties)) {
		if !slices.Contains(names, name) {
			bad.Add(share.Path("", name), share.Nearest(name, names), unknownProperty)
		}
	}
	if given, there := f.properties[name]; there && !shareName.MatchString(f.text(name)) {
		bad = append(bad, share.Violation{
			Property: name, Problem: fmt.Sprintf("%v is no name that stacks can carry", given),
			Remedy: "give up to 63 letters, digits and hyphens",
		})
	}
	for _, required := range []string{region, owner} {
		if f.text(required) == "" {
			bad.Add(required, remedies[required], "required, but missing")
		}
	}
	bad = append(bad, share.CheckRegion(f.Region(), region)...)
	return append(bad, share.CheckAccount(f.Owner(), owner)...)
}

// shareName is what the name of a stack can end in.
var shareName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,62}$`)

const unknownProperty = "unknown property"

var remedies = map[string]string{
	region: "give the region of the bucket, such as ap-southeast-2",
	owner:  "give the id of the account that owns the bucket",
}

// known leaves out the unknown properties of the top, which checkOwnProperties reports with more names to choose from.
func known(vs share.Violations) share.Violations {
	return slices.DeleteFunc(vs, func(v share.Violation) bool {
		return v.Problem == unknownProperty && parent(v.Property) == ""
	})
}

// checkGrantees checks the other ends. They are compared with the owner's when that is right in itself.
func (f File) checkGrantees(s share.Share, ownersEndIsRight bool) (bad, warnings share.Violations) {
	given := f.properties[grantees]
	byAccount, isMap := given.(map[string]any)
	if given != nil && !isMap {
		bad.Add(grantees, "give the list of grantees of each consumer account below the account's id", "an object expected")
		return bad, nil
	}
	for _, account := range f.Accounts() {
		path := accountPath(account)
		switch {
		case account == f.Owner():
			bad.Add(path, "use Delegates for identities of the owner account", "this is the owner account")
			continue
		case byAccount[account] == nil:
			bad.Add(path, "give a list of them, or leave the account out", "no grantees")
			continue
		}
		wrong := f.checkAccount(account, path)
		if len(wrong) == 0 && ownersEndIsRight {
			ends := bothEnds{share: s, account: account, path: path}
			wrong = ends.compare(f.entriesOf(account))
			warnings = append(warnings, ends.warnings...)
		}
		bad = append(bad, wrong...)
	}
	return bad, warnings
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

// entriesOf are an account's grantees, entry by entry as the file has them.
func (f File) entriesOf(account string) [][]share.Grantee {
	properties := f.AccessProperties(account)
	list, _ := properties[grantees].([]any)
	entries := make([][]share.Grantee, len(list))
	for i, entry := range list {
		properties[grantees] = []any{entry}
		a, _ := share.ParseAccess(properties, f.EnvOf(account)) // checked before, as a whole
		entries[i] = a.Grantees
	}
	return entries
}

// topLevelNames are the properties of a share file: those of Custom::SharedBucket and its own.
func topLevelNames() []string {
	names := []string{name, region, owner, grantees}
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
