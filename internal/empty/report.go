package empty

import (
	"fmt"
	"strings"
)

// firstFailures is how many undeletable versions are kept for the report. There may be millions.
const firstFailures = 5

// Report is what came of emptying so far. It takes up what came of it before a checkpoint.
type Report struct {
	Deleted int            // versions and delete markers
	Aborted int            // multipart uploads
	Failed  int            // versions and delete markers that could not be deleted
	Codes   map[string]int // of the failed ones, by error code
	First   []Failure      // the first of them
	Calls   int
}

func (r *Report) fail(f Failure) {
	f.Message = cutText(f.Message, 200)
	r.add(Report{Failed: 1, Codes: map[string]int{f.Code: 1}, First: []Failure{f}})
}

// add adds what failed in a part of the bucket.
func (r *Report) add(part Report) {
	r.Failed += part.Failed
	if r.Codes == nil && part.Failed > 0 {
		r.Codes = map[string]int{}
	}
	for code, n := range part.Codes {
		r.Codes[code] += n
	}
	r.First = append(r.First, part.First[:min(len(part.First), firstFailures-len(r.First))]...)
}

// Undeletable says which versions could not be deleted: how many, why, and the first keys. It is "" for none.
func (r Report) Undeletable() string {
	if r.Failed == 0 {
		return ""
	}
	var first []string
	for _, f := range r.First {
		first = append(first, fmt.Sprintf("%s (version %s: %s)", cutText(fmt.Sprintf("%q", f.Key), 120), f.Version, f.Code))
	}
	return fmt.Sprintf("%d object versions could not be deleted, among them %s", r.Failed, strings.Join(first, ", "))
}

func cutText(s string, bytes int) string {
	if len(s) <= bytes {
		return s
	}
	return strings.ToValidUTF8(s[:bytes], "") + "…"
}
