package role

import (
	"slices"
	"strings"

	"example.com/sharedbucket/internal/setting"
)

// reads are the actions that read settings.
func reads(settings []setting.Names) []string {
	return each(settings, func(n setting.Names) string { return n.Read })
}

// writes are the actions that write settings.
func writes(settings []setting.Names) []string {
	return each(settings, func(n setting.Names) string { return n.Write })
}

// briefly is what is set, for people.
func briefly(settings []setting.Names) string {
	return strings.Join(each(settings, func(n setting.Names) string { return n.Brief }), ", ")
}

func each(settings []setting.Names, of func(setting.Names) string) []string {
	var all []string
	for _, names := range settings {
		all = append(all, of(names))
	}
	return all
}

// with are actions in order, each once.
func with(actions []string, more ...string) []string {
	all := slices.Concat(actions, more)
	slices.Sort(all)
	return slices.Compact(all)
}
