package sharetest

import (
	"errors"
	"strings"

	"example.com/sharedbucket/internal/share"
)

// ViolationsOf are those of properties, as one reads them.
func ViolationsOf(t Fataler, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var bad share.Violations
	if !errors.As(err, &bad) {
		t.Fatalf("%v is no list of violations", err)
	}
	var all []string
	for _, v := range bad {
		all = append(all, v.String())
	}
	return all
}

// WantViolations asks for exactly one violation for each want, which begins with the property's path and has the words
// after it, separated by "…".
func WantViolations(t Fataler, got []string, wants []string) {
	t.Helper()
	if len(got) != len(wants) {
		t.Errorf("%d violations, want %d:\n%s", len(got), len(wants), strings.Join(got, "\n"))
		return
	}
	for i, want := range wants {
		parts := strings.Split(want, "…")
		if !strings.HasPrefix(got[i], parts[0]+": ") {
			t.Errorf("%q is not about %s", got[i], parts[0])
		}
		for _, part := range parts[1:] {
			if !strings.Contains(got[i], part) {
				t.Errorf("%q does not say %q", got[i], part)
			}
		}
	}
}
