package declaration

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/internal/share"
)

const stack = "arn:aws:cloudformation:ap-southeast-2:111111111111:stack/data/0123"

// declared is a share with n accounts, whose ids are as random as ids are.
func declared(n int) Declaration {
	random := rand.New(rand.NewPCG(1, 2))
	accounts := make([]any, n)
	for i := range accounts {
		accounts[i] = fmt.Sprintf("%012d", random.Int64N(1e12))
	}
	return Declaration{
		Type: share.BucketType, StackID: stack, LogicalID: "Share", Left: []string{"user/bob", "role/a"},
		Properties: map[string]any{
			"BucketName": "account-a-bucket", "Consumers": []any{map[string]any{"Account": accounts}},
			"Delegates": []any{map[string]any{"User": "ann"}},
		},
	}
}

func TestTextAndBack(t *testing.T) {
	for _, n := range []int{1, 600} {
		d := declared(n)
		text, err := d.Text()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Read(text)
		if diff := cmp.Diff(d, back); err != nil || diff != "" {
			t.Errorf("%d accounts: %v %s", n, err, diff)
		}
		if readable := strings.HasPrefix(text, "{"); readable != (n == 1) || len(text) > advancedSize {
			t.Errorf("%d accounts are %d bytes, readable: %v", n, len(text), readable)
		}
	}
}

func TestTooLarge(t *testing.T) {
	_, err := declared(3000).Text()
	if err == nil || !strings.Contains(err.Error(), "over the 8192") {
		t.Errorf("got %v", err)
	}
}

// SSM refuses a value with a reference to another parameter in it.
func TestNoReferences(t *testing.T) {
	d := declared(1)
	d.Properties["Tags"] = map[string]any{"a": "{{ssm:other}}"}
	text, err := d.Text()
	if err != nil || strings.Contains(text, "{{") {
		t.Errorf("%s %v", text, err)
	}
	if back, _ := Read(text); !Same(back.Properties, d.Properties) {
		t.Errorf("came back as %v", back.Properties)
	}
}

func TestWhatAnybodyMayHaveWritten(t *testing.T) {
	bomb := declared(1)
	bomb.Properties["Tags"] = strings.Repeat(" ", 3<<20)
	text, err := bomb.Text()
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"", "garbage", "gzip:", "gzip:!", "gzip:H4sI", "[]", `{"Properties": 1}`, text} {
		if d, err := Read(value); err == nil {
			t.Errorf("%.40q is read as %+v", value, d)
		}
	}
	d := declared(1)
	d.Left = []string{"user/ann", "role/../x", "group/", "ann", "user/" + strings.Repeat("x", 65)}
	d.Properties["Delegates"] = []any{map[string]any{"User": "a b"}, 7}
	want := []share.Identity{{Kind: share.User, Name: "ann"}}
	if diff := cmp.Diff(want, d.Identities(share.Env{})); diff != "" {
		t.Error(diff)
	}
}

// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
func TestNames(t *testing.T) {
	taken := regexp.MustCompile(`^/sharedbucket/shares/account\.a-bucket/[0-9a-f]{16}$`)
	seen := map[string]bool{}
	for _, name := range []string{
		Name(share.BucketType, stack, "Share", "account.a-bucket", ""),
		Name(share.BucketType, stack, "Other", "account.a-bucket", ""),
		Name(share.BucketType, stack+"4", "Share", "account.a-bucket", ""),
		Name(share.AccessType, stack, "Share", "account.a-bucket", "p"),
		Name(share.AccessType, stack, "Share", "account.a-bucket", "q"),
	} {
		if !taken.MatchString(name) || seen[name] {
			t.Errorf("%s", name)
		}
		seen[name] = true
	}
	if name := (Declaration{Type: share.BucketType, StackID: stack}).Name(); name != "" {
		t.Errorf("without a bucket: %s", name)
	}
}

func TestLasting(t *testing.T) {
	got := Lasting(map[string]any{"ServiceToken": "a", "ServiceTimeout": "b", "Revision": "c", "BucketName": "d"})
	if diff := cmp.Diff(Properties{"BucketName": "d"}, got); diff != "" {
		t.Error(diff)
	}
}

// Whatever SSM says of a writer, only the provider itself is taken for it.
func TestWriters(t *testing.T) {
	env := share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "111111111111"}
	for user, want := range map[string]bool{
		"arn:aws:sts::111111111111:assumed-role/sharedbucket-provider-ap-southeast-2/sharedbucket-provider": true,
		"arn:aws:iam::111111111111:role/sharedbucket-provider-ap-southeast-2":                               true,

		"":                                     false,
		"N/A":                                  false,
		"AROAEXAMPLE:sharedbucket-provider":    false,
		"sharedbucket-provider-ap-southeast-2": false,
		"arn:aws:sts::111111111111:assumed-role/sharedbucket-provider-ap-southeast-2":      false,
		"arn:aws:sts::111111111111:assumed-role/sharedbucket-provider-ap-southeast-2/":     false,
		"arn:aws:sts::111111111111:assumed-role/sharedbucket-provider-ap-southeast-2/a/b":  false,
		"arn:aws:sts::111111111111:assumed-role/sharedbucket-provider-ap-southeast-2x/s":   false,
		"arn:aws:sts::111111111111:assumed-role/sharedbucket-provider-us-east-1/s":         false,
		"arn:aws:sts::222222222222:assumed-role/sharedbucket-provider-ap-southeast-2/s":    false,
		"arn:aws-cn:sts::111111111111:assumed-role/sharedbucket-provider-ap-southeast-2/s": false,
		"arn:aws:sts::111111111111:federated-user/sharedbucket-provider-ap-southeast-2/s":  false,
		"arn:aws:iam::111111111111:user/sharedbucket-provider-ap-southeast-2":              false,
		"arn:aws:iam::111111111111:role/x/sharedbucket-provider-ap-southeast-2":            false,
		"x arn:aws:sts::111111111111:assumed-role/sharedbucket-provider-ap-southeast-2/s":  false,
		"arn:aws:iam::111111111111:root":                                                   false,
	} {
		if WrittenByProvider(user, env) != want {
			t.Errorf("%q: %v", user, !want)
		}
	}
}

// A declaration that would fit goes before which events there were.
func TestEventsGiveWay(t *testing.T) {
	d := declared(1)
	largest := func() string {
		for n := 600; ; n++ {
			d = declared(n)
			if next, err := declared(n + 1).Text(); err != nil {
				text, err := d.Text()
				if err != nil {
					t.Fatal(n, err, len(next))
				}
				return text
			}
		}
	}()
	for n := range 10 {
		d.Events = d.Events.And(fmt.Sprintf("%d7f6a2e1-51c3-4d9e-b1f0-0123456789ab", n), false, false)
	}
	if text, err := d.Text(); err != nil || text != largest {
		t.Errorf("%d bytes, %v; without events %d", len(text), err, len(largest))
	}
}

func TestEventsAreBounded(t *testing.T) {
	e := Events{}
	for n := range 10 {
		e = e.And(EventID(fmt.Sprint("\xff", n, strings.Repeat("x", 1<<20))), false, false)
	}
	text, err := Declaration{Events: e}.Text()
	back, _ := Read(text)
	if diff := cmp.Diff(e, back.Events); err != nil || diff != "" || len(text) > 1000 {
		t.Errorf("%d bytes, %v, %s", len(text), err, diff)
	}
	if again := e.And(e.Served, true, true); !cmp.Equal(again, e) {
		t.Errorf("the same once more: %+v", again)
	}
}

func TestLeftOver(t *testing.T) {
	old := Declaration{
		Type: share.BucketType, StackID: stack, LogicalID: "Share", Properties: map[string]any{"BucketName": "first-bucket"},
	}
	granted := Declaration{Type: share.AccessType, StackID: stack, LogicalID: "Access", Properties: map[string]any{
		"BucketName": "first-bucket", "OwnerAccount": "222222222222", "PolicyName": "one@two",
	}}
	for _, c := range []struct {
		name     string
		d        Declaration
		property string
		has      string
		want     bool
	}{
		{name: "the stack has the one before", d: old, property: "BucketName", has: "first-bucket", want: true},
		{name: "it has this one", d: old, property: "BucketName", has: "second-one"},
		{name: "it has a third", d: old, property: "BucketName", has: "third-bucket"},
		{name: "it has none", d: old, property: "BucketName"},
		{name: "of an access", d: granted, property: "PolicyName", has: "one@two@first-bucket", want: true},
		{name: "of an access, another", d: granted, property: "PolicyName", has: "two@first-bucket"},
	} {
		t.Run(c.name, func(t *testing.T) {
			next := c.d
			next.Properties = maps.Clone(c.d.Properties)
			next.Properties[c.property], next.Replaces = "second-one", c.d.Name()
			if next.LeftOver(c.has) != c.want {
				t.Errorf("the stack has %q, and %s is left over: %v", c.has, next.PhysicalID(), !c.want)
			}
			if c.d.LeftOver(c.d.PhysicalID()) || c.d.LeftOver(c.has) {
				t.Error("what replaces nothing is left over")
			}
			next.Going = true
			if out := c.has != next.PhysicalID() && !c.want; next.Outlived(c.has) != out {
				t.Errorf("the stack has %q, and %s outlived its removal: %v", c.has, next.PhysicalID(), !out)
			}
			if next.Before = c.d.Properties; next.Outlived(c.has) {
				t.Error("what it is once more is to go")
			}
		})
	}
}
