// Package reference is the part of AWS's Service Authorization Reference that this project's policies touch: which
// resources an action works on, and which condition keys are there when it is authorized.
//
// S3 refuses a bucket policy that has a condition key which one of its statement's actions does not know; the other
// services store it, and the statement never applies. Asking [Conditions] and [Resources] for a statement finds both.
//
// reference.json is made by extract.py (see there) and read by the local AWS too.
// https://docs.aws.amazon.com/service-authorization/latest/reference/ (Actions, resources, and condition keys)
package reference

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed reference.json
var embedded []byte

// An Action is one action of one service.
type Action struct {
	Name string // as the reference spells it: s3:GetObject

	// ResourceTypes are the ARNs it works on, as arn:${Partition}:s3:::${BucketName}. Without any it needs "*".
	ResourceTypes []string

	// ConditionKeys are the action's and its resource types', without those that every action has.
	ConditionKeys []string
}

type table struct {
	GlobalConditionKeys []string
	Services            map[string]struct {
		Actions map[string]struct {
			Resources, ConditionKeys []string
		}
		Resources map[string]struct {
			ARN           string
			ConditionKeys []string
		}
	}
}

// index is the table by lower-case action name, and the names of the services.
type index struct {
	global   []string
	actions  map[string]Action
	services map[string]bool
}

var load = sync.OnceValue(func() index {
	var read table
	if err := json.Unmarshal(embedded, &read); err != nil {
		panic(fmt.Sprintf("reference.json: %v", err))
	}
	made := index{read.GlobalConditionKeys, map[string]Action{}, map[string]bool{}}
	for service, one := range read.Services {
		made.services[service] = true
		for name, action := range one.Actions {
			full := Action{Name: service + ":" + name, ConditionKeys: action.ConditionKeys}
			for _, kind := range action.Resources {
				full.ResourceTypes = append(full.ResourceTypes, one.Resources[kind].ARN)
				full.ConditionKeys = append(full.ConditionKeys, one.Resources[kind].ConditionKeys...)
			}
			made.actions[strings.ToLower(full.Name)] = full
		}
	}
	return made
})

// Lookup finds an action by its name in any case.
func Lookup(name string) (Action, bool) {
	found, ok := load().actions[strings.ToLower(name)]
	return found, ok
}

// KnowsService says whether the table has the service of an action or pattern. Of others nothing can be said.
func KnowsService(action string) bool {
	service, _, _ := strings.Cut(strings.ToLower(action), ":")
	return load().services[service]
}

// Expand lists the actions that an Action element's pattern stands for, ordered by name; none when there is no such
// action.
func Expand(pattern string) []Action {
	if one, ok := Lookup(pattern); ok {
		return []Action{one}
	}
	if known, ok := expanded.Load(pattern); ok {
		return known.([]Action)
	}
	var found []Action
	for name, action := range load().actions {
		if overlap(globOf(strings.ToLower(pattern)), literal(name)) {
			found = append(found, action)
		}
	}
	slices.SortFunc(found, func(a, b Action) int { return strings.Compare(a.Name, b.Name) })
	expanded.Store(pattern, found)
	return found
}

// expanded holds what patterns stand for: tests ask for the same few over and over.
var expanded sync.Map

// Supports says whether a condition key, in any case and with any tag key, is in the context of requests for this
// action.
func (a Action) Supports(key string) bool {
	return slices.ContainsFunc(a.ConditionKeys, isKey(key)) || slices.ContainsFunc(load().global, isKey(key))
}

// isKey compares with a key of the table, whose placeholder stands for anything: aws:ResourceTag/${TagKey}.
func isKey(key string) func(string) bool {
	return func(known string) bool {
		fixed, _, open := strings.Cut(known, "${")
		if open {
			return len(key) > len(fixed) && strings.EqualFold(key[:len(fixed)], fixed)
		}
		return strings.EqualFold(key, known)
	}
}

// WorksOn says whether a Resource element's pattern can match a resource of this action. Variables and placeholders of
// templates (${…}) stand for anything. An action without resource types works on "*" alone.
func (a Action) WorksOn(resource string) bool {
	if resource == "*" {
		return true
	}
	return slices.ContainsFunc(a.ResourceTypes, func(arn string) bool { return overlap(globOf(resource), typeOf(arn)) })
}

// Conditions lists each action and condition key of a statement that do not go together. A pattern of actions goes with
// a key when one of its actions does: nobody means the others.
func Conditions(actions, keys []string) []string {
	var found []string
	for _, pattern := range actions {
		for _, key := range keys {
			supports := func(action Action) bool { return action.Supports(key) }
			if KnowsService(pattern) && !slices.ContainsFunc(Expand(pattern), supports) {
				found = append(found, pattern+" has no condition key "+key)
			}
		}
	}
	return found
}

// Resources lists the actions of a statement that work on none of its resources, and those that do not exist.
func Resources(actions, resources []string) []string {
	var found []string
	for _, pattern := range actions {
		fits := func(action Action) bool { return slices.ContainsFunc(resources, action.WorksOn) }
		switch expanded := Expand(pattern); {
		case !KnowsService(pattern):
		case len(expanded) == 0:
			found = append(found, "there is no action "+pattern)
		case !slices.ContainsFunc(expanded, fits):
			found = append(found, pattern+" works on none of "+strings.Join(resources, ", "))
		}
	}
	return found
}
