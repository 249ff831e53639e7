// Package evaluator decides whether a principal may do an operation on an S3 bucket that is encrypted with a KMS key,
// given every policy in force, and says which layer and which statement stand in the way, or let it through.
//
// The path of a request:
//
//	Evaluator.Decide   one S3 check, and the KMS checks the operation needs   evaluator.go
//	decide             invalid? explicit Deny? who grants it?                 decide.go
//	check.survey       what every layer says                                  check.go
//	statement          action, principal, resource, condition                 policy.go, principal.go, condition.go
//	Reason             the sentence, the near miss, what would be enough      reason.go, hint.go, suggestion.go
//
// It is pure: no network, no clock, no SDK. Policies are read once (NewPolicy) and evaluated any number of times. The
// rules are those of the AWS documentation, named at each; where the documentation does not settle one, the comment
// says what was chosen, and docs/access.md lists all of these.
package evaluator
