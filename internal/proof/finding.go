package proof

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"example.com/sharedbucket/evaluator"
)

// Finding is one surprise: what somebody can do and should not, or the other way round, as far as one statement or one
// missing statement is the reason.
type Finding struct {
	Who        string   `json:"who"` // for people
	ARN        string   `json:"arn"`
	Verdict    Verdict  `json:"verdict"`
	Operations []string `json:"operations"`
	Places     []string `json:"places"`
	Check      string   `json:"check"` // s3 or kms
	Layer      string   `json:"layer"`
	Statement  string   `json:"statement,omitempty"`
	Reason     string   `json:"reason"`
	Remedy     string   `json:"remedy"`

	subject int
	more    int // others of whom the same is true for the same cause
}

// String is the finding as one sentence.
func (f Finding) String() string {
	can := "cannot"
	switch f.Verdict {
	case Excess, Extra:
		can = "can, and is not declared to,"
	case Unprotected:
		return fmt.Sprintf("%s: %s; %s", f.Who, f.Reason, f.Remedy)
	}
	return fmt.Sprintf("%s %s %s (%s): %s; %s", f.Who, can, some(f.Operations), some(f.Places), f.Reason, f.Remedy)
}

// some are the first few of a list.
func some(list []string) string {
	const few = 4
	if len(list) <= few+1 {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:few], ", "), len(list)-few)
}

// Findings are all surprises, the weightiest first: who gets in and should not, who does not and should, and what
// somebody declared can do by policies of its own account.
func (r Report) Findings() []Finding {
	var all []Finding
	for _, verdict := range []Verdict{Excess, Missing} {
		all = append(all, r.findings(verdict)...)
	}
	all = slices.Concat(all, r.protection, r.findings(Extra), r.findings(Half))
	for i, f := range all {
		if f.more > 0 {
			all[i].Who = fmt.Sprintf("%s and %d more", f.Who, f.more)
		}
	}
	return all
}

func (r Report) findings(verdict Verdict) []Finding {
	var all []Finding
	for _, a := range r.Answers {
		if a.Verdict != verdict {
			continue
		}
		f := r.finding(a)
		i := slices.IndexFunc(all, f.sameCause)
		if i < 0 {
			all = append(all, f)
			continue
		}
		if all[i].subject != f.subject {
			// Where nothing is declared, one cause is one surprise, whomever it concerns.
			all[i].subject, all[i].more = f.subject, all[i].more+1
		}
		all[i].Operations = AddOnce(all[i].Operations, f.Operations[0])
		all[i].Places = AddOnce(all[i].Places, f.Places[0])
	}
	return all
}

func (f Finding) sameCause(g Finding) bool {
	same := f.Check == g.Check && f.Layer == g.Layer && f.Statement == g.Statement
	return same && (f.subject == g.subject || f.Verdict == Half)
}

// AddOnce appends a text that is not in a list yet.
func AddOnce(list []string, text string) []string {
	if slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}

func (r Report) finding(a Answer) Finding {
	s := r.Subjects[a.Subject]
	reason := a.Deciding()
	f := Finding{
		Who: s.Label, ARN: s.ARN, Verdict: a.Verdict, Operations: []string{a.Try()}, Places: []string{a.Place},
		Check: string(reason.Service), Layer: string(reason.Layer), Statement: reason.Statement, Reason: reason.Text(),
		subject: a.Subject,
	}
	f.Remedy = remedy(a, reason)
	return f
}

// Try is what is tried, with its variant.
func (q Question) Try() string {
	if q.Variant == "" {
		return string(q.Operation)
	}
	return string(q.Operation) + " " + q.Variant
}

// Deciding is the reason that people should read first: the first that refuses. Of a request that is let through it is
// the statement on the resource's side, or the identity's where that goes beyond what is declared.
func (a Answer) Deciding() evaluator.Reason {
	reasons := a.Decision.Reasons
	ofIdentity := func(r evaluator.Reason) bool { return r.Layer == evaluator.LayerIdentity }
	if i := slices.IndexFunc(reasons, ofIdentity); i >= 0 && a.Verdict == Extra {
		return reasons[i]
	}
	decides := func(r evaluator.Reason) bool { return a.Allowed() || r.Verdict != evaluator.Allow }
	if i := slices.IndexFunc(reasons, decides); i >= 0 {
		return reasons[i]
	}
	return evaluator.Reason{}
}

// remedy says what to do about a surprise.
func remedy(a Answer, r evaluator.Reason) string {
	if a.Allowed() {
		return fmt.Sprintf("take %s out of the %s, or declare it", orNothing(r.Statement), r.Layer)
	}
	if suggested := r.Suggestion(); len(suggested) > 0 {
		text, err := json.Marshal(suggested[0])
		if err == nil {
			return fmt.Sprintf("the %s layer lacks %s", r.Layer, text)
		}
	}
	switch r.Layer {
	case evaluator.LayerDocument:
		return "mend that document: AWS would not have taken it"
	case evaluator.LayerBlockPublicAccess:
		return "take the public statement out of the bucket policy"
	}
	return fmt.Sprintf("take %s out of the %s, or spare them there", orNothing(r.Statement), r.Layer)
}

func orNothing(statement string) string {
	if statement == "" {
		return "what allows it"
	}
	return "statement " + statement
}

// Summary is what is wrong in at most limit bytes: CloudFormation and its console show no more. It is empty when
// nothing is.
func (r Report) Summary(limit int) string {
	var wrong []Finding
	for _, f := range r.Findings() {
		if f.Verdict != Extra {
			wrong = append(wrong, f)
		}
	}
	if len(wrong) == 0 {
		return ""
	}
	text := "not as declared: " + wrong[0].String()
	if more := len(wrong) - 1; more > 0 {
		text = fmt.Sprintf("%d things are not as declared; the first: %s", len(wrong), wrong[0])
		for _, f := range wrong[1:] {
			if next := text + "; " + f.String(); len(next) <= limit {
				text = next
			}
		}
	}
	return cut(text, limit)
}

// cut shortens a text to limit bytes, never inside a character.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:max(0, limit-len("…"))], "") + "…"
}
