package existing_test

import (
	"strings"
	"testing"

	"example.com/sharedbucket/internal/existing"
)

const ours, other = "arn:aws:kms:eu-west-1:111111111111:key/ours", "arn:aws:kms:eu-west-1:111111111111:key/other"

func TestWhatIsFound(t *testing.T) {
	var f existing.Found
	for _, o := range []struct {
		key    string
		answer existing.Answer
	}{
		{key: "a", answer: existing.Answer{Status: 200, Algorithm: "aws:kms", KeyARN: ours}},
		{key: "b", answer: existing.Answer{Status: 200, Algorithm: "aws:kms", KeyARN: other}},
		{key: "c", answer: existing.Answer{Status: 200, Algorithm: "AES256"}},
		{key: "d", answer: existing.Answer{Status: 200, Algorithm: "aws:kms:dsse", KeyARN: ours}},
		{key: "e", answer: existing.Answer{Status: 200}},
		{key: "f", answer: existing.Answer{Status: 400}},
		{key: "g", answer: existing.Answer{Status: 403, Code: "AccessDenied"}},
		{key: "h", answer: existing.Answer{Status: 404}},
	} {
		if !f.Add(existing.Object{Key: o.key, Version: "v"}, o.answer, ours) {
			t.Errorf("%s: %+v says nothing of it", o.key, o.answer)
		}
	}
	for _, status := range []int{0, 301, 500, 503} {
		if f.Add(existing.Object{Key: "x"}, existing.Answer{Status: status}, ours) {
			t.Errorf("%d counts as an answer", status)
		}
	}
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
	d := existing.Done{Left: 2}
	add := func(times int, a existing.Answer, settled bool) {
		for range times {
			if d.Add(existing.Object{Key: "k"}, a) != settled {
				t.Errorf("%+v settled: %t", a, !settled)
			}
		}
	}
	add(3, existing.Answer{Status: 200}, true)
	add(9, existing.Answer{Status: 400, Code: "InvalidRequest"}, true)
	add(1, existing.Answer{Status: 403, Code: "AccessDenied"}, true)
	add(2, existing.Answer{Status: 404, Code: "NoSuchVersion"}, true)
	add(1, existing.Answer{Status: 503, Code: "SlowDown"}, false)
	add(1, existing.Answer{}, false)
	want := "3 were put under the bucket's key, 1 refused (AccessDenied), 9 refused (InvalidRequest), " +
		"2 left for want of time"
	if got := d.Text(); got != want || len(d.First) != 5 || d.Gone != 2 {
		t.Errorf("%q, %d of the first, %d gone", got, len(d.First), d.Gone)
	}
}
