package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/aws/aws-lambda-go/cfn"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/trail"
)

// requestLook is the request type in the log.
const requestLook = "Look"

// found is what came of looking, in numbers of shares.
type found struct {
	Looked   int // those that could be looked at
	Drifted  int // those that are not as declared
	Repaired int // those of them that are by now
	Failed   int // those that could not be looked at, or not be repaired though they say so
}

func (f *found) add(o found) {
	f.Looked += o.Looked
	f.Drifted += o.Drifted
	f.Repaired += o.Repaired
	f.Failed += o.Failed
}

// inspection is the look at one remembered share.
type inspection struct {
	provider *Provider
	aws      AWS
	env      share.Env
	who      *history
	name     string // of the parameter
	log      *slog.Logger
}

// subject is a share or access as an inspection sees it.
type subject struct {
	drift  string // what is declared to be done
	refuse error  // why nothing may be mended: the declaration is not within today's limits
	bucket string
	key    func() string // the ARN of its key as it was observed, "" when there is none
	// observe looks and plans. unread is what could not be read.
	observe func(context.Context) (steps plan.Plan, unread, conflict error)
	// prove reads back, evaluates, and fails when something is not as declared.
	prove func(context.Context, plan.Plan) error
}

// errNotNow says that a share is to be left alone this time.
var errNotNow = errors.New("not now")

func (i inspection) run(ctx context.Context) found {
	m, err := i.aws.Memory(ctx, i.name)
	if err != nil {
		i.log.Error("not looked at", "error", loggable(err.Error()))
		return found{Failed: 1}
	}
	if m.Name == "" {
		return found{} // deleted since
	}
	d, env, err := declaration.In(i.name, m.Value)
	if err != nil || env != i.env {
		i.log.Error("not looked at: this parameter is not what a provider writes", "writer", loggable(m.Writer))
		return found{Failed: 1}
	}
	e := cfn.Event{
		RequestType: requestLook, ResourceType: d.Type, StackID: d.StackID, LogicalResourceID: d.LogicalID,
		ResourceProperties: d.Properties,
	}
	ctx, h := newHandling(ctx, atObserve, inspectionLog(i.log, e))
	r := resource{
		Event: e, handling: h, env: i.env, aws: i.aws, limits: i.provider.Limits, status: func() string { return "" },
		who: i.who.of(m.Written),
	}
	if err := r.atRest(ctx); errors.Is(err, errNotNow) {
		h.log.Warn("left alone", "why", loggable(err.Error()))
		return found{}
	} else if err != nil {
		h.log.Error("not looked at", "error", loggable(err.Error()))
		return found{Failed: 1}
	}
	if r.isLeftOver(ctx, d) {
		return found{Looked: 1, Drifted: 1}
	}
	r.lookAtJobs(ctx, d.Jobs)
	return r.inspect(ctx, m.Writer)
}

// atRest is an error unless the share's stack has nothing to do. While it is at work, its own event says what is to be.
func (r resource) atRest(ctx context.Context) error {
	status, err := r.aws.AwaitStack(ctx, r.StackID, func(string) bool { return true })
	switch {
	case err != nil:
		return fmt.Errorf("it is not known what its stack does: %w", err)
	case status == "" || status == "DELETE_COMPLETE":
		return fmt.Errorf("%w: its stack is gone; whether somebody still has access, and that this parameter goes, is for "+
			"a person to see to", errNotNow)
	case !slices.Contains(resting, status):
		return fmt.Errorf("%w: its stack is %s", errNotNow, status)
	}
	return nil
}

func (r resource) subject() subject {
	if r.ResourceType == share.AccessType {
		return r.accessSubject()
	}
	return r.shareSubject()
}

func (r resource) shareSubject() subject {
	s, refuse := share.ParseShare(r.ResourceProperties, r.env, share.Within(r.limits))
	w := plan.Wanted{
		Share: s, Previous: &s, Owner: r.owner(), Limits: r.limits, Properties: r.declared(),
	}
	var now plan.State
	return subject{
		drift: s.Drift, refuse: cmp.Or(refuse, document.CheckShare(s)), bucket: s.Bucket,
		key: func() string {
			if now.OfBucket == nil {
				return ""
			}
			return now.OfBucket.ARN
		},
		observe: func(ctx context.Context) (steps plan.Plan, unread, conflict error) {
			if now, unread = r.aws.ObserveShare(ctx, w); unread == nil {
				unread = gone(now.Remembered, now.Unread)
			}
			if unread != nil {
				return nil, unread, nil
			}
			steps, conflict = plan.ForShare(w, now)
			return steps, nil, conflict
		},
		prove: func(ctx context.Context, steps plan.Plan) error {
			_, err := r.proveShare(ctx, w, w.After(now, steps), steps)
			return err
		},
	}
}

func (r resource) accessSubject() subject {
	a, refuse := share.ParseAccess(r.ResourceProperties, r.env, share.Within(r.limits))
	w := plan.WantedAccess{Access: a, Previous: &a, Owner: r.owner(), Properties: r.declared()}
	var now plan.AccessState
	return subject{
		drift: a.Drift, refuse: cmp.Or(refuse, document.CheckAccess(a)), bucket: a.Bucket,
		key: func() string { return "" }, // the owner's, of whose changes nothing is recorded here
		observe: func(ctx context.Context) (steps plan.Plan, unread, conflict error) {
			if now, unread = r.aws.ObserveAccess(ctx, w); unread == nil {
				unread = gone(now.Remembered, now.Unread)
			}
			if unread != nil {
				return nil, unread, nil
			}
			steps, conflict = plan.ForAccess(w, now)
			return steps, nil, conflict
		},
		prove: func(ctx context.Context, steps plan.Plan) error {
			_, err := r.proveAccess(ctx, w, w.After(now, steps), steps)
			return err
		},
	}
}

// gone is an error for what could not be read, and for a share that was deleted while it was looked at.
func gone(now plan.Remembered, unread []plan.Unread) error {
	if len(unread) > 0 {
		return unread[0].Err
	}
	if now.Declaration == nil {
		return fmt.Errorf("%w: it was deleted just now", errNotNow)
	}
	return nil
}

// inspect looks at a share, says what is not as declared, and mends it when that is declared.
func (r resource) inspect(ctx context.Context, writer string) found {
	s := r.subject()
	steps, unread, conflict := s.observe(ctx)
	if (len(steps) > 0 || conflict != nil) && r.aws.Pause(ctx, 1) {
		steps, unread, conflict = s.observe(ctx) // once more: one of the answers may have been of old
	}
	switch {
	case errors.Is(unread, errNotNow), steps.Remembers():
		r.log.Info("left alone", "why", "it was changed while it was looked at")
		return found{}
	case unread != nil:
		r.log.Error("not looked at", "error", loggable(unread.Error()))
		return found{Failed: 1}
	case conflict != nil:
		r.drifted(ctx, ofConflict(r.env, conflict), "difference", loggable(conflict.Error()), "repaired", false,
			"why", "no Update could mend it")
		return found{Looked: 1, Drifted: 1}
	case len(steps) == 0:
		return r.evaluate(ctx, s)
	}
	for _, step := range steps {
		r.drifted(ctx, trail.OfStep(r.env, step), "operation", step.Operation, "resource", step.Resource, "difference",
			step.Reason, "is", loggable(step.Before.Text()), "declared", loggable(step.After.Text()))
	}
	return r.repair(ctx, s, steps, writer)
}

// drifted is the line in the log about something that is not as declared, with who changed it.
func (r resource) drifted(ctx context.Context, q trail.Question, about ...any) {
	r.log.Warn("drift", append(about, r.who.changedBy(ctx, q)...)...)
}

// evaluate asks who can do what where nothing of the share's own was changed: somebody else may have put something in
// the way, or let somebody in.
func (r resource) evaluate(ctx context.Context, s subject) found {
	err := s.prove(ctx, nil)
	var differs *differenceError
	switch {
	case err == nil:
		return found{Looked: 1}
	case errors.As(err, &differs):
		r.drifted(ctx, differs.question(r.env, s.bucket, s.key()), "difference", err.Error(), "repaired", false, "why",
			"it is nothing that this share writes")
		return found{Looked: 1, Drifted: 1}
	}
	r.log.Error("not looked at", "error", loggable(err.Error()))
	return found{Failed: 1}
}

// repair carries out the steps when the share says so and everything else allows it. Before each round the stack is
// asked again: an Update that began in the meantime says itself what is to be.
func (r resource) repair(ctx context.Context, s subject, steps plan.Plan, writer string) found {
	came := found{Looked: 1, Drifted: 1}
	if why := r.mayNot(s, steps, writer); why != "" {
		r.log.Warn("drift is not repaired", "why", why)
		if s.drift == share.Repair {
			came.Failed = 1
		}
		return came
	}
	err := r.applyAtRest(ctx, steps)
	if err == nil {
		err = s.prove(ctx, steps)
	}
	if err != nil {
		r.log.Error("drift could not be repaired", "error", loggable(err.Error()))
		came.Failed = 1
		return came
	}
	r.log.Warn("drift is repaired", "steps", len(steps))
	came.Repaired = 1
	return came
}

// mayNot says why nothing is mended, "" when it may be.
func (r resource) mayNot(s subject, steps plan.Plan, writer string) string {
	mends, step := steps.Mends()
	switch {
	case s.drift != share.Repair:
		return "the share says Drift: Report; deploy it with another Revision, or let it say Repair"
	case !declaration.WrittenByProvider(writer, r.env):
		return fmt.Sprintf("the declaration was written by %.300q, and only what the provider wrote itself is acted upon; "+
			"deploy the share with another property", writer)
	case s.refuse != nil:
		return "the declaration is not allowed any more: " + loggable(s.refuse.Error())
	case !mends:
		return fmt.Sprintf("%s %s is for a deployment: deploy the share with another Revision", step.Operation,
			step.Resource)
	}
	return ""
}

func (r resource) applyAtRest(ctx context.Context, steps plan.Plan) error {
	for _, round := range steps.Rounds() {
		if err := r.atRest(ctx); err != nil {
			return err
		}
		if _, err := r.aws.Apply(ctx, round, r.report); cloud.Overtaken(err) {
			return fmt.Errorf("somebody else changed it at the same time; the next look tries again: %w", err)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// inspectionLog names a share in every line.
func inspectionLog(log *slog.Logger, e cfn.Event) *slog.Logger {
	return log.With("resourceType", e.ResourceType, "stack", loggable(e.StackID), "logicalId",
		loggable(e.LogicalResourceID))
}
