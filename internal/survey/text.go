package survey

import (
	"cmp"

	"example.com/sharedbucket/internal/cloud"
)

// reason is why a call failed, in a word where AWS has one for it.
func reason(err error) string {
	return cmp.Or(cloud.Code(err), err.Error())
}

// compareTexts compares pairs until two differ.
func compareTexts(pairs ...string) int {
	for i := 0; i+1 < len(pairs); i += 2 {
		if order := cmp.Compare(pairs[i], pairs[i+1]); order != 0 {
			return order
		}
	}
	return 0
}
