package matrix_test

import (
	"strings"
	"testing"

	"example.com/sharedbucket/internal/matrix"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/sharetest"
)

// report is a share whose delegate may do nothing, and whose key policy was not read.
func report(t *testing.T) proof.Report {
	t.Helper()
	s := sharetest.Parse(t, map[string]any{
		"BucketName": "account-a-bucket", "Delegates": []any{map[string]any{"User": "ann", "Prefixes": "in"}},
		"Consumers": []any{map[string]any{"Account": "222222222222", "Access": "Read"}},
	}, sharetest.Sydney)
	w, err := proof.Deployed(s, nil)
	sharetest.Must(t, err)
	w.Principals[0].Policies = nil
	w.Unread = []proof.Unread{{Part: proof.KeyPolicy, Account: s.Env.Account, Why: "AccessDenied"}}
	return proof.ForShare(s, nil, w)
}

// TestWrite: a line for everybody and place, surprises, what is not proven, and the verdict; the same with colours.
func TestWrite(t *testing.T) {
	var plain, coloured strings.Builder
	sharetest.Must(t, matrix.Write(&plain, report(t), matrix.Style{}))
	sharetest.Must(t, matrix.Write(&coloured, report(t), matrix.Style{Colours: true}))
	for _, want := range [][]string{
		{"user/ann of 111111111111", "in/", "no!", "no!", "no!", "no", "delegate"},
		{"account 222222222222, its best-equipped principal", "?", "?", "no", "no", "consumer"},
		{"Surprises"}, {"- user/ann of 111111111111 cannot", "no identity policy"},
		{"- key policy of account 111111111111: AccessDenied"}, {"Not as declared: ", "surprise"},
	} {
		if !hasLine(plain.String(), want) {
			t.Errorf("no line with %q in\n%s", want, plain.String())
		}
	}
	if strings.Contains(plain.String(), "\x1b") || !strings.Contains(coloured.String(), "\x1b[31;1mno!\x1b[0m") {
		t.Errorf("colours are wrong:\n%q", coloured.String())
	}
}

// hasLine says whether a line has all words, in their order.
func hasLine(text string, words []string) bool {
	for line := range strings.Lines(text) {
		rest, found := line, true
		for _, word := range words {
			if _, rest, found = strings.Cut(rest, word); !found {
				break
			}
		}
		if found {
			return true
		}
	}
	return false
}

// TestExplain: everything about one principal, and nothing about nobody.
func TestExplain(t *testing.T) {
	var b strings.Builder
	found, err := matrix.Explain(&b, report(t), "arn:aws:iam::111111111111:user/ann", matrix.Style{})
	if err != nil || !found || !hasLine(b.String(), []string{"PutObject, in/: deny, missing"}) ||
		!hasLine(b.String(), []string{`enough in the layer "identity"`}) {
		t.Errorf("%v\n%s", err, b.String())
	}
	if found, _ := matrix.Explain(&b, report(t), "arn:aws:iam::111111111111:user/eve", matrix.Style{}); found {
		t.Error("eve was found")
	}
}
