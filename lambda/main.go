// The function sharedbucket-provider: it stands behind the custom resources Custom::SharedBucket and
// Custom::SharedBucketAccess. Environment and clients are set up here; what happens to an event is in package provider.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/lambda/provider"
)

func main() {
	log := lambdacontext.NewLogger()
	config, err := cloud.Config(context.Background())
	if err != nil {
		log.Error("loading the AWS configuration", "error", err)
		os.Exit(1)
	}
	limits := share.ReadLimits(os.Getenv)
	p := provider.New(func(env share.Env) provider.AWS { return cloud.New(config, env) }, limits, log)
	lambda.Start(p.Handle)
}
