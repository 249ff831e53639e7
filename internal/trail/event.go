package trail

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

// Event is a call that CloudTrail recorded, as far as it says who changed what.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
type Event struct {
	Source    string // iam.amazonaws.com
	Name      string // PutUserPolicy
	Time      string // 2026-11-26T17:00:00Z
	Principal string // an ARN where CloudTrail has one; of a role's session that of the session
	Refused   bool
	about     []string // values of the request's parameters, and ARNs
}

// record is the part of a record that is read.
type record struct {
	EventTime, EventSource, EventName, ErrorCode string

	UserIdentity struct{ Type, Arn, PrincipalID, AccountID, InvokedBy string }

	RequestParameters map[string]json.RawMessage
	Resources         []struct{ ARN string }
}

// Parse reads a record: the CloudTrailEvent of LookupEvents.
func Parse(text string) (Event, error) {
	var r record
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return Event{}, fmt.Errorf("reading a record of CloudTrail: %w", err)
	}
	e := Event{
		Source: r.EventSource, Name: r.EventName, Time: r.EventTime, Principal: r.principal(), Refused: r.ErrorCode != "",
	}
	for _, value := range r.RequestParameters {
		var text string
		if json.Unmarshal(value, &text) == nil && len(text) <= longestName {
			e.about = append(e.about, text)
		}
	}
	for _, resource := range r.Resources {
		e.about = append(e.about, resource.ARN)
	}
	return e, nil
}

// longestName is more than any name or ARN has; what is longer is a document.
const longestName = 2048

// principal is who called: services of AWS that act for themselves have no ARN.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
func (r record) principal() string {
	u := r.UserIdentity
	return cmp.Or(u.Arn, u.InvokedBy, u.PrincipalID, u.Type, "somebody whom CloudTrail does not name")
}

// concerns says whether a call named something, by any of its names. IAM's names do not differ by case alone, and the
// others have one case.
func (e Event) concerns(names []string) bool {
	for _, name := range names {
		for _, value := range e.about {
			if name != "" && strings.EqualFold(name, value) {
				return true
			}
		}
	}
	return false
}
