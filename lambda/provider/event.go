package provider

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"example.com/sharedbucket/internal/empty"
	"example.com/sharedbucket/internal/share"
)

// maxAnswer is the size of an answer in bytes, Reason and Data included.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
const maxAnswer = 4096

// outcome is what came of an event.
type outcome struct {
	id   string         // the physical id
	data map[string]any // the attributes
	err  error
}

// fallbackID is the physical id of an event that failed: the one it came with, or, for a Create, one that no finished
// share has. The Delete that follows thereby knows that the share was never handed over.
func fallbackID(e cfn.Event) string {
	if e.PhysicalResourceID != "" {
		return e.PhysicalResourceID
	}
	sum := sha256.Sum256([]byte(e.StackID))
	return fmt.Sprintf("unfinished-%s-%s", e.LogicalResourceID, hex.EncodeToString(sum[:4]))
}

// environment is where the stack is. The function must be of the same account and region: it acts where it runs.
func environment(ctx context.Context, e cfn.Event) (share.Env, error) {
	env, err := share.EnvFromARN(e.StackID)
	if err != nil {
		return env, fmt.Errorf("reading StackId: %w", err)
	}
	own, known, err := ownEnvironment(ctx)
	if err != nil {
		return env, err
	}
	if known && own != env {
		return env, fmt.Errorf("the provider in account %s, region %s cannot serve a stack in account %s, region %s; "+
			"use the service token of the stack's own account and region", own.Account, own.Region, env.Account, env.Region)
	}
	return env, nil
}

// ownEnvironment is where the function is, which only Lambda says.
func ownEnvironment(ctx context.Context) (env share.Env, known bool, err error) {
	lc, known := lambdacontext.FromContext(ctx)
	if !known {
		return env, false, nil
	}
	if env, err = share.EnvFromARN(lc.InvokedFunctionArn); err != nil {
		return env, true, fmt.Errorf("reading the function's ARN: %w", err)
	}
	return env, true, nil
}

// mostLogged is the length of a text in a line of the log: more than an answer holds, so that there is always more to
// read here, and not the megabyte that an event may carry.
const mostLogged = 3 * maxAnswer

func loggable(text string) string {
	if len(text) <= mostLogged {
		return text
	}
	return strings.ToValidUTF8(text[:mostLogged], "") + " … (cut)"
}

// Event is an event of CloudFormation, and where to go on with it when an earlier invocation had no time left; or an
// invocation of the provider's own schedule.
type Event struct {
	cfn.Event
	Emptying *Emptying `json:",omitempty"`
	Look     *Look     `json:",omitempty"`
}

// Emptying is how far the emptying of a bucket has come. It is not trusted, as whoever may call the function can make
// it up: it says where to go on, so that less may be deleted than the event asks for, never more, and then the bucket
// is not empty and is looked through once more.
type Emptying struct {
	Hop   int       // how many invocations there were before
	Began time.Time // when the first one began
	Again bool      // what could not be deleted is tried a second time
	Left  empty.Checkpoint
}

// Look is an invocation by the provider's schedule: every share of the account is looked at, whether it is still as it
// was declared. It is nobody's event, and nobody is answered. Whoever may call the function can make one up, and gains
// that the function looks: what is looked at, and what is mended, is decided by what is remembered and declared.
type Look struct {
	// Hop and After say where to go on: how many invocations there were before, and the last parameter they looked at.
	Hop   int    `json:",omitempty"`
	After string `json:",omitempty"`
}

// errHandedOver is no failure: another invocation goes on, and it answers.
var errHandedOver = errors.New("handed over to another invocation")
