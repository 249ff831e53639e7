package plan_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy"
)

const bucket = "account-a-bucket"

var (
	owner      = sharetest.Owners(sharetest.Sydney)[0]
	otherOwner = sharetest.Owners(sharetest.Sydney)[2]
	ann        = share.Identity{Kind: share.User, Name: "ann"}
	bob        = share.Identity{Kind: share.User, Name: "bob"}
)

// declare is account-a-bucket with more properties.
func declare(t sharetest.Fataler, more string) share.Share {
	t.Helper()
	if more != "" {
		more = ", " + more
	}
	return sharetest.Parse(t, sharetest.Object(t, `{"BucketName": "`+bucket+`"`+more+`}`), sharetest.Sydney)
}

const walkthrough = `"Consumers": [{"Account": "222222222222"}], "Delegates": [{"User": "ann"}]`

// deployed is an account with the share and nothing else.
func deployed(t sharetest.Fataler, s share.Share) *sharetest.Account {
	t.Helper()
	w := sharetest.NewAccount(sharetest.Sydney, ann, bob)
	apply(t, w, plan.Wanted{Share: s, Owner: owner})
	return w
}

// operations are the steps of a plan, those of one round with commas between.
func operations(steps plan.Plan) string {
	var rounds []string
	for _, round := range steps.Rounds() {
		var steps []string
		for _, s := range round {
			steps = append(steps, string(s.Operation))
		}
		slices.Sort(steps)
		rounds = append(rounds, strings.Join(steps, ", "))
	}
	return strings.Join(rounds, "; ")
}

func TestCreateFromNothing(t *testing.T) {
	s := declare(t, walkthrough)
	steps, err := plan.ForShare(plan.Wanted{Share: s, Owner: owner},
		sharetest.NewAccount(sharetest.Sydney, ann).Observe(plan.Wanted{Share: s, Owner: owner}))
	sharetest.Must(t, err)
	want := "CreateBucket; CreateKey, PutPublicAccessBlock; CreateAlias, PutBucketVersioning; " +
		"EnableKeyRotation, PutBucketEncryption; PutBucketPolicy, PutKeyPolicy; PutInlinePolicy"
	if got := operations(steps); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, step := range steps {
		if step.Reason == "" || step.Resource == "" {
			t.Errorf("%s has no reason or resource", step.Operation)
		}
	}
}

func TestWhatThereIsDecides(t *testing.T) {
	key := sharetest.KeyOf(sharetest.Sydney)
	ourTags := map[string]string{plan.TagStackID: owner.StackID, plan.TagLogicalID: owner.LogicalID,
		plan.TagForBucket: bucket}
	theirTags := map[string]string{plan.TagStackID: otherOwner.StackID, plan.TagLogicalID: otherOwner.LogicalID,
		plan.TagForBucket: bucket}
	alias := "alias/s3-" + bucket + "-encryption"
	for _, c := range []struct {
		name, properties string
		there            func(*sharetest.Account)
		conflict         string // "" for none; else words of it
		want             string // operations, when there is no conflict
	}{
		{
			name:       "no bucket to adopt",
			properties: `"Adopt": true`,
			there:      func(w *sharetest.Account) { clear(w.Buckets) },
			conflict:   "does not exist, so it cannot be adopted",
		},
		{
			name:     "a bucket of another account",
			there:    func(w *sharetest.Account) { w.Buckets[bucket].Foreign = true },
			conflict: "belongs to another account",
		},
		{
			name:     "a bucket of another share",
			there:    func(w *sharetest.Account) { w.Buckets[bucket].Tags = theirTags },
			conflict: "belongs to another share: Share in " + otherOwner.StackID,
		},
		{
			name:       "a bucket of another share, told to adopt",
			properties: `"Adopt": true`,
			there:      func(w *sharetest.Account) { w.Buckets[bucket].Tags = theirTags },
			conflict:   "belongs to another share",
		},
		{
			name:     "a bucket of nobody, not told to adopt",
			conflict: "exists already and does not belong to this stack; set Adopt to true",
		},
		{
			name:       "a bucket of nobody, told to adopt",
			properties: `"Adopt": true`,
			want: "CreateKey, TagBucket; CreateAlias, PutPublicAccessBlock; EnableKeyRotation, " +
				"PutBucketOwnershipControls; PutBucketVersioning; PutBucketEncryption; PutBucketPolicy",
		},
		{
			name:       "a bucket of nobody with its key, told to adopt",
			properties: `"Adopt": true`,
			there:      func(w *sharetest.Account) { w.Buckets[bucket].Encryption.KeyID = key },
			want: "TagBucket; PutPublicAccessBlock; PutBucketOwnershipControls; PutBucketVersioning; " +
				"PutBucketEncryption; PutBucketPolicy",
		},
		{
			name:       "no key as declared",
			properties: `"Adopt": true, "Encryption": {"KeyArn": "` + sharetest.Sydney.KeyARN("gone") + `"}`,
			conflict:   "key " + sharetest.Sydney.KeyARN("gone") + " does not exist",
		},
		{
			name:       "a disabled key",
			properties: `"Adopt": true, "Encryption": {"KeyArn": "` + key + `"}`,
			there:      func(w *sharetest.Account) { w.Keys[key].State = plan.KeyDisabled },
			conflict:   "is disabled; enable it",
		},
		{
			name:       "a key that waits for its deletion",
			properties: `"Adopt": true, "Encryption": {"KeyArn": "` + key + `"}`,
			there:      func(w *sharetest.Account) { w.Keys[key].State = plan.KeyPendingDeletion },
			conflict:   "is waiting for its deletion; cancel",
		},
		{
			name:       "a key without its material",
			properties: `"Adopt": true, "Encryption": {"KeyArn": "` + key + `"}`,
			there:      func(w *sharetest.Account) { w.Keys[key].State = "PendingImport" },
			conflict:   "PendingImport",
		},
		{
			name:       "an asymmetric key",
			properties: `"Adopt": true, "Encryption": {"KeyArn": "` + key + `"}`,
			there:      func(w *sharetest.Account) { w.Keys[key].Spec = "RSA_2048" },
			conflict:   "is of kind RSA_2048",
		},
		{
			name:       "a key for MACs",
			properties: `"Adopt": true, "Encryption": {"KeyArn": "` + key + `"}`,
			there:      func(w *sharetest.Account) { w.Keys[key].Usage = "GENERATE_VERIFY_MAC" },
			conflict:   "GENERATE_VERIFY_MAC",
		},
		{
			name:       "a key of AWS",
			properties: `"Adopt": true, "Encryption": {"KeyArn": "` + key + `"}`,
			there:      func(w *sharetest.Account) { w.Keys[key].Manager = plan.KeyManagerAWS },
			conflict:   "AWS managed key",
		},
		{
			name:     "another key behind the alias",
			there:    func(w *sharetest.Account) { clear(w.Buckets); w.Keys[key].Aliases = []string{alias} },
			conflict: "belongs to " + key + " already",
		},
		{
			name:  "our key of an earlier attempt, but no alias yet",
			there: func(w *sharetest.Account) { w.Buckets[bucket].Tags = ourTags; w.Keys[key].Tags = maps.Clone(ourTags) },
			want: "CreateAlias, PutPublicAccessBlock; EnableKeyRotation, PutBucketOwnershipControls; PutBucketVersioning; " +
				"PutBucketEncryption; PutBucketPolicy",
		},
		{
			name: "a key that an earlier share of the bucket gave up",
			there: func(w *sharetest.Account) {
				clear(w.Buckets)
				w.Keys[key].Tags, w.Keys[key].Aliases, w.Keys[key].State = maps.Clone(theirTags), []string{
					alias}, plan.KeyPendingDeletion
			},
			want: "CreateBucket; CancelKeyDeletion, PutPublicAccessBlock; EnableKey, PutBucketVersioning; EnableKeyRotation, " +
				"PutBucketEncryption; PutBucketPolicy",
		},
		{
			name: "a key that an earlier share of another bucket gave up",
			there: func(w *sharetest.Account) {
				clear(w.Buckets)
				w.Keys[key].Tags, w.Keys[key].Aliases, w.Keys[key].State = map[string]string{
					plan.TagForBucket: "another"}, []string{alias}, plan.KeyPendingDeletion
			},
			conflict: "waiting for its deletion",
		},
		{
			name:       "a delegate that does not exist",
			properties: `"Adopt": true, "Delegates": [{"User": "eve"}, {"Role": "r"}]`,
			conflict:   "user/eve does not exist",
		},
		{
			name:       "a delegate with somebody's policy under our name",
			properties: `"Adopt": true, "Delegates": [{"User": "ann"}]`,
			there: func(w *sharetest.Account) {
				w.Identities[ann]["access-s3-"+bucket] = `{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`
			},
			conflict: "user/ann has an inline policy access-s3-" + bucket,
		},
		{
			name:       "a delegate with other large policies",
			properties: `"Adopt": true, "PolicyType": "Inline", "Delegates": [{"User": "ann"}]`,
			there:      func(w *sharetest.Account) { w.Identities[ann]["other"] = `{"a":"` + strings.Repeat("x", 1500) + `"}` },
			conflict:   "user/ann together has",
		},
		{
			name:       "a bucket policy that is full",
			properties: `"Adopt": true`,
			there: func(w *sharetest.Account) {
				w.Buckets[bucket].Policy = sharetest.Stored(`{"Statement":[{"Sid":"` + strings.Repeat("x", 20000) + `"}]}`)
			},
			conflict: "over the limit of 20480",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := accountWithBucket("",
				`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"kms:*",`+
					`"Resource":"*"}]}`)
			w.Identities = sharetest.NewAccount(sharetest.Sydney, ann).Identities
			if c.there != nil {
				c.there(w)
			}
			s := declare(t, c.properties)
			wanted := plan.Wanted{Share: s, Owner: owner, Limits: share.Limits{KeyArns: []string{key}}}
			steps, err := plan.ForShare(wanted, w.Observe(wanted))
			switch {
			case c.conflict == "":
				sharetest.Must(t, err)
				if got := operations(steps); got != c.want {
					t.Errorf("got  %s\nwant %s", got, c.want)
				}
				_, err = w.Run(steps, nil)
				sharetest.Must(t, err)
			case err == nil || !strings.Contains(err.Error(), c.conflict):
				t.Errorf("got %v, want %q", err, c.conflict)
			case len(steps) > 0:
				t.Errorf("a plan all the same: %s", operations(steps))
			}
		})
	}
}

func TestAllMissingDelegatesAreNamed(t *testing.T) {
	s := declare(t, `"Delegates": [{"User": ["eve", "mallory"]}]`)
	_, err := plan.ForShare(plan.Wanted{Share: s, Owner: owner},
		sharetest.NewAccount(sharetest.Sydney).Observe(plan.Wanted{Share: s, Owner: owner}))
	var c *plan.Conflict
	if !errors.As(err, &c) || !strings.Contains(err.Error(), "user/eve") ||
		!strings.Contains(err.Error(), "user/mallory") {
		t.Errorf("got %v", err)
	}
}

func TestUpdates(t *testing.T) {
	for _, c := range []struct{ name, before, after, want string }{
		{name: "nothing", before: walkthrough, after: walkthrough},
		{
			name:   "the same in other words",
			before: walkthrough,
			after: `"Delegates": [{"User": ["ann"]}], "Consumers": [{"Account": ["222222222222"], "Access": "ReadWrite"}], ` +
				`"Adopt": "false"`,
		},
		{
			name:   "one consumer more",
			before: walkthrough,
			after:  `"Consumers": [{"Account": "222222222222"}, {"Account": "333333333333"}], "Delegates": [{"User": "ann"}]`,
			want:   "PutBucketPolicy, PutKeyPolicy",
		},
		{
			name:   "one consumer less",
			before: walkthrough,
			after:  `"Delegates": [{"User": "ann"}]`,
			want:   "PutBucketPolicy, PutKeyPolicy",
		},
		{
			name:   "another level of reading and writing",
			before: walkthrough,
			after:  `"Consumers": [{"Account": "222222222222", "Access": "Full"}], "Delegates": [{"User": "ann"}]`,
			want:   "PutBucketPolicy",
		},
		{
			name:   "another folder",
			before: walkthrough,
			after:  `"Consumers": [{"Account": "222222222222", "Prefixes": "a"}], "Delegates": [{"User": "ann"}]`,
			want:   "PutBucketPolicy",
		},
		{
			name:   "one delegate more",
			before: walkthrough,
			after:  `"Consumers": [{"Account": "222222222222"}], "Delegates": [{"User": "ann"}, {"User": "bob"}]`,
			want:   "PutInlinePolicy",
		},
		{
			name:   "another delegate",
			before: walkthrough,
			after:  `"Consumers": [{"Account": "222222222222"}], "Delegates": [{"User": "bob"}]`,
			want:   "DeleteInlinePolicy; PutInlinePolicy",
		},
		{
			name:   "versioning, with a consumer leaving",
			before: walkthrough,
			after:  `"Versioning": "Suspended", "Delegates": [{"User": "ann"}]`,
			want:   "PutBucketPolicy, PutKeyPolicy; PutBucketVersioning",
		},
		{
			name:   "versioning, with one consumer leaving and one coming",
			before: walkthrough,
			after:  `"Versioning": "Suspended", "Consumers": [{"Account": "333333333333"}], "Delegates": [{"User": "ann"}]`,
			want:   "PutBucketPolicy, PutKeyPolicy; PutBucketVersioning; PutBucketPolicy, PutKeyPolicy",
		},
		{
			name:   "versioning, with a consumer who reads more",
			before: `"Consumers": [{"Account": "222222222222", "Prefixes": "a"}]`,
			after:  `"Versioning": "Suspended", "Consumers": [{"Account": "222222222222"}]`,
			want:   "PutBucketVersioning; PutBucketPolicy",
		},
		{
			name:   "direct use",
			before: walkthrough,
			after:  walkthrough + `, "Encryption": {"DirectUse": true}`,
			want:   "PutKeyPolicy; PutInlinePolicy",
		},
		{
			name:   "the rotation period",
			before: walkthrough,
			after:  walkthrough + `, "Encryption": {"RotationPeriodInDays": 90}`,
			want:   "EnableKeyRotation",
		},
		{
			name:   "the alias",
			before: walkthrough,
			after:  walkthrough + `, "Encryption": {"Alias": "alias/other"}`,
			want:   "CreateAlias; DeleteAlias",
		},
		{
			name:   "a tag more",
			before: walkthrough,
			after:  walkthrough + `, "Tags": {"a": ""}`,
			want:   "TagBucket, TagKey",
		},
		{
			name:   "a tag less",
			before: walkthrough + `, "Tags": {"a": ""}`,
			after:  walkthrough,
			want:   "UntagBucket, UntagKey",
		},
		{
			name:   "a tag changed",
			before: walkthrough + `, "Tags": {"a": "1"}`,
			after:  walkthrough + `, "Tags": {"a": "2"}`,
			want:   "TagBucket, TagKey",
		},
		{
			name:   "the removal policy",
			before: walkthrough,
			after:  walkthrough + `, "RemovalPolicy": "Delete"`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, after := declare(t, c.before), declare(t, c.after)
			w := deployed(t, before)
			got := operations(apply(t, w, plan.Wanted{Share: after, Previous: &before, Owner: owner}))
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// A tag that somebody else put on the bucket is not ours to take away, nor one whose value they have changed.
func TestForeignTagsStay(t *testing.T) {
	before, after := declare(t, `"Tags": {"a": "1"}`), declare(t, "")
	w := deployed(t, before)
	w.Buckets[bucket].Tags["a"], w.Buckets[bucket].Tags["theirs"] = "2", ""
	apply(t, w, plan.Wanted{Share: after, Previous: &before, Owner: owner})
	if tags := w.Buckets[bucket].Tags; tags["a"] != "2" || len(tags) != 4 {
		t.Errorf("tags are %v", tags)
	}
}

func TestKeyOfABucketWithObjects(t *testing.T) {
	before := declare(t, walkthrough)
	for _, c := range []struct {
		name    string
		objects int
		want    string // words of the conflict
	}{
		{name: "may not change", objects: 1, want: "holds objects under"},
		{name: "may change while there are none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := deployed(t, before)
			w.Buckets[bucket].Objects = c.objects
			other := accountWithBucket("",
				`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"kms:*",`+
					`"Resource":"*"}]}`)
			maps.Copy(w.Keys, other.Keys)
			after := declare(t, walkthrough+`, "Encryption": {"KeyArn": "`+sharetest.KeyOf(sharetest.Sydney)+`"}`)
			_, err := plan.ForShare(plan.Wanted{Share: after, Previous: &before, Owner: owner},
				w.Observe(plan.Wanted{Share: after, Previous: &before, Owner: owner}))
			if got := err != nil && strings.Contains(err.Error(), c.want); got != (c.want != "") {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("an operator's emergency brake stays on", func(t *testing.T) {
		w := deployed(t, before)
		for _, k := range w.Keys {
			k.State = plan.KeyDisabled
		}
		_, err := plan.ForShare(plan.Wanted{Share: before, Previous: &before, Owner: owner},
			w.Observe(plan.Wanted{Share: before, Previous: &before, Owner: owner}))
		if err == nil || !strings.Contains(err.Error(), "is disabled") {
			t.Errorf("got %v", err)
		}
	})
}

func TestRemoval(t *testing.T) {
	keep, remove := declare(t, walkthrough), declare(t, walkthrough+`, "RemovalPolicy": "Delete"`)
	empty := declare(t, walkthrough+`, "RemovalPolicy": "Empty"`)
	finished, unfinished := plan.Completed, plan.Unfinished
	for _, c := range []struct {
		name  string
		share share.Share
		how   plan.Completion
		there func(*sharetest.Account)
		want  string
	}{
		{
			name:  "retained",
			share: keep,
			how:   finished,
			want:  "DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; UntagBucket, UntagKey",
		},
		{
			name:  "deleted",
			share: remove,
			how:   finished,
			want:  "DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; DeleteBucket; ScheduleKeyDeletion",
		},
		{
			name:  "emptied",
			share: empty,
			how:   finished,
			there: func(w *sharetest.Account) { w.Buckets[bucket].Objects = 3 },
			want: "DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; PutBucketPolicy; EmptyBucket; DeleteBucket; " +
				"ScheduleKeyDeletion",
		},
		{
			name:  "emptied, going on",
			share: empty,
			how:   finished,
			there: func(w *sharetest.Account) {
				w.Buckets[bucket].Policy = sharetest.Stored(policy.Document{
					Version: policy.Version, Statements: document.Emptying(empty).Statements,
				}.Text())
			},
			want: "DeleteInlinePolicy, PutKeyPolicy; EmptyBucket; DeleteBucket; ScheduleKeyDeletion",
		},
		{
			name:  "adopted, to be emptied",
			share: empty,
			how:   finished,
			there: func(w *sharetest.Account) { w.Buckets[bucket].Tags[plan.TagAdopted] = "true" },
			want:  "DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; UntagBucket, UntagKey",
		},
		{
			name:  "never finished, to be emptied, with objects",
			share: empty,
			how:   unfinished,
			there: func(w *sharetest.Account) { w.Buckets[bucket].Objects = 1 },
			want:  "DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; UntagBucket, UntagKey",
		},
		{
			name:  "never finished",
			share: keep,
			how:   unfinished,
			want:  "DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; DeleteBucket; ScheduleKeyDeletion",
		},
		{
			name:  "never finished, the key not in use yet",
			share: keep,
			how:   unfinished,
			there: func(w *sharetest.Account) { w.Buckets[bucket].Encryption.KeyID = "" },
			want:  "DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; ScheduleKeyDeletion; DeleteBucket",
		},
		{
			name:  "never finished, but with objects",
			share: keep,
			how:   unfinished,
			there: func(w *sharetest.Account) { w.Buckets[bucket].Objects = 1 },
			want:  "DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; UntagBucket, UntagKey",
		},
		{
			name:  "finished by a later Update",
			share: keep,
			how:   unfinished,
			there: func(w *sharetest.Account) { w.Buckets[bucket].Tags[plan.TagHandedOver] = "true" },
		},
		{
			name:  "finished by a later Update, then deleted",
			share: remove,
			how:   finished,
			there: func(w *sharetest.Account) { w.Buckets[bucket].Tags[plan.TagHandedOver] = "true" },
			want:  "DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; DeleteBucket; ScheduleKeyDeletion",
		},
		{
			name:  "adopted, whatever the policy",
			share: remove,
			how:   finished,
			there: func(w *sharetest.Account) { w.Buckets[bucket].Tags[plan.TagAdopted] = "true" },
			want:  "DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; UntagBucket, UntagKey",
		},
		{
			name:  "adopted, never finished, its new key not in use yet",
			share: keep,
			how:   unfinished,
			there: func(w *sharetest.Account) {
				w.Buckets[bucket].Tags[plan.TagAdopted], w.Buckets[bucket].Encryption.KeyID = "true", ""
			},
			want: "DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; ScheduleKeyDeletion, UntagBucket",
		},
		{
			name:  "of nobody",
			share: remove,
			how:   finished,
			there: func(w *sharetest.Account) { delete(w.Buckets[bucket].Tags, plan.TagStackID) },
			want:  "DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; UntagKey",
		},
		{
			name:  "of another share",
			share: remove,
			how:   finished,
			there: func(w *sharetest.Account) { w.Buckets[bucket].Tags[plan.TagStackID] = "another" },
		},
		{
			name:  "of another account, never finished",
			share: remove,
			how:   unfinished,
			there: func(w *sharetest.Account) { w.Buckets[bucket].Foreign = true },
		},
		{
			name:  "in another region by now",
			share: remove,
			how:   finished,
			there: func(w *sharetest.Account) { w.Buckets[bucket].Foreign, w.Buckets[bucket].OtherRegion = true, true },
			want:  "DeleteInlinePolicy, PutKeyPolicy",
		},
		{
			name:  "its bucket gone",
			share: remove,
			how:   finished,
			there: func(w *sharetest.Account) { clear(w.Buckets) },
			want:  "DeleteInlinePolicy, PutKeyPolicy; ScheduleKeyDeletion",
		},
		{
			name:  "its bucket gone, retained",
			share: keep,
			how:   finished,
			there: func(w *sharetest.Account) { clear(w.Buckets) },
			want:  "DeleteInlinePolicy, PutKeyPolicy; UntagKey",
		},
		{
			name:  "its key gone",
			share: remove,
			how:   finished,
			there: func(w *sharetest.Account) { clear(w.Keys) },
			want:  "DeleteInlinePolicy; DeleteBucketPolicy; DeleteBucket",
		},
		{
			name:  "its key on its way out, retained",
			share: keep,
			how:   finished,
			there: func(w *sharetest.Account) {
				for _, k := range w.Keys {
					k.State = plan.KeyPendingDeletion
				}
			},
			want: "DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; UntagBucket",
		},
		{
			name:  "all gone",
			share: remove,
			how:   finished,
			there: func(w *sharetest.Account) { clear(w.Buckets); clear(w.Keys); clear(w.Identities) },
		},
		{
			name:  "a delegate gone",
			share: keep,
			how:   finished,
			there: func(w *sharetest.Account) { clear(w.Identities) },
			want:  "PutKeyPolicy; DeleteBucketPolicy; UntagBucket, UntagKey",
		},
		{
			name:  "a delegate's policy replaced by somebody",
			share: keep,
			how:   finished,
			there: func(w *sharetest.Account) { w.Identities[ann]["access-s3-"+bucket] = `{"Statement":[]}` },
			want:  "PutKeyPolicy; DeleteBucketPolicy; UntagBucket, UntagKey",
		},
		{
			name:  "its key serving another share too",
			share: remove,
			how:   finished,
			there: func(w *sharetest.Account) {
				for _, k := range w.Keys {
					k.Policy = with(k.Policy,
						`{"Sid":"SharedBucket00000000UseReadAccount","Effect":"Allow","Principal":{"AWS":"222222222222"},`+
							`"Action":"kms:Decrypt","Resource":"*"}`)
				}
			},
			want: "DeleteInlinePolicy, PutKeyPolicy; DeleteBucketPolicy; DeleteBucket",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := deployed(t, c.share)
			if c.there != nil {
				c.there(w)
			}
			steps, err := removal(w, plan.Wanted{Share: c.share, Owner: owner, Removal: c.how})
			sharetest.Must(t, err)
			if got := operations(steps); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			_, err = w.Run(steps, nil)
			sharetest.Must(t, err)
			again, err := removal(w, plan.Wanted{Share: c.share, Owner: owner, Removal: c.how})
			sharetest.Must(t, err)
			if len(again) > 0 {
				t.Errorf("a second removal has steps: %s", operations(again))
			}
		})
	}
}

// A share that was refused has found a key behind the alias that is somebody's; removing it writes nothing there.
func TestRemovalLeavesAKeyThatWasOnlyFound(t *testing.T) {
	const tight = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Principal":{"AWS":"arn:aws:iam::111111111111:role/only"},"Action":"kms:*","Resource":"*"}]}`
	w := accountWithBucket("", tight)
	clear(w.Buckets)
	w.Keys[sharetest.KeyOf(sharetest.Sydney)].Aliases = []string{"alias/s3-" + bucket + "-encryption"}
	s := declare(t, walkthrough)
	steps, err := removal(w, plan.Wanted{Share: s, Owner: owner, Removal: plan.Unfinished})
	sharetest.Must(t, err)
	if len(steps) > 0 {
		t.Errorf("plan: %v", steps)
	}
}

// During a replacement one resource has two buckets and two keys.
func TestReplacementLeavesTheOtherShareAlone(t *testing.T) {
	old := declare(t, walkthrough+`, "RemovalPolicy": "Delete"`)
	next := sharetest.Parse(t,
		sharetest.Object(t, `{"BucketName": "account-a-next", `+walkthrough+`, "RemovalPolicy": "Delete"}`), sharetest.Sydney)
	w := deployed(t, old)
	apply(t, w, plan.Wanted{Share: next, Owner: owner})
	if len(w.Keys) != 2 || len(w.Buckets) != 2 {
		t.Fatalf("%d keys and %d buckets, want 2 and 2", len(w.Keys), len(w.Buckets))
	}
	kept := w.Clone()
	steps, err := removal(w, plan.Wanted{Share: old, Owner: owner, Removal: plan.Completed})
	sharetest.Must(t, err)
	_, err = w.Run(steps, nil)
	sharetest.Must(t, err)
	if diff := cmp.Diff(kept.Buckets["account-a-next"], w.Buckets["account-a-next"]); diff != "" {
		t.Errorf("the new bucket changed: %s", diff)
	}
	if live := liveKeys(w); len(live) != 1 || live[0].Tags[plan.TagForBucket] != "account-a-next" {
		t.Errorf("keys left: %v", live)
	}
	if len(w.Identities[ann]) != 1 {
		t.Errorf("ann has %d inline policies, want the new one", len(w.Identities[ann]))
	}
}

// A share that was deleted may come back: with the same key, while KMS still has it.
func TestShareThatComesBack(t *testing.T) {
	s := declare(t, walkthrough+`, "RemovalPolicy": "Delete"`)
	w := deployed(t, s)
	remove := func(o plan.Owner) {
		steps, err := removal(w, plan.Wanted{Share: s, Owner: o, Removal: plan.Completed})
		sharetest.Must(t, err)
		_, err = w.Run(steps, nil)
		sharetest.Must(t, err)
	}
	remove(owner)
	steps, err := plan.ForShare(plan.Wanted{Share: s, Owner: otherOwner},
		w.Observe(plan.Wanted{Share: s, Owner: otherOwner}))
	sharetest.Must(t, err)
	for stop := range len(steps) + 1 {
		crashed := w.Clone()
		n := 0
		if stop > 0 {
			_, err = crashed.Run(steps, func(plan.Step) bool { n++; return n != stop })
			sharetest.Must(t, err)
		}
		if live := liveKeys(crashed); len(live) == 1 && !otherOwner.OwnsKey(live[0], bucket) {
			// Disabled, with the tags of the owner before: it might as well be one that was disabled for a reason.
			wanted := plan.Wanted{Share: s, Owner: otherOwner}
			_, err := plan.ForShare(wanted, crashed.Observe(wanted))
			if err == nil || !strings.Contains(err.Error(), "and is disabled; schedule its deletion") {
				t.Errorf("got %v", err)
			}
			liveKeys(crashed)[0].State = plan.KeyPendingDeletion
		}
		apply(t, crashed, plan.Wanted{Share: s, Owner: otherOwner})
		if live := liveKeys(crashed); len(crashed.Keys) != 1 || len(live) != 1 || !otherOwner.OwnsKey(live[0], bucket) {
			t.Errorf("after a crash at step %d: keys %v", stop, crashed.Keys)
		}
	}
	apply(t, w, plan.Wanted{Share: s, Owner: otherOwner})
	remove(otherOwner)
	if len(liveKeys(w)) > 0 || len(w.Buckets) > 0 {
		t.Errorf("left: %v %v", w.Keys, w.Buckets)
	}
}

// A retained share can be adopted by the next one, which then never deletes it.
func TestRetainedShareIsAdopted(t *testing.T) {
	s := declare(t, walkthrough)
	w := deployed(t, s)
	w.Buckets[bucket].Objects = 1
	steps, err := removal(w, plan.Wanted{Share: s, Owner: owner, Removal: plan.Completed})
	sharetest.Must(t, err)
	_, err = w.Run(steps, nil)
	sharetest.Must(t, err)
	again := declare(t, walkthrough+`, "Adopt": true`)
	wanted := plan.Wanted{Share: again, Owner: otherOwner}
	if _, err := plan.ForShare(wanted, w.Observe(wanted)); err == nil || !strings.Contains(err.Error(), "KeyArns") {
		t.Errorf("without a limit that has its key: %v", err)
	}
	wanted.Limits.KeyArns = []string{liveKeys(w)[0].ARN}
	apply(t, w, wanted)
	if len(w.Keys) != 1 || w.Buckets[bucket].Tags[plan.TagAdopted] == "" {
		t.Errorf("keys %v, tags %v", w.Keys, w.Buckets[bucket].Tags)
	}
}

func TestHandOver(t *testing.T) {
	s := declare(t, walkthrough)
	w := deployed(t, s)
	steps, err := plan.HandOver(plan.Wanted{Share: s, Owner: owner}, plan.Remembered{})
	sharetest.Must(t, err)
	_, err = w.Run(steps, nil)
	sharetest.Must(t, err)
	apply(t, w, plan.Wanted{Share: s, Previous: &s, Owner: owner})
	if w.Buckets[bucket].Tags[plan.TagHandedOver] == "" {
		t.Error("a later Update forgets that the share was handed over")
	}
}

func TestAccessPlans(t *testing.T) {
	consumer := share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "222222222222"}
	access := func(more string) share.Access {
		a, err := share.ParseAccess(sharetest.Object(t,
			`{"BucketName": "`+bucket+`", "OwnerAccount": "111111111111"`+more+`}`), consumer)
		sharetest.Must(t, err)
		return a
	}
	both, onlyAnn := access(`, "Grantees": [{"User": ["ann", "bob"]}]`), access(`, "Grantees": [{"User": "ann"}]`)
	key := &plan.Key{ARN: sharetest.KeyOf(sharetest.Sydney), State: plan.KeyEnabled, Spec: plan.KeySymmetric,
		Usage: "ENCRYPT_DECRYPT", Manager: "CUSTOMER"}
	w := sharetest.NewAccount(consumer, ann, bob)
	see := func(a share.Access, previous *share.Access, key *plan.Key) plan.AccessState {
		now := plan.AccessState{Key: key, Identities: map[share.Identity]plan.IdentityState{}}
		for _, id := range []share.Identity{ann, bob} {
			now.Identities[id] = w.ObserveIdentity(id, a.PolicyName)
		}
		return now
	}
	step := func(name, want string, a share.Access, previous *share.Access, key *plan.Key) {
		t.Helper()
		steps, err := plan.ForAccess(plan.WantedAccess{Access: a, Previous: previous, Owner: owner}, see(a, previous, key))
		sharetest.Must(t, err)
		if got := operations(steps); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
		_, err = w.Run(steps, nil)
		sharetest.Must(t, err)
	}
	step("before the owner's side is there", "PutInlinePolicy, PutInlinePolicy", both, nil, nil)
	if document := w.Identities[ann][both.PolicyName]; !strings.Contains(document, "kms:ResourceAliases") {
		t.Errorf("without a key the document is %s", document)
	}
	step("once the key can be seen", "PutInlinePolicy, PutInlinePolicy", both, &both, key)
	step("the same again", "", both, &both, key)
	step("one grantee less", "DeleteInlinePolicy", onlyAnn, &both, key)
	renamed := access(`, "Grantees": [{"User": "ann"}], "PolicyName": "other"`)
	step("another policy name", "PutInlinePolicy", renamed, &onlyAnn, key)
	if n := len(w.Identities[ann]); n != 2 {
		t.Errorf("ann has %d policies: the old one is for the Delete that follows", n)
	}
	gone := plan.WantedAccess{Access: onlyAnn, Owner: owner, Removal: plan.Completed}
	steps, err := plan.AccessRemoval(gone, see(onlyAnn, nil, nil))
	sharetest.Must(t, err)
	if got := operations(steps); got != "DeleteInlinePolicy" {
		t.Errorf("removal: %q", got)
	}
	for _, c := range []struct {
		name string
		key  plan.Key
		want string
	}{
		{name: "a disabled key", key: plan.Key{ARN: "k", State: plan.KeyDisabled}, want: "is disabled"},
		{
			name: "a key of AWS",
			key:  plan.Key{ARN: "k", State: plan.KeyEnabled, Manager: plan.KeyManagerAWS},
			want: "AWS managed",
		},
	} {
		wanted := plan.WantedAccess{Access: onlyAnn, Owner: owner}
		if _, err := plan.ForAccess(wanted, see(onlyAnn, nil, &c.key)); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		wanted.Event.Back = true
		if _, err := plan.ForAccess(wanted, see(onlyAnn, nil, &c.key)); err != nil {
			t.Errorf("%s, on the way back: %v", c.name, err)
		}
	}
}

// A plan from what is read back finds whatever is not as it was applied.
func TestProofFindsWhatDiffers(t *testing.T) {
	s := declare(t, `"Consumers": [{"Account": "222222222222"}]`)
	for _, c := range []struct {
		name, want string
		change     func(*plan.Bucket, *plan.Key)
	}{
		{name: "nothing", change: func(*plan.Bucket, *plan.Key) {}},
		{
			name: "encryption", want: "the default encryption is AES256",
			change: func(b *plan.Bucket, _ *plan.Key) { b.Encryption.Algorithm = "AES256" },
		},
		{
			name: "another key", want: "the default encryption uses other",
			change: func(b *plan.Bucket, _ *plan.Key) { b.Encryption.KeyID = "other" },
		},
		{
			name: "the bucket key", want: "the bucket key is off",
			change: func(b *plan.Bucket, _ *plan.Key) { b.Encryption.BucketKey = false },
		},
		{
			name: "SSE-C", want: "SSE-C is not blocked",
			change: func(b *plan.Bucket, _ *plan.Key) { b.Encryption.SSECBlocked = false },
		},
		{
			name: "public access", want: "public access is not blocked entirely",
			change: func(b *plan.Bucket, _ *plan.Key) { b.AccessBlocked = false },
		},
		{
			name: "ownership", want: "objects may belong to other accounts",
			change: func(b *plan.Bucket, _ *plan.Key) { b.OwnerEnforced = false },
		},
		{
			name: "no bucket policy", want: "who may use the bucket differs (PutBucketPolicy",
			change: func(b *plan.Bucket, _ *plan.Key) { b.Policy = policy.Stored{} },
		},
		{
			name: "a statement too many", want: "who may use the bucket differs",
			change: func(b *plan.Bucket, _ *plan.Key) {
				b.Policy = with(b.Policy,
					`{"Sid":"SharedBucketOld","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}`)
			},
		},
		{
			name: "a key policy for another consumer", want: "who may use the key differs (PutKeyPolicy",
			change: func(_ *plan.Bucket, k *plan.Key) { k.Policy = replaced(k.Policy, "222222222222", "333333333333") },
		},
		{
			name: "a key policy without its administration", want: "who may use the key differs",
			change: func(_ *plan.Bucket, k *plan.Key) { k.Policy = replaced(k.Policy, "kms:*", "kms:Get*") },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := deployed(t, s)
			c.change(&w.Buckets[bucket].Bucket, liveKeys(w)[0])
			wanted := plan.Wanted{Share: s, Owner: owner}
			err := plan.Unproven(plan.ForShare(wanted, w.Observe(wanted)))
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// with is a document with one more statement.
func with(d policy.Stored, statement string) policy.Stored {
	return replaced(d, `"Statement":[`, `"Statement":[`+statement+`,`)
}

// replaced is a document in which one text stands for another.
func replaced(d policy.Stored, old, by string) policy.Stored {
	return sharetest.Stored(strings.ReplaceAll(d.Text(), old, by))
}
