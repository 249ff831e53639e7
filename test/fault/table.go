package fault

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// tally counts cases by scenario and by fault.
type tally struct {
	cases    map[string]map[fault]int
	survived map[string]int // the operation went through
	missed   int            // the call did not come
}

func newTally() *tally { return &tally{cases: map[string]map[fault]int{}, survived: map[string]int{}} }

func (t *tally) add(j faultCase, r result) {
	if t.cases[j.name] == nil {
		t.cases[j.name] = map[fault]int{}
	}
	t.cases[j.name][j.injection.Fault]++
	if r.survive {
		t.survived[j.name]++
	}
	if !r.hit {
		t.missed++
	}
}

func (t *tally) total() (n int) {
	for _, of := range t.cases {
		for _, cases := range of {
			n += cases
		}
	}
	return n
}

// table is the size of the matrix: a line for each scenario, a column for each fault.
func (t *tally) table(scenarios []*scenario) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "operation\tcases\twent through\trolled back, then again\t")
	for _, f := range faults {
		fmt.Fprintf(w, "%s\t", f)
	}
	fmt.Fprintln(w)
	for _, s := range scenarios {
		all := 0
		for _, n := range t.cases[s.name] {
			all += n
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t", s.name, all, t.survived[s.name], all-t.survived[s.name])
		for _, f := range faults {
			fmt.Fprintf(w, "%d\t", t.cases[s.name][f])
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush()
	return text.String()
}
