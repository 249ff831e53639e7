package proof_test

import (
	"strings"
	"testing"

	"example.com/sharedbucket/internal/proof"
)

func TestWhatACanaryBringsBack(t *testing.T) {
	const key = "arn:aws:kms:ap-southeast-2:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	sound := proof.CanaryObject{Text: proof.CanaryText, Algorithm: "aws:kms", KeyARN: key}
	for name, c := range map[string]struct {
		change func(*proof.CanaryObject)
		want   string
	}{
		"as it was written":         {change: func(*proof.CanaryObject) {}},
		"another text":              {change: func(o *proof.CanaryObject) { o.Text = "x" }, want: "not what was written"},
		"under SSE-S3":              {change: func(o *proof.CanaryObject) { o.Algorithm, o.KeyARN = "AES256", "" }, want: `"AES256"`},
		"under DSSE-KMS":            {change: func(o *proof.CanaryObject) { o.Algorithm = "aws:kms:dsse" }, want: "dsse"},
		"under a key of some other": {change: func(o *proof.CanaryObject) { o.KeyARN += "x" }, want: "not with key " + key},
	} {
		t.Run(name, func(t *testing.T) {
			o := sound
			c.change(&o)
			err := o.Problem(key)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
