package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"example.com/sharedbucket/internal/empty"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/lambda/provider"
	"example.com/sharedbucket/test/local"
)

const (
	// shortLife is the timeout of a function that shall hand over. A quarter is for the answer, half of the rest for
	// handing over, as long as these are less than a minute.
	shortLife = 12 * time.Second
	// pageSize is how many versions the proxy lets a page of a listing have.
	pageSize = 20
	// deletesOfALife is how many calls that delete the proxy lets through for one invocation.
	deletesOfALife = 4
)

// slowProxy stands between a provider and AWS, and makes a bucket one that takes long to empty: pages are short, and
// after a few calls that delete it holds all others until the function has handed over to another invocation of itself.
type slowProxy struct {
	mu        sync.Mutex
	opened    chan struct{} // closed when calls pass again
	calls     int           // that may pass yet
	ofALife   int           // how many may pass after each hand-over
	began     int           // how often emptying began from the start: only then are unfinished uploads listed
	lists     int
	deletes   int
	handed    []provider.Event
	held      chan struct{} // gets something when a call is held
	onRequest func(*http.Request)
}

// newSlowProxy gives the account a provider behind a slow proxy, which has little time and lets so many calls through.
func (s *account) newSlowProxy(calls int) *slowProxy {
	s.t.Helper()
	g := &slowProxy{
		opened: make(chan struct{}), calls: calls, ofALife: deletesOfALife, held: make(chan struct{}, 1000),
		onRequest: func(*http.Request) {},
	}
	target, err := url.Parse(aws.Endpoint)
	must(s.t, err)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
		// A call that is cut off is nothing to write about.
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.passes(r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	s.t.Cleanup(server.CloseClientConnections)
	s.deploy(shortLife, map[string]string{"AWS_ENDPOINT_URL": server.URL, "HTTP_PROXY": server.URL})
	return g
}

// deploy gives the account's provider another timeout and environment.
func (s *account) deploy(timeout time.Duration, environment map[string]string) {
	s.t.Helper()
	var err error
	s.provider, err = s.CreateFunction(s.t.Context(), local.FunctionSpec{
		Name: s.provider.Name, Zip: code, Timeout: timeout, Environment: limits(s.Account, environment),
		Role: "arn:aws:iam::" + s.ID + ":role/" + roleName(),
	})
	must(s.t, err)
}

// passes waits until a call may pass, and says that it may not when its caller gave it up before.
func (g *slowProxy) passes(r *http.Request) bool {
	g.onRequest(r)
	query := r.URL.Query()
	switch {
	case strings.HasSuffix(r.URL.Path, "/invocations"):
		g.handOver(r)
		return true
	case r.Method == http.MethodGet && query.Has("versions") && query.Get("max-keys") == "":
		query.Set("max-keys", fmt.Sprint(pageSize))
		r.URL.RawQuery = query.Encode()
		g.note(&g.lists)
	case r.Method == http.MethodGet && query.Has("uploads"):
		g.note(&g.began)
	case r.Method == http.MethodPost && query.Has("delete"):
		readWhole(r)
		return g.take(r.Context())
	}
	return true
}

func (g *slowProxy) note(count *int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	*count++
}

func (g *slowProxy) take(ctx context.Context) bool {
	for ctx.Err() == nil {
		g.mu.Lock()
		if g.calls > 0 {
			g.calls--
			g.deletes++
			g.mu.Unlock()
			return true
		}
		opened := g.opened
		g.mu.Unlock()
		g.held <- struct{}{}
		select {
		case <-opened:
		case <-ctx.Done():
		}
	}
	return false
}

// handOver notes what the function calls itself with, and lets calls through again.
func (g *slowProxy) handOver(r *http.Request) {
	var e provider.Event
	_ = json.Unmarshal(readWhole(r), &e)
	g.mu.Lock()
	g.handed = append(g.handed, e)
	g.mu.Unlock()
	g.open(g.ofALife)
}

// readWhole reads a request's body, without which nobody sees that the caller gives it up.
func readWhole(r *http.Request) []byte {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body
}

func (g *slowProxy) open(calls int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = calls
	close(g.opened)
	g.opened = make(chan struct{})
}

// hops are the hand-overs, each with what was left.
func (g *slowProxy) hops() []provider.Event {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.handed)
}

// fill puts objects into a bucket, every third with two versions.
func (s *account) fill(bucket string, objects int) (versions int) {
	s.t.Helper()
	for i := range objects {
		key := fmt.Sprintf("logs/%02d/%04d", i%7, i)
		s.put(bucket, key)
		versions++
		if i%3 == 0 {
			s.put(bucket, key)
			versions++
		}
	}
	return versions
}

// removeThrough sends a Delete so many times at once, and returns what came to its response URL when all are over.
func (s *stack) removeThrough(deliveries int) local.Received {
	s.t.Helper()
	receiver, err := aws.NewReceiver(s.t.Context(), 0)
	must(s.t, err)
	e := s.event("Delete", s.properties, nil)
	e.ResponseURL = receiver.URL
	return s.deliver(receiver, s.provider.Complete(e), deliveries)
}

func (s *stack) deliver(receiver *local.Receiver, event any, deliveries int) local.Received {
	s.t.Helper()
	must(s.t, aws.ShowStack(s.t.Context(), s.stackID, "DELETE_IN_PROGRESS"))
	for range deliveries {
		must(s.t, s.provider.InvokeLater(s.t.Context(), event))
	}
	received, err := receiver.Received(s.t.Context(), 5*time.Minute)
	must(s.t, err)
	if received.Body == nil {
		s.t.Fatal("there is no answer")
	}
	s.awaitRest()
	received, err = receiver.Received(s.t.Context(), 0)
	must(s.t, err)
	return received
}

// awaitRest waits until no invocation of the provider runs.
func (s *account) awaitRest() {
	s.t.Helper()
	for {
		all, err := s.provider.Invocations(s.t.Context())
		must(s.t, err)
		if !slices.ContainsFunc(all, func(i local.Invocation) bool { return i.End == 0 }) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func answerOf(t *testing.T, received local.Received) local.Response {
	t.Helper()
	var answer local.Response
	must(t, json.Unmarshal([]byte(*received.Body), &answer))
	return answer
}

// wantOneAnswer asks for exactly one, and returns it.
func wantOneAnswer(t *testing.T, received local.Received) local.Response {
	t.Helper()
	if len(received.Ignored) > 0 || len(received.Refused) > 0 {
		t.Errorf("more than one answer: %q %q", received.Ignored, received.Refused)
	}
	return answerOf(t, received)
}

// wantGoneOn asks that each invocation went on where the one before was, so many hand-overs at least.
func (g *slowProxy) wantGoneOn(t *testing.T, atLeast int) {
	t.Helper()
	hops := g.hops()
	if len(hops) < atLeast {
		t.Errorf("handed over %d times", len(hops))
	}
	deleted := -1
	for i, e := range hops {
		if e.Emptying.Hop != i+1 || e.RequestID != hops[0].RequestID || e.ResponseURL != hops[0].ResponseURL {
			t.Errorf("hand-over %d is %+v", i+1, e)
		}
		all := slices.Contains(e.Emptying.Left.Ranges, empty.Range{})
		if e.Emptying.Left.Report.Deleted < deleted || e.Emptying.Left.Done() || all {
			t.Errorf("hand-over %d, after %d deleted versions: %+v", i+1, deleted, e.Emptying.Left)
		}
		deleted = e.Emptying.Left.Report.Deleted
	}
	if g.began != 1 {
		t.Errorf("emptying began from the start %d times", g.began)
	}
}

// Three hundred and twenty versions in sixteen pages, four deletes for each invocation.
func TestEmptyingIsHandedOver(t *testing.T) {
	t.Parallel()
	owner := newAccount(t)
	s, bucket := toBeEmptied(t, owner)
	versions := owner.fill(bucket, 240)
	g := owner.newSlowProxy(deletesOfALife)
	answer := wantOneAnswer(t, s.removeThrough(1))
	succeeded(t, answer)
	owner.wantEmptied(s)
	g.wantGoneOn(t, 2)
	// A guess where to cut costs a list, and so does a page that was listed and not deleted when its invocation ended.
	pages := (versions + pageSize - 1) / pageSize
	if most := 4 * pages * (1 + len(g.hops())); g.lists > most || g.deletes > 2*pages {
		t.Errorf("%d lists and %d deletes for %d pages and %d hand-overs", g.lists, g.deletes, pages, len(g.hops()))
	}
}

// The process of the second invocation dies in the middle of it. Lambda delivers its event again, with the checkpoint.
func TestEmptyingKilledInItsMiddle(t *testing.T) {
	t.Parallel()
	owner := newAccount(t)
	s, bucket := toBeEmptied(t, owner)
	owner.fill(bucket, 240)
	g := owner.newSlowProxy(deletesOfALife)
	killed := make(chan error, 1)
	go func() { killed <- g.killSecond(owner) }()
	answer := wantOneAnswer(t, s.removeThrough(1))
	must(t, <-killed)
	succeeded(t, answer)
	owner.wantEmptied(s)
	g.wantGoneOn(t, 2)
	all, err := owner.provider.Invocations(t.Context())
	must(t, err)
	failed := slices.DeleteFunc(all, func(i local.Invocation) bool { return i.Error == "" })
	if len(failed) != 1 || failed[0].Error != "Runtime.ExitError" || failed[0].Attempt != 1 {
		t.Errorf("invocations that failed: %+v", failed)
	}
}

// killSecond ends the process of the second invocation when it has used up its calls, and lets more calls through.
func (g *slowProxy) killSecond(of *account) error {
	for len(g.hops()) == 0 {
		<-g.held
	}
	for len(g.held) > 0 {
		<-g.held // of the first one
	}
	<-g.held
	processes, err := aws.Processes(context.Background())
	if err != nil {
		return err
	}
	for _, p := range processes {
		if p.Function == of.provider.ARN {
			err = syscall.Kill(p.PID, syscall.SIGKILL)
		}
	}
	g.open(deletesOfALife)
	return err
}

// Lambda may deliver an event twice. Both go on to the end and say the same; CloudFormation takes the first answer.
func TestEmptyingDeliveredTwice(t *testing.T) {
	t.Parallel()
	owner := newAccount(t)
	s, bucket := toBeEmptied(t, owner)
	owner.fill(bucket, 240)
	g := owner.newSlowProxy(2 * deletesOfALife)
	received := s.removeThrough(2)
	succeeded(t, answerOf(t, received))
	owner.wantEmptied(s)
	if len(received.Ignored) != 1 || len(received.Refused) > 0 {
		t.Fatalf("further answers: %q %q", received.Ignored, received.Refused)
	}
	received.Body = &received.Ignored[0]
	succeeded(t, answerOf(t, received))
	// More than two on a busy machine: an invocation that ends too late is sent again, a call that is cut off is made up
	// for by a second pass. No hand-over may lose the place.
	if g.began < 2 {
		t.Errorf("two deliveries began from the start %d times", g.began)
	}
	for i, e := range g.hops() {
		if slices.Contains(e.Emptying.Left.Ranges, empty.Range{}) && !e.Emptying.Again {
			t.Errorf("hand-over %d begins from the start", i+1)
		}
	}
}

// What is under a legal hold is counted once, over all invocations and in both passes, and the second pass is the last.
func TestEmptyingIsHandedOverWithUndeletableKeys(t *testing.T) {
	t.Parallel()
	owner := newAccount(t)
	s, bucket := toBeEmptied(t, owner)
	owner.lockable(bucket)
	versions := owner.fill(bucket, 120)
	for _, key := range []string{"logs/00/0007", "logs/03/0003", "logs/06/0013"} {
		owner.hold(bucket, key, types.ObjectLockLegalHoldStatusOn)
	}
	g := owner.newSlowProxy(deletesOfALife)
	answer := wantOneAnswer(t, s.removeThrough(1))
	failedWith(t, answer, "3 object versions could not be deleted", `"logs/00/0007"`, `"logs/03/0003"`, `"logs/06/0013"`)
	// What a call has deleted that was cut off at the end of an invocation, nobody has counted.
	var deleted int
	_, counted, _ := strings.Cut(answer.Reason, "at least ")
	if _, err := fmt.Sscanf(counted, "%d object versions", &deleted); err != nil || deleted < 1 || deleted > versions-3 {
		t.Errorf("%d of %d versions were deleted, by %q, %v", deleted, versions-3, answer.Reason, err)
	}
	if left := owner.versions(bucket); left != 3 {
		t.Errorf("%d versions are left", left)
	}
	if g.began != 2 || len(g.hops()) == 0 {
		t.Errorf("emptying began from the start %d times, not twice, with %d hand-overs", g.began, len(g.hops()))
	}
}

// Somebody takes the deny out of the bucket's policy and writes an object whenever the bucket is empty.
func TestEmptyingABucketThatSomebodyWritesTo(t *testing.T) {
	t.Parallel()
	owner := newAccount(t)
	s, bucket := toBeEmptied(t, owner)
	owner.fill(bucket, 30)
	g := owner.newSlowProxy(1000)
	wrote := 0
	g.onRequest = func(r *http.Request) {
		if r.Method == http.MethodDelete && strings.Trim(r.URL.Path, "/") == bucket && r.URL.RawQuery == "" {
			owner.openForWriters(bucket)
			owner.put(bucket, fmt.Sprint("late-", wrote))
			wrote++
		}
	}
	answer := wantOneAnswer(t, s.removeThrough(1))
	failedWith(t, answer, "somebody goes on writing to it", "BucketNotEmpty")
	if wrote != 3 || g.began != 3 {
		t.Errorf("written %d times, begun from the start %d times", wrote, g.began)
	}
	if now := owner.state(s.properties); now.Bucket == nil || now.Named.State != plan.KeyEnabled {
		t.Errorf("the bucket or its key did not stay: %+v", now)
	}
}

// openForWriters takes the share's deny of writes out of a bucket's policy, as an administrator could.
func (s *account) openForWriters(bucket string) {
	s.t.Helper()
	now, err := s.s3().GetBucketPolicy(s.t.Context(), &s3.GetBucketPolicyInput{Bucket: &bucket})
	must(s.t, err)
	var policy struct {
		Version   string
		Statement []map[string]any
	}
	must(s.t, json.Unmarshal([]byte(*now.Policy), &policy))
	policy.Statement = slices.DeleteFunc(policy.Statement, func(s map[string]any) bool { return s["Effect"] == "Deny" })
	text, err := json.Marshal(policy)
	must(s.t, err)
	_, err = s.s3().PutBucketPolicy(s.t.Context(), &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: ptr(string(text))})
	must(s.t, err)
}

// Nothing moves, invocation after invocation. Lambda, also the local one, would end the chain after sixteen, and nobody
// would answer. Before that S3 gets the rest, and the stack its answer.
func TestEmptyingEndsBeforeLambdaSeesALoop(t *testing.T) {
	t.Parallel()
	owner := newAccount(t)
	s, bucket := toBeEmptied(t, owner)
	owner.fill(bucket, 30)
	g := owner.newSlowProxy(0)
	g.ofALife = 0
	succeeded(t, wantOneAnswer(t, s.removeThrough(1)))
	if n := len(g.hops()); n != 14 {
		t.Errorf("handed over %d times", n)
	}
	rules, err := owner.s3().GetBucketLifecycleConfiguration(t.Context(),
		&s3.GetBucketLifecycleConfigurationInput{Bucket: &bucket})
	must(t, err)
	if len(rules.Rules) != 2 {
		t.Errorf("the rules are %+v", rules.Rules)
	}
	if now := owner.state(s.properties); now.Bucket == nil || now.Named.State != plan.KeyEnabled {
		t.Errorf("the bucket or its key did not stay: %+v", now)
	}
	all, err := owner.provider.Invocations(t.Context())
	must(t, err)
	if last := all[len(all)-1]; !strings.Contains(strings.Join(last.Lines, "\n"), "left to S3") {
		t.Errorf("the log says nothing of it: %q", last.Lines)
	}
}

// lockable switches Object Lock on for a bucket.
func (s *account) lockable(bucket string) {
	s.t.Helper()
	_, err := s.s3().PutObjectLockConfiguration(s.t.Context(), &s3.PutObjectLockConfigurationInput{
		Bucket:                  &bucket,
		ObjectLockConfiguration: &types.ObjectLockConfiguration{ObjectLockEnabled: types.ObjectLockEnabledEnabled},
	})
	must(s.t, err)
}

// hold puts an object under a legal hold, or takes it away.
func (s *account) hold(bucket, key string, status types.ObjectLockLegalHoldStatus) {
	s.t.Helper()
	_, err := s.s3().PutObjectLegalHold(s.t.Context(), &s3.PutObjectLegalHoldInput{
		Bucket: &bucket, Key: &key, LegalHold: &types.ObjectLockLegalHold{Status: status},
	})
	must(s.t, err)
}
