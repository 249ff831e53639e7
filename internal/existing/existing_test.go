package existing_test

import (
	"strings"
	"testing"

	"example.com/sharedbucket/internal/existing"
)

const ours, other = "arn:aws:kms:eu-west-1:111111111111:key/ours", "arn:aws:kms:eu-west-1:111111111111:key/other"

func TestWhatIsFound(t *testing.T) {
	var f existing.Found
	for _, o := range []struct{ key, algorithm, keyARN string }{
		{key: "a", algorithm: "aws:kms", keyARN: ours},
		{key: "b", algorithm: "aws:kms", keyARN: other},
		{key: "c", algorithm: "AES256", keyARN: ""},
		{key: "d", algorithm: "aws:kms:dsse", keyARN: ours},
		{key: "e", algorithm: "", keyARN: ""},
	} {
		f.Add(existing.Object{Key: o.key, Version: "v"}, existing.Of(o.algorithm, o.keyARN, ours), o.keyARN)
	}
	f.Add(existing.Object{Key: "f"}, existing.CustomerKey, "")
	f.Add(existing.Object{Key: "g"}, existing.Unreadable, "")
	var foreign []string
	for _, o := range f.Foreign {
		foreign = append(foreign, o.Key)
	}
	if got := strings.Join(foreign, ""); got != "bce" {
		t.Errorf("to be put under the bucket's key: %q", got)
	}
	want := "7 object versions: 1 under the bucket's key, 1 under another KMS key, 2 under SSE-S3, 1 under DSSE-KMS, " +
		"1 under SSE-C, 1 not readable"
	if got := f.Text(); got != want {
		t.Errorf("it says\n%s\nnot\n%s", got, want)
	}
	f.More = true
	if got := f.Text(); !strings.HasPrefix(got, "of more than 7 object versions, which were looked at: 1") {
		t.Error(got)
	}
	if got := (existing.Found{}).Text(); got != "0 object versions" {
		t.Error(got)
	}
}

func TestWhatCameOfIt(t *testing.T) {
	d := existing.Done{Updated: 3, Left: 2}
	for range 9 {
		d.Refuse(existing.Object{Key: "k"}, "InvalidRequest")
	}
	d.Refuse(existing.Object{Key: "k"}, "AccessDenied")
	want := "3 were put under the bucket's key, 1 refused (AccessDenied), 9 refused (InvalidRequest), " +
		"2 left for want of time"
	if got := d.Text(); got != want || len(d.First) != 5 {
		t.Errorf("%q, and %d of the first", got, len(d.First))
	}
}
