// Bench prints the numbers of the function: calls and rounds of typical events, size, start-up and memory. It runs the
// real binary against the local AWS with 50 ms added to every AWS call, about what a call takes from inside a region
// to one. Times on a shared machine are noisy, so counts are what it is about, and times stand beside a baseline.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/local"
)

const (
	account = "111111111111"
	latency = 50 * time.Millisecond
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	code, err := local.BuildZip(ctx, "./lambda")
	if err != nil {
		return err
	}
	aws, err := local.Start(ctx, local.Options{})
	if err != nil {
		return err
	}
	defer aws.Stop()
	b, err := newBench(ctx, aws, code)
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	defer out.Flush()
	if err := b.events(ctx, out); err != nil {
		return err
	}
	if err := b.memory(ctx, out); err != nil {
		return err
	}
	if err := size(out); err != nil {
		return err
	}
	if err := startUp(ctx, out, code); err != nil {
		return err
	}
	return synthesis(ctx, out)
}

// bench is the provider in an account with three delegates.
type bench struct {
	*local.Account
	aws        *local.AWS
	provider   *local.Function
	stackID    string
	properties map[string]any
}

func newBench(ctx context.Context, aws *local.AWS, code []byte) (*bench, error) {
	a, err := aws.Account(ctx, account)
	if err != nil {
		return nil, err
	}
	if _, err := a.CreateUser(ctx, "ann", ""); err != nil {
		return nil, err
	}
	if _, err := a.CreateRole(ctx, "reports", ""); err != nil {
		return nil, err
	}
	if err := a.CreateGroup(ctx, "analysts", ""); err != nil {
		return nil, err
	}
	provider, err := a.CreateFunction(ctx, local.FunctionSpec{Name: "sharedbucket-provider", Zip: code})
	return &bench{
		Account: a, aws: aws, provider: provider,
		stackID: "arn:aws:cloudformation:" + aws.Region + ":" + account + ":stack/bench/00000000-0000-4000-8000-000000000001",
		properties: map[string]any{
			"BucketName": "bench-bucket",
			"Consumers":  consumers("222222222222", "333333333333", "444444444444"),
			"Delegates": []any{
				map[string]any{"User": "ann"}, map[string]any{"Role": "reports"}, map[string]any{"Group": "analysts"},
			},
		},
	}, err
}

func consumers(ids ...string) []any {
	var list []any
	for _, id := range ids {
		list = append(list, map[string]any{"Account": id})
	}
	return list
}

// peerCalls is what Terraform's AWS provider 5.100 made for less (key, alias, bucket with its settings and policy, one
// user with an inline policy), against the same emulator with the same added latency.
const peerCalls = 62

// events prints calls, writes, rounds and time of a Create and of two Updates, and of a Delete.
func (b *bench) events(ctx context.Context, out *tabwriter.Writer) error {
	wider := map[string]any{}
	for k, v := range b.properties {
		wider[k] = v
	}
	wider["Consumers"] = consumers("222222222222", "333333333333", "444444444444", "555555555555")
	if err := b.SetLatency(ctx, latency); err != nil {
		return err
	}
	fmt.Fprintln(out, "event\tcalls\twrites\trounds\ttime\tcalls, Terraform = 1")
	for _, e := range []struct {
		name     string
		kind     string
		new, old map[string]any
	}{
		{"Create, 3 consumers and 3 delegates", "Create", b.properties, nil},
		{"Update without difference", "Update", b.properties, b.properties},
		{"Update of one consumer", "Update", wider, b.properties},
		{"Delete, Retain", "Delete", wider, nil},
	} {
		calls, took, err := b.send(ctx, e.kind, e.new, e.old)
		if err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		ratio := ""
		if e.kind == "Create" {
			ratio = fmt.Sprintf("%.2f (it makes %d)", float64(len(calls))/peerCalls, peerCalls)
		}
		fmt.Fprintf(out, "%s\t%d\t%d\t%d\t%.1f s\t%s\n", e.name, len(calls), writes(calls), local.Rounds(calls),
			took.Seconds(), ratio)
	}
	return b.SetLatency(ctx, 0)
}

// send sends an event and returns the provider's calls for it.
func (b *bench) send(ctx context.Context, kind string,
	properties, old map[string]any) ([]local.Call, time.Duration, error) {
	before, err := b.aws.Calls(ctx, local.CallFilter{Account: account})
	if err != nil {
		return nil, 0, err
	}
	if err := b.aws.ShowStack(ctx, b.stackID, strings.ToUpper(kind)+"_IN_PROGRESS"); err != nil {
		return nil, 0, err
	}
	event := local.Event{
		RequestType: kind, StackID: b.stackID, LogicalResourceID: "Share", ResourceType: share.BucketType,
		ResourceProperties: properties, OldResourceProperties: old,
	}
	if kind != "Create" {
		event.PhysicalResourceID = properties["BucketName"].(string)
	}
	began := time.Now()
	answer, err := b.provider.Send(ctx, event)
	took := time.Since(began)
	if err != nil {
		return nil, took, err
	}
	if answer.Status != "SUCCESS" {
		return nil, took, fmt.Errorf("%s", answer.Reason)
	}
	calls, err := b.aws.Calls(ctx, local.CallFilter{After: local.LastCall(before), Account: account})
	var own []local.Call
	for _, c := range calls {
		if strings.Contains(c.Principal, "sharedbucket-provider") {
			own = append(own, c)
		}
	}
	return own, took, err
}

func writes(calls []local.Call) int {
	n := 0
	for _, c := range calls {
		if !strings.HasPrefix(c.Operation, "Get") && !strings.HasPrefix(c.Operation, "List") &&
			!strings.HasPrefix(c.Operation, "Describe") {
			n++
		}
	}
	return n
}
