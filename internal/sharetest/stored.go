package sharetest

import (
	"fmt"

	"example.com/sharedbucket/policy"
)

// Stored is a document that can be read.
func Stored(text string) policy.Stored {
	d, err := policy.ReadStored(text)
	if err != nil {
		panic(err)
	}
	return d
}

// Refused is a step that AWS answers with an error.
type Refused struct{ Code, Message string }

func (r *Refused) Error() string { return r.Code + ": " + r.Message }

func refuse(code, format string, args ...any) error {
	return &Refused{code, fmt.Sprintf(format, args...)}
}
