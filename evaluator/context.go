package evaluator

import "strings"

// Value is what a condition key has in a request: nothing, one text, or a list for keys that are multivalued.
type Value struct {
	texts []string
	multi bool
}

// One is the value of a single-valued key.
func One(text string) Value { return Value{texts: []string{text}} }

// Many is the value of a multivalued key, also when it has one element or none.
func Many(texts ...string) Value { return Value{texts: texts, multi: true} }

// Texts are the value as a list.
func (v Value) Texts() []string { return v.texts }

// Context is what a request has besides principal, action and resource. The zero Context is empty.
type Context struct{ values map[string]Value }

// Set gives a key its value, in place of the one that the evaluator would have given it. The zero Value takes a key
// away. Keys ignore case, also in the part after a slash.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
func (c *Context) Set(key string, value Value) {
	if c.values == nil {
		c.values = make(map[string]Value)
	}
	c.values[strings.ToLower(key)] = value
}

// requestContext is what a check knows, in layers so that nothing is copied for a request: what the request came
// with, what follows from the object, from the requester, and from the bucket or key. All keys are in lower case.
type requestContext struct {
	given             map[string]Value
	encryptionContext []string // of kms:EncryptionContext:aws:s3:arn where it is the object's ARN
	requester         map[string]Value
	resource          map[string]Value
}

// encryptionContextKey is where S3 says what it encrypts.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context
const encryptionContextKey = "kms:encryptioncontext:aws:s3:arn"

// get is the value of a key; false when the request has no such key, or has it with an empty list.
func (v *requestContext) get(key string) (Value, bool) {
	if value, there := v.given[key]; there {
		return value, len(value.texts) > 0
	}
	if v.encryptionContext != nil && key == encryptionContextKey {
		return Value{texts: v.encryptionContext}, true
	}
	if value, there := v.requester[key]; there {
		return value, len(value.texts) > 0
	}
	value, there := v.resource[key]
	return value, there && len(value.texts) > 0
}
