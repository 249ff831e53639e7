package fault

import (
	"net/http"
	"net/url"
	"strings"
)

// call is one request to AWS, by names that are the same in every run.
type call struct {
	Operation string // as AWS names it
	On        string // the bucket's or identity's label; empty where there is only one such thing
	Nth       int    // the first call of that name is 1
}

func (c call) String() string {
	text := c.Operation
	if c.On != "" {
		text += " " + c.On
	}
	if c.Nth > 1 {
		text += strings.Repeat("'", c.Nth-1)
	}
	return text
}

// reads says whether the call changes nothing.
func (c call) reads() bool {
	for _, verb := range []string{"Get", "List", "Describe", "Head"} {
		if strings.HasPrefix(c.Operation, verb) {
			return true
		}
	}
	return false
}

// jsonProtocol says whether the service answers in JSON.
func (c call) jsonProtocol(r *http.Request) bool { return r.Header.Get("X-Amz-Target") != "" }

// theAnswer is what the PUT of an answer to CloudFormation is called here: S3 does not say.
const theAnswer = "PutAnswer"

// nameOf is a request's operation and what it is about. Bodies of the query protocol are forms.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/programming.html
func nameOf(r *http.Request, body []byte) (operation, on string) {
	if strings.HasPrefix(r.URL.Path, "/_cloudformation/response/") {
		return theAnswer, ""
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndexByte(target, '.')+1:], ""
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		form, _ := url.ParseQuery(string(body))
		for _, name := range []string{"UserName", "RoleName", "GroupName"} {
			on += form.Get(name)
		}
		return form.Get("Action"), on
	}
	if rest, ok := strings.CutPrefix(r.URL.Path, "/v20180820/tags/"); ok {
		return map[string]string{
			http.MethodGet: "ListTagsForResource", http.MethodPost: "TagResource", http.MethodDelete: "UntagResource",
		}[r.Method], rest[strings.LastIndexByte(rest, ':')+1:]
	}
	return s3Operation(r), strings.SplitN(strings.TrimPrefix(r.URL.Path, "/"), "/", 2)[0]
}

// nouns are what S3's subresources are called in the names of operations.
var nouns = map[string]string{
	"policy": "BucketPolicy", "encryption": "BucketEncryption", "publicAccessBlock": "PublicAccessBlock",
	"ownershipControls": "BucketOwnershipControls", "versioning": "BucketVersioning", "tagging": "BucketTagging",
	"lifecycle": "BucketLifecycleConfiguration", "location": "BucketLocation",
}

func s3Operation(r *http.Request) string {
	verb := map[string]string{
		http.MethodGet: "Get", http.MethodPut: "Put", http.MethodDelete: "Delete", http.MethodHead: "Head",
		http.MethodPost: "Post",
	}[r.Method]
	query := r.URL.Query()
	for sub, noun := range nouns {
		if query.Has(sub) {
			return verb + noun
		}
	}
	switch {
	case query.Has("versions"):
		return "ListObjectVersions"
	case query.Has("uploads"):
		return "ListMultipartUploads"
	case query.Has("delete"):
		return "DeleteObjects"
	case strings.Count(strings.Trim(r.URL.Path, "/"), "/") > 0:
		return verb + "Object"
	case r.Method == http.MethodGet:
		return "ListObjectsV2"
	case r.Method == http.MethodPut:
		return "CreateBucket"
	}
	return verb + "Bucket"
}
