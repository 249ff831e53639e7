package fault

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"pgregory.net/rapid"

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
	code, err := local.BuildZip(t.Context(), "./lambda")
	must(t, err)
	seed := uint64(1)
	_, _ = fmt.Sscan(os.Getenv("SEED"), &seed)
	must(t, flag.Set("rapid.checks", "1"))
	must(t, flag.Set("rapid.steps", "12"))
	must(t, flag.Set("rapid.nofailfile", "true")) // the seed says it all
	server := soakServer(t)
	labs, walks, steps, began := 0, 0, 0, time.Now()
	for ; time.Since(began) < lasts && !t.Failed(); seed++ {
		if walks%50 == 49 {
			server.Stop() // what a server remembers of a thousand stacks slows it down
			server = soakServer(t)
		}
		must(t, flag.Set("rapid.seed", fmt.Sprint(seed)))
		t.Run(fmt.Sprintf("seed %d", seed), rapid.MakeCheck(func(rt *rapid.T) {
			labs++
			l, err := newLab(t.Context(), server, labs, code)
			must(rt, err)
			defer l.close()
			w := &walk{lab: l, ctx: t.Context(), stacks: map[string]*state{}, spoiled: map[string]bool{}}
			defer func() { steps += w.steps }()
			rt.Repeat(rapid.StateMachineActions(w))
		}))
		walks++
	}
	t.Logf("%d walks with %d steps in %s, the last from seed %d", walks, steps, time.Since(began).Round(time.Second),
		seed-1)
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

// walk is a walk through one lab. Its exported methods are what can happen.
type walk struct {
	*lab
	ctx     context.Context
	stacks  map[string]*state // what CloudFormation holds for each
	spoiled map[string]bool   // buckets that somebody worked on by hand
	steps   int
}

var (
	stackNames = []string{"one", "two"}
	grownUps   = []map[string]any{firstShare, laterShare}
	grownMays  = []access{firstMay, laterMay}
)

// drawState is a declaration on one of two buckets, so that stacks meet.
func (w *walk) drawState(t *rapid.T) *state {
	bucket := fmt.Sprintf("soak-%s-%s", w.owner.ID[7:], rapid.SampledFrom([]string{"a", "b"}).Draw(t, "bucket"))
	n := rapid.IntRange(0, len(grownUps)-1).Draw(t, "declaration")
	s := ownerState(bucket, with(grownUps[n], "Tags", map[string]any{"step": fmt.Sprint(w.steps)}), access{})
	for who, tries := range grownMays[n] {
		if who.Account == noAccount {
			who.Account = w.owner.ID
		}
		s.access[who] = tries
	}
	s.resource.Properties["RemovalPolicy"] = share.Delete
	return s
}

func drawBreakage(t *rapid.T) *breakage {
	if rapid.IntRange(0, 2).Draw(t, "breaks") > 0 {
		return nil
	}
	// Hanging until the deadline takes too long for walks; the matrix has it.
	kinds := slices.DeleteFunc(slices.Clone(faults), func(f fault) bool { return f == hangs })
	return &breakage{At: rapid.IntRange(1, 40).Draw(t, "call"), Fault: rapid.SampledFrom(kinds).Draw(t, "fault")}
}

// Deploy creates or updates a stack, with a call that breaks now and then.
func (w *walk) Deploy(t *rapid.T) {
	w.steps++
	name := rapid.SampledFrom(stackNames).Draw(t, "stack")
	next, before := w.drawState(t), w.stacks[name]
	w.mayNow(next)
	w.owner.proxy.arm(drawBreakage(t), map[string]string{})
	var status string
	var err error
	if before == nil {
		status, err = w.owner.create(w.ctx, name, next.resource)
	} else {
		status, err = w.owner.update(w.ctx, name, next.resource)
	}
	_, broken := w.owner.proxy.disarm()
	must(t, err)
	switch status {
	case "CREATE_COMPLETE", "UPDATE_COMPLETE":
		w.stacks[name] = next
		delete(w.spoiled, next.bucket)
	case "UPDATE_ROLLBACK_FAILED":
		must(t, w.mustEnd(t, name)(w.owner.resume(w.ctx, name)))
	case "ROLLBACK_COMPLETE", "ROLLBACK_FAILED":
		must(t, w.mustEnd(t, name)(w.owner.remove(w.ctx, name)))
	case "UPDATE_ROLLBACK_COMPLETE":
	default:
		t.Fatalf("%s is %s\n%s", name, status, w.owner.story(w.ctx, name))
	}
	if strings.Contains(status, "ROLLBACK") && !broken && !w.contested(name, next) && len(w.spoiled) == 0 {
		t.Fatalf("%s failed for no reason: %s\n%s", name, status, w.owner.story(w.ctx, name))
	}
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

// Remove deletes a stack, with a call that breaks now and then.
func (w *walk) Remove(t *rapid.T) {
	name := rapid.SampledFrom(stackNames).Draw(t, "stack")
	before := w.stacks[name]
	if before == nil {
		t.Skip("no such stack")
	}
	w.steps++
	w.owner.proxy.arm(drawBreakage(t), map[string]string{})
	status, err := w.owner.remove(w.ctx, name)
	w.owner.proxy.disarm()
	must(t, err)
	if status != "DELETE_COMPLETE" {
		must(t, w.mustEnd(t, name)(w.owner.remove(w.ctx, name)))
	}
	delete(w.stacks, name)
	delete(w.spoiled, before.bucket)
	must(t, w.exactly(before.bucket, nothing))
}

// Console is somebody who works by hand on what a share made.
func (w *walk) Console(t *rapid.T) {
	name := rapid.SampledFrom(stackNames).Draw(t, "stack")
	s := w.stacks[name]
	if s == nil {
		t.Skip("no such stack")
	}
	w.steps++
	w.mu.Lock()
	w.spoiled[s.bucket] = true
	key := w.shadow.buckets[s.bucket].key
	w.mu.Unlock()
	config := w.owner.Config()
	config.BaseEndpoint = &w.owner.proxy.URL // so that the shadow follows
	ofS3 := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	must(t, rapid.SampledFrom([]func() error{
		func() error {
			_, err := ofS3.DeleteBucketPolicy(w.ctx, &s3.DeleteBucketPolicyInput{Bucket: &s.bucket})
			return err
		},
		func() error {
			_, err := ofS3.DeletePublicAccessBlock(w.ctx, &s3.DeletePublicAccessBlockInput{Bucket: &s.bucket})
			return err
		},
		func() error {
			_, err := kms.NewFromConfig(config).DisableKeyRotation(w.ctx, &kms.DisableKeyRotationInput{KeyId: &key})
			return err
		},
		func() error { return w.dropInline(config, s.bucket) },
	}).Draw(t, "work")())
}

func (w *walk) dropInline(config aws.Config, bucket string) error {
	_, err := iam.NewFromConfig(config).DeleteUserPolicy(w.ctx, &iam.DeleteUserPolicyInput{
		UserName: aws.String("ann"), PolicyName: aws.String(share.DefaultPolicyName(bucket)),
	})
	return err
}

// Check is asked before and after each step: nobody had more than any declaration gave, and what CloudFormation holds
// is what there is, unless somebody worked on it by hand.
func (w *walk) Check(t *rapid.T) {
	w.mu.Lock()
	wrong := slices.Clone(w.wrong)
	w.mu.Unlock()
	wrong = slices.DeleteFunc(wrong, func(s string) bool { return len(w.spoiled) > 0 && strings.Contains(s, clearPut) })
	must(t, wrongs(wrong))
	for _, s := range w.stacks {
		if !w.spoiled[s.bucket] {
			must(t, w.exactly(s.bucket, s.access))
		}
	}
}

func (w *walk) mustEnd(t *rapid.T, name string) func(string, error) error {
	return func(status string, err error) error {
		if err == nil && !strings.HasSuffix(status, "_COMPLETE") {
			err = fmt.Errorf("%s is %s\n%s", name, status, w.owner.story(w.ctx, name))
		}
		return errors.Join(err)
	}
}

// mayNow adds what a declaration gives to what anybody may have.
func (w *walk) mayNow(s *state) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.may[s.bucket] == nil {
		w.may[s.bucket] = access{}
	}
	for who, tries := range s.access {
		w.may[s.bucket][who] = union(w.may[s.bucket][who], tries)
	}
}
