package fault

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"pgregory.net/rapid"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/local"
)

// TestSoak walks at random for the time that SOAK gives, from the seed that SEED gives: stacks come, change and go,
// calls break, somebody works on the console, two stacks want one bucket. A walk that fails is shrunk to the shortest
// one that does, and its seed is printed.
func TestSoak(t *testing.T) {
	lasts, err := time.ParseDuration(os.Getenv("SOAK"))
	if err != nil {
		t.Skip("set SOAK to a duration, or run make soak")
	}
	code, err := local.BuildInPlace(t.Context(), "./lambda", t.TempDir())
	must(t, err)
	seed := uint64(1)
	_, _ = fmt.Sscan(os.Getenv("SEED"), &seed)
	must(t, flag.Set("rapid.checks", "1"))
	must(t, flag.Set("rapid.steps", "12"))
	must(t, flag.Set("rapid.nofailfile", "true")) // the seed says it all
	server := soakServer(t)
	pairs, walks, steps, began := 0, 0, 0, time.Now()
	for ; time.Since(began) < lasts && !t.Failed(); seed++ {
		if walks%50 == 49 {
			server.Stop() // what a server remembers of a thousand stacks slows it down
			server = soakServer(t)
		}
		must(t, flag.Set("rapid.seed", fmt.Sprint(seed)))
		t.Run(fmt.Sprintf("seed %d", seed), rapid.MakeCheck(func(rt *rapid.T) {
			pairs++
			l, err := newPair(t.Context(), server, pairs, code)
			must(rt, err)
			defer l.close()
			w := newWalk(t.Context(), l)
			defer func() { steps += w.steps }()
			must(rt, w.makeKey())
			rt.Repeat(rapid.StateMachineActions(w))
			w.end(rt)
		}))
		walks++
	}
	t.Logf("%d walks with %d steps in %s, the last from seed %d", walks, steps, time.Since(began).Round(time.Second),
		seed-1)
}

// TestWalks walks again from seeds whose walks found something once.
func TestWalks(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no local AWS")
	}
	t.Setenv("SOAK", "1ms")
	for _, seed := range []string{
		"21",   // the way back of an access failed, too, because its owner had given the key up
		"5789", // taking a key up went through and its answer was lost: the key was left awake, and nobody's
		"5946", // the second delivery of an Update ran side by side with its way back, and what it wrote stayed
		"6572", // a process was killed while it took a key up: the key was left, half another share's
	} {
		t.Setenv("SEED", seed)
		TestSoak(t)
	}
}

func soakServer(t *testing.T) *local.AWS {
	t.Helper()
	server := local.StartForTest(t, local.Options{})
	return server
}

func must(t interface{ Fatalf(string, ...any) }, err error) {
	if err != nil {
		t.Fatalf("%v", err)
	}
}

// walk is a walk through one pair of accounts. Its exported methods are what can happen; one that cannot happen now
// does nothing: to skip it would soon end the walk.
type walk struct {
	*pair
	ctx      context.Context
	stacks   map[string]*state          // what CloudFormation holds for each in the owner's account
	accesses map[string]*deployedAccess // and in the consumer's
	spoiled  map[string]bool            // buckets, and stacks of accesses, that somebody worked on by hand
	key      string                     // that the owner's account has, and that several shares may use
	steps    int
}

func newWalk(ctx context.Context, l *pair) *walk {
	return &walk{
		pair: l, ctx: ctx, stacks: map[string]*state{}, accesses: map[string]*deployedAccess{}, spoiled: map[string]bool{},
	}
}

// declarations are what stacks may declare. The last one uses the account's key.
var (
	stackNames   = []string{"one", "two"}
	declarations = []map[string]any{firstShare, laterShare, firstShare}
	declaredMays = []access{firstMay, laterMay, firstMay}
)

const withKey = 2

// console is an account's administrator at work, whom the model follows.
func console(a *account) aws.Config {
	config := a.Config()
	config.BaseEndpoint = &a.proxy.URL
	config.HTTPClient = http.DefaultClient // the account's own takes the local AWS for its proxy
	return config
}

// makeKey makes a key that no share made.
func (w *walk) makeKey() error {
	policy := local.Document(map[string]any{
		"Sid": "ours", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
		"Principal": map[string]any{"AWS": "arn:aws:iam::" + w.owner.ID + ":root"},
	})
	made, err := kms.NewFromConfig(console(w.owner)).CreateKey(w.ctx, &kms.CreateKeyInput{Policy: &policy})
	if err == nil {
		w.key = *made.KeyMetadata.Arn
	}
	return err
}

// buckets are the two on which stacks meet.
func (w *walk) buckets() []string {
	return []string{"soak-" + w.owner.ID[7:] + "-a", "soak-" + w.owner.ID[7:] + "-b"}
}

// drawState is a declaration on one of two buckets, which lets the consumer in besides.
func (w *walk) drawState(t *rapid.T) *state {
	bucket := rapid.SampledFrom(w.buckets()).Draw(t, "bucket")
	n := rapid.IntRange(0, len(declarations)-1).Draw(t, "declaration")
	s := declared(share.BucketType, bucket, access{}, declarations[n], removable, verified,
		map[string]any{"Tags": map[string]any{"step": fmt.Sprint(w.steps)}})
	declaredConsumers, _ := declarations[n]["Consumers"].([]any)
	s.resource.Properties["Consumers"] = append(accounts(w.consumer.ID, "ReadWrite"), declaredConsumers...)
	s.access[principal{w.consumer.ID, ""}] = writing
	if n == withKey {
		s.resource.Properties["Encryption"] = map[string]any{"KeyArn": w.key}
	}
	for who, tries := range declaredMays[n] {
		if who.Account == noAccount {
			who.Account = w.owner.ID
		}
		s.access[who] = tries
	}
	return s
}

func drawInjection(t *rapid.T) *injection {
	if rapid.IntRange(0, 2).Draw(t, "breaks") > 0 {
		return nil
	}
	// Hanging until the deadline takes too long for walks; the matrix has it.
	kinds := slices.DeleteFunc(slices.Clone(faults), func(f fault) bool { return f == hangs })
	return &injection{At: rapid.IntRange(1, 40).Draw(t, "call"), Fault: rapid.SampledFrom(kinds).Draw(t, "fault")}
}

// Deploy creates or updates the stack of a share, with a call that breaks now and then.
func (w *walk) Deploy(t *rapid.T) {
	name := rapid.SampledFrom(stackNames).Draw(t, "stack")
	next := w.drawState(t)
	w.mayNow(next)
	status, broken := w.deploy(t, w.owner, name, w.stacks[name], next)
	if strings.HasSuffix(status, "ROLLBACK_COMPLETE") || strings.HasSuffix(status, "ROLLBACK_FAILED") {
		if !broken && !w.contested(name, next) && len(w.spoiled) == 0 {
			t.Fatalf("%s failed for no reason: %s\n%s", name, status, w.owner.events(w.ctx, name))
		}
		return
	}
	w.stacks[name] = next
	delete(w.spoiled, next.bucket)
}

// deploy creates or updates a stack of an account, to the end that CloudFormation or its user would bring it to.
func (w *walk) deploy(t *rapid.T, a *account, name string, before, next *state) (status string, broken bool) {
	w.steps++
	defer w.excuse()
	b := drawInjection(t)
	a.proxy.inject(b, map[string]string{})
	var err error
	if before == nil {
		status, err = a.create(w.ctx, name, next.resource)
	} else {
		status, err = a.update(w.ctx, name, next.resource)
	}
	_, broken = a.proxy.end()
	must(t, err)
	must(t, w.onceMoreIsOver(a, b))
	t.Logf("stack %s, with bucket %s: %s", name, next.bucket, status)
	switch status {
	case "UPDATE_ROLLBACK_FAILED":
		must(t, w.mustEnd(a, name)(a.resume(w.ctx, name)))
	case "ROLLBACK_COMPLETE", "ROLLBACK_FAILED":
		must(t, w.mustEnd(a, name)(a.remove(w.ctx, name)))
	case "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE":
	default:
		t.Fatalf("%s is %s\n%s", name, status, a.events(w.ctx, name))
	}
	return status, broken
}

// undeploy deletes a stack of an account, with a call that breaks now and then.
func (w *walk) undeploy(t *rapid.T, a *account, name string) {
	w.steps++
	defer w.excuse()
	b := drawInjection(t)
	a.proxy.inject(b, map[string]string{})
	status, err := a.remove(w.ctx, name)
	a.proxy.end()
	must(t, err)
	must(t, w.onceMoreIsOver(a, b))
	t.Logf("stack %s removed: %s", name, status)
	if status != "DELETE_COMPLETE" {
		must(t, w.mustEnd(a, name)(a.remove(w.ctx, name)))
	}
}

// onceMoreIsOver waits for an event that was delivered twice: a process that dies in the next step is not to be its.
func (w *walk) onceMoreIsOver(a *account, b *injection) error {
	if b == nil || b.Fault != twice {
		return nil
	}
	return a.quiet(w.ctx, time.Time{})
}

// contested says whether another stack has the bucket.
func (w *walk) contested(name string, next *state) bool {
	for other, s := range w.stacks {
		if other != name && s.bucket == next.bucket {
			return true
		}
	}
	return false
}

// Remove deletes the stack of a share.
func (w *walk) Remove(t *rapid.T) {
	if len(w.stacks) == 0 {
		return
	}
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(w.stacks))).Draw(t, "stack")
	before := w.stacks[name]
	w.undeploy(t, w.owner, name)
	delete(w.stacks, name)
	delete(w.spoiled, before.bucket)
	must(t, w.exactly(before.bucket, nothing))
}

// Console is somebody who works by hand on what a share made.
func (w *walk) Console(t *rapid.T) {
	if len(w.stacks) == 0 {
		return
	}
	s := w.stacks[rapid.SampledFrom(slices.Sorted(maps.Keys(w.stacks))).Draw(t, "stack")]
	w.steps++
	w.mu.Lock()
	w.spoiled[s.bucket] = true
	key := w.model.buckets[s.bucket].key
	w.mu.Unlock()
	config := console(w.owner)
	ofS3 := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	work := map[string]func() error{
		"no bucket policy": func() error {
			_, err := ofS3.DeleteBucketPolicy(w.ctx, &s3.DeleteBucketPolicyInput{Bucket: &s.bucket})
			return err
		},
		"no public access block": func() error {
			_, err := ofS3.DeletePublicAccessBlock(w.ctx, &s3.DeletePublicAccessBlockInput{Bucket: &s.bucket})
			return err
		},
		"no key rotation": func() error {
			_, err := kms.NewFromConfig(config).DisableKeyRotation(w.ctx, &kms.DisableKeyRotationInput{KeyId: &key})
			return err
		},
		"no inline policy": func() error { return w.dropInline(config, share.DefaultPolicyName(s.bucket)) },
	}
	must(t, work[rapid.SampledFrom(slices.Sorted(maps.Keys(work))).Draw(t, "work")]())
	w.excuse()
}

func (w *walk) dropInline(config aws.Config, name string) error {
	_, err := iam.NewFromConfig(config).DeleteUserPolicy(w.ctx, &iam.DeleteUserPolicyInput{
		UserName: aws.String("ann"), PolicyName: &name,
	})
	if gone := (*types.NoSuchEntityException)(nil); errors.As(err, &gone) {
		return nil // dropped before
	}
	return err
}

// end deletes what stacks there are, and looks at what must be left of none: in the key that all shares could use, and
// in both accounts.
func (w *walk) end(t *rapid.T) {
	w.owner.proxy.inject(nil, map[string]string{})
	w.consumer.proxy.inject(nil, map[string]string{})
	for name := range w.accesses {
		must(t, w.mustEnd(w.consumer, name)(w.consumer.remove(w.ctx, name)))
	}
	for name, s := range w.stacks {
		must(t, w.mustEnd(w.owner, name)(w.owner.remove(w.ctx, name)))
		must(t, w.exactly(s.bucket, nothing))
	}
	w.mu.Lock()
	policy := w.model.keys[w.key]
	w.mu.Unlock()
	if strings.Contains(policy, document.SidPrefix) {
		t.Fatalf("without any share the account's own key has the policy %s", policy)
	}
	must(t, w.nothingIsLeft())
	must(t, w.noCanaryIn(w.ctx, w.shared))
}

// nothingIsLeft checks that without any stack there is nothing of shares but the consumer's own, which always stands.
func (w *walk) nothingIsLeft() error {
	ofOwner, err := w.owner.Inventory(w.ctx)
	if err != nil {
		return err
	}
	ofConsumer, err := w.consumer.Inventory(w.ctx)
	if err != nil {
		return err
	}
	var all []error
	for _, bucket := range w.buckets() {
		if slices.Contains(ofOwner.Buckets, bucket) {
			all = append(all, fmt.Errorf("bucket %s is left", bucket))
		}
	}
	for key, state := range ofOwner.Keys {
		if key != w.key && key != w.model.buckets[w.shared].key && state != string(kmstypes.KeyStatePendingDeletion) {
			all = append(all, fmt.Errorf("key %s is left", key))
		}
	}
	if n := remembered(ofOwner); n != 1 {
		all = append(all, fmt.Errorf("%d declarations are remembered in the owner's account, not one", n))
	}
	if n := remembered(ofConsumer); n != 0 {
		all = append(all, fmt.Errorf("%d declarations are remembered in the consumer's account", n))
	}
	for _, there := range []local.Inventory{ofOwner, ofConsumer} {
		for _, user := range employees {
			if his := there.Identities["user/"+user]; len(his.Inline)+len(his.Attached) > 0 {
				all = append(all, fmt.Errorf("%s has %v left", user, his))
			}
		}
		if left := ofShares(there.Policies); len(left) > 0 {
			all = append(all, fmt.Errorf("managed policies are left: %v", left))
		}
	}
	return errors.Join(all...)
}

func remembered(there local.Inventory) (n int) {
	for name := range there.Parameters {
		if strings.HasPrefix(name, declaration.Path) {
			n++
		}
	}
	return n
}

// Check is asked before and after each step: nobody had more than any declaration gave, and what CloudFormation holds
// is what there is, unless somebody worked on it by hand.
func (w *walk) Check(t *rapid.T) {
	must(t, w.wrongs())
	for _, s := range w.stacks {
		if !w.spoiled[s.bucket] {
			want, unknown := w.accessesOf(s.bucket)
			must(t, w.exactly(s.bucket, merged(s.access, want), unknown...))
		}
	}
	want, unknown := w.accessesOf(w.shared)
	must(t, w.exactly(w.shared, merged(w.always()[w.shared], want), unknown...))
}

func (w *walk) mustEnd(a *account, name string) func(string, error) error {
	return func(status string, err error) error {
		if err == nil && !strings.HasSuffix(status, "_COMPLETE") {
			err = fmt.Errorf("%s is %s\n%s", name, status, a.events(w.ctx, name))
		}
		return err
	}
}

// excuse leaves out what somebody's work on the console has made possible, until it is mended.
func (w *walk) excuse() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = slices.DeleteFunc(w.wrong, func(s string) bool {
		return len(w.spoiled) > 0 && strings.Contains(s, clearPut)
	})
}

// mayNow adds what a declaration gives to what anybody may have.
func (w *walk) mayNow(s *state) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.may[s.bucket] = merged(w.may[s.bucket], s.access)
}
