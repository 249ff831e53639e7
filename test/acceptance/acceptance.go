// Package acceptance plays the life of a share in two real AWS accounts: the walkthrough, a failed change with its
// roll-back, adoption, replacement and removal. It uses the stacks as users deploy them, writes down each fact about
// AWS that only AWS can confirm, and takes away all that it made.
//
//	acceptance.go  the order of things, and the clean-up
//	stacks.go      CloudFormation: deploy, delete, wait
//	people.go      users with keys of their own, and what they can do
//	steps.go       what is played, step by step
//	doubts.go      the rows of docs/doubts.md, and how AWS is asked about them
//	report.go      the facts, confirmed or not
//
// Everything that it makes is called sharedbucket-acceptance-…, but for the provider, whose name is fixed: an account
// that has one already is left alone.
package acceptance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Options say where and how it is played.
type Options struct {
	A, B aws.Config // administrators of two accounts, in one region
	Zip  []byte     // the function
	Arch string     // what it was built for: arm64 or x86_64
	// Root is the folder of the repository, for its templates.
	Root string
	Out  io.Writer
	// Confirm is asked once, before anything is made.
	Confirm func(question string) bool
	// Pause is how long to wait before somebody tries again to whom AWS may not have given his access yet.
	Pause time.Duration
}

// Prefix begins the name of everything that is made here.
const Prefix = "sharedbucket-acceptance-"

// fixture is the two accounts with everything in them.
type fixture struct {
	Options
	a, b   *account
	ann    *person // a delegate in A
	dilip  *person // a grantee in B
	eve    *person // somebody else in B
	name   string  // Prefix and something that nobody else has
	report *Report
	undo   []func(context.Context) error // newest last
}

// Run plays everything, cleans up whatever happened, and returns what was seen.
func Run(ctx context.Context, o Options) (*Report, error) {
	s := &fixture{Options: o, report: &Report{}, name: Prefix + fmt.Sprint(time.Now().Unix())}
	if err := s.meet(ctx); err != nil {
		return s.report, err
	}
	question := fmt.Sprintf("This makes users, stacks, buckets and keys called %s… in accounts %s and %s, region %s, "+
		"and deletes them again. Keys wait 7 days for their deletion. Go on?", Prefix, s.a.id, s.b.id, o.A.Region)
	if !o.Confirm(question) {
		return s.report, errors.New("not confirmed: nothing was made")
	}
	err := s.play(ctx)
	// The clean-up has to come about also when somebody has had enough.
	return s.report, errors.Join(err, s.cleanUp(context.WithoutCancel(ctx)))
}

// meet finds out whose accounts these are.
func (s *fixture) meet(ctx context.Context) (err error) {
	if s.a, err = newAccount(ctx, s.A); err != nil {
		return fmt.Errorf("account A: %w", err)
	}
	if s.b, err = newAccount(ctx, s.B); err != nil {
		return fmt.Errorf("account B: %w", err)
	}
	if s.a.id == s.b.id {
		return fmt.Errorf("both profiles are of account %s: two accounts are needed", s.a.id)
	}
	if s.A.Region != s.B.Region {
		return fmt.Errorf("the profiles are of two regions, %s and %s: a bucket and its key are in one", s.A.Region,
			s.B.Region)
	}
	s.report.Accounts, s.report.Region = []string{s.a.id, s.b.id}, s.A.Region
	return nil
}

func (s *fixture) play(ctx context.Context) error {
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"The providers", s.deployProviders},
		{"People", s.makePeople},
		{"The consumer's side first", s.consumerFirst},
		{"The walkthrough", s.walkthrough},
		{"Encryption of what is written", s.writeOtherwise},
		{"A change that fails is rolled back", s.failedChange},
		{"Another bucket in its place", s.replacement},
		{"Removal", s.removal},
		{"A bucket that was there before", s.adoption},
		{"What documentation leaves open", s.askDoubts},
	} {
		s.say("\n== %s", step.name)
		if err := step.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

// later has something undone in the end, after all that was made later.
func (s *fixture) later(undo func(context.Context) error) { s.undo = append(s.undo, undo) }

func (s *fixture) cleanUp(ctx context.Context) error {
	s.say("\n== Cleaning up")
	var all []error
	for i := len(s.undo) - 1; i >= 0; i-- {
		all = append(all, s.undo[i](ctx))
	}
	return errors.Join(all...)
}

func (s *fixture) say(format string, args ...any) { fmt.Fprintf(s.Out, format+"\n", args...) }
