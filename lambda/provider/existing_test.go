package provider

import (
	"context"
	"errors"
	"strings"
	"testing"

	"example.com/sharedbucket/internal/existing"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

func (f *fakeAWS) Existing(ctx context.Context, _ context.Context, _, _ string, upTo int) (existing.Found, error) {
	err := f.before(ctx, "Existing")
	var found existing.Found
	for range min(f.lies, upTo) {
		found.Add(existing.Object{Key: "k"}, existing.Answer{Status: 200, Algorithm: "AES256"}, "")
	}
	found.More = f.lies > upTo
	return found, err
}

func (f *fakeAWS) ReEncrypt(
	ctx context.Context, _ context.Context, _, _ string, objects []existing.Object,
) (existing.Done, error) {
	err := f.before(ctx, "ReEncrypt")
	return existing.Done{Updated: len(objects)}, err
}

func TestExistingObjectsOfAnAdoptedBucket(t *testing.T) {
	reEncrypt := map[string]any{"ExistingObjects": "ReEncrypt"}
	for _, c := range []struct {
		name       string
		encryption map[string]any
		created    bool // by the share
		lies       int
		fails      string // what of AWS
		says       string
		did        string
		fail       bool
	}{
		{name: "counted", lies: 7, says: "7 object versions: 7 under SSE-S3", did: "Existing"},
		{name: "counted as far as it goes", lies: 70000, says: "of more than 1000 object versions", did: "Existing"},
		{name: "not to be counted", fails: "Existing", says: "not known", did: "Existing"},
		{
			name: "re-encrypted", encryption: reEncrypt, lies: 5000, did: "Existing ReEncrypt",
			says: "5000 were put under the bucket's key",
		},
		{name: "nothing to re-encrypt", encryption: reEncrypt, says: "0 object versions", did: "Existing"},
		{
			name: "too many to re-encrypt one by one", encryption: reEncrypt, lies: 5001,
			says: "job job-1 of S3 Batch Operations was started", did: "Existing StartJob",
		},
		{name: "no job", encryption: reEncrypt, lies: 5001, fails: "StartJob", fail: true, did: "Existing StartJob"},
		{name: "not re-encrypted", encryption: reEncrypt, lies: 1, fails: "ReEncrypt", fail: true, did: "Existing ReEncrypt"},
		{name: "not seen before", encryption: reEncrypt, fails: "Existing", fail: true, did: "Existing"},
		{name: "a bucket that the share created", created: true, lies: 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newFixture(t, ownerEnv)
			p := properties()
			if !c.created {
				s.provider.Limits = share.Limits{AdoptableBucketArns: []string{"arn:aws:s3:::*"}}
				s.aws.Buckets[bucket] = &sharetest.Bucket{}
				p = properties("Adopt", "true")
			}
			if c.encryption != nil {
				p["Encryption"] = c.encryption
			}
			s.aws.lies = c.lies
			var did []string
			s.aws.before = func(_ context.Context, what string) error {
				if what == "Existing" || what == "ReEncrypt" || what == "StartJob" {
					did = append(did, what)
				}
				if what == c.fails {
					return errors.New("refused")
				}
				return nil
			}
			answer := s.create(p)
			if (answer.Status == "FAILED") != c.fail {
				t.Fatalf("%s: %s", answer.Status, answer.Reason)
			}
			if got := answer.Data["ExistingObjects"]; !strings.Contains(got, c.says) || c.says == "" && got != "" {
				t.Errorf("ExistingObjects is %q, not %q", got, c.says)
			}
			if got := strings.Join(did, " "); got != c.did {
				t.Errorf("it did %q, not %q", got, c.did)
			}
		})
	}
}
