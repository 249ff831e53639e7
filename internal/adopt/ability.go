package adopt

import (
	"math/bits"
	"slices"
	"strings"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

// ability is what somebody can do with objects. A level is chosen by these three: it may round up what goes with them,
// such as tags and listings, and never these themselves.
type ability uint8

const (
	reads ability = 1 << iota
	writes
	deletes
)

// core are the operations that stand for the abilities.
var core = map[evaluator.Operation]ability{"GetObject": reads, "PutObject": writes, "DeleteObject": deletes}

// level is the lowest level with as much of the ability as levels have without more.
func (a ability) level() (level share.Level, is bool) {
	most := 0
	for _, l := range share.Levels {
		has := abilityOf(l)
		if n := bits.OnesCount8(uint8(has)); has&^a == 0 && n > most {
			level, most = l, n
		}
	}
	return level, most > 0
}

// abilityOf is the ability of a level.
func abilityOf(l share.Level) ability {
	var a ability
	for _, one := range []struct {
		has bool
		ability
	}{{l.Reads(), reads}, {l.Writes(), writes}, {l.Deletes(), deletes}} {
		if one.has {
			a |= one.ability
		}
	}
	return a
}

// reach is what somebody can do, in the bucket as a whole ("") and in folders.
type reach map[string]ability

// reaches are those of subjects, by what allowed says of each answer.
func reaches(
	w proof.World, subjects []proof.Subject, folders []string, allowed func(i int, a proof.Answer) bool,
) []reach {
	all := make([]reach, len(subjects))
	names := make([]map[string]string, len(subjects)) // a place as answers name it → the folder
	for i, s := range subjects {
		all[i], names[i] = reach{}, map[string]string{}
		for _, f := range folders {
			in := share.Scope{Prefixes: []string{f}}.In(s.Account).Prefixes[0]
			names[i][in+"/"] = f
		}
	}
	for i, a := range proof.Ask(w, subjects, folders) {
		if what, is := core[a.Operation]; is && allowed(i, a) {
			all[a.Subject][names[a.Subject][a.Place]] |= what
		}
	}
	return all
}

func overall(_ int, a proof.Answer) bool { return a.Allowed() }

// scopes are the lowest levels by folder: a folder stands by itself only where more is let through than around it.
func (r reach) scopes() []share.Scope {
	given := reach{}
	byLevel := map[share.Level][]string{}
	var all []share.Scope
	if l, any := r[""].level(); any {
		given[""] = abilityOf(l)
		all = append(all, share.Scope{Level: l})
	}
	var folders []string
	for f := range r {
		if f != "" {
			folders = append(folders, f)
		}
	}
	slices.Sort(folders)
	for _, f := range folders {
		l, any := r[f].level()
		if a := abilityOf(l); any && given.at(f)&a != a {
			given[f] = a
			byLevel[l] = append(byLevel[l], f)
		}
	}
	for _, l := range share.Levels {
		if len(byLevel[l]) > 0 {
			all = append(all, share.Scope{Level: l, Prefixes: byLevel[l]})
		}
	}
	return all
}

// at is the ability in a folder by what holds there and around it.
func (r reach) at(folder string) ability {
	a := r[""]
	for f, ability := range r {
		if f != "" && (f == folder || strings.HasPrefix(folder, f+"/")) {
			a |= ability
		}
	}
	return a
}
