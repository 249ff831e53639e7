package provider

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// replacing is one replacement, in all that may come of it.
type replacing struct {
	resource string
	removal  string // RemovalPolicy
	objects  int    // in the bucket that is replaced
	target   string // what there is in the new place
	name     string // PolicyName of an access
	retains  bool
}

func allReplacing() []replacing {
	var all []replacing
	for _, target := range []string{
		"nothing", "a bucket", "a bucket with objects", "what was retained", "another's", "somebody's bucket",
		"a bucket given up",
	} {
		for _, removal := range []string{share.Retain, share.Delete} {
			for _, objects := range []int{0, 2} {
				for _, retains := range []bool{false, true} {
					all = append(all, replacing{
						resource: share.BucketType, removal: removal, objects: objects, target: target, retains: retains,
					})
				}
			}
		}
	}
	for _, target := range []string{"nothing", "what was retained", "another's"} {
		for _, name := range []string{"", "custom"} {
			for _, retains := range []bool{false, true} {
				all = append(all, replacing{resource: share.AccessType, target: target, name: name, retains: retains})
			}
		}
	}
	return all
}

func (c replacing) String() string {
	return fmt.Sprintf("%s %s, %d objects, to %s, %s, retains %v", strings.TrimPrefix(c.resource, "Custom::"), c.removal,
		c.objects, c.target, c.name, c.retains)
}

// on is a declaration of the resource on a bucket, for one account and one identity.
func (c replacing) on(bucket, account, user string) map[string]any {
	who := []any{map[string]any{"User": user}}
	if c.resource == share.AccessType {
		p := accessProperties("BucketName", bucket, "Grantees", who)
		if c.name != "" {
			p["PolicyName"] = c.name
		}
		return p
	}
	p := properties("BucketName", bucket, "Consumers", []any{map[string]any{"Account": account}}, "Delegates", who,
		"RemovalPolicy", c.removal)
	if strings.HasPrefix(c.target, "a bucket") && bucket == "new-bucket" {
		p["Adopt"], p["Tags"] = "true", map[string]any{"team": "ours", "new": "x"}
		delete(p, "RemovalPolicy")
	}
	return p
}

// begin deploys what is replaced, and lays what there is in the new place.
func (c replacing) begin(t *testing.T) (*deployed, map[string]any) {
	env := ownerEnv
	if c.resource == share.AccessType {
		env = consumerEnv
	}
	d := &deployed{fixture: newFixture(t, env), resource: c.resource, retains: true, kept: map[string]map[string]any{}}
	d.provider.Limits.AdoptableBucketArns = []string{"arn:aws:s3:::*"}
	if c.target == "what was retained" {
		d.create(c.on("new-bucket", "444444444444", "dilip"))
		d.update(c.on("old-bucket", "222222222222", "ann"), nil, nil)
	} else {
		d.create(c.on("old-bucket", "222222222222", "ann"))
	}
	d.retains = c.retains
	if b := d.aws.Buckets["old-bucket"]; b != nil {
		b.Objects = c.objects
	}
	switch {
	case c.target == "another's":
		d.kept["other"] = c.ofAnother(d, cfn.RequestCreate, "")
	case c.target == "a bucket given up":
		c.ofAnother(d, cfn.RequestCreate, "")
		d.aws.Buckets["new-bucket"].Objects = 3
		c.ofAnother(d, cfn.RequestDelete, "new-bucket")
		d.aws.Buckets["new-bucket"].Tags["team"] = "theirs"
		d.provider.Limits.KeyArns = []string{"*"}
	case strings.Contains(c.target, "bucket"):
		b := &sharetest.Bucket{Objects: map[bool]int{true: 3}[c.target == "a bucket with objects"]}
		b.Tags = map[string]string{"team": "theirs"}
		b.Encryption.Algorithm = "AES256"
		b.Policy = sharetest.Stored(`{"Version":"2012-10-17","Statement":[{"Sid":"` + c.theirs() + `","Effect":"Allow",` +
			`"Principal":{"AWS":"arn:aws:iam::` + elsewhere + `:root"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::new-bucket/*"}]}`)
		d.aws.Buckets["new-bucket"] = b
	}
	return d, c.on("new-bucket", "333333333333", "dilip")
}

// ofAnother is an event of another share or access on the new bucket, which retains it.
func (c replacing) ofAnother(d *deployed, kind cfn.RequestType, id string) map[string]any {
	d.t.Helper()
	p := c.on("new-bucket", elsewhere, "dilip")
	delete(p, "Adopt")
	delete(p, "Tags")
	e := d.event(kind, c.resource, id, p, nil)
	e.LogicalResourceID = "Other"
	d.aws.stackIs(strings.ToUpper(string(kind)) + "_IN_PROGRESS")
	if a := d.send(e); a.Status != "SUCCESS" {
		d.t.Fatal(a.Reason)
	}
	return p
}

// theirs is the Sid in the policy of a bucket that is there. Whoever rendered a share by hand has those of a share.
func (c replacing) theirs() string {
	if c.target == "somebody's bucket" {
		return "SharedBucketUseReadAccount"
	}
	return "Theirs"
}

// aftermath is what comes of a replacement.
type aftermath struct {
	name      string
	broken    func() func(string) error
	inCleanup func() func(string) error
	goesBack  bool
}

func outcomes() []aftermath {
	none := func() func(string) error { return nil }
	nth := func(n int) func() func(string) error {
		return func() func(string) error {
			calls := 0
			return func(what string) error {
				if calls++; calls == n {
					return awsError("AccessDenied")
				}
				return nil
			}
		}
	}
	step := func(denied string) func() func(string) error {
		return func() func(string) error {
			return func(what string) error {
				if what == denied {
					return awsError("AccessDenied")
				}
				return nil
			}
		}
	}
	all := []aftermath{
		{name: "it succeeds", broken: none, inCleanup: none},
		{name: "its stack goes back", broken: none, inCleanup: none, goesBack: true},
	}
	for n := 1; n <= 22; n++ {
		all = append(all, aftermath{name: fmt.Sprint("it fails at call ", n), broken: nth(n), inCleanup: none})
	}
	for _, denied := range []string{
		"Observe", "DeleteInlinePolicy", "PutBucketPolicy", "DeleteBucketPolicy", "PutKeyPolicy", "UntagBucket", "UntagKey",
		"DeleteBucket", "ScheduleKeyDeletion", "DeleteParameter", "PutParameter", "PutInlinePolicy",
	} {
		for _, back := range []bool{false, true} {
			all = append(all, aftermath{
				name: fmt.Sprint("the cleanup cannot ", denied, ", goes back ", back), broken: none, inCleanup: step(denied),
				goesBack: back,
			})
		}
	}
	return all
}

// Whatever comes of a replacement: nobody has access whom no declaration names that is in force, nothing is left that
// nobody keeps, no object is lost, and the next Update converges.
func TestReplacementsInAllThatMayComeOfThem(t *testing.T) {
	cases, random := 0, rand.New(rand.NewPCG(6, 11))
	for _, c := range allReplacing() {
		for _, o := range outcomes() {
			if random.IntN(12) == 0 || *everyReplacement {
				cases++
				t.Run(c.String()+"/"+o.name, func(t *testing.T) { c.comesTo(t, o) })
			}
		}
	}
	t.Log(cases, "cases")
}

var everyReplacement = flag.Bool("everyreplacement", false, "all that may come of replacements, not a choice of it")

func (c replacing) comesTo(t *testing.T, o aftermath) {
	d, to := c.begin(t)
	before := c.picture(d)
	d.goesBack = o.goesBack
	whole := o.inCleanup() == nil
	moved := d.update(to, o.broken(), o.inCleanup())
	if whole {
		if !moved {
			if diff := cmp.Diff(before, c.picture(d)); diff != "" {
				t.Errorf("it is not as it was:\n%s", diff)
			}
		}
		d.nobodyElse()
		d.onlyThese(before)
	}
	d.goesBack = false
	d.converges()
	d.nobodyElse()
	d.onlyThese(before)
	if !moved && !strings.HasSuffix(c.target, "'s") && c.target != "somebody's bucket" {
		if !d.update(to, nil, nil) {
			t.Errorf("the same once more fails: %s", d.answers[len(d.answers)-2].Reason)
		}
		d.nobodyElse()
		d.onlyThese(before)
	}
	d.remove("DELETE_IN_PROGRESS", d.id, d.p)
	d.id, d.p = "", nil
	d.nobodyElse()
}

// picture is that of an account. Of two accesses with one policy's name one is in force, and nothing is retained of the
// other. What protects an adopted bucket stays, and so does a key under which something may lie in it.
func (c replacing) picture(d *deployed) picture {
	p := d.picture()
	if b, there := p.Buckets["new-bucket"]; there && strings.HasPrefix(c.target, "a bucket") {
		b.Bucket.AccessBlocked, b.Bucket.OwnerEnforced, b.Bucket.Versioning = true, true, "Enabled"
		b.Bucket.Encryption.SSECBlocked = true
		p.Buckets["new-bucket"] = b
		maps.DeleteFunc(p.Keys, func(_ string, k pictured) bool {
			return b.Objects > 0 && k.Tags[plan.TagForBucket] == "new-bucket"
		})
	}
	maps.DeleteFunc(p.Remembered, func(name string, _ map[string]any) bool {
		return c.name != "" && c.target == "what was retained" && strings.Contains(name, "/new-bucket/")
	})
	return p
}
