package proof

import (
	"slices"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/share"
)

// Expectation is what is declared of a question.
type Expectation string

// The expectations. Open is what the declaration leaves to somebody's own account.
const (
	Yes  Expectation = "yes"
	No   Expectation = "no"
	Open Expectation = "open"
)

// Question is one thing that a subject may try.
type Question struct {
	Subject   int // index into the subjects
	Operation evaluator.Operation
	Place     string // for people: a folder, or anywhere
	Key       string // of the object; empty for operations on the bucket
	Variant   string // how it is tried, where that is not the ordinary way
	// Context is what the request has besides, for the S3 check.
	Context map[string]string
	Expect  Expectation
}

// operations are asked of everybody, with the S3 action behind each. HeadObject needs what GetObject needs.
var operations = []struct {
	name   evaluator.Operation
	action string
}{
	{"ListBucket", "s3:ListBucket"},
	{"GetBucketLocation", share.GetBucketLocation},
	{"GetObject", "s3:GetObject"},
	{"GetObjectVersion", "s3:GetObjectVersion"},
	{"GetObjectTagging", "s3:GetObjectTagging"},
	{"PutObject", "s3:PutObject"},
	{"MultipartUpload", "s3:PutObject"},
	{"DeleteObject", "s3:DeleteObject"},
	{"DeleteObjectVersion", "s3:DeleteObjectVersion"},
}

// OperationNames are the operations that are asked of everybody, in the order of a matrix.
func OperationNames() []string {
	names := make([]string, len(operations))
	for i, o := range operations {
		names[i] = string(o.name)
	}
	return names
}

// hasAction says whether a level has an S3 action.
func hasAction(l share.Level, action string) bool {
	return action == share.GetBucketLocation ||
		slices.Contains(l.ListActions(), action) || slices.Contains(l.ObjectActions(), action)
}

// Questions are everything that the subjects of a share are asked.
func Questions(s share.Share, subjects []Subject, keyARN string) []Question {
	var scopes []share.Scope
	for _, subject := range subjects {
		scopes = append(scopes, subject.Must...)
	}
	folders := foldersOf(scopes)
	var all []Question
	for i, subject := range subjects {
		for _, p := range placesOf(subject, folders) {
			all = append(all, ordinary(i, subject, p)...)
		}
		all = append(all, variants(i, subject, s, keyARN)...)
	}
	return all
}

// ordinary are the operations at one place, as any tool asks for them.
func ordinary(i int, s Subject, p place) []Question {
	var all []Question
	for _, o := range operations {
		q := Question{Subject: i, Operation: o.name, Place: p.String(), Key: p.object(), Expect: expected(s, o.action, p)}
		switch o.name {
		case "GetBucketLocation":
			if p != anywhere {
				continue // it is about the bucket, whatever the folder
			}
			q.Key, q.Expect = "", expected(s, o.action, placeOf(s))
		case "ListBucket":
			q.Key = ""
			if p != anywhere {
				q.Context = map[string]string{"s3:prefix": string(p) + "/", "s3:delimiter": "/"}
			}
		}
		all = append(all, q)
	}
	return all
}

// placeOf is some place that a subject may go to.
func placeOf(s Subject) place {
	for _, scopes := range [][]share.Scope{s.Must, s.May} {
		for _, scope := range scopes {
			if len(scope.Prefixes) > 0 {
				return place(scope.Prefixes[0])
			}
		}
	}
	return anywhere
}

func expected(s Subject, action string, p place) Expectation {
	in := func(scopes []share.Scope) bool {
		return slices.ContainsFunc(scopes, func(scope share.Scope) bool {
			return hasAction(scope.Level, action) && p.in(scope)
		})
	}
	switch {
	case in(s.Must):
		return Yes
	case s.Free || in(s.May):
		return Open
	}
	return No
}

// Headers of a write, as condition keys.
const (
	cipherHeader   = "s3:x-amz-server-side-encryption"
	keyHeader      = "s3:x-amz-server-side-encryption-aws-kms-key-id"
	customerHeader = "s3:x-amz-server-side-encryption-customer-algorithm"
	transport      = "aws:SecureTransport"
)

// variants are the ways of asking that are refused whoever asks: without TLS, with another cipher or another key. They
// are asked of those who may write or read, since everybody else is refused anyway.
func variants(i int, s Subject, sh share.Share, keyARN string) []Question {
	p := placeOf(s)
	var all []Question
	ask := func(operation evaluator.Operation, name string, expect Expectation, context map[string]string) {
		all = append(all, Question{
			Subject: i, Operation: operation, Place: p.String(), Key: p.object(),
			Variant: name, Context: context, Expect: expect,
		})
	}
	concerned := s.Role != Stranger && (len(s.Must) > 0 || s.Imagined)
	writes := concerned && expected(s, "s3:PutObject", p) != No
	reads := concerned && expected(s, "s3:GetObject", p) != No
	if reads {
		ask("GetObject", "without TLS", No, map[string]string{transport: "false"})
	}
	if !writes {
		return all
	}
	ask("PutObject", "without TLS", No, map[string]string{transport: "false"})
	ask("PutObject", "with SSE-S3", No, map[string]string{cipherHeader: "AES256"})
	ask("PutObject", "with the AWS managed key", No, map[string]string{cipherHeader: "aws:kms"})
	other := sh.Env.KeyARN("11111111-2222-3333-4444-555555555555")
	ask("PutObject", "with another key", No, map[string]string{cipherHeader: "aws:kms", keyHeader: other})
	ask("PutObject", "with a customer's key (SSE-C)", No, map[string]string{customerHeader: "AES256"})
	if keyARN != "" {
		named := map[string]string{cipherHeader: "aws:kms", keyHeader: keyARN}
		ask("PutObject", "with the bucket's key", expected(s, "s3:PutObject", p), named)
	}
	return all
}
