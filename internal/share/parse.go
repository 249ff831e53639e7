package share

import "strings"

// ParseShare checks the properties of a Custom::SharedBucket in env. The error is Violations: all of them.
//
// The share holds what could be read also when there is an error. Properties of an earlier deployment may break rules
// of today, and still say what has to be revoked; names under which AWS can have nothing are left out.
func ParseShare(properties map[string]any, env Env, options ...Option) (Share, error) {
	p := DefaultBucketProperties()
	c := read(properties, &p, env, options)
	s := c.share(p)
	return s, c.bad.Err()
}

// ParseAccess is to Custom::SharedBucketAccess what ParseShare is to Custom::SharedBucket.
func ParseAccess(properties map[string]any, env Env, options ...Option) (Access, error) {
	p := DefaultAccessProperties()
	c := read(properties, &p, env, options)
	a := c.access(p)
	return a, c.bad.Err()
}

// Option is how strictly properties are checked.
type Option func(*checker)

// Within checks properties against the provider's limits as well.
func Within(l Limits) Option { return func(c *checker) { c.limits = &l } }

// BeforeDeployment leaves values that unresolved points out to the deployment, as CloudFormation alone knows them.
// Fields of the Env may then be empty where they are not known yet.
func BeforeDeployment(unresolved func(string) bool) Option {
	return func(c *checker) { c.unresolved = unresolved }
}

// read decodes properties into the struct behind p.
func read(properties map[string]any, p any, env Env, options []Option) checker {
	c := checker{env: env, bad: &Violations{}, reported: map[string]bool{}}
	for _, option := range options {
		option(&c)
	}
	decode(Declared(properties), p, "", c.bad)
	for _, v := range *c.bad {
		for path := v.Property; path != ""; path = path[:max(0, strings.LastIndexAny(path, ".["))] {
			c.reported[path] = true
		}
	}
	return c
}

// Declared are properties without what CloudFormation adds to every custom resource's. It is not documented whether
// ServiceTimeout is passed on, so both answers are taken.
func Declared(properties map[string]any) map[string]any {
	own := make(map[string]any, len(properties))
	for k, v := range properties {
		if k != "ServiceToken" && k != "ServiceTimeout" {
			own[k] = v
		}
	}
	return own
}
