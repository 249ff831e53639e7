package demo

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
	"example.com/sharedbucket/test/local"
)

// observe reads what is there for the walkthrough's share, as the administrator of A.
func (w *fixture) observe(ctx context.Context) (plan.State, error) {
	account, err := w.aws.Account(ctx, accountA)
	if err != nil {
		return plan.State{}, err
	}
	env := share.Env{Partition: "aws", Region: w.aws.Region, Account: accountA}
	s, _ := share.ParseShare(map[string]any{"BucketName": bucket,
		"Delegates": []any{map[string]any{"User": ann.profile}}}, env)
	return cloud.New(account.Config(), env).ObserveShare(ctx, plan.Wanted{Share: s, Previous: &s})
}

func (w *fixture) show(ctx context.Context) error {
	w.title("What there is now")
	now, err := w.observe(ctx)
	if err != nil {
		return err
	}
	if now.Bucket == nil || now.Named == nil {
		return fmt.Errorf("bucket or key of %s are missing", bucket)
	}
	b, k := now.Bucket, now.Named
	w.table(
		[]string{"bucket", bucket},
		[]string{"  encryption",
			b.Encryption.Algorithm + " by default, bucket key " + onOff(b.Encryption.BucketKey) + ", SSE-C " +
				blocked(b.Encryption.SSECBlocked)},
		[]string{"  public access", blocked(bool(b.AccessBlocked))},
		[]string{"  versioning", string(b.Versioning)},
		[]string{"key", k.ARN},
		[]string{"  alias", strings.Join(k.Aliases, ", ")},
		[]string{"  rotation", fmt.Sprintf("every %d days", k.Rotation)},
	)
	dilips, err := w.dilipsPolicy(ctx)
	if err != nil {
		return err
	}
	for _, d := range []struct {
		name, text string
		kind       grammar.Kind
	}{
		{"Bucket policy of " + bucket, b.Policy.Text(), grammar.BucketPolicy},
		{"Key policy", k.Policy.Text(), grammar.KeyPolicy},
		{"Inline policy of ann, in A", now.Identities[share.Identity{Kind: share.User, Name: ann.profile}].Policy.Text(),
			grammar.Identity},
		{"Inline policy of dilip, in B", dilips, grammar.Identity},
	} {
		if err := w.showPolicy(d.name, d.text, d.kind); err != nil {
			return err
		}
	}
	return w.showCanary(ctx)
}

// showCanary prints what the provider of B tried through the owner's documents before its deployment was a success.
func (w *fixture) showCanary(ctx context.Context) error {
	calls, err := w.aws.Calls(ctx, local.CallFilter{Account: accountB})
	if err != nil {
		return err
	}
	rows := [][]string{}
	for _, call := range calls {
		_, key, _ := strings.Cut(call.Resource, "/")
		if call.Service == "s3" && document.IsCanary(key) {
			rows = append(rows, []string{"  " + call.Operation, call.Resource, strconv.Itoa(call.Status)})
		}
	}
	w.say("\n  The canary: what the provider of B did in the bucket of A before its deployment counted as done")
	w.table(rows...)
	var operations []string
	for _, row := range rows {
		operations = append(operations, strings.TrimSpace(row[0]))
	}
	return w.check("what the canary did", strings.Join(operations, " "), "PutObject GetObject DeleteObject")
}

func (w *fixture) dilipsPolicy(ctx context.Context) (string, error) {
	account, err := w.aws.Account(ctx, accountB)
	if err != nil {
		return "", err
	}
	env := share.Env{Partition: "aws", Region: w.aws.Region, Account: accountB}
	a, _ := share.ParseAccess(map[string]any{
		"BucketName": bucket, "OwnerAccount": accountA, "Grantees": []any{map[string]any{"User": dilip.profile}},
	}, env)
	now, err := cloud.New(account.Config(), env).ObserveAccess(ctx, plan.WantedAccess{Access: a})
	return now.Identities[share.Identity{Kind: share.User, Name: dilip.profile}].Policy.Text(), err
}

// showPolicy prints a document a line per statement: who may do what, and when.
func (w *fixture) showPolicy(name, text string, kind grammar.Kind) error {
	document, problems := grammar.Parse(text, kind)
	if len(problems) > 0 {
		return fmt.Errorf("%s: %v", name, problems)
	}
	w.say("\n  %s (%d bytes)", name, len(text))
	for _, s := range document.Statements {
		w.say("    %-5s %s", s.Effect, s.Sid)
		if s.Principal != nil {
			w.say("          who    %s", principals(*s.Principal))
		}
		w.say("          may    %s", strings.TrimSpace(wrapped(strings.Join(s.Action, " "), "                 ", 90)))
		if conditions := conditions(s.Condition); len(conditions) > 0 {
			w.say("          when   %s", strings.Join(conditions, "\n          and    "))
		}
	}
	return nil
}

func principals(p policy.Principal) string {
	if p.Any {
		return "everybody"
	}
	return strings.Join(p.AWS, " ")
}

func conditions(c policy.Condition) []string {
	var all []string
	for operator, tests := range c {
		for key, values := range tests {
			all = append(all, fmt.Sprintf("%s %s %s", key, operator, strings.Join(values, " or ")))
		}
	}
	slices.Sort(all)
	return all
}

func (w *fixture) showWhatStays(ctx context.Context) error {
	now, err := w.observe(ctx)
	if err != nil {
		return err
	}
	if now.Bucket == nil || now.Named == nil {
		return fmt.Errorf("bucket or key of %s did not stay", bucket)
	}
	policyText := now.Bucket.Policy.Text()
	if policyText == "" {
		policyText = "none"
	}
	w.say("")
	w.table(
		[]string{"key", now.Named.ARN, now.Named.State},
		[]string{"alias", strings.Join(now.Named.Aliases, ", "), ""},
		[]string{"bucket policy", policyText, ""},
	)
	ids := 0
	for _, i := range now.Identities {
		if i.Policy.Text() != "" {
			ids++
		}
	}
	if err := w.check("the number of inline policies left", ids, 0); err != nil {
		return err
	}
	return w.check("the bucket policy", policyText, "none")
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func blocked(on bool) string {
	if on {
		return "blocked"
	}
	return "not blocked"
}
