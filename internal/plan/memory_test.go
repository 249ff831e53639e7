package plan_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// rememberedShare is the declaration of account-a-bucket with more properties, as an event brings it.
func rememberedShare(t sharetest.Fataler, more string) (share.Share, map[string]any) {
	t.Helper()
	properties := sharetest.Object(t, `{"BucketName": "`+bucket+`", `+more+`}`)
	return sharetest.Parse(t, properties, sharetest.Sydney), properties
}

func TestRememberedWithoutARoundOfItsOwn(t *testing.T) {
	s, properties := rememberedShare(t, walkthrough)
	create := plan.Wanted{Share: s, Owner: owner, Properties: properties}
	w := sharetest.NewAccount(sharetest.Sydney, ann, bob)
	steps := apply(t, w, create)
	want := "CreateBucket, PutParameter; CreateKey, PutPublicAccessBlock; CreateAlias, PutBucketVersioning; " +
		"EnableKeyRotation, PutBucketEncryption; PutBucketPolicy, PutKeyPolicy; PutInlinePolicy"
	if got := operations(steps); got != want {
		t.Errorf("Create: got  %s\nwant %s", got, want)
	}
	name := declaration.Name(share.BucketType, owner.StackID, owner.LogicalID, bucket, "")
	d, err := declaration.Read(w.Parameters[name])
	if err != nil || d.Name() != name || d.StackID != owner.StackID || len(d.Left) > 0 {
		t.Errorf("remembered in %s: %+v %v", name, d, err)
	}
	for _, step := range steps {
		if step.Operation == plan.PutParameter && !owner.Owns(step.Tags) {
			t.Errorf("the new parameter has tags %v", step.Tags)
		}
	}
	if steps := apply(t, w, create); len(steps) > 0 {
		t.Errorf("the same again: %v", steps)
	}
	revised := declaration.Lasting(
		sharetest.Object(t, `{"BucketName": "`+bucket+`", "Revision": "2", "ServiceToken": "arn", `+walkthrough+`}`))
	if steps := apply(t, w, plan.Wanted{Share: s, Previous: &s, Owner: owner, Properties: revised}); len(steps) > 0 {
		t.Errorf("another Revision: %v", steps)
	}
}

func TestRememberedBeforeTheFirstGrant(t *testing.T) {
	for _, c := range []struct{ name, is, want string }{
		{
			name: "a new delegate",
			is:   `"Consumers": [{"Account": "222222222222"}], "Delegates": [{"User": ["ann", "bob"]}]`,
			want: "PutParameter; PutInlinePolicy",
		},
		{
			name: "another level for a delegate who is known",
			is:   `"Consumers": [{"Account": "222222222222"}], "Delegates": [{"User": "ann", "Access": "Full"}]`,
			want: "PutInlinePolicy, PutParameter",
		},
		{
			name: "one delegate for another",
			is:   `"Consumers": [{"Account": "222222222222"}], "Delegates": [{"User": "bob"}]`,
			want: "DeleteInlinePolicy, PutParameter; PutInlinePolicy",
		},
		{
			name: "another consumer",
			is:   `"Consumers": [{"Account": "333333333333"}], "Delegates": [{"User": "ann"}]`,
			want: "PutBucketPolicy, PutKeyPolicy, PutParameter",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			old, properties := rememberedShare(t, walkthrough)
			w := sharetest.NewAccount(sharetest.Sydney, ann, bob)
			apply(t, w, plan.Wanted{Share: old, Owner: owner, Properties: properties})
			want, properties := rememberedShare(t, c.is)
			update := plan.Wanted{Share: want, Previous: &old, Owner: owner, Properties: properties}
			if got := operations(apply(t, w, update)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if steps := apply(t, w, update); len(steps) > 0 {
				t.Errorf("the same again: %v", steps)
			}
		})
	}
}

// Whoever a failed Update let in is known, whatever the roll-back says was before it.
func TestWhoeverWasLetInIsRevoked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := sharetest.Sydney
		name := sharetest.BucketNames().Draw(t, "BucketName")
		draw := func(label string) (share.Share, map[string]any) {
			p := sharetest.Properties(env).Draw(t, label)
			p["BucketName"] = name
			return sharetest.Parse(t, p, env), p
		}
		s, properties := draw("created")
		w := drawAccount(t, env)
		apply(t, w, plan.Wanted{Share: s, Owner: owner, Properties: properties})
		for range rapid.IntRange(1, 4).Draw(t, "updates that fail") {
			want, properties := draw("update")
			previous, _ := draw("what CloudFormation says was before")
			update := plan.Wanted{Share: want, Previous: &previous, Owner: owner, Properties: properties}
			steps, err := plan.ForShare(update, w.Observe(update))
			sharetest.Must(t, err)
			done, crash := 0, rapid.IntRange(0, len(steps)).Draw(t, "crash")
			if crash > 0 {
				_, err = w.Run(steps, func(plan.Step) bool { done++; return done < crash })
				sharetest.Must(t, err)
			}
		}
		previous, _ := draw("what CloudFormation says was before the last")
		if rapid.Bool().Draw(t, "deleted") {
			removal, err := removal(w, plan.Wanted{
				Share: previous, Owner: owner, Properties: map[string]any{}, Removal: plan.Completed,
			})
			sharetest.Must(t, err)
			_, err = w.Run(removal, nil)
			sharetest.Must(t, err)
			nobodyIn(t, w, previous)
			if len(w.Parameters) > 0 {
				t.Fatalf("deleted, and still remembered: %v", w.Parameters)
			}
			return
		}
		apply(t, w, plan.Wanted{Share: s, Previous: &previous, Owner: owner, Properties: properties})
		for id, policies := range w.Identities {
			if !slices.Contains(share.Identities(s.Delegates), id) && policies[s.PolicyName()] != "" {
				t.Fatalf("%s is not declared and keeps its inline policy", id)
			}
		}
	})
}

func TestWhatIsRememberedGoes(t *testing.T) {
	for _, c := range []struct {
		name, properties string
		how              plan.Completion
		there            func(*sharetest.Account)
		want             string
		stays            bool
	}{
		{
			name: "with Retain", properties: walkthrough, how: plan.Completed,
			want: "DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; DeleteParameter, UntagBucket, UntagKey",
		},
		{
			name: "with Delete", properties: walkthrough + `, "RemovalPolicy": "Delete"`, how: plan.Completed,
			want: "DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; DeleteBucket, DeleteParameter; ScheduleKeyDeletion",
		},
		{
			name: "with Empty, before the bucket is emptied", properties: walkthrough + `, "RemovalPolicy": "Empty"`,
			how: plan.Completed,
			want: "DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; DeleteParameter, PutBucketPolicy; EmptyBucket; " +
				"DeleteBucket; ScheduleKeyDeletion",
		},
		{
			name: "when the bucket is gone", properties: walkthrough, how: plan.Completed,
			there: func(w *sharetest.Account) { clear(w.Buckets); clear(w.Keys) },
			want:  "DeleteInlinePolicy; DeleteParameter",
		},
		{
			name: "when the bucket is another share's by now", properties: walkthrough, how: plan.Unfinished,
			there: func(w *sharetest.Account) { w.Buckets[bucket].Tags[plan.TagStackID] = otherOwner.StackID },
			want:  "DeleteParameter",
		},
		{
			name: "not that of a share that was handed over", properties: walkthrough, how: plan.Unfinished, stays: true,
			there: func(w *sharetest.Account) { w.Buckets[bucket].Tags[plan.TagHandedOver] = "true" },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, properties := rememberedShare(t, c.properties)
			w := sharetest.NewAccount(sharetest.Sydney, ann, bob)
			apply(t, w, plan.Wanted{Share: s, Owner: owner, Properties: properties})
			if c.there != nil {
				c.there(w)
			}
			steps, err := removal(w, plan.Wanted{Share: s, Owner: owner, Properties: properties, Removal: c.how})
			sharetest.Must(t, err)
			if got := operations(steps); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			_, err = w.Run(steps, nil)
			sharetest.Must(t, err)
			if left := len(w.Parameters) > 0; left != c.stays {
				t.Errorf("remembered: %v", w.Parameters)
			}
		})
	}
}

// A bucket that cannot be seen may be that of the finished share: what is remembered says so.
func TestHandOverIsRemembered(t *testing.T) {
	s, properties := rememberedShare(t, walkthrough)
	wanted := plan.Wanted{Share: s, Owner: owner, Properties: properties}
	w := sharetest.NewAccount(sharetest.Sydney, ann, bob)
	apply(t, w, wanted)
	steps, err := plan.HandOver(wanted, plan.Remembered{})
	sharetest.Must(t, err)
	_, err = w.Run(steps, nil)
	sharetest.Must(t, err)
	if steps := apply(t, w, plan.Wanted{Share: s, Previous: &s, Owner: owner, Properties: properties}); len(steps) > 0 {
		t.Errorf("an Update without a difference: %v", steps)
	}
	w.Buckets[bucket].Foreign = true
	steps, err = removal(w, plan.Wanted{Share: s, Owner: owner, Properties: properties, Removal: plan.Unfinished})
	if err != nil || len(steps) > 0 {
		t.Errorf("the failed Create's Delete: %v %v", steps, err)
	}
}

func TestUnreadableMemory(t *testing.T) {
	s, properties := rememberedShare(t, walkthrough)
	denied := plan.Unread{Err: errors.New("reading what is remembered: AccessDeniedException"), Denied: true}
	for _, c := range []struct {
		name string
		how  plan.Completion
		want string
		fail bool
	}{
		{
			name: "of a finished share: all in reach is revoked", how: plan.Completed, fail: true,
			want: "DeleteInlinePolicy, PutKeyPolicy; PutBucketPolicy",
		},
		{
			name: "of an unfinished share: nothing can have been written", how: plan.Unfinished,
			want: "DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; DeleteBucket; ScheduleKeyDeletion",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := deployed(t, s)
			wanted := plan.Wanted{Share: s, Owner: owner, Properties: properties, Removal: c.how}
			now := w.Observe(wanted)
			now.Remembered, now.Unread = plan.Remembered{Hidden: true}, []plan.Unread{denied}
			steps, err := plan.Removal(wanted, now)
			if (err != nil) != c.fail || operations(steps) != c.want {
				t.Errorf("got %s, %v\nwant %s", operations(steps), err, c.want)
			}
		})
	}
	w := deployed(t, s)
	wanted := plan.Wanted{Share: s, Previous: &s, Owner: owner, Properties: properties}
	now := w.Observe(wanted)
	now.Remembered, now.Unread = plan.Remembered{Hidden: true}, []plan.Unread{denied}
	if _, err := plan.ForShare(wanted, now); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("an Update that cannot see what is remembered: %v", err)
	}
}

// What cannot be understood is written over, and goes with the share.
func TestGarbageIsNoMemory(t *testing.T) {
	s, properties := rememberedShare(t, walkthrough)
	wanted := plan.Wanted{Share: s, Previous: &s, Owner: owner, Properties: properties}
	w := deployed(t, s)
	w.Parameters[wanted.Parameter()] = "garbage"
	if got := operations(apply(t, w, wanted)); got != "PutParameter" {
		t.Errorf("got %s", got)
	}
}

func TestAccessIsRemembered(t *testing.T) {
	env := share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "222222222222"}
	parse := func(more string) (share.Access, map[string]any) {
		p := sharetest.Object(t, `{"BucketName": "`+bucket+`", "OwnerAccount": "111111111111"`+more+`}`)
		a, err := share.ParseAccess(p, env)
		sharetest.Must(t, err)
		return a, p
	}
	key := &plan.Key{ARN: sharetest.KeyOf(sharetest.Sydney), State: plan.KeyEnabled, Spec: plan.KeySymmetric,
		Usage: "ENCRYPT_DECRYPT"}
	w := sharetest.NewAccount(env, ann, bob)
	carryOut := func(wanted plan.WantedAccess) string {
		t.Helper()
		steps, err := plan.ForAccess(wanted, w.ObserveAccess(wanted, key))
		if wanted.Removal != "" {
			steps, err = plan.AccessRemoval(wanted, w.ObserveAccess(wanted, key))
		}
		sharetest.Must(t, err)
		_, err = w.Run(steps, nil)
		sharetest.Must(t, err)
		return operations(steps)
	}
	a, properties := parse(`, "Grantees": [{"User": "ann"}]`)
	if got := carryOut(plan.WantedAccess{Access: a, Owner: owner, Properties: properties}); got !=
		"PutInlinePolicy, PutParameter" {
		t.Errorf("Create: %s", got)
	}
	both, more := parse(`, "Grantees": [{"User": ["ann", "bob"]}]`)
	if got := carryOut(plan.WantedAccess{Access: both, Previous: &a, Owner: owner, Properties: more}); got !=
		"PutParameter; PutInlinePolicy" {
		t.Errorf("Update with somebody new: %s", got)
	}
	// ContinueUpdateRollback sends old properties that never named bob.
	if got := carryOut(plan.WantedAccess{Access: a, Previous: &a, Owner: owner, Properties: properties}); got !=
		"DeleteInlinePolicy, PutParameter" {
		t.Errorf("roll-back that does not name who was let in: %s", got)
	}
	carryOut(plan.WantedAccess{Access: both, Previous: &a, Owner: owner, Properties: more})
	removal := plan.WantedAccess{Access: a, Owner: owner, Properties: properties, Removal: plan.Completed}
	got := carryOut(removal)
	if got != "DeleteInlinePolicy, DeleteInlinePolicy; DeleteParameter" || len(w.Parameters) > 0 {
		t.Errorf("Delete: %s, left %v", got, w.Parameters)
	}
}

// A process may be killed when the key is awake and has the tags of the share before.
func TestAKeyThatIsHalfTakenUp(t *testing.T) {
	s := declare(t, walkthrough+`, "RemovalPolicy": "Delete"`)
	later := plan.Wanted{Share: s, Owner: owner, Properties: map[string]any{"BucketName": bucket}}
	killed := func(t *testing.T) (*sharetest.Account, *plan.Key) {
		w := sharetest.NewAccount(sharetest.Sydney, ann)
		apply(t, w, plan.Wanted{Share: s, Owner: otherOwner})
		steps, err := removal(w, plan.Wanted{Share: s, Owner: otherOwner, Removal: plan.Completed})
		sharetest.Must(t, err)
		_, err = w.Run(steps, nil)
		sharetest.Must(t, err)
		steps, err = plan.ForShare(later, w.Observe(later))
		sharetest.Must(t, err)
		before := maps.Clone(onlyKey(t, w).Tags)
		_, err = w.Run(steps, func(s plan.Step) bool { return s.Operation != plan.CancelKeyDeletion })
		sharetest.Must(t, err)
		k := onlyKey(t, w)
		k.Tags = before
		return w, k
	}
	t.Run("the retry goes on", func(t *testing.T) {
		w, k := killed(t)
		apply(t, w, later)
		if k.State != plan.KeyEnabled || k.Tags[plan.TagStackID] != owner.StackID {
			t.Errorf("the key is %s with %v", k.State, k.Tags)
		}
	})
	t.Run("the removal gives it up again", func(t *testing.T) {
		w, k := killed(t)
		gone := later
		gone.Removal = plan.Unfinished
		steps, err := removal(w, gone)
		sharetest.Must(t, err)
		_, err = w.Run(steps, nil)
		sharetest.Must(t, err)
		if k.State != plan.KeyPendingDeletion || len(w.Buckets) > 0 || len(w.Parameters) > 0 {
			t.Errorf("the key is %s, beside %v and %v", k.State, w.Buckets, w.Parameters)
		}
	})
	t.Run("another share leaves it alone", func(t *testing.T) {
		w, _ := killed(t)
		clear(w.Buckets)
		stranger := later
		stranger.Owner.LogicalID = "Stranger"
		wantConflict(t, stranger, w, "and is disabled")
	})
}

func onlyKey(t *testing.T, w *sharetest.Account) *plan.Key {
	t.Helper()
	if len(w.Keys) != 1 {
		t.Fatalf("%d keys", len(w.Keys))
	}
	for _, k := range w.Keys {
		return k
	}
	return nil
}
