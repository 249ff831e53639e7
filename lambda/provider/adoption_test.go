package provider

import (
	"testing"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/setting"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// A bucket whose adoption is rolled back goes back to its default encryption and tags; what protects it stays. Nobody
// who may only write parameters chooses its encryption by that, and what somebody else has changed stays.
func TestAdoptionThatIsRolledBack(t *testing.T) {
	theirs := setting.Encryption{Algorithm: "aws:kms", KeyID: ownerEnv.KeyARN("0000aaaa-12ab-34cd-56ef-1234567890ab")}
	other := setting.Encryption{Algorithm: "aws:kms", KeyID: ownerEnv.KeyARN("0000bbbb-12ab-34cd-56ef-1234567890ab")}
	for _, c := range []struct {
		name     string
		fails    string // the call at which the Create does
		status   string
		id       string
		meddle   func(*fixture)
		want     string // algorithm, "share's" for that with the share's key
		wantTags map[string]string
	}{
		{
			name: "a Create that fails", fails: "PutInlinePolicy", status: "ROLLBACK_IN_PROGRESS", id: "unfinished",
			want: "AES256", wantTags: map[string]string{"team": "theirs"},
		},
		{
			name: "one that fails early", fails: "PutBucketVersioning", status: "ROLLBACK_IN_PROGRESS", id: "unfinished",
			want: "AES256", wantTags: map[string]string{"team": "theirs"},
		},
		{
			name: "one beside which another resource fails", status: "ROLLBACK_IN_PROGRESS", id: "account-a-bucket",
			want: "AES256", wantTags: map[string]string{"team": "theirs"},
		},
		{
			name: "a Delete leaves it", status: "DELETE_IN_PROGRESS", id: "account-a-bucket",
			want: "share's", wantTags: map[string]string{"team": "ours", "new": "x"},
		},
		{
			name: "what another writer says was found", fails: "PutInlinePolicy", status: "ROLLBACK_IN_PROGRESS",
			id: "unfinished", want: "share's", wantTags: map[string]string{"team": "ours", "new": "x"},
			meddle: func(s *fixture) {
				s.aws.writer = "arn:aws:iam::111111111111:user/mallory"
				for name, text := range s.aws.Parameters {
					d, _ := declaration.Read(text)
					d.Found.Algorithm, d.Found.KeyID = theirs.Algorithm, theirs.KeyID
					s.aws.Parameters[name], _ = d.Text()
				}
			},
		},
		{
			name: "what somebody has changed", fails: "PutInlinePolicy", status: "ROLLBACK_IN_PROGRESS", id: "unfinished",
			want: other.KeyID, wantTags: map[string]string{"team": "mine", "new": "y"},
			meddle: func(s *fixture) {
				b := s.aws.Buckets["account-a-bucket"]
				b.Encryption, b.Tags["team"], b.Tags["new"] = other, "mine", "y"
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newFixture(t, ownerEnv)
			s.provider.Limits.AdoptableBucketArns = []string{"arn:aws:s3:::*"}
			b := &sharetest.Bucket{Objects: 2}
			b.Tags, b.Encryption.Algorithm = map[string]string{"team": "theirs"}, "AES256"
			s.aws.Buckets["account-a-bucket"] = b
			p := properties("Adopt", "true", "Tags", map[string]any{"team": "ours", "new": "x"})
			if c.fails != "" {
				s.aws.failOn(c.fails, "AccessDenied", 100)
			}
			s.aws.stackIs("CREATE_IN_PROGRESS")
			a := s.create(p)
			s.aws.works()
			if (a.Status == "FAILED") != (c.fails != "") {
				t.Fatalf("the Create: %s", a.body)
			}
			if c.meddle != nil {
				c.meddle(s)
			}
			s.aws.stackIs(c.status)
			s.want(s.delete(c.id, p), "SUCCESS", c.id, "")
			got := b.Encryption.Algorithm
			if k := s.aws.Keys[b.Encryption.KeyID]; k != nil {
				got = "share's"
			} else if b.Encryption.KeyID != "" {
				got = b.Encryption.KeyID
			}
			if diff := cmp.Diff(c.wantTags, b.Tags); got != c.want || diff != "" || b.Objects != 2 {
				t.Errorf("its encryption is %s, want %s; tags: %s", got, c.want, diff)
			}
			s.wantNobody()
		})
	}
}

// A Create that is delivered twice knows of the first time what it found.
func TestAdoptionThatComesTwice(t *testing.T) {
	s := newFixture(t, ownerEnv)
	s.provider.Limits.AdoptableBucketArns = []string{"arn:aws:s3:::*"}
	b := &sharetest.Bucket{Objects: 2}
	b.Encryption.Algorithm = "AES256"
	s.aws.Buckets["account-a-bucket"] = b
	p := properties("Adopt", "true")
	e := s.event(cfn.RequestCreate, share.BucketType, "", p, nil)
	s.aws.stackIs("CREATE_IN_PROGRESS")
	s.aws.failOn("PutBucketPolicy", "AccessDenied", 1)
	if a := s.send(e); a.Status != "FAILED" {
		t.Fatal("it did not fail")
	}
	s.want(s.send(e), "SUCCESS", "account-a-bucket", "")
	s.aws.stackIs("ROLLBACK_IN_PROGRESS")
	s.want(s.delete("account-a-bucket", p), "SUCCESS", "account-a-bucket", "")
	if b.Encryption.Algorithm != "AES256" || b.Tags[plan.TagAdopted] != "" {
		t.Errorf("it is not as it was: %+v", b.Bucket)
	}
}
