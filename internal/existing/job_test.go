package existing_test

import (
	"fmt"
	"slices"
	"testing"

	"example.com/sharedbucket/internal/existing"
)

// held is what was found with so many objects under each key.
func held(underKeys ...int) (f existing.Found) {
	for i, n := range underKeys {
		for range n {
			answer := existing.Answer{Status: 200, Algorithm: "aws:kms", KeyARN: fmt.Sprint("key-", i)}
			f.Add(existing.Object{Key: "k"}, answer, ours)
		}
	}
	return f
}

func TestJobsForWhatWasFound(t *testing.T) {
	for _, c := range []struct {
		name  string
		found existing.Found
		from  []string
	}{
		{name: "nothing: what was not looked at is under SSE-S3 most likely", from: []string{""}},
		{name: "one other key", found: held(1), from: []string{"", "key-0"}},
		{name: "the keys of most objects first, and no more than there may be", found: held(1, 3, 2, 3, 5, 1),
			from: []string{"", "key-4", "key-1", "key-3", "key-2"}},
	} {
		var from, tokens []string
		for _, job := range c.found.Jobs("b", ours, "stack", "Share", "request-1") {
			from, tokens = append(from, job.From), append(tokens, job.Token)
			if job.Bucket != "b" || job.KeyARN != ours || len(job.Token) != 64 {
				t.Errorf("%s: %+v", c.name, job)
			}
		}
		if !slices.Equal(from, c.from) {
			t.Errorf("%s: jobs for %q", c.name, from)
		}
		slices.Sort(tokens)
		if len(slices.Compact(tokens)) != len(c.from) {
			t.Errorf("%s: jobs share a token", c.name)
		}
	}
}

// The same request is the same job, whatever else was found; anything else of it is another one.
func TestTokensOfJobs(t *testing.T) {
	token := func(f existing.Found, bucket, key string, request ...string) string {
		return f.Jobs(bucket, key, request...)[0].Token
	}
	one := token(held(1), "b", ours, "stack", "Share", "request-1")
	if again := token(held(2, 2), "b", ours, "stack", "Share", "request-1"); again != one {
		t.Error("the same request is another job")
	}
	for name, other := range map[string]string{
		"request":  token(held(1), "b", ours, "stack", "Share", "request-2"),
		"resource": token(held(1), "b", ours, "stack", "Other", "request-1"),
		"stack":    token(held(1), "b", ours, "other", "Share", "request-1"),
		"bucket":   token(held(1), "c", ours, "stack", "Share", "request-1"),
		"key":      token(held(1), "b", other, "stack", "Share", "request-1"),
	} {
		if other == one {
			t.Errorf("another %s is the same job", name)
		}
	}
}
