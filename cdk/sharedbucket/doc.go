// Package sharedbucket has the constructs of SharedBucket: a bucket and its KMS key that other accounts use, and the
// access to such a bucket in an account that consumes.
//
// Every account that takes part has one [Provider] in the region of the bucket: a function that CloudFormation calls
// for [SharedBucket] and [SharedBucketAccess]. They find it through an SSM parameter, so that a stack can use it
// without referring to the stack that has it.
//
// Property names, defaults and checks are those of package share, which the function parses the same properties with.
// What is wrong with properties is said when the app is synthesized, all of it, each with its path; values that are
// known only on deployment (CDK tokens) are left to the function.
package sharedbucket
