package share

import (
	"reflect"
	"slices"
	"strings"
)

// Limits are what the account's administrator allows shares on a provider, as lists of ARNs and ids, or patterns of them
// with * and ?. The field's name is the limit's name everywhere: in constructs, templates, docs, and as the environment
// variable of the function. An empty list is the default.
//
// The function's role enforces them too, where IAM can: on buckets, keys and identities.
type Limits struct {
	// BucketArns are the buckets that shares may create. Default: all.
	BucketArns []string
	// AdoptableBucketArns are the buckets that shares may adopt. Default: none.
	AdoptableBucketArns []string
	// KeyArns are the keys, not made by the share itself, that shares may use. Default: none.
	KeyArns []string
	// GranteeArns are the identities that may be delegates and grantees. Default: all but the providers' own roles, which
	// never may. Declarations have names and ARNs have paths: the function refuses a name that no path could make an ARN
	// within the limit, the role judges by the ARN itself.
	GranteeArns []string
	// ConsumerAccounts and ConsumerOrganizations are one limit: who may be let in. Default, with both lists empty:
	// everybody. As soon as one of them has an entry, whoever is on neither list stays out. An account counts by its own
	// id, as nobody knows here which organization it belongs to; an OU counts by its organization.
	ConsumerAccounts      []string
	ConsumerOrganizations []string
}

// ReadLimits reads limits as the function gets them: under each limit's name, separated by commas.
func ReadLimits(getenv func(name string) string) Limits {
	var l Limits
	fields := reflect.ValueOf(&l).Elem()
	for i := range fields.NumField() {
		for entry := range strings.SplitSeq(getenv(fields.Type().Field(i).Name), ",") {
			if entry = strings.TrimSpace(entry); entry != "" {
				list := fields.Field(i)
				list.Set(reflect.Append(list, reflect.ValueOf(entry)))
			}
		}
	}
	return l
}

// ProviderRolePrefix begins the names of the providers' roles. A provider must not write its own rights.
const ProviderRolePrefix = "sharedbucket-provider-"

// FoundKey checks the key under which an adopted bucket was found, which the share uses unless it declares another. It is
// no key of the share's own, so it is limited as a declared one is. The error is Violations.
func (l Limits) FoundKey(s Share, keyARN string) error {
	var bad Violations
	c := checker{env: s.Env, bad: &bad, limits: &l}
	c.directUse(keyARN, s.DirectUse)
	c.within("KeyArns", nil, keyARN, "Adopt")
	return bad.Err()
}

// directUse is for a key of the share's own alone: another one may serve more than this bucket.
func (c checker) directUse(keyARN string, declared bool) {
	if declared {
		c.bad.Add("Encryption.DirectUse", "leave DirectUse out, or leave KeyArn out to have a key created",
			"the share did not make the key %s, which may serve more than this bucket", keyARN)
	}
}

// limitBucket limits which buckets are created and adopted.
func (c checker) limitBucket(p BucketProperties) {
	if c.possible(p.BucketName) == "" || c.skip(p.BucketName) || c.env.Partition == "" {
		return
	}
	arn := c.env.BucketARN(p.BucketName)
	if p.Adopt {
		c.within("AdoptableBucketArns", nil, arn, "Adopt")
		return
	}
	c.within("BucketArns", all, arn, "BucketName")
}

// limitConsumer limits who is let in.
func (c checker) limitConsumer(id ConsumerID, path string) {
	l := c.limits
	if l == nil || len(l.ConsumerAccounts)+len(l.ConsumerOrganizations) == 0 || c.skip(id.Name) {
		return
	}
	if id.Account != "" {
		c.within("ConsumerAccounts", nil, id.Account, path)
		return
	}
	organization, _, _ := strings.Cut(id.Name, "/")
	c.within("ConsumerOrganizations", nil, organization, path)
}

// limitIdentity limits whose inline policies are written.
func (c checker) limitIdentity(id Identity, path string) {
	if c.limits == nil || c.skip(id.Name) {
		return
	}
	if id.Kind == Role && strings.HasPrefix(id.Name, ProviderRolePrefix) {
		c.bad.Add(path, "declare another role", "%s is the role of a provider, which must not write its own rights", id.Name)
		return
	}
	if c.env.Partition == "" || c.env.Account == "" {
		return
	}
	start := c.env.ARN("iam", "", c.env.Account, strings.ToLower(string(id.Kind))+"/")
	c.within("GranteeArns", all, start+id.Name, path, start+anyRun+"/"+id.Name)
}

// all is the default of a limit that is open unless somebody sets it.
var all = []string{"*"}

// within adds a violation when neither what nor any of its other forms lies within the limit called name. Without any
// entry the limit is as open as byDefault.
func (c checker) within(name string, byDefault []string, what, path string, others ...string) {
	if c.limits == nil || c.skip(what) {
		return
	}
	entries, _ := reflect.ValueOf(*c.limits).FieldByName(name).Interface().([]string)
	has := strings.Join(entries, ", ")
	if len(entries) == 0 {
		entries, has = byDefault, "nothing unless somebody sets it"
	}
	for _, form := range append(others, what) {
		if slices.ContainsFunc(entries, func(pattern string) bool { return couldMatch(pattern, form) }) {
			return
		}
	}
	c.bad.Add(path, "an administrator can widen "+name+" on the provider: a parameter of its stack, a property of its construct",
		"%s is outside the limit %s, which has %s", what, name, has)
}

// anyRun in a text stands for any run of characters. No ARN or id has this byte.
const anyRun = "\xff"

// couldMatch says whether a pattern with * and ? matches text, whatever the runs in it stand for.
func couldMatch(pattern, text string) bool {
	// reach[j] says whether what was read of pattern matches text[:j].
	reach := make([]bool, len(text)+1)
	reach[0] = true
	for j := range len(text) {
		reach[j+1] = reach[j] && text[j] == anyRun[0]
	}
	for i := range len(pattern) {
		next := make([]bool, len(text)+1)
		next[0] = reach[0] && pattern[i] == '*'
		for j := range len(text) {
			switch {
			case pattern[i] == '*':
				next[j+1] = next[j] || reach[j+1]
			case text[j] == anyRun[0]:
				next[j+1] = next[j] || reach[j] || reach[j+1]
			default:
				next[j+1] = reach[j] && (pattern[i] == '?' || pattern[i] == text[j])
			}
		}
		reach = next
	}
	return reach[len(text)]
}
