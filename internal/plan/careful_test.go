package plan_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy"
)

const rootOnly = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},` +
	`"Action":"kms:*","Resource":"*"}]}`

// S3 gives a default key back as somebody wrote it: that is the same key all the same, and yet not good enough for
// others.
func TestDefaultKeyByAnotherName(t *testing.T) {
	key := sharetest.KeyOf(sharetest.Sydney)
	id := strings.TrimPrefix(key, sharetest.Sydney.KeyARN(""))
	for _, c := range []struct{ name, written string }{
		{name: "a bare id", written: id},
		{name: "an alias", written: "alias/theirs"},
		{name: "an alias ARN", written: sharetest.Sydney.AliasARN("111111111111", "alias/theirs")},
	} {
		t.Run("adopted with "+c.name, func(t *testing.T) {
			w := accountWithBucket("", rootOnly)
			w.Keys[key].Aliases = []string{"alias/theirs"}
			w.Buckets[bucket].Encryption = setting.Encryption{Algorithm: "aws:kms", KeyID: c.written}
			w.Buckets[bucket].Objects = 1
			wanted := plan.Wanted{
				Share: declare(t, `"Adopt": true`), Owner: owner, Limits: share.Limits{KeyArns: []string{key}},
			}
			steps := apply(t, w, wanted)
			if len(w.Keys) != 1 || w.Buckets[bucket].Encryption.KeyID != key {
				t.Errorf("%d keys, the default key is %s after %s", len(w.Keys), w.Buckets[bucket].Encryption.KeyID,
					operations(steps))
			}
		})
		t.Run("put back by somebody as "+c.name, func(t *testing.T) {
			before := declare(t, walkthrough)
			w := deployed(t, before)
			own := liveKeys(w)[0]
			own.Aliases = append(own.Aliases, "alias/theirs")
			w.Buckets[bucket].Objects = 1
			w.Buckets[bucket].Encryption.KeyID = strings.ReplaceAll(c.written, id,
				strings.TrimPrefix(own.ARN, sharetest.Sydney.KeyARN("")))
			apply(t, w, plan.Wanted{Share: before, Previous: &before, Owner: owner})
			if got := w.Buckets[bucket].Encryption.KeyID; got != own.ARN {
				t.Errorf("the default key is %s, want %s", got, own.ARN)
			}
		})
	}
	t.Run("what cannot be described is another key", func(t *testing.T) {
		before := declare(t, walkthrough)
		w := deployed(t, before)
		w.Buckets[bucket].Encryption.KeyID, w.Buckets[bucket].Objects = "alias/gone", 1
		update := plan.Wanted{Share: before, Previous: &before, Owner: owner}
		wantConflict(t, update, w, "holds objects under alias/gone")
		adopt := accountWithBucket("", rootOnly)
		adopt.Buckets[bucket].Encryption.KeyID = "alias/gone"
		wantConflict(t, plan.Wanted{Share: declare(t, `"Adopt": true`), Owner: owner}, adopt,
			"has the default key alias/gone")
	})
}

func wantConflict(t *testing.T, wanted plan.Wanted, w *sharetest.Account, words string) {
	t.Helper()
	steps, err := plan.ForShare(wanted, w.Observe(wanted))
	var c *plan.Conflict
	if !errors.As(err, &c) || !strings.Contains(err.Error(), words) || len(steps) > 0 {
		t.Errorf("got %v and %d steps, want a conflict that says %q", err, len(steps), words)
	}
}

// A key that the share did not make keeps its administration as it is.
func TestAdministrationOfAFoundKeyStays(t *testing.T) {
	const tight = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Principal":{"AWS":"arn:aws:iam::111111111111:role/keys"},"Action":"kms:*","Resource":"*"}]}`
	w := accountWithBucket("", tight)
	key := sharetest.KeyOf(sharetest.Sydney)
	s := declare(t, `"Adopt": true, "Consumers": [{"Account": "222222222222"}], "Encryption": {"KeyArn": "`+key+`"}`)
	apply(t, w, plan.Wanted{Share: s, Owner: owner})
	got := w.Keys[key].Policy
	administration := document.OfShare(s, key, "").KeyPolicy().Statements[0]
	if got.Says(administration) || !strings.Contains(got.Text(), "222222222222") {
		t.Errorf("the key policy is %s", got.Text())
	}
}

// A disabled key may have been disabled for a reason: only its owner takes it up.
func TestDisabledKeyOfAnotherOwner(t *testing.T) {
	s := declare(t, walkthrough)
	w := deployed(t, s)
	clear(w.Buckets)
	liveKeys(w)[0].State = plan.KeyDisabled
	wantConflict(t, plan.Wanted{Share: s, Owner: otherOwner}, w, "and is disabled")
	apply(t, w, plan.Wanted{Share: s, Owner: owner})
	if k := liveKeys(w)[0]; k.State != plan.KeyEnabled {
		t.Errorf("its owner leaves it %s", k.State)
	}
}

func TestKeyOfAnEarlierTryIsGivenUp(t *testing.T) {
	s := declare(t, walkthrough)
	w := deployed(t, s)
	made, err := w.Apply(plan.Step{
		Operation: plan.CreateKey, After: sharetest.Stored(rootOnly), Tags: liveKeys(w)[0].Tags,
	})
	sharetest.Must(t, err)
	steps := apply(t, w, plan.Wanted{Share: s, Owner: owner, Made: made})
	if operations(steps) != "ScheduleKeyDeletion" || len(liveKeys(w)) != 1 || liveKeys(w)[0].ARN == made {
		t.Errorf("%s leaves %v", operations(steps), liveKeys(w))
	}
}

// The tagging API goes on listing deleted keys, and lists keys on their way out beside the live one.
func TestTaggedKeyThatIsAliveIsTaken(t *testing.T) {
	s := declare(t, walkthrough)
	tags := map[string]string{
		plan.TagStackID: owner.StackID, plan.TagLogicalID: owner.LogicalID, plan.TagForBucket: bucket,
	}
	key := func(id, state string, tags map[string]string) *plan.Key {
		return &plan.Key{ARN: sharetest.Sydney.KeyARN(id), State: state, Tags: tags}
	}
	now := plan.State{
		Bucket: &plan.Bucket{Tags: tags},
		Tagged: []*plan.Key{key("ghost", plan.KeyPendingDeletion, tags), key("stale", plan.KeyEnabled, nil),
			key("live", plan.KeyEnabled, tags)},
	}
	if k := (plan.Wanted{Share: s, Owner: owner}).Key(now); k == nil || !strings.HasSuffix(k.ARN, "key/live") {
		t.Errorf("taken: %+v", k)
	}
}

func TestInlinePoliciesHaveAnOwner(t *testing.T) {
	s := declare(t, walkthrough)
	w := deployed(t, s)
	clear(w.Buckets)
	clear(w.Keys)
	wantConflictOf := func(o plan.Owner) {
		t.Helper()
		wanted := plan.Wanted{Share: s, Owner: o}
		if _, err := plan.ForShare(wanted, w.Observe(wanted)); err == nil ||
			!strings.Contains(err.Error(), "of another SharedBucket resource") {
			t.Errorf("got %v", err)
		}
		steps, err := removal(w, plan.Wanted{Share: s, Owner: o, Removal: plan.Completed})
		if err != nil || len(steps) > 0 {
			t.Errorf("its removal takes %s, %v", operations(steps), err)
		}
	}
	wantConflictOf(otherOwner)                 // another stack
	wantConflictOf(sharetest.Owners(s.Env)[1]) // another resource of the same stack
	steps, err := removal(w, plan.Wanted{Share: s, Owner: owner, Removal: plan.Completed})
	if err != nil || operations(steps) != "DeleteInlinePolicy" {
		t.Errorf("its own removal: %s, %v", operations(steps), err)
	}
}

// What a delegate loses is taken before anything else is done, and what it gains comes last.
func TestInlinePoliciesAreNarrowedFirst(t *testing.T) {
	delegate := func(entry, more string) share.Share {
		return declare(t, `"Delegates": [{"User": "ann", `+entry+`}]`+more)
	}
	const suspended = `, "Versioning": "Suspended"`
	for _, c := range []struct {
		name          string
		before, after share.Share
		want          string
	}{
		{
			name:   "less",
			before: delegate(`"Access": "Full"`, ""), after: delegate(`"Access": "Read"`, suspended),
			want: "PutInlinePolicy; PutBucketVersioning",
		},
		{
			name:   "more",
			before: delegate(`"Access": "Read"`, ""), after: delegate(`"Access": "Full"`, suspended),
			want: "PutBucketVersioning; PutInlinePolicy",
		},
		{
			name:   "less here and more there",
			before: delegate(`"Access": "Read"`, ""), after: delegate(`"Access": "Full", "Prefixes": "a"`, suspended),
			want: "PutInlinePolicy; PutBucketVersioning; PutInlinePolicy",
		},
		{
			name:   "something else altogether",
			before: delegate(`"Prefixes": "a"`, ""), after: delegate(`"Prefixes": "b"`, suspended),
			want: "DeleteInlinePolicy; PutBucketVersioning; PutInlinePolicy",
		},
		{
			name:   "nothing else to do",
			before: delegate(`"Access": "Read"`, ""), after: delegate(`"Access": "Write"`, ""),
			want: "PutInlinePolicy",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := deployed(t, c.before)
			got := operations(apply(t, w, plan.Wanted{Share: c.after, Previous: &c.before, Owner: owner}))
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestDeniedReads(t *testing.T) {
	denied := plan.Unread{Err: errors.New("reading the policy of bucket b: AccessDenied"), Denied: true}
	broken := plan.Unread{Err: errors.New("reading the policy of bucket b: InternalError")}
	s := declare(t, walkthrough+`, "RemovalPolicy": "Delete"`)
	const revoked, removed = "DeleteInlinePolicy, PutKeyPolicy; PutBucketPolicy", // the denials stay
		"DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; DeleteBucket; ScheduleKeyDeletion"
	for _, c := range []struct {
		name   string
		how    plan.Completion
		unread plan.Unread
		want   string
		fails  bool
	}{
		{name: "of an unfinished share", how: plan.Unfinished, unread: denied, want: removed},
		{name: "of a finished share", how: plan.Completed, unread: denied, want: revoked, fails: true},
		{name: "no denial, of an unfinished share", how: plan.Unfinished, unread: broken, want: revoked, fails: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := deployed(t, s)
			wanted := plan.Wanted{Share: s, Owner: owner, Removal: c.how}
			now := w.Observe(wanted)
			now.Unread = []plan.Unread{c.unread}
			steps, err := plan.Removal(wanted, now)
			if operations(steps) != c.want || errors.Is(err, c.unread.Err) != c.fails {
				t.Errorf("%s, %v", operations(steps), err)
			}
		})
	}
	t.Run("of a share that is to be made", func(t *testing.T) {
		now := deployed(t, s).Observe(plan.Wanted{Share: s, Owner: owner})
		now.Unread = []plan.Unread{denied}
		if steps, err := plan.ForShare(plan.Wanted{Share: s, Owner: owner}, now); !errors.Is(err, denied.Err) ||
			len(steps) > 0 {
			t.Errorf("%v, %v", steps, err)
		}
	})
	t.Run("of the whole bucket of a finished share", func(t *testing.T) {
		w := deployed(t, s)
		w.Buckets[bucket].Foreign = true
		steps, err := removal(w, plan.Wanted{Share: s, Owner: owner, Removal: plan.Completed})
		if operations(steps) != "DeleteInlinePolicy, PutKeyPolicy" || err == nil ||
			!strings.Contains(err.Error(), "cannot be looked at") {
			t.Errorf("%s, %v", operations(steps), err)
		}
	})
}

// A deleted role in somebody's statement makes the whole document unwritable.
func TestStalePrincipals(t *testing.T) {
	const stale = `{"Sid":"Backup","Effect":"Allow","Principal":{"AWS":"AROAEXAMPLEEXAMPLE123"},"Action":"s3:*",` +
		`"Resource":"*"}`
	s := declare(t, walkthrough)
	w := deployed(t, s)
	w.Buckets[bucket].Policy = with(w.Buckets[bucket].Policy, stale)
	apply(t, w, plan.Wanted{Share: s, Previous: &s, Owner: owner}) // as long as nothing need be written
	more := declare(t, `"Consumers": [{"Account": "333333333333"}]`)
	wantConflict(t, plan.Wanted{Share: more, Previous: &s, Owner: owner}, w,
		`whose statement "Backup" names AROAEXAMPLEEXAMPLE123`)
	steps, err := removal(w, plan.Wanted{Share: s, Owner: owner, Removal: plan.Completed})
	if operations(steps) != "DeleteInlinePolicy, PutKeyPolicy" || err == nil ||
		!strings.Contains(err.Error(), "take that principal out") {
		t.Errorf("%s, %v", operations(steps), err)
	}
	k := liveKeys(w)[0]
	w.Buckets[bucket].Policy, k.Policy = policy.Stored{}, with(k.Policy, stale)
	wantConflict(t, plan.Wanted{Share: more, Previous: &s, Owner: owner}, w, `has a key policy whose statement "Backup"`)
}

// A document that somebody else may write is looked at again before it is written; ours in it do not matter.
func TestDocumentsThatMayBeShared(t *testing.T) {
	s := declare(t, walkthrough)
	fresh := plan.Wanted{Share: s, Owner: owner}
	steps, err := plan.ForShare(fresh, sharetest.NewAccount(sharetest.Sydney, ann).Observe(fresh))
	sharetest.Must(t, err)
	for _, step := range steps {
		if step.OursPrefix != "" {
			t.Errorf("%s is looked at again, and nobody else can have written it", step)
		}
	}
	more := declare(t, `"Consumers": [{"Account": "333333333333"}], "Delegates": [{"User": "ann"}]`)
	w := deployed(t, s)
	update := plan.Wanted{Share: more, Previous: &s, Owner: owner}
	steps, err = plan.ForShare(update, w.Observe(update))
	sharetest.Must(t, err)
	documents := map[plan.Operation]policy.Stored{
		plan.PutBucketPolicy: w.Buckets[bucket].Policy, plan.PutKeyPolicy: liveKeys(w)[0].Policy,
	}
	const theirs = `{"Sid":"Theirs","Effect":"Allow","Principal":{"AWS":"444444444444"},"Action":"s3:*","Resource":"*"}`
	for operation, now := range documents {
		i := slices.IndexFunc(steps, func(s plan.Step) bool { return s.Operation == operation })
		if i < 0 || !steps[i].PlannedFrom(now) {
			t.Fatalf("%s is not planned from what is there", operation)
		}
		if steps[i].PlannedFrom(with(now, theirs)) {
			t.Errorf("%s goes over a statement that it has not seen", operation)
		}
		ours := `{"Sid":"` + steps[i].OursPrefix + `Old","Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}`
		if !steps[i].PlannedFrom(with(now, ours)) {
			t.Errorf("%s minds a statement of ours", operation)
		}
	}
	after := update.After(w.Observe(update), steps)
	seen := after
	bucketNow := *after.Bucket
	bucketNow.Policy, seen.Bucket = with(bucketNow.Policy, theirs), &bucketNow
	var changed *plan.Changed
	if err := update.OthersChanged(after, seen); !errors.As(err, &changed) || update.OthersChanged(after, after) != nil {
		t.Errorf("read back: %v", err)
	}
}

func TestNewAccountsAreWaitedFor(t *testing.T) {
	before := declare(t, walkthrough)
	for _, c := range []struct {
		name, after string
		want        bool
	}{
		{name: "an account more", after: `"Consumers": [{"Account": ["222222222222", "333333333333"]}]`, want: true},
		{name: "the same with less", after: `"Consumers": [{"Account": "222222222222", "Access": "Read"}]`},
		{name: "nobody", after: `"Consumers": []`},
	} {
		t.Run(c.name, func(t *testing.T) {
			update := plan.Wanted{Share: declare(t, c.after), Previous: &before, Owner: owner}
			steps, err := plan.ForShare(update, deployed(t, before).Observe(update))
			sharetest.Must(t, err)
			for _, s := range steps {
				if strings.HasPrefix(string(s.Operation), "Put") && strings.HasSuffix(string(s.Operation), "yPolicy") &&
					s.NewAccounts != c.want {
					t.Errorf("%s waits for accounts: %t", s, s.NewAccounts)
				}
			}
		})
	}
}

// TestNoDocumentNamesAKeyBeforeItIsMade: whose bucket and key are gone keeps no policy for a key that is still to come.
func TestNoDocumentNamesAKeyBeforeItIsMade(t *testing.T) {
	was := declare(t, `"Delegates": [{"User": "ann", "Access": "Full"}]`)
	w := deployed(t, was)
	clear(w.Buckets)
	clear(w.Keys)
	wanted := plan.Wanted{
		Share: declare(t, `"Delegates": [{"User": "ann", "Access": "Read"}]`), Previous: &was, Owner: owner,
	}
	steps, err := plan.ForShare(wanted, w.Observe(wanted))
	sharetest.Must(t, err)
	made := false
	for _, s := range steps {
		if made = made || s.Operation == plan.CreateKey; !made && strings.Contains(s.After.Text(), was.Env.PendingKeyARN()) {
			t.Errorf("round %d: %s names the key that is made later", s.Round, s)
		}
	}
	if !made {
		t.Errorf("no key is made: %s", operations(steps))
	}
}
