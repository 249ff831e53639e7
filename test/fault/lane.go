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

// lane is an account in which cases are played, one from where the other ended. What stands is one resource in one
// stack, or nothing; from its creation until it is gone it has one life, with names of its own.
type lane struct {
	*lab
	at       *account
	other    *lane  // of the lab
	standing *state // nil for nothing
	stack    string
	names    map[string]string // by label
	lives    int
	used     []string // the buckets that this life has named
}

// newLanes are those of a lab: the owner's and the consumer's.
func newLanes(l *lab) []*lane {
	owner, consumer := &lane{lab: l, at: l.owner}, &lane{lab: l, at: l.consumer}
	owner.other, consumer.other = consumer, owner
	owner.begin()
	consumer.begin()
	return []*lane{owner, consumer}
}

func (l *lane) consumes() bool { return l.at == l.consumer }

// begin begins a life.
func (l *lane) begin() {
	l.lives++
	l.standing, l.used, l.stack = nil, nil, fmt.Sprintf("case-%d", l.lives)
	l.names = map[string]string{ownerLabel: l.owner.ID}
	if l.consumes() {
		l.names[first] = l.shared
		return
	}
	l.call(first)
	l.call(second)
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.shadow.keys, func(arn, _ string) bool { return arn != l.shadow.buckets[l.shared].key })
}

// call gives what a label stands for a name that was never used.
func (l *lane) call(label string) {
	l.names[label] = fmt.Sprintf("fault-%s-%d-%d", l.owner.ID[7:], l.lives, len(l.used))
	l.used = append(l.used, l.names[label])
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
func (l *lane) play(ctx context.Context, s *scenario, b *breakage) (result, error) {
	limit := s.hangLimit()
	r, err := l.run(ctx, s, b, limit)
	for ; errors.Is(err, errElsewhere) && limit < longestLimit; r, err = l.run(ctx, s, b, limit) {
		if err := errors.Join(l.wrongs(), l.abandon(ctx)); err != nil {
			return r, err
		}
		limit = min(2*limit, longestLimit)
	}
	err = errors.Join(err, l.wrongs())
	if errors.Is(err, errElsewhere) {
		return r, l.abandon(ctx)
	}
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, l.at.story(ctx, l.stack))
		err = errors.Join(err, l.abandon(ctx))
	}
	return r, err
}

func (l *lane) run(ctx context.Context, s *scenario, b *breakage, limit int32) (r result, err error) {
	if err := l.reach(ctx, s.before); err != nil {
		return r, fmt.Errorf("before: %w", err)
	}
	if s.replaces() && s.after.bucket != s.before.bucket {
		l.call(s.after.bucket) // of the name that it had before, a key may wait for its deletion
	}
	l.expect(s.before, s.after)
	if err := l.putWhatLies(ctx, s); err != nil {
		return r, err
	}
	status, r, err := l.broken(ctx, s, b, limit)
	if err != nil {
		return r, err
	}
	r.survive = status == completes(s)
	if b != nil && b.Fault == hangs && !r.hit && !r.survive {
		return r, errElsewhere
	}
	if b == nil && !r.survive {
		return r, fmt.Errorf("with nothing broken the stack is %s", status)
	}
	if b != nil && b.Fault == shutOut && s.replaces() {
		return r, l.finishForgotten(ctx, status)
	}
	return r, l.finish(ctx, s, status)
}

// broken is the operation, with the call that breaks in it.
func (l *lane) broken(
	ctx context.Context, s *scenario, b *breakage, limit int32,
) (status string, r result, err error) {
	hangs := b != nil && b.Fault == hangs
	if hangs {
		if err := l.at.limit(ctx, limit); err != nil {
			return "", r, err
		}
	}
	labels := map[string]string{}
	for label, name := range l.names {
		labels[name] = label
	}
	l.at.proxy.arm(b, labels)
	began := time.Now()
	status, err = l.move(ctx, s.after)
	r.took = time.Since(began)
	r.calls, r.hit = l.at.proxy.disarm()
	if hangs {
		err = errors.Join(err, l.at.limit(ctx, usualLimit))
	}
	if err == nil && b != nil && b.callsAgain() {
		err = l.at.quiet(ctx, began)
	}
	return status, r, errors.Join(err, l.answeredOnce(ctx, b, r.took))
}

// answeredOnce checks that CloudFormation had one answer to each event. More can only come of an event that Lambda
// delivers again, or of an answer that the function did not see arrive; and here, where no process dies three times,
// CloudFormation never has to give up waiting.
func (l *lane) answeredOnce(ctx context.Context, b *breakage, took time.Duration) error {
	if n := l.at.proxy.mostAnswers(); n > 1 && (b == nil || !b.callsAgain()) {
		return fmt.Errorf("CloudFormation took %d answers to one event", n)
	}
	if took < serviceTimeout {
		return nil
	}
	if story := l.at.story(ctx, l.stack); strings.Contains(story, "did not receive a response") {
		return fmt.Errorf("CloudFormation had no answer\n%s", story)
	}
	return nil
}

// move asks CloudFormation for a state, and returns the status in which the stack then is.
func (l *lane) move(ctx context.Context, to *state) (string, error) {
	switch {
	case l.standing == nil:
		return l.at.create(ctx, l.stack, l.real(to.resource))
	case to == nil:
		return l.at.remove(ctx, l.stack)
	default:
		return l.at.update(ctx, l.stack, l.real(to.resource))
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
func (l *lane) must(ctx context.Context, to *state) error {
	if l.standing == nil && to == nil {
		return nil
	}
	l.expect(l.standing, to)
	want := completes(&scenario{before: l.standing, after: to})
	status, err := l.move(ctx, to)
	if err == nil && status != want {
		err = fmt.Errorf("the stack is %s, not %s", status, want)
	}
	if err != nil {
		return err
	}
	return l.stands(ctx, to)
}

// stands says what there is now, and checks it.
func (l *lane) stands(ctx context.Context, s *state) error {
	l.standing = s
	if err := l.holds(ctx, s); err != nil {
		return err
	}
	if s == nil {
		l.begin()
	}
	return nil
}

// reach makes a state, on the shortest way.
func (l *lane) reach(ctx context.Context, s *state) error {
	if l.standing == s {
		return nil
	}
	// Auto leaves a managed policy managed, so what comes after one begins from nothing.
	if l.standing == nil || s == nil || l.standing.bucket == s.bucket && !l.standing.managed() {
		return l.must(ctx, s)
	}
	if err := l.must(ctx, nil); err != nil {
		return err
	}
	return l.must(ctx, s)
}

// finish looks at how the operation ended, and does what CloudFormation or its user would do next, until what was
// asked for is there.
func (l *lane) finish(ctx context.Context, s *scenario, status string) error {
	var err error
	switch {
	case s.before == nil:
		err = l.finishCreate(ctx, s, status)
	case s.after == nil:
		return l.finishDelete(ctx, s, status)
	default:
		err = l.finishUpdate(ctx, s, status)
	}
	if err != nil || !s.object {
		return err
	}
	return l.takeObject(ctx, s.before.bucket)
}

// again ends the name of the stack that is made where the first one failed.
const again = "-again"

func (l *lane) finishCreate(ctx context.Context, s *scenario, status string) error {
	if status == "CREATE_COMPLETE" {
		return l.stands(ctx, s.after)
	}
	if status != "ROLLBACK_COMPLETE" && status != "ROLLBACK_FAILED" {
		return fmt.Errorf("the creation ended in %s", status)
	}
	if status, err := l.at.remove(ctx, l.stack); err != nil || status != "DELETE_COMPLETE" {
		return errors.Join(err, fmt.Errorf("after the creation failed the stack is %s", status))
	}
	if err := l.holds(ctx, nil); err != nil {
		return fmt.Errorf("%s, then deleted: %w", status, err)
	}
	l.stack += again
	if err := l.must(ctx, s.after); err != nil {
		return fmt.Errorf("%s, then again: %w", status, err)
	}
	return nil
}

func (l *lane) finishUpdate(ctx context.Context, s *scenario, status string) error {
	if status == "UPDATE_COMPLETE" {
		return l.stands(ctx, s.after)
	}
	if status == "UPDATE_ROLLBACK_FAILED" {
		var err error
		if status, err = l.at.resume(ctx, l.stack); err != nil {
			return err
		}
	}
	if status != "UPDATE_ROLLBACK_COMPLETE" {
		return fmt.Errorf("the update ended in %s", status)
	}
	if err := l.stands(ctx, s.before); err != nil {
		return fmt.Errorf("rolled back: %w", err)
	}
	if err := l.must(ctx, s.after); err != nil {
		return fmt.Errorf("rolled back, then again: %w", err)
	}
	return nil
}

func (l *lane) finishDelete(ctx context.Context, s *scenario, status string) error {
	if status == "DELETE_FAILED" {
		var err error
		if status, err = l.at.remove(ctx, l.stack); err != nil {
			return err
		}
	}
	if status != "DELETE_COMPLETE" {
		return fmt.Errorf("the deletion ended in %s", status)
	}
	if s.retained {
		if err := l.wasRetained(ctx, s.before.bucket); err != nil {
			return err
		}
	}
	return l.stands(ctx, nil)
}

// expect sets what anybody may have at the most on the way from one state to another.
func (l *lane) expect(states ...*state) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrong, l.may = nil, l.always()
	for _, name := range l.used {
		l.may[name] = access{}
	}
	l.other.let(l.other.standing)
	for _, s := range states {
		l.let(s)
	}
}

// let adds what a state gives to what anybody may have.
func (l *lane) let(s *state) {
	if s == nil {
		return
	}
	bucket := l.names[s.bucket]
	if l.may[bucket] == nil {
		l.may[bucket] = access{}
	}
	for who, tries := range l.resolved(s.access) {
		l.may[bucket][who] = union(l.may[bucket][who], tries)
	}
}

// real is a resource with names in place of labels.
func (l *lane) real(r resource) resource {
	text, err := json.Marshal(r.Properties)
	if err != nil {
		panic(err)
	}
	out := resource{Type: r.Type}
	if err := json.Unmarshal([]byte(l.named(string(text))), &out.Properties); err != nil {
		panic(err)
	}
	return out
}

func (l *lane) named(text string) string {
	for label, name := range l.names {
		text = strings.ReplaceAll(text, label, name)
	}
	return text
}

func (l *lane) resolved(may access) access {
	real := access{}
	for who, tries := range may {
		if who.Account == noAccount {
			who.Account = l.at.ID
		}
		real[who] = tries
	}
	return real
}

func (l *lane) s3() *s3.Client {
	return s3.NewFromConfig(l.owner.Config(), func(o *s3.Options) { o.UsePathStyle = true })
}

const precious = "precious"

// putWhatLies puts into the bucket what lies there in a scenario.
func (l *lane) putWhatLies(ctx context.Context, s *scenario) error {
	put := func(key string) error {
		_, err := l.s3().PutObject(ctx, &s3.PutObjectInput{
			Bucket: aws.String(l.names[s.before.bucket]), Key: &key, Body: strings.NewReader("data"),
		})
		return err
	}
	var object, canary error
	if s.object {
		object = put(precious)
	}
	if s.canary {
		canary = put(document.CanaryKey(l.consumer.ID, document.MarkOf("stack", "resource")))
	}
	return errors.Join(object, canary)
}

// takeObject takes the object away, which must be there.
func (l *lane) takeObject(ctx context.Context, bucket string) error {
	name := l.names[bucket]
	versions, err := l.s3().ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &name})
	if err != nil {
		return err
	}
	if len(versions.Versions) != 1 || len(versions.DeleteMarkers) != 0 {
		return fmt.Errorf("%d objects in %s, not the one that was put there", len(versions.Versions), name)
	}
	_, err = l.s3().DeleteObject(ctx, &s3.DeleteObjectInput{
		Bucket: &name, Key: versions.Versions[0].Key, VersionId: versions.Versions[0].VersionId,
	})
	return err
}
