package provider

import (
	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/share"
)

// resource is one event on its way.
type resource struct {
	cfn.Event
	*handling
	// emptying is where to go on with the emptying of the bucket, nil for the beginning.
	emptying *Emptying
	env      share.Env
	aws      AWS
	limits   share.Limits
	// rollsBack says whether the stack is on its way back from an update that failed.
	rollsBack func() bool
	// who knows who changed something; only a look asks.
	who *asker
}
