package provider

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/smithy-go"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/existing"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/internal/trail"
	"example.com/sharedbucket/policy"
)

// fakeAWS is one account, as package cloud would show and change it.
type fakeAWS struct {
	mu sync.Mutex
	*sharetest.Account
	// foreignKey is another account's key, as it can be seen from here.
	foreignKey *plan.Key
	// before is called before each read ("Observe", "ReadBack") and step (its operation). Its error is AWS's answer.
	before func(ctx context.Context, what string) error
	// stack is the status of the event's stack; when it is "", the stack is at what the event says.
	stack  string
	has    string               // the physical id that it has for its resource
	last   [2]string            // status and physical id of the newest event that it has of its resource
	since  map[string]time.Time // by status: when the stack came to it
	writes int
	// writer is who SSM says has written parameters; the provider when it is "". written is when, by parameter.
	writer  string
	written map[string]time.Time
	// versions are those of each parameter, by the steps that wrote them.
	versions map[string][]string
	// boundary is on every identity; unread cannot be read; looks counts how often what decides was read.
	boundary *proof.Document
	unread   []proof.Unread
	looks    int
	lies     int      // object versions that lie in an adopted bucket under SSE-S3
	canaries []string // their keys
	panics   bool     // canaries do
	again    [][]byte // events that the function called itself with
	// events are what CloudTrail has of calls, by name; older says that it has more. lookedUp are the calls that were
	// asked for.
	events   map[string][]trail.Event
	older    bool
	lookedUp []string
	jobs     []existing.Job
	courses  map[string]existing.Course // of jobs, by id
}

// noStack as status says that there is none.
const noStack = "none"

func newFakeAWS(env share.Env, ids ...share.Identity) *fakeAWS {
	return &fakeAWS{
		Account: sharetest.NewAccount(env, ids...), before: func(context.Context, string) error { return nil },
		written: map[string]time.Time{}, versions: map[string][]string{},
	}
}

func awsError(code string) error { return &smithy.GenericAPIError{Code: code, Message: "refused"} }

// failOn lets one kind of call fail, n times.
func (f *fakeAWS) failOn(what, code string, n int) {
	f.before = func(_ context.Context, w string) error {
		if w == what && n > 0 {
			n--
			return awsError(code)
		}
		return nil
	}
}

func (f *fakeAWS) works() { f.before = func(context.Context, string) error { return nil } }

func (f *fakeAWS) ObserveShare(ctx context.Context, w plan.Wanted) (plan.State, error) {
	err := f.before(ctx, "Observe")
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.Observe(w)
	f.number(&now.Remembered, w.Parameter())
	f.number(&now.Replaced, w.ReplacedParameter())
	if err != nil {
		now.Unread = append(now.Unread, unreadPart(err))
	}
	return now, ctx.Err()
}

// number says which version was read of a parameter, and when that was written.
func (f *fakeAWS) number(r *plan.Remembered, parameter string) {
	r.Written, r.Version = f.written[parameter], int64(len(f.versions[parameter]))
}

// unreadPart is what package cloud makes of a read that fails.
func unreadPart(err error) plan.Unread {
	return plan.Unread{Err: &cloud.CallError{Doing: "reading", Err: err}, Denied: cloud.Code(err) == "AccessDenied"}
}

func (f *fakeAWS) ObserveAccess(ctx context.Context, w plan.WantedAccess) (plan.AccessState, error) {
	err := f.before(ctx, "Observe")
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.Account.ObserveAccess(w, f.foreignKey)
	f.number(&now.Remembered, w.Parameter())
	f.number(&now.Replaced, w.ReplacedParameter())
	if err != nil {
		now.Unread = append(now.Unread, unreadPart(err))
	}
	return now, ctx.Err()
}

func (f *fakeAWS) ReadBack(
	ctx context.Context, w plan.Wanted, after plan.State, steps plan.Plan,
) (plan.State, proof.World, error) {
	err := f.before(ctx, "ReadBack")
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := f.Observe(w)
	seen.Tagged = nil // what is read back is the share's own key
	seen.Remembered, seen.Replaced = after.Remembered, after.Replaced
	keepUnread(seen.Identities, after.Identities, steps)
	return seen, f.around(share.Identities(w.Share.Delegates)), err
}

func (f *fakeAWS) ReadBackAccess(
	ctx context.Context, w plan.WantedAccess, after plan.AccessState, steps plan.Plan,
) (plan.AccessState, proof.World, error) {
	err := f.before(ctx, "ReadBack")
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := f.Account.ObserveAccess(w, after.Key)
	seen.Remembered, seen.Replaced = after.Remembered, after.Replaced
	keepUnread(seen.Identities, after.Identities, steps)
	return seen, f.around(share.Identities(w.Access.Grantees)), err
}

// keepUnread leaves identities as they were observed, of which no step wrote a policy: they are not read back.
func keepUnread(seen, after map[share.Identity]plan.IdentityState, steps plan.Plan) {
	written := map[share.Identity]bool{}
	for _, p := range steps.Policies() {
		written[p.Of] = true
	}
	for id, state := range after {
		if !written[id] {
			seen[id] = state
		}
	}
}

func (f *fakeAWS) Canary(ctx context.Context, _ share.Access, _, key string) error {
	err := f.before(ctx, "Canary")
	f.mu.Lock()
	defer f.mu.Unlock()
	f.canaries = append(f.canaries, key)
	if f.panics {
		panic("a canary")
	}
	return err
}

func (f *fakeAWS) Documents(ctx context.Context, steps []plan.Step) ([]policy.Stored, error) {
	err := f.before(ctx, "Documents")
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []policy.Stored
	for _, s := range steps {
		all = append(all, f.document(s))
	}
	return all, err
}

func (f *fakeAWS) Apply(ctx context.Context, steps plan.Plan, report cloud.Report) (cloud.Applied, error) {
	var applied cloud.Applied
	for _, step := range steps {
		if applied.KeyARN != "" {
			step = step.WithKey(f.Env.PendingKeyARN(), applied.KeyARN)
		}
		done := report(step)
		err := errors.Join(ctx.Err(), f.before(ctx, string(step.Operation)))
		if err == nil {
			err = f.step(step, &applied)
		}
		done(err)
		var changed *plan.Changed
		if errors.As(err, &changed) {
			return applied, err
		}
		if err != nil {
			return applied, &cloud.CallError{Doing: string(step.Operation) + " " + step.Resource, Err: err}
		}
		applied.Steps++
	}
	return applied, nil
}

// step carries a step out, and looks before it at what somebody else may have changed.
func (f *fakeAWS) step(s plan.Step, applied *cloud.Applied) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s.OursPrefix != "" && !s.PlannedFrom(f.document(s)) {
		return &plan.Changed{Document: "the policy of " + s.Resource}
	}
	f.writes++
	switch s.Operation {
	case plan.PutParameter:
		if _, there := f.Parameters[s.Resource]; !there && s.Tags == nil {
			return &plan.Changed{Document: "what is remembered in " + s.Resource}
		}
		f.written[s.Resource] = time.Now()
		f.versions[s.Resource] = append(f.versions[s.Resource], s.Value)
	case plan.DeleteParameter:
		delete(f.versions, s.Resource)
	}
	key, err := f.Account.Apply(s)
	if key != "" {
		applied.KeyARN = key
	}
	var refused *sharetest.Refused
	switch {
	case !errors.As(err, &refused):
		return err
	case slices.Contains(doneAlready[s.Operation], refused.Code):
		return nil
	}
	return awsError(refused.Code)
}

// doneAlready are the answers which say, to package cloud, that nothing is left to be done.
var doneAlready = map[plan.Operation][]string{
	plan.DeleteBucketPolicy: {"NoSuchBucket"}, plan.UntagBucket: {"NoSuchBucket"}, plan.DeleteBucket: {"NoSuchBucket"},
	plan.UntagKey:            {"NotFoundException"},
	plan.ScheduleKeyDeletion: {"NotFoundException", "KMSInvalidStateException"},
}

func (f *fakeAWS) Memories(ctx context.Context) ([]string, error) {
	err := f.before(ctx, "Memories")
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.Parameters)), err
}

func (f *fakeAWS) Memory(ctx context.Context, name string) (cloud.Memory, error) {
	if err := f.before(ctx, "Memory"); err != nil {
		return cloud.Memory{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	text, there := f.Parameters[name]
	if !there {
		return cloud.Memory{}, nil
	}
	role := share.ProviderRolePrefix + f.Env.Region
	writer := f.Env.ARN("sts", "", f.Env.Account, "assumed-role/"+role+"/sharedbucket-provider")
	return cloud.Memory{Name: name, Value: text, Writer: cmp.Or(f.writer, writer),
		Written: "2026-11-26T10:00:00Z"}, nil
}

func (f *fakeAWS) MemoriesSince(ctx context.Context, name string, version int64) (since []cloud.Memory, err error) {
	if err := f.before(ctx, "MemoriesSince"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, text := range f.versions[name] {
		if n := int64(i) + 1; n > version {
			since = append(since, cloud.Memory{Name: name, Value: text, Version: n})
		}
	}
	return since, nil
}

func (f *fakeAWS) Events(ctx context.Context, call trail.Call) ([]trail.Event, bool, error) {
	if err := f.before(ctx, "Events"); err != nil {
		return nil, false, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lookedUp = append(f.lookedUp, call.Name)
	return f.events[call.Name], f.older, nil
}

func (f *fakeAWS) AwaitStack(ctx context.Context, _ string, _ func(string) bool) (string, error) {
	if err := f.before(ctx, "AwaitStack"); err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch f.stack {
	case "":
		return "UPDATE_IN_PROGRESS", nil // in which every kind of event may come
	case noStack:
		return "", nil
	}
	return f.stack, nil
}

func (f *fakeAWS) StackSince(ctx context.Context, _, status string) (time.Time, error) {
	if err := f.before(ctx, "StackSince"); err != nil {
		return time.Time{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.since[status], nil
}

func (f *fakeAWS) StackResourceEvent(ctx context.Context, _, _ string) (status, physicalID string, err error) {
	err = f.before(ctx, "StackResourceEvent")
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last[0], f.last[1], err
}

func (f *fakeAWS) StackResource(ctx context.Context, _, _ string) (string, error) {
	err := f.before(ctx, "StackResource")
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.has, err
}

// stackIs gives the event's stack another status, now.
func (f *fakeAWS) stackIs(status string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stack = status
	if f.since == nil {
		f.since = map[string]time.Time{}
	}
	f.since[status] = time.Now()
}

// document is what a step writes to, as it is.
func (f *fakeAWS) document(s plan.Step) policy.Stored {
	if b := f.Buckets[s.Resource]; b != nil {
		return b.Policy
	}
	if k := f.Keys[s.Resource]; k != nil {
		return k.Policy
	}
	return policy.Stored{}
}

func (f *fakeAWS) Pause(ctx context.Context, _ int) bool { return ctx.Err() == nil }

// around is what decides besides the share's own documents.
func (f *fakeAWS) around(ids []share.Identity) proof.World {
	f.looks++
	w := proof.World{Accounts: map[string]proof.Account{}, Unread: slices.Clone(f.unread)}
	for _, id := range ids {
		w.Principals = append(w.Principals, proof.Principal{
			ARN: f.Env.ARN("iam", "", f.Env.Account, id.String()), Account: f.Env.Account, Boundary: f.boundary,
			Type: proof.TypeOf(id.Kind),
		})
	}
	return w
}

func (f *fakeAWS) Settle(ctx context.Context, look func(context.Context) error) (err error) {
	for range 3 {
		if err = look(ctx); err == nil {
			return nil
		}
	}
	return err
}

// answer is one PUT to the response URL.
type answer struct {
	Status, Reason, PhysicalResourceId, StackId, RequestId, LogicalResourceId string
	Data                                                                      map[string]string
	header                                                                    http.Header
	length                                                                    int
	body                                                                      []byte
}

// fixture is a provider between CloudFormation and a fake AWS.
type fixture struct {
	t        *testing.T
	aws      *fakeAWS
	provider *Provider
	server   *httptest.Server
	// reply is the status that the response URL answers with, by try.
	reply func(try int) int
	// redirect is where the response URL leads further, "" for nowhere.
	redirect string

	mu      sync.Mutex
	answers []answer
	log     bytes.Buffer
	metrics bytes.Buffer
	stackID string
	events  int // so far
}

// secret is in every response URL and must be in no log.
const secret = "X-Amz-Signature=5ec7e7"

var (
	ownerEnv    = share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "111111111111"}
	consumerEnv = share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "222222222222"}
	ann         = share.Identity{Kind: share.User, Name: "ann"}
	dilip       = share.Identity{Kind: share.User, Name: "dilip"}
)

func newFixture(t *testing.T, env share.Env) *fixture {
	s := &fixture{t: t, aws: newFakeAWS(env, ann, dilip), reply: func(int) int { return 200 }}
	s.stackID = "arn:aws:cloudformation:" + env.Region + ":" + env.Account + ":stack/shared/0123"
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		a := answer{header: r.Header, length: int(r.ContentLength), body: body}
		if err := json.Unmarshal(body, &a); err != nil {
			t.Errorf("answer is no JSON: %v: %s", err, body)
		}
		if r.Method != http.MethodPut {
			t.Errorf("answered with %s", r.Method)
		}
		s.mu.Lock()
		s.answers = append(s.answers, a)
		status := s.reply(len(s.answers))
		s.mu.Unlock()
		if status == 0 { // a connection that breaks
			panic(http.ErrAbortHandler)
		}
		if s.redirect != "" {
			w.Header().Set("Location", s.redirect)
		}
		w.WriteHeader(status)
	}))
	s.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(s.server.Close)
	s.provider = New(Settings{
		Connect:   func(share.Env) AWS { return s.aws },
		AnswersTo: func(_ share.Env, u *url.URL) bool { return "http://"+u.Host == s.server.URL },
		Metrics:   &s.metrics,
	}, slog.New(slog.NewJSONHandler(&s.log, nil)))
	s.provider.pause = 0
	t.Cleanup(func() {
		written := s.log.String() + s.metrics.String()
		if strings.Contains(written, secret) || strings.Contains(written, s.server.URL) {
			t.Errorf("the response URL is in the log: %s", written)
		}
	})
	return s
}

// event is a request as CloudFormation sends it, with every property a string.
func (s *fixture) event(kind cfn.RequestType, resourceType, id string, properties, old map[string]any) cfn.Event {
	strings := func(p map[string]any) map[string]any {
		if p == nil {
			return nil
		}
		return sharetest.Stringified(p).(map[string]any)
	}
	s.events++
	return cfn.Event{
		RequestType: kind, RequestID: fmt.Sprint("request-", s.events),
		ResponseURL: s.server.URL + "/?" + secret, ResourceType: resourceType,
		PhysicalResourceID: id, LogicalResourceID: "Share", StackID: s.stackID,
		ResourceProperties: strings(properties), OldResourceProperties: strings(old),
	}
}

// send handles an event and returns its one answer.
func (s *fixture) send(e cfn.Event) answer {
	s.t.Helper()
	return s.sendWithin(s.t.Context(), e)
}

func (s *fixture) sendWithin(ctx context.Context, e cfn.Event) answer {
	s.t.Helper()
	before := len(s.answers)
	if err := s.provider.Handle(ctx, Event{Event: e}); err != nil {
		s.t.Fatalf("handling %s: %v", e.RequestType, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.answers) - before; n != 1 {
		s.t.Fatalf("%d answers, want one", n)
	}
	a := s.answers[len(s.answers)-1]
	if a.StackId != e.StackID || a.RequestId != e.RequestID || a.LogicalResourceId != e.LogicalResourceID {
		s.t.Errorf("answer to another request: %s", a.body)
	}
	if a.PhysicalResourceId == "" || (a.Status == "FAILED") != (a.Reason != "") || a.length > maxAnswer {
		s.t.Errorf("answer %s", a.body)
	}
	return a
}

func (s *fixture) create(p map[string]any) answer {
	return s.send(s.event(cfn.RequestCreate, share.BucketType, "", p, nil))
}
func (s *fixture) update(id string, p, old map[string]any) answer {
	return s.send(s.event(cfn.RequestUpdate, share.BucketType, id, p, old))
}
func (s *fixture) delete(id string, p map[string]any) answer {
	return s.send(s.event(cfn.RequestDelete, share.BucketType, id, p, nil))
}

func (s *fixture) want(a answer, status, id, reason string) {
	s.t.Helper()
	if a.Status != status || a.PhysicalResourceId != id || !strings.Contains(a.Reason, reason) {
		s.t.Errorf("answered %s %q: %s\nwant %s %q: …%s…", a.Status, a.PhysicalResourceId, a.Reason, status, id, reason)
	}
}

// wantWrites asks which writes there were after the first ones.
func (s *fixture) wantWrites(before int, operations ...plan.Operation) {
	s.t.Helper()
	var got []plan.Operation
	for _, step := range s.aws.Steps[before:] {
		got = append(got, step.Operation)
	}
	if !slices.Equal(got, operations) {
		s.t.Errorf("%v was written, want %v", got, operations)
	}
}

// wantNothing asks that no bucket or live key is there and nobody has an inline policy.
func (s *fixture) wantNothing() {
	s.t.Helper()
	s.wantLeft(0, 0, 0)
}

func (s *fixture) wantLeft(buckets, keys, inline int) {
	s.t.Helper()
	live, policies := 0, 0
	for _, k := range s.aws.Keys {
		if k.State != plan.KeyPendingDeletion {
			live++
		}
	}
	for _, p := range s.aws.Identities {
		policies += len(p)
	}
	if len(s.aws.Buckets) != buckets || live != keys || policies != inline {
		s.t.Errorf("there are %d buckets, %d keys, %d inline policies; want %d, %d, %d", len(s.aws.Buckets), live, policies,
			buckets, keys, inline)
	}
}

// wantNobody asks that no policy lets anybody from outside in.
func (s *fixture) wantNobody() {
	s.t.Helper()
	var documents []string
	for _, b := range s.aws.Buckets {
		documents = append(documents, b.Policy.Text())
	}
	for _, k := range s.aws.Keys {
		documents = append(documents, k.Policy.Text())
	}
	for _, d := range documents {
		who, err := sharetest.Admitted(d, s.aws.Env.Account)
		if err != nil || len(who) > 0 {
			s.t.Errorf("let in: %v %v", who, err)
		}
	}
}

func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
