package proof_test

import (
	"fmt"
	"testing"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/policy/grammar"
)

// BenchmarkThousandIdentities is a share in whose consumer account a thousand identities were read.
func BenchmarkThousandIdentities(b *testing.B) {
	s, a := walkthrough(b, "ReadWrite")
	w := deployed(b, s, a)
	for i := range 1000 {
		w.Principals = append(w.Principals, proof.Principal{
			ARN: fmt.Sprintf("arn:aws:iam::222222222222:role/role-%d", i), Account: "222222222222", Type: evaluator.Role,
			Policies: []proof.Document{proof.NewDocument("inline policy own", fmt.Sprintf(
				`{"Version":"2012-10-17","Statement":{"Sid":"S%d","Effect":"Allow","Action":"s3:*","Resource":"*"}}`, i),
				grammar.Identity)},
		})
	}
	for b.Loop() {
		if r := proof.ForShare(s, granteesOf(a), w); len(r.Findings()) > 0 {
			b.Fatal(texts(r.Findings()))
		}
	}
}
