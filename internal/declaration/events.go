package declaration

import "strings"

// Events are the events of CloudFormation that changed a declaration, by their RequestIds.
type Events struct {
	// Served is the last of them, "" when what it wrote was taken back.
	Served string `json:",omitempty"`
	// Back says that its stack was on the way back from an update that failed, Found that what it declares was there
	// already: the update that failed had not come to write its own declaration.
	Back  bool `json:",omitempty"`
	Found bool `json:",omitempty"`
	// Earlier are those before it, the newest first.
	Earlier []string `json:",omitempty"`
}

const (
	// mostEarlier bounds the list: an event and its way back are two, and Lambda delivers none later than 15 minutes.
	mostEarlier = 6
	// longestID is more than CloudFormation's, which are UUIDs; an event that somebody made up may bring anything.
	longestID = 64
)

// EventID is a RequestId as it is remembered.
func EventID(requestID string) string {
	return strings.ToValidUTF8(requestID[:min(len(requestID), longestID)], "?")
}

// And are the events with one more. The same event comes again as often as Lambda delivers it.
func (e Events) And(id string, back, found bool) Events {
	if id == e.Served {
		return e
	}
	next := Events{Served: id, Back: back, Found: found}
	for _, before := range append([]string{e.Served}, e.Earlier...) {
		if before != "" && before != id && len(next.Earlier) < mostEarlier {
			next.Earlier = append(next.Earlier, before)
		}
	}
	return next
}
