package sharedbucket

import "example.com/sharedbucket/internal/share"

const (
	// FunctionName is the provider's name in every account and region. It is part of every custom resource's service
	// token, which CloudFormation lets nobody change, so it is not a property.
	FunctionName = "sharedbucket-provider"

	// ServiceTokenParameter is the SSM parameter that holds the provider's ARN.
	ServiceTokenParameter = "/sharedbucket/service-token"

	logGroupName = "/aws/lambda/" + FunctionName

	// timeoutSeconds is all that Lambda gives.
	timeoutSeconds = 900
	// serviceTimeoutSeconds is how long CloudFormation waits for an answer: a little longer than the function can run,
	// where the default is an hour.
	serviceTimeoutSeconds = 960
	// emptyingTimeoutSeconds is all that CloudFormation gives: emptying goes on in other invocations of the function.
	emptyingTimeoutSeconds = 3600
	memoryMB               = 512
)

const (
	bucketType = share.BucketType
	accessType = share.AccessType
)
