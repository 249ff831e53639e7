package provider

import (
	"context"
	"strings"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/plan"
)

// mostAsks is how often the stack's events are looked at before they count against an event: over six seconds, as its
// status is (see AwaitStack of package cloud).
const mostAsks = 4

// isGone says whether a stack that is at an update has had an event's resource once, and has it no more: the event was
// delivered late, and nobody would ever delete what it makes. It is asked about a resource of which nothing is
// remembered. The stack's events tell, as whatever CloudFormation does with a resource it puts down there first; only
// what they do say counts, and only when they say it for some seconds. In doubt the event is served.
func (r resource) isGone(ctx context.Context, e plan.Event, own, from plan.Remembered) bool {
	for _, remembered := range []plan.Remembered{own, from} {
		if remembered.Declaration != nil || remembered.Hidden {
			return false
		}
	}
	if e.ID == "" || e.Undone || r.status() != updating {
		return false
	}
	for try := 1; ; try++ {
		status, physicalID, err := r.aws.StackResourceEvent(ctx, r.StackID, r.LogicalResourceID)
		if err != nil {
			r.log.Warn("it is not known whether the stack still has this resource", "error", loggable(err.Error()))
			return false
		}
		if !r.wentOn(status, physicalID) {
			return false
		}
		if try == mostAsks || !r.aws.Pause(ctx, try) {
			r.log.Warn("late: the stack has this resource no more", "last", status, "lastId", loggable(physicalID))
			return true
		}
	}
}

// wentOn says whether what came last of a resource in its stack shows that this event is over.
//
//	the event | what came last                          | because
//	----------|-----------------------------------------|----------------------------------------------------
//	Create    | an update of the resource, its deletion | its creation comes last as long as it is waited for
//	Update    | the deletion of that physical id        | it has left the template, or was replaced
//	Update    | an update of another physical id        | it was replaced by that one
//	any       | anything else                           | it may be older than the event: it says nothing
func (r resource) wentOn(status, physicalID string) bool {
	updated, deleted := strings.HasPrefix(status, "UPDATE_"), status == "DELETE_COMPLETE"
	switch {
	case r.RequestType == cfn.RequestCreate:
		return updated || deleted
	case physicalID == r.PhysicalResourceID:
		return deleted
	}
	return updated && physicalID != ""
}
