package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

const (
	// atATime is how many shares are looked at side by side: IAM throttles early.
	atATime = 4
	// timeForAShare bounds the look at one share.
	timeForAShare = 2 * time.Minute
)

// look looks at every share. It never fails: an error would have Lambda deliver the event again, and leave it in the
// queue of those that a stack waits for.
func (p *Provider) look(ctx context.Context, l Look) {
	ctx, h := p.begin(ctx, cfn.Event{RequestType: requestLook})
	work, cancel := p.workContext(ctx)
	defer cancel()
	env, known, err := ownEnvironment(ctx)
	if err == nil && !known {
		err = errors.New("the function's own account is not known")
	}
	if err != nil {
		h.log.Error("not looked", "error", err)
		return
	}
	aws := p.Connect(env)
	var came found
	names, err := aws.Memories(work)
	if err != nil {
		h.log.Error("not looked", "error", err)
		came.Failed++
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name <= l.After })
	inspect := inspection{provider: p, aws: aws, env: env, who: p.newHistory(aws, env)}
	left := p.lookAt(work, inspect, names, &came)
	if len(left) > 0 {
		l.After = names[len(names)-len(left)-1]
		if err := p.lookOn(ctx, aws, l); err != nil {
			h.log.Error("not all shares were looked at", "left", len(left), "first", left[0], "error", err)
			came.Failed += len(left)
		}
	}
	h.log.Info("looked", "hop", l.Hop, "shares", came.Looked, "drifted", came.Drifted, "repaired", came.Repaired,
		"failed", came.Failed, "left", len(left))
	p.measureLook(h, l, came)
}

// lookAt looks at shares as long as there is time for one more, and returns those that are left: never all of them.
func (p *Provider) lookAt(ctx context.Context, inspect inspection, names []string, came *found) (left []string) {
	for first := true; len(names) > 0; first = false {
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < timeForAShare && !first {
			return names
		}
		now := names[:min(atATime, len(names))]
		results := make([]found, len(now))
		var all sync.WaitGroup
		for i, name := range now {
			all.Go(func() { results[i] = p.lookAtShare(ctx, inspect, name) })
		}
		all.Wait()
		for _, one := range results {
			came.add(one)
		}
		names = names[len(now):]
	}
	return nil
}

// lookAtShare looks at one share. Whatever happens there is no matter of the others.
func (p *Provider) lookAtShare(ctx context.Context, i inspection, name string) (came found) {
	ctx, cancel := context.WithTimeout(ctx, timeForAShare)
	defer cancel()
	i.name, i.log = name, p.log.With("requestType", requestLook, "parameter", name)
	defer func() {
		if r := recover(); r != nil {
			i.log.Error("not looked at", "error", fmt.Sprint(r), "trace", loggable(string(debug.Stack())))
			came = found{Failed: 1}
		}
	}()
	return i.run(ctx)
}

// lookOn has another invocation look at the shares that are left.
func (p *Provider) lookOn(ctx context.Context, aws AWS, l Look) error {
	lc, known := lambdacontext.FromContext(ctx)
	if !known || l.Hop >= mostHops {
		return errors.New("nobody to go on")
	}
	l.Hop++
	event, err := json.Marshal(Event{Look: &l})
	if err != nil {
		return err
	}
	return aws.Again(ctx, lc.InvokedFunctionArn, event)
}
