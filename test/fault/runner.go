package fault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"example.com/sharedbucket/internal/document"
)

// runner is an account in which cases are played, one from where the other ended. What stands is one resource in one
// stack, or nothing; from its creation until it is gone it has one life, with names of its own.
type runner struct {
	*pair
	at       *account
	other    *runner // of the pair
	standing *state  // nil for nothing
	stack    string
	names    map[string]string // by label
	lives    int
	used     []string // the buckets that this life has named
}

// newRunners are those of a pair: the owner's and the consumer's.
func newRunners(r *pair) []*runner {
	owner, consumer := &runner{pair: r, at: r.owner}, &runner{pair: r, at: r.consumer}
	owner.other, consumer.other = consumer, owner
	owner.begin()
	consumer.begin()
	return []*runner{owner, consumer}
}

func (r *runner) consumes() bool { return r.at == r.consumer }

// begin begins a life.
func (r *runner) begin() {
	r.lives++
	r.standing, r.used, r.stack = nil, nil, fmt.Sprintf("case-%d", r.lives)
	r.names = map[string]string{ownerLabel: r.owner.ID}
	if r.consumes() {
		r.names[first] = r.shared
		return
	}
	r.rename(first)
	r.rename(second)
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.model.keys, func(arn, _ string) bool { return arn != r.model.buckets[r.shared].key })
}

// rename gives what a label stands for a name that was never used.
func (r *runner) rename(label string) {
	r.names[label] = fmt.Sprintf("fault-%s-%d-%d", r.owner.ID[7:], r.lives, len(r.used))
	r.used = append(r.used, r.names[label])
}

// result is what came of a case.
type result struct {
	calls   []call
	hit     bool // the call that was to break came, and broke
	survive bool // the operation went through all the same
	took    time.Duration
}

// errElsewhere says that the machine was too busy for the short time limit, which ended something else than what was to
// hang. Nothing is known then.
var errElsewhere = errors.New("the deadline came before the call")

// play is one case: the operation with the call that breaks, what CloudFormation or its user does then, and a look at
// what is there. A deadline that came before the call that was to hang is set later, as often as it takes.
func (r *runner) play(ctx context.Context, s *scenario, b *injection) (result, error) {
	limit := s.hangLimit()
	got, err := r.run(ctx, s, b, limit)
	for ; errors.Is(err, errElsewhere) && limit < longestLimit; got, err = r.run(ctx, s, b, limit) {
		if err := errors.Join(r.wrongs(), r.abandon(ctx)); err != nil {
			return got, err
		}
		limit = min(2*limit, longestLimit)
	}
	err = errors.Join(err, r.wrongs())
	if errors.Is(err, errElsewhere) {
		return got, r.abandon(ctx)
	}
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, r.at.events(ctx, r.stack))
		err = errors.Join(err, r.abandon(ctx))
	}
	return got, err
}

func (r *runner) run(ctx context.Context, s *scenario, b *injection, limit int32) (got result, err error) {
	if err := r.reach(ctx, s.before); err != nil {
		return got, fmt.Errorf("before: %w", err)
	}
	if s.replaces() && s.after.bucket != s.before.bucket {
		r.rename(s.after.bucket) // of the name that it had before, a key may wait for its deletion
	}
	r.expect(s.before, s.after)
	if err := r.putWhatLies(ctx, s); err != nil {
		return got, err
	}
	status, got, err := r.broken(ctx, s, b, limit)
	if err != nil {
		return got, err
	}
	got.survive = status == completes(s)
	if b != nil && b.Fault == hangs && !got.hit && !got.survive {
		return got, errElsewhere
	}
	if b == nil && !got.survive {
		return got, fmt.Errorf("with nothing broken the stack is %s", status)
	}
	if b != nil && b.Fault == shutOut && s.replaces() {
		return got, r.finishForgotten(ctx, s, status)
	}
	return got, r.finish(ctx, s, status)
}

// broken is the operation, with the call that breaks in it.
func (r *runner) broken(
	ctx context.Context, s *scenario, b *injection, limit int32,
) (status string, got result, err error) {
	hangs := b != nil && b.Fault == hangs
	if hangs {
		if err := r.at.limit(ctx, limit); err != nil {
			return "", got, err
		}
	}
	labels := map[string]string{}
	for label, name := range r.names {
		labels[name] = label
	}
	r.at.proxy.inject(b, labels)
	began := time.Now()
	status, err = r.move(ctx, s.after)
	got.took = time.Since(began)
	got.calls, got.hit = r.at.proxy.end()
	if hangs {
		err = errors.Join(err, r.at.limit(ctx, usualLimit))
	}
	if err == nil && b != nil && b.callsAgain() {
		err = r.at.quiet(ctx, began)
	}
	return status, got, errors.Join(err, r.answeredOnce(ctx, b, got.took))
}

// answeredOnce checks that CloudFormation had one answer to each event. More can only come of an event that Lambda
// delivers again, or of an answer that the function did not see arrive; and here, where no process dies three times,
// CloudFormation never has to give up waiting.
func (r *runner) answeredOnce(ctx context.Context, b *injection, took time.Duration) error {
	if n := r.at.proxy.mostAnswers(); n > 1 && (b == nil || !b.callsAgain()) {
		return fmt.Errorf("CloudFormation took %d answers to one event", n)
	}
	if took < serviceTimeout {
		return nil
	}
	if events := r.at.events(ctx, r.stack); strings.Contains(events, "did not receive a response") {
		return fmt.Errorf("CloudFormation had no answer\n%s", events)
	}
	return nil
}

// move asks CloudFormation for a state, and returns the status in which the stack then is.
func (r *runner) move(ctx context.Context, to *state) (string, error) {
	switch {
	case r.standing == nil:
		return r.at.create(ctx, r.stack, r.real(to.resource))
	case to == nil:
		return r.at.remove(ctx, r.stack)
	default:
		return r.at.update(ctx, r.stack, r.real(to.resource))
	}
}

// completes is the status of a stack when an operation went through.
func completes(s *scenario) string {
	switch {
	case s.before == nil:
		return "CREATE_COMPLETE"
	case s.after == nil:
		return "DELETE_COMPLETE"
	}
	return "UPDATE_COMPLETE"
}

// must moves, now that nothing breaks any more, which has to work.
func (r *runner) must(ctx context.Context, to *state) error {
	if r.standing == nil && to == nil {
		return nil
	}
	r.expect(r.standing, to)
	want := completes(&scenario{before: r.standing, after: to})
	status, err := r.move(ctx, to)
	if err == nil && status != want {
		err = fmt.Errorf("the stack is %s, not %s", status, want)
	}
	if err != nil {
		return err
	}
	return r.stands(ctx, to)
}

// stands says what there is now, and checks it.
func (r *runner) stands(ctx context.Context, s *state) error {
	r.standing = s
	if err := r.holds(ctx, s); err != nil {
		return err
	}
	if s == nil {
		r.begin()
	}
	return nil
}

// reach makes a state, on the shortest way.
func (r *runner) reach(ctx context.Context, s *state) error {
	if r.standing == s {
		return nil
	}
	// Auto leaves a managed policy managed, so what comes after one begins from nothing.
	if r.standing == nil || s == nil || r.standing.bucket == s.bucket && !r.standing.managed() {
		return r.must(ctx, s)
	}
	if err := r.must(ctx, nil); err != nil {
		return err
	}
	return r.must(ctx, s)
}

// finish looks at how the operation ended, and does what CloudFormation or its user would do next, until what was
// asked for is there.
func (r *runner) finish(ctx context.Context, s *scenario, status string) error {
	var err error
	switch {
	case s.before == nil:
		err = r.finishCreate(ctx, s, status)
	case s.after == nil:
		return r.finishDelete(ctx, s, status)
	default:
		err = r.finishUpdate(ctx, s, status)
	}
	if err != nil || !s.object {
		return err
	}
	return r.takeObject(ctx, s.before.bucket)
}

// again ends the name of the stack that is made where the first one failed.
const again = "-again"

func (r *runner) finishCreate(ctx context.Context, s *scenario, status string) error {
	if status == "CREATE_COMPLETE" {
		return r.stands(ctx, s.after)
	}
	if status != "ROLLBACK_COMPLETE" && status != "ROLLBACK_FAILED" {
		return fmt.Errorf("the creation ended in %s", status)
	}
	if status, err := r.at.remove(ctx, r.stack); err != nil || status != "DELETE_COMPLETE" {
		return errors.Join(err, fmt.Errorf("after the creation failed the stack is %s", status))
	}
	if err := r.holds(ctx, nil); err != nil {
		return fmt.Errorf("%s, then deleted: %w", status, err)
	}
	r.stack += again
	if err := r.must(ctx, s.after); err != nil {
		return fmt.Errorf("%s, then again: %w", status, err)
	}
	return nil
}

func (r *runner) finishUpdate(ctx context.Context, s *scenario, status string) error {
	if status == "UPDATE_COMPLETE" {
		return r.stands(ctx, s.after)
	}
	if status == "UPDATE_ROLLBACK_FAILED" {
		var err error
		if status, err = r.at.resume(ctx, r.stack); err != nil {
			return err
		}
	}
	if status != "UPDATE_ROLLBACK_COMPLETE" {
		return fmt.Errorf("the update ended in %s", status)
	}
	if err := r.stands(ctx, s.before); err != nil {
		return fmt.Errorf("rolled back: %w", err)
	}
	if err := r.must(ctx, s.after); err != nil {
		return fmt.Errorf("rolled back, then again: %w", err)
	}
	return nil
}

func (r *runner) finishDelete(ctx context.Context, s *scenario, status string) error {
	if status == "DELETE_FAILED" {
		var err error
		if status, err = r.at.remove(ctx, r.stack); err != nil {
			return err
		}
	}
	if status != "DELETE_COMPLETE" {
		return fmt.Errorf("the deletion ended in %s", status)
	}
	if s.retained {
		if err := r.wasRetained(ctx, s.before.bucket); err != nil {
			return err
		}
	}
	return r.stands(ctx, nil)
}

// expect sets what anybody may have at the most on the way from one state to another.
func (r *runner) expect(states ...*state) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wrong, r.may = nil, r.always()
	for _, name := range r.used {
		r.may[name] = access{}
	}
	r.other.let(r.other.standing)
	for _, s := range states {
		r.let(s)
	}
}

// let adds what a state gives to what anybody may have.
func (r *runner) let(s *state) {
	if s == nil {
		return
	}
	bucket := r.names[s.bucket]
	if r.may[bucket] == nil {
		r.may[bucket] = access{}
	}
	for who, tries := range r.resolved(s.access) {
		r.may[bucket][who] = union(r.may[bucket][who], tries)
	}
}

// real is a resource with names in place of labels.
func (r *runner) real(declared resource) resource {
	text, err := json.Marshal(declared.Properties)
	if err != nil {
		panic(err)
	}
	out := resource{Type: declared.Type}
	if err := json.Unmarshal([]byte(r.named(string(text))), &out.Properties); err != nil {
		panic(err)
	}
	return out
}

func (r *runner) named(text string) string {
	for label, name := range r.names {
		text = strings.ReplaceAll(text, label, name)
	}
	return text
}

func (r *runner) resolved(may access) access {
	real := access{}
	for who, tries := range may {
		if who.Account == noAccount {
			who.Account = r.at.ID
		}
		real[who] = tries
	}
	return real
}

const precious = "precious"

// putWhatLies puts into the bucket what lies there in a scenario.
func (r *runner) putWhatLies(ctx context.Context, s *scenario) error {
	put := func(key string) error {
		_, err := r.s3().PutObject(ctx, &s3.PutObjectInput{
			Bucket: aws.String(r.names[s.before.bucket]), Key: &key, Body: strings.NewReader("data"),
		})
		return err
	}
	var object, canary error
	if s.object {
		object = put(precious)
	}
	if s.canary {
		canary = put(document.CanaryKey(r.consumer.ID, document.MarkOf("stack", "resource")))
	}
	return errors.Join(object, canary)
}

// takeObject takes the object away, which must be there.
func (r *runner) takeObject(ctx context.Context, bucket string) error {
	name := r.names[bucket]
	versions, err := r.s3().ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &name})
	if err != nil {
		return err
	}
	if len(versions.Versions) != 1 || len(versions.DeleteMarkers) != 0 {
		return fmt.Errorf("%d objects in %s, not the one that was put there", len(versions.Versions), name)
	}
	_, err = r.s3().DeleteObject(ctx, &s3.DeleteObjectInput{
		Bucket: &name, Key: versions.Versions[0].Key, VersionId: versions.Versions[0].VersionId,
	})
	return err
}
