package share

import (
	"reflect"
	"slices"
	"strings"
)

// FoundKey checks the key under which an adopted bucket was found, which the share uses unless it declares another. It
// is no key of the share's own, so it is limited as a declared one is. The error is Violations.
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

// limitIdentity limits whose policies are written.
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
	c.bad.Add(path,
		"an administrator can widen "+name+" on the provider: a parameter of its stack, a property of its construct",
		"%s is outside the limit %s, which has %s", what, name, has)
}
