// Package evaluator decides whether a principal may do an operation on an S3 bucket that is encrypted with a KMS key,
// given every policy in force, and says which layer and which statement stand in the way, or let it through.
//
// What is fixed is prepared once and asked any number of times, from any number of goroutines: documents (NewPolicy), a
// bucket with its key and access points (NewEvaluator), principals with the policies of their accounts (NewRequester).
//
//	e := evaluator.NewEvaluator(evaluator.Bucket{Name: "b", Region: "eu-west-1", Owner: account, Policy: policy})
//	ann := evaluator.NewRequester(evaluator.Principal{ARN: "arn:…:user/ann", Account: account, Type: evaluator.User})
//	d := e.Decide(ann, evaluator.Request{Operation: "GetObject", Key: "report.csv"})
//
// A Decision has the verdict of S3, that of KMS, and both together, and for each authorization at least one Reason: the
// layer, the statement, a sentence (Text) and, where an Allow is missing, what would be enough (Suggestion). A document
// that is not valid makes whatever it takes part in Invalid, never Allow.
//
// It is pure: no network, no clock, no SDK. The rules are those of the AWS documentation, named at each; where the
// documentation does not settle one, the comment says what was chosen, and docs/access.md lists all of these. Package
// evaluator/scenario reads all of this from JSON.
//
// # The path of a request
//
//	Evaluator.Decide      the authorizations that the operation needs         evaluator.go, operation.go
//	decide                invalid? explicit Deny? who grants it?              decide.go
//	authorization.survey  what every layer says                               authorization.go
//	statement             action, principal, resource, condition              policy.go, principals.go, condition.go
//	Reason                the sentence, the near miss, what would be enough   text.go, hint.go, suggestion.go
package evaluator
