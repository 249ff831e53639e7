// Package adopt reads a bucket that is shared by hand and says the same as a share.
//
// Patterns propose: statements of the bucket policy name consumers and folders, policies of identities name the bucket.
// The evaluator decides: how far somebody is let in is what the policies in force let him do, and a statement counts as
// said only when nobody loses anything without it. Nobody comes to read, write or delete what he could not before; what
// a level has beside these is a gain, and said by name.
//
//	World, Hand    what is there                                        internal/survey
//	source         a statement, or a grant of KMS, one by one           source.go
//	meaning        whom, where and what it means in a share's words     who.go, where.go, meaning.go
//	scopes         how far somebody is let in, asked of the evaluator   ability.go
//	declaration    consumers, delegates and grantees                    consumers.go, identities.go, declaration.go
//	Adoption       what is gained, what stays unsaid, and why           adopt.go, replaced.go, bucket.go
//	Report, YAML   for people                                           report.go, yaml.go
//
// Everything is a pure function of what was read.
package adopt
