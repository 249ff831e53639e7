package local

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// Call is one API call that somebody made.
type Call struct {
	ID         int
	Service    string // the signing name: s3, kms, iam, …
	Operation  string
	Account    string // the caller's; empty for an anonymous request
	Principal  string // the caller's ARN
	Region     string
	Resource   string            // what it is about, as the caller named it: bucket/key, key ARN, role name
	Parameters map[string]string // scalar ones, long values cut
	Start, End float64           // seconds since 1970; Start is before the added latency, End after the answer
	Status     int
	Error      string // AWS error code, empty on success
}

// Duration is how long the caller waited.
func (c Call) Duration() time.Duration {
	return time.Duration((c.End - c.Start) * float64(time.Second))
}

// CallFilter says which calls are wanted; what is empty does not matter.
type CallFilter struct {
	After     int    // ID of a call that ended earlier: tests that run side by side each have their own
	Account   string // the caller's
	Principal string // the caller's ARN, for example of the session of a function's role
}

// Calls are the wanted API calls, in the order in which they ended, which is that of their IDs.
// CloudFormation's own calls are not among them, nor are the response URL and the Lambda Runtime API.
func (s *AWS) Calls(ctx context.Context, wanted CallFilter) ([]Call, error) {
	query := url.Values{"after": {strconv.Itoa(wanted.After)}}
	for name, value := range map[string]string{"account": wanted.Account, "principal": wanted.Principal} {
		if value != "" {
			query.Set(name, value)
		}
	}
	var calls []Call
	return calls, s.control(ctx, http.MethodGet, "calls?"+query.Encode(), nil, &calls)
}

// LastCall is the ID of the last of some calls; 0 of none.
func LastCall(calls []Call) int {
	if len(calls) == 0 {
		return 0
	}
	return calls[len(calls)-1].ID
}

// Rounds is how many calls had to be waited for one after the other: calls that overlap are one round. It needs some
// Latency to mean something: without it, calls made at the same time are over before the next one is noticed.
func Rounds(calls []Call) int {
	ordered := slices.SortedFunc(slices.Values(calls), func(a, b Call) int {
		switch {
		case a.End < b.End:
			return -1
		case a.End > b.End:
			return 1
		}
		return 0
	})
	rounds, ended := 0, 0.0
	for _, call := range ordered {
		if rounds == 0 || call.Start >= ended {
			rounds++
			ended = call.End
		}
	}
	return rounds
}

// Invocation is one attempt to run a function.
type Invocation struct {
	RequestID  string `json:"request_id"`
	Function   string
	Account    string
	Kind       string // RequestResponse or Event
	Attempt    int
	Start, End float64 // End is 0 while it runs
	Error      string  // errorType, empty on success
	Lines      []string
}

// Invocations are a function's invocations in an account, with what it wrote, oldest first.
func (f *Function) Invocations(ctx context.Context) ([]Invocation, error) {
	return f.InvocationsSince(ctx, time.Time{})
}

// InvocationsSince are those that began since a time.
func (f *Function) InvocationsSince(ctx context.Context, start time.Time) ([]Invocation, error) {
	query := url.Values{"account": {f.account.ID}, "function": {f.Name}}
	if !start.IsZero() {
		query.Set("start", strconv.FormatFloat(float64(start.UnixMicro())/1e6, 'f', 6, 64))
	}
	var invocations []Invocation
	return invocations, f.account.aws.control(ctx, http.MethodGet, "invocations?"+query.Encode(), nil, &invocations)
}

// Needed is a statement of an identity policy that let requests through.
type Needed struct {
	Principal string // ARN of the user or role that has the policy
	Statement string // its Sid, or its place
	Requests  int
}

// NeededStatements are the statements of identity policies without which requests since the start would have been
// refused. There are none without an Authorizer.
func (s *AWS) NeededStatements(ctx context.Context) ([]Needed, error) {
	var needed []Needed
	return needed, s.control(ctx, http.MethodGet, "statements", nil, &needed)
}

// Process is a running process of a function.
type Process struct {
	Function string // ARN
	PID      int
	Started  float64
}

// Processes are the function processes that run now.
func (s *AWS) Processes(ctx context.Context) ([]Process, error) {
	var processes []Process
	return processes, s.control(ctx, http.MethodGet, "processes", nil, &processes)
}
