// The function sharedbucket-provider: it stands behind the custom resources Custom::SharedBucket and
// Custom::SharedBucketAccess. Environment and clients are set up here; what happens to an event is in package provider.
package main

import (
	"context"
	"net/url"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/version"
	"example.com/sharedbucket/lambda/provider"
)

func main() {
	log := lambdacontext.NewLogger().With("version", version.String())
	config, err := cloud.Config(context.Background())
	if err != nil {
		log.Error("loading the AWS configuration", "error", err)
		os.Exit(1)
	}
	answersTo := cloud.IsResponseURL
	if cloud.Emulated(config) {
		answersTo = func(share.Env, *url.URL) bool { return true } // an emulator takes answers at its own address
	}
	p := provider.New(provider.Settings{
		Connect:   func(env share.Env) provider.AWS { return cloud.New(config, env) },
		AnswersTo: answersTo,
		Metrics:   os.Stdout,
		Limits:    share.ReadLimits(os.Getenv),

		WhoDrifted: os.Getenv("WhoDrifted") == "true",
	}, log)
	lambda.Start(p.Handle)
}
