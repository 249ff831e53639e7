package provider

import (
	"fmt"
	"testing"

	"github.com/aws/aws-lambda-go/cfn"
)

// A second delivery of a replacement is held up at any of its calls, until the first one was answered and the cleanup
// is over: what was replaced stays forgotten.
func TestSecondDeliveryOverlastsTheCleanup(t *testing.T) {
	for _, c := range replacements() {
		for at := 1; c.overlasts(t, at); at++ {
		}
	}
}

// overlasts plays it for one call, and says whether there was such a call.
func (c rolledBack) overlasts(t *testing.T, at int) (came bool) {
	t.Run(fmt.Sprintf("%s, held up at call %d", c.name, at), func(t *testing.T) {
		s := newFixture(t, c.env)
		s.aws.stackIs("CREATE_IN_PROGRESS")
		s.want(s.send(s.event(cfn.RequestCreate, c.resource, "", c.old, nil)), "SUCCESS", c.id, "")
		s.aws.stackIs("UPDATE_IN_PROGRESS")
		update := s.event(cfn.RequestUpdate, c.resource, c.id, c.p, c.old)
		s.atCall(at, func() {
			came = true
			id := s.send(update).PhysicalResourceId
			s.aws.has = id
			s.aws.stackIs("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
			s.want(s.send(s.event(cfn.RequestDelete, c.resource, c.id, c.old, nil)), "SUCCESS", c.id, "")
			s.aws.stackIs("UPDATE_COMPLETE")
		})
		must(t, s.provider.Handle(t.Context(), Event{Event: update}))
		if n := len(s.aws.Parameters); came && n != 1 {
			t.Errorf("remembered are %v", s.aws.Parameters)
		}
	})
	return came
}
