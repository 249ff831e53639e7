// Package proof says whether a share does what it declares: those declared can do what their level says, and nobody
// else can do anything.
//
// The path from what is there to an answer, each step in the file of its name:
//
//	World      what is there: documents, read once, and what could not be read          world.go
//	Subject    who is asked about: delegates, grantees, the best-equipped principal
//	           of every consumer, and those who must not get in                      subject.go, strangers.go
//	Question   subject × operation × place, with what is declared of it              question.go, place.go
//	Answer     the evaluator's decision, and how it compares                         judge.go
//	Report     the matrix, one finding per surprise, what is not proven              report.go, finding.go
//
// Everything is a pure function: no clock, no network, no SDK. What could not be read is taken to be as generous as it
// could be: then a refusal is certain, and a permission is not proven.
package proof
