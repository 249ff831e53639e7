package proof

import (
	"slices"
	"strings"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/document"
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

// Direct says whether it is a call of KMS itself, not one of S3 that leads to KMS.
func (q Question) Direct() bool { return strings.HasPrefix(string(q.Operation), "kms:") }

// operations are asked of everybody, with the S3 actions behind each.
var operations = []struct {
	name    evaluator.Operation
	actions []string
}{
	{"ListObjectsV2", []string{"s3:ListBucket"}},
	{"GetBucketLocation", []string{share.GetBucketLocation}},
	{"GetObject", []string{"s3:GetObject"}},
	{"GetObjectVersion", []string{"s3:GetObjectVersion"}},
	{"GetObjectAttributes", []string{"s3:GetObject", "s3:GetObjectAttributes"}},
	{"GetObjectTagging", []string{"s3:GetObjectTagging"}},
	{"PutObject", []string{"s3:PutObject"}},
	{"MultipartUpload", []string{"s3:PutObject"}},
	{"ListParts", []string{"s3:ListMultipartUploadParts"}},
	{"AbortMultipartUpload", []string{"s3:AbortMultipartUpload"}},
	{"ListMultipartUploads", []string{"s3:ListBucketMultipartUploads"}},
	{"PutObjectTagging", []string{"s3:PutObjectTagging"}},
	{"DeleteObject", []string{"s3:DeleteObject"}},
	{"DeleteObjectVersion", []string{"s3:DeleteObjectVersion"}},
}

// beyond are single actions that no level has: what an outsider could do worst.
var beyond = []evaluator.Operation{
	"s3:PutObjectAcl", "s3:PutBucketPolicy", "s3:DeleteBucket",
	"kms:PutKeyPolicy", "kms:CreateGrant", "kms:ScheduleKeyDeletion",
}

// onBucket are the operations that are not about an object.
var onBucket = []evaluator.Operation{
	"ListObjectsV2", "GetBucketLocation", "ListMultipartUploads", "s3:PutBucketPolicy", "s3:DeleteBucket",
}

// OperationNames are the operations that are asked of everybody, in the order of a matrix.
func OperationNames() []string {
	names := make([]string, len(operations))
	for i, o := range operations {
		names[i] = string(o.name)
	}
	return names
}

// hasActions says whether a level has all of some S3 actions.
func hasActions(l share.Level, actions []string) bool {
	return !slices.ContainsFunc(actions, func(action string) bool {
		return action != share.GetBucketLocation &&
			!slices.Contains(l.ListActions(), action) && !slices.Contains(l.ObjectActions(), action)
	})
}

// questionsAbout are everything that the subjects of a share are asked.
func questionsAbout(s share.Share, subjects []Subject, keyARN string) []Question {
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
		all = append(all, canaryQuestions(i, subject, s.Canary)...)
		all = append(all, variants(i, subject, s, keyARN)...)
		all = append(all, farther(i, subject, s.DirectUse, keyARN)...)
	}
	return all
}

// ordinary are the operations at one place, as any tool asks for them.
func ordinary(i int, s Subject, p place) []Question {
	var all []Question
	for _, o := range operations {
		q := Question{
			Subject: i, Operation: o.name, Place: p.String(), Key: p.object(), Expect: expected(s, p, o.actions...),
		}
		if slices.Contains(onBucket, o.name) {
			q.Key = ""
		}
		switch {
		case o.name == "GetBucketLocation" && p == anywhere:
			q.Expect = expected(s, placeOf(s), o.actions...)
		case o.name == "ListObjectsV2" && p != anywhere:
			q.Context = map[string]string{"s3:prefix": string(p) + "/", "s3:delimiter": "/"}
		case p != anywhere && (o.name == "GetBucketLocation" || o.name == "ListMultipartUploads"):
			continue // they are about the bucket, whatever the folder
		}
		all = append(all, q)
	}
	return all
}

// farther is what goes beyond every level, and the key itself: nobody uses it but through S3, unless DirectUse says so.
// Whoever is declared may look at it.
func farther(i int, s Subject, directUse bool, keyARN string) []Question {
	limit := No
	if s.Free {
		limit = Open
	}
	p := placeOf(s)
	var all []Question
	ask := func(o evaluator.Operation, expect Expectation) {
		q := Question{Subject: i, Operation: o, Place: p.String(), Key: p.object(), Expect: expect}
		if ofKey := strings.HasPrefix(string(o), "kms:"); ofKey && keyARN == "" {
			return
		} else if ofKey || slices.Contains(onBucket, o) {
			q.Place, q.Key = anywhere.String(), ""
		}
		all = append(all, q)
	}
	for _, o := range beyond {
		ask(o, limit)
	}
	direct := limit
	if directUse && len(s.May) > 0 {
		direct = Open
	}
	if directUse && len(s.Must) > 0 {
		direct = Yes
	}
	ask("kms:Decrypt", direct)
	if len(s.Must) > 0 {
		ask(share.DescribeKey, Yes)
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

func expected(s Subject, p place, actions ...string) Expectation {
	in := func(scopes []share.Scope) bool {
		return slices.ContainsFunc(scopes, func(scope share.Scope) bool {
			return hasActions(scope.Level, actions) && p.in(scope)
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

const transport = "aws:SecureTransport"

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
	writes := concerned && expected(s, p, "s3:PutObject") != No
	reads := concerned && expected(s, p, "s3:GetObject") != No
	if reads {
		ask("GetObject", "without TLS", No, map[string]string{transport: "false"})
	}
	if !writes {
		return all
	}
	ask("PutObject", "without TLS", No, map[string]string{transport: "false"})
	ask("PutObject", "with SSE-S3", No, map[string]string{document.CipherHeader: "AES256"})
	ask("PutObject", "with the AWS managed key", No, map[string]string{document.CipherHeader: "aws:kms"})
	ask("PutObject", "with another key", No, map[string]string{
		document.CipherHeader: "aws:kms", document.KeyHeader: sh.Env.KeyARN("11111111-2222-3333-4444-555555555555"),
	})
	ask("PutObject", "with a customer's key (SSE-C)", No, map[string]string{document.CustomerHeader: "AES256"})
	if keyARN != "" {
		named := map[string]string{document.CipherHeader: "aws:kms", document.KeyHeader: keyARN}
		ask("PutObject", "with the bucket's key", expected(s, p, "s3:PutObject"), named)
	}
	return all
}

// canaryQuestions are those about the canary's folder: its provider alone may use it, without being let in further, and
// nobody uses another account's. Who may use the whole bucket may use what is in it.
func canaryQuestions(i int, s Subject, canaries bool) []Question {
	if s.Role != Provider && s.Role != Consumer && s.Role != Stranger || s.Type == evaluator.Anonymous {
		return nil
	}
	var all []Question
	for _, account := range []string{s.Account, otherAccount} {
		p := place(document.CanaryFolder + account)
		for _, o := range operations {
			if slices.ContainsFunc(o.actions, func(a string) bool { return !slices.Contains(document.CanaryActions, a) }) {
				continue
			}
			expect := expected(s, p, o.actions...)
			switch {
			case s.Role == Provider && account == s.Account && canaries:
				expect = Yes
			case expect != No:
				continue // as anywhere
			}
			all = append(all, Question{Subject: i, Operation: o.name, Place: p.String(), Key: p.object(), Expect: expect})
		}
	}
	return all
}
