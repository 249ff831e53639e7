// Package fault breaks the provider's way to AWS at every single call, and looks at what is left.
//
// The real function runs in a local AWS, whose CloudFormation drives it: events with strings for scalars, roll-backs by
// swapped Updates, replacement with clean-up, invented ids, retries. Between the function and AWS stands a Proxy, which
// names every call, breaks one of them in one of several ways, and follows every write, so that after each of them the
// evaluator can be asked who has access.
//
//	call.go      what a request is called: PutBucketPolicy first-bucket, or PutAnswer for the answer itself
//	fault.go     the ways in which a call can break
//	proxy.go     between the function and AWS, and CloudFormation
//	model.go     what is there, as the proxy saw it written
//	ask.go       who may do what by it: with any object, and with canaries
//	account.go   one account with the function and its stacks
//	scenario.go  Create, Update, replacement and Delete of both resources
//	pair.go      an owner's and a consumer's account
//	runner.go    one of them, in which cases are played, one from where the other ended
//	left.go      what must be there after a case, and nothing besides
//	queue.go     the cases, and which one a runner can play next
//	choice.go    which of them are played where time is short
//	table.go     how many there are
package fault
