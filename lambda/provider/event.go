package provider

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-lambda-go/lambdacontext"

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
