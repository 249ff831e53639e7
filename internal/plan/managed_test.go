package plan_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// managedShare has ann as a delegate with some kind of policy.
func managedShare(t *testing.T, kind, access string) share.Share {
	return declare(t, `"PolicyType": "`+kind+`", "Delegates": [{"User": "ann", "Access": "`+access+`"}]`)
}

func annsPolicy(s share.Share) string { return document.ManagedPolicyARN(s.Env, s.PolicyName(), ann) }

// What moves is narrowed first, then the new one comes, then the old one goes; nothing stays behind.
func TestPoliciesMove(t *testing.T) {
	for _, c := range []struct {
		name            string
		before, after   share.Share
		there           func(*sharetest.Account, *sharetest.ManagedPolicy)
		want            string
		inline, managed int
	}{
		{
			name: "to managed", before: managedShare(t, "Inline", "Read"), after: managedShare(t, "Managed", "Read"),
			want: "CreatePolicy; AttachPolicy; DeleteInlinePolicy", managed: 1,
		},
		{
			name: "to managed with more", before: managedShare(t, "Inline", "Read"), after: managedShare(t, "Managed", "Full"),
			want: "CreatePolicy; AttachPolicy; DeleteInlinePolicy", managed: 1,
		},
		{
			name: "to managed with less", before: managedShare(t, "Inline", "Full"), after: managedShare(t, "Managed", "Read"),
			want: "PutInlinePolicy; CreatePolicy; AttachPolicy; DeleteInlinePolicy", managed: 1,
		},
		{
			name: "to managed with something else", before: managedShare(t, "Inline", "Write"),
			after: managedShare(t, "Managed", "Read"),
			want:  "DeleteInlinePolicy; CreatePolicy; AttachPolicy", managed: 1,
		},
		{
			name: "to inline with less", before: managedShare(t, "Managed", "Full"), after: managedShare(t, "Inline", "Read"),
			want: "CreatePolicyVersion; PutInlinePolicy; DetachPolicy; DeletePolicyVersion; DeletePolicy", inline: 1,
		},
		{
			name: "another level of a managed one", before: managedShare(t, "Managed", "Full"),
			after: managedShare(t, "Managed", "Read"),
			want:  "CreatePolicyVersion; DeletePolicyVersion", managed: 1,
		},
		{
			name: "Auto leaves a managed one", before: managedShare(t, "Managed", "Read"),
			after: managedShare(t, "Auto", "Read"), managed: 1,
		},
		{
			name: "Auto leaves an inline one", before: managedShare(t, "Inline", "Read"), after: managedShare(t, "Auto", "Read"),
			inline: 1,
		},
		{
			name: "Auto without room", before: managedShare(t, "Auto", "Read"), after: managedShare(t, "Auto", "Full"),
			there: func(w *sharetest.Account, _ *sharetest.ManagedPolicy) {
				w.Identities[ann]["theirs"] = `{"Id":"` + strings.Repeat("x", 1300) + `"}`
			},
			want: "CreatePolicy; AttachPolicy; DeleteInlinePolicy", inline: 1, managed: 1,
		},
		{
			name: "detached by somebody", before: managedShare(t, "Managed", "Read"), after: managedShare(t, "Managed", "Read"),
			there: func(_ *sharetest.Account, p *sharetest.ManagedPolicy) { p.AttachedTo = nil },
			want:  "AttachPolicy", managed: 1,
		},
		{
			name: "attached to somebody else too", before: managedShare(t, "Managed", "Read"),
			after: managedShare(t, "Managed", "Read"),
			there: func(_ *sharetest.Account, p *sharetest.ManagedPolicy) { p.AttachedTo = append(p.AttachedTo, bob) },
			want:  "DetachPolicy", managed: 1,
		},
		{
			name: "with as many versions as it may have", before: managedShare(t, "Managed", "Read"),
			after: managedShare(t, "Managed", "Full"),
			there: func(_ *sharetest.Account, p *sharetest.ManagedPolicy) { p.Version, p.Older = 7, []int{1, 2, 4, 6} },
			want: "DeletePolicyVersion, DeletePolicyVersion, DeletePolicyVersion, DeletePolicyVersion; CreatePolicyVersion; " +
				"DeletePolicyVersion", managed: 1,
		},
		{
			name: "left by an earlier attempt, attached to nobody", before: managedShare(t, "Managed", "Read"),
			after: managedShare(t, "Inline", "Read"),
			there: func(_ *sharetest.Account, p *sharetest.ManagedPolicy) { p.AttachedTo = nil },
			want:  "PutInlinePolicy; DeletePolicy", inline: 1,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := deployed(t, c.before)
			if c.there != nil {
				c.there(w, w.Policies[annsPolicy(c.before)])
			}
			wanted := plan.Wanted{Share: c.after, Previous: &c.before, Owner: owner}
			if got := operations(apply(t, w, wanted)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if left := apply(t, w, wanted); len(left) > 0 {
				t.Errorf("and still to do: %v", left)
			}
			if len(w.Identities[ann]) != c.inline || len(w.Policies) != c.managed {
				t.Errorf("ann has %d inline policies, and there are %d managed ones", len(w.Identities[ann]), len(w.Policies))
			}
		})
	}
}

func TestManagedPoliciesHaveAnOwner(t *testing.T) {
	s := managedShare(t, "Managed", "Read")
	arn := annsPolicy(s)
	for _, c := range []struct {
		name    string
		owner   plan.Owner
		there   func(*sharetest.ManagedPolicy)
		problem string // "" for none: it is this owner's
	}{
		{name: "its own", owner: owner},
		{name: "its own, with a document that somebody changed", owner: owner, there: func(p *sharetest.ManagedPolicy) {
			p.Text = strings.ReplaceAll(p.Text, `"Sid":"SharedBucket`, `"Sid":"My`)
		}},
		{name: "another stack's", owner: otherOwner, problem: "another SharedBucket resource"},
		{name: "another resource's of the stack", owner: sharetest.Owners(s.Env)[1],
			problem: "another SharedBucket resource"},
		{name: "nobody's", owner: owner, there: func(p *sharetest.ManagedPolicy) { clear(p.Tags) },
			problem: "not made by this resource"},
		{name: "with tags that lie", owner: otherOwner, there: func(p *sharetest.ManagedPolicy) {
			p.Tags = map[string]string{plan.TagStackID: otherOwner.StackID, plan.TagLogicalID: otherOwner.LogicalID}
		}, problem: "another SharedBucket resource"},
		{name: "for another bucket", owner: owner, there: func(p *sharetest.ManagedPolicy) {
			p.Text = strings.ReplaceAll(p.Text, bucket, "another-bucket")
		}, problem: "another SharedBucket resource or bucket"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := deployed(t, s)
			clear(w.Buckets)
			clear(w.Keys)
			if c.there != nil {
				c.there(w.Policies[arn])
			}
			gone := plan.Wanted{Share: s, Owner: c.owner, Removal: plan.Completed}
			wanted := plan.Wanted{Share: s, Owner: c.owner}
			_, err := plan.ForShare(wanted, w.Observe(wanted))
			steps, removalErr := removal(w, gone)
			sharetest.Must(t, removalErr)
			if c.problem != "" {
				if err == nil || !strings.Contains(err.Error(), c.problem) || !strings.Contains(err.Error(), arn) {
					t.Errorf("got %v", err)
				}
				if len(steps) > 0 {
					t.Errorf("its removal takes %s", operations(steps))
				}
				return
			}
			sharetest.Must(t, err)
			if got := operations(steps); got != "DetachPolicy; DeletePolicy" {
				t.Errorf("its removal takes %s", got)
			}
		})
	}
}

// A quota of IAM is named before anything is written.
func TestQuotasOfManagedPolicies(t *testing.T) {
	s := managedShare(t, "Managed", "Read")
	fill := func(w *sharetest.Account, n int, to ...share.Identity) {
		for i := range n {
			w.Policies[fmt.Sprint("arn:aws:iam::111111111111:policy/theirs", i)] = &sharetest.ManagedPolicy{
				Text: "{}", AttachedTo: to,
			}
		}
	}
	for _, c := range []struct {
		name  string
		there func(*sharetest.Account)
		want  string
	}{
		{name: "room for one more", there: func(w *sharetest.Account) { fill(w, 9, ann) }},
		{name: "attached to ann", there: func(w *sharetest.Account) { fill(w, 10, ann) },
			want: "user/ann has 10 managed policies attached"},
		{name: "attached to somebody else", there: func(w *sharetest.Account) { fill(w, 10, bob) }},
		{name: "of the account", there: func(w *sharetest.Account) { fill(w, 1500) },
			want: "has 1500 customer managed policies, its quota is 1500, and this change needs 1 more"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := sharetest.NewAccount(s.Env, ann, bob)
			c.there(w)
			wanted := plan.Wanted{Share: s, Owner: owner}
			now := w.Observe(wanted)
			if ids := wanted.Attaches(now); c.want == "" && !slices.Equal(ids, []share.Identity{ann}) {
				t.Errorf("quotas matter for %v", ids)
			}
			steps, err := plan.ForShare(wanted, now)
			switch {
			case c.want == "":
				sharetest.Must(t, err)
				_, err = w.Run(steps, nil)
				sharetest.Must(t, err)
			case err == nil || !strings.Contains(err.Error(), c.want) || len(steps) > 0:
				t.Errorf("got %v, and %d steps", err, len(steps))
			}
		})
	}
	inline := managedShare(t, "Inline", "Read")
	wanted := plan.Wanted{Share: inline, Owner: owner}
	if ids := wanted.Attaches(sharetest.NewAccount(s.Env, ann).Observe(wanted)); len(ids) > 0 {
		t.Errorf("nobody gets a managed policy, and quotas matter for %v", ids)
	}
}

// What holds for delegates at any instant holds for grantees, also when each step is the last one before a crash: the
// next event goes on from there.
func TestGranteesAtAnyInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := sharetest.Envs().Draw(t, "env")
		was, is := sharetest.Accesses(env).Draw(t, "was"), sharetest.Accesses(env).Draw(t, "is")
		is.Bucket, is.Alias, is.PolicyName = was.Bucket, was.Alias, was.PolicyName
		w := sharetest.NewAccount(was.Env, sharetest.IdentityPool...)
		seen := func(wanted plan.WantedAccess) plan.AccessState {
			now := plan.AccessState{Identities: map[share.Identity]plan.IdentityState{}}
			for _, id := range wanted.Identities() {
				now.Identities[id] = w.ObserveIdentity(id, wanted.Access.PolicyName)
			}
			now.Quotas = w.ObserveQuotas(wanted.Identities())
			return now
		}
		do := func(wanted plan.WantedAccess, after func(plan.Step) bool) {
			steps, err := plan.ForAccess(wanted, seen(wanted))
			sharetest.Must(t, err)
			_, err = w.Run(steps, after)
			sharetest.Must(t, err)
		}
		owner := sharetest.Owners(was.Env)[0]
		do(plan.WantedAccess{Access: was, Owner: owner}, nil)
		crowd(t, w, was.PolicyType, is.PolicyType)
		granted := func(a share.Access, id share.Identity) map[string]bool {
			if !slices.Contains(share.Identities(a.Grantees), id) {
				return nil
			}
			return reach(env, a.Bucket, document.OfAccess(a, "", "").Of(id).Document.Text())
		}
		update := plan.WantedAccess{Access: is, Previous: &was, Owner: owner}
		crash := rapid.IntRange(1, 20).Draw(t, "crash")
		check := func(step plan.Step) bool {
			for _, id := range sharetest.IdentityPool {
				before, after := granted(was, id), granted(is, id)
				now := reach(env, is.Bucket, w.InForce(id, is.PolicyName)...)
				for can := range now {
					if !before[can] && !after[can] {
						t.Fatalf("after %s, %s may do %s", step, id, can)
					}
				}
				for can := range before {
					if after[can] && !now[can] {
						t.Fatalf("after %s, %s may not do %s any more", step, id, can)
					}
				}
			}
			crash--
			return crash != 0
		}
		do(update, check)
		crash = -1
		do(update, check)
		for _, id := range sharetest.IdentityPool {
			if !maps.Equal(granted(is, id), reach(env, is.Bucket, w.InForce(id, is.PolicyName)...)) &&
				slices.Contains(share.Identities(is.Grantees), id) {
				t.Fatalf("%s has not what is declared", id)
			}
		}
		gone := plan.WantedAccess{Access: is, Owner: owner, Removal: plan.Completed}
		steps, err := plan.AccessRemoval(gone, seen(gone))
		sharetest.Must(t, err)
		_, err = w.Run(steps, func(plan.Step) bool { return rapid.Bool().Draw(t, "goes on") })
		sharetest.Must(t, err)
		steps, err = plan.AccessRemoval(gone, seen(gone))
		sharetest.Must(t, err)
		_, err = w.Run(steps, nil)
		sharetest.Must(t, err)
		for _, id := range share.Identities(is.Grantees) {
			if len(w.InForce(id, is.PolicyName)) > 0 || len(w.Policies) > 0 {
				t.Fatalf("%s keeps a policy, or one stays: %d", id, len(w.Policies))
			}
		}
	})
}
