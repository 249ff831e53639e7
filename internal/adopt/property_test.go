package adopt_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/sharedbucket/internal/adopt"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/sharetest"
)

// TestSharesByHand: whatever a share says, said by hand with other Sids, comes out as a share by which everybody can do
// the same. What is gained besides is no reading, writing or deleting.
func TestSharesByHand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sharetest.Shares(sharetest.Sydney).Draw(t, "share")
		w, err := proof.Deployed(s, nil)
		sharetest.Must(t, err)
		w = withOtherSids(w)
		a, err := adopt.From(w, adopt.Hand{})
		sharetest.Must(t, err)
		alone, err := proof.Deployed(a.Share, a.Sides)
		sharetest.Must(t, err)
		c := proof.Compare(s, nil, w, alone, proof.More{})
		for _, lost := range c.Lost {
			if !slices.Equal(lost.Operations, []string{"kms:Decrypt"}) { // DirectUse
				t.Errorf("lost: %s\n%s", lost, a.YAML())
			}
		}
		for _, gained := range c.Gained {
			for _, o := range gained.Operations {
				if o == "GetObject" || o == "PutObject" || o == "DeleteObject" {
					t.Errorf("gained: %s\n%s", gained, a.YAML())
				}
			}
		}
		if len(a.Lost) > 0 {
			t.Errorf("beside what is there, lost: %v\n%s", a.Lost, a.YAML())
		}
	})
}

// withOtherSids is a world as it would be if the project had not written it.
func withOtherSids(w proof.World) proof.World {
	key := *w.Bucket.Key
	key.ARN = sharetest.KeyOf(sharetest.Sydney)
	names := strings.NewReplacer(`"Sid":"SharedBucket`, `"Sid":"ByHand`, sharetest.Sydney.PendingKeyARN(), key.ARN)
	other := func(d proof.Document) proof.Document {
		return proof.NewDocument(d.Name, names.Replace(d.Text()), d.Policy().Kind)
	}
	w.Bucket.Policy, key.Policy = other(w.Bucket.Policy), other(key.Policy)
	w.Bucket.Key = &key
	for i := range w.Principals {
		for j, d := range w.Principals[i].Policies {
			w.Principals[i].Policies[j] = other(d)
		}
	}
	return w
}

// TestMain makes property tests try fewer shares: each takes some ten thousand questions.
func TestMain(m *testing.M) {
	flag.Parse()
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		_ = checks.Value.Set("25")
	}
	os.Exit(m.Run())
}
