package sharetest

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// OwnerAccount is the account of every generated Env.
const OwnerAccount = "111111111111"

// Envs are accounts of every partition.
func Envs() *rapid.Generator[share.Env] {
	return rapid.SampledFrom([]share.Env{
		{Partition: "aws", Region: "ap-southeast-2", Account: OwnerAccount},
		{Partition: "aws", Region: "us-east-1", Account: OwnerAccount},
		{Partition: "aws-cn", Region: "cn-north-1", Account: OwnerAccount},
		{Partition: "aws-us-gov", Region: "us-gov-west-1", Account: OwnerAccount},
	})
}

// Owners are two resources of one stack, and one of another.
func Owners(env share.Env) []plan.Owner {
	stack := func(name string) string {
		return strings.Join([]string{"arn", env.Partition, "cloudformation", env.Region, env.Account,
			"stack/" + name + "/00000000-1111-2222-3333-444444444444"}, ":")
	}
	return []plan.Owner{
		{StackID: stack("first"), LogicalID: "Share"},
		{StackID: stack("first"), LogicalID: "OtherShare"},
		{StackID: stack("second"), LogicalID: "Share"},
	}
}

// BucketNames are names that S3 takes.
func BucketNames() *rapid.Generator[string] {
	names := rapid.StringMatching(`[a-z0-9][a-z0-9]{2,9}((\.|-)[a-z0-9]{1,8})?`)
	return names.Filter(func(name string) bool { return !strings.HasSuffix(name, "-an") }) // of another kind of bucket
}

// Properties are valid declarations of a Custom::SharedBucket that creates its bucket and key.
func Properties(env share.Env) *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		return map[string]any{
			"BucketName": BucketNames().Draw(t, "BucketName"),
			"Consumers":  consumers(env).Draw(t, "Consumers"),
			"Delegates":  grantees().Draw(t, "Delegates"),
			"PolicyType": policyTypes().Draw(t, "PolicyType"),
			"Encryption": map[string]any{
				"RotationPeriodInDays": rapid.IntRange(share.LeastRotationPeriod, share.MostRotationPeriod).Draw(t, "rotation"),
				"DeletionWindowInDays": rapid.IntRange(share.LeastDeletionWindow, share.MostDeletionWindow).Draw(t, "window"),
				"DirectUse":            rapid.Bool().Draw(t, "DirectUse"),
			},
			"Versioning":    rapid.SampledFrom([]string{"Enabled", "Suspended"}).Draw(t, "Versioning"),
			"RemovalPolicy": rapid.SampledFrom([]string{"Retain", "Delete"}).Draw(t, "RemovalPolicy"),
			"Canary":        rapid.Bool().Draw(t, "Canary"),
			"Tags":          tags().Draw(t, "Tags"),
		}
	})
}

// policyTypes are the values of PolicyType.
func policyTypes() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{share.PolicyAuto, share.PolicyInline, share.PolicyManaged})
}

// Shares are valid shares.
func Shares(env share.Env) *rapid.Generator[share.Share] {
	return rapid.Custom(func(t *rapid.T) share.Share {
		s, err := share.ParseShare(Properties(env).Draw(t, "properties"), env)
		if err != nil {
			t.Fatalf("the generator's properties are not valid: %v", err)
		}
		return s
	})
}

func tags() *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		m := map[string]any{}
		names := rapid.SampledFrom([]string{"team", "cost-centre", "stage"})
		for _, k := range rapid.SliceOfNDistinct(names, 0, 3, rapid.ID[string]).Draw(t, "keys") {
			m[k] = rapid.SampledFrom([]string{"a", "b", ""}).Draw(t, k)
		}
		return m
	})
}

var prefixes = []string{"team-a", "team-b", "in/raw", "in", "out", "a b", "accounts/{account}", "{account}/in"}

// entry is the Access and Prefixes of somebody, or of the same somebody in two entries with prefixes apart.
func entries(t *rapid.T, who map[string]any, most int) []any {
	level := func() string {
		return string(rapid.SampledFrom(share.Levels).Draw(t, "Access"))
	}
	chosen := rapid.SliceOfNDistinct(rapid.SampledFrom(prefixes), 0, most, rapid.ID[string]).Draw(t, "Prefixes")
	entry := func(folders []string) map[string]any {
		e := map[string]any{"Access": level()}
		for k, v := range who {
			e[k] = v
		}
		if len(folders) > 0 {
			e["Prefixes"] = anys(folders)
		}
		return e
	}
	if len(chosen) > 1 && rapid.Bool().Draw(t, "split") {
		return []any{entry(chosen[:1]), entry(chosen[1:])}
	}
	return []any{entry(chosen)}
}

func consumers(env share.Env) *rapid.Generator[[]any] {
	var pool []map[string]any
	for i := range 4 {
		account := fmt.Sprintf("%012d", 222222222220+i)
		arn := func(rest string) string { return "arn:" + env.Partition + ":iam::" + account + ":" + rest }
		pool = append(pool,
			map[string]any{"Account": account},
			map[string]any{"Principal": arn("role/app")},
			map[string]any{"Principal": []any{arn("role/path/to/app"), arn("user/dilip")}},
			map[string]any{"PermissionSet": map[string]any{"Account": account, "Name": "Analyst"}},
			map[string]any{"Organization": fmt.Sprintf("o-organization%d", i)},
			map[string]any{"OrganizationalUnit": fmt.Sprintf("o-organization%d/r-root/ou-root-%08d", i, i)},
		)
	}
	return rapid.Custom(func(t *rapid.T) []any {
		all := []any{}
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(pool)-1), 0, 6, rapid.ID[int]).Draw(t, "who") {
			all = append(all, entries(t, pool[i], 3)...)
		}
		return all
	})
}

// grantees are valid delegates or grantees, all of IdentityPool.
func grantees() *rapid.Generator[[]any] {
	return rapid.Custom(func(t *rapid.T) []any {
		all := []any{}
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(IdentityPool)-1), 0, 4, rapid.ID[int]).Draw(t, "who") {
			id := IdentityPool[i]
			most := 3
			if id.Kind == share.User {
				most = 1 // more would not fit into a user's 2,048 characters
			}
			all = append(all, entries(t, map[string]any{string(id.Kind): id.Name}, most)...)
		}
		return all
	})
}

// IdentityPool are the identities of generated declarations.
var IdentityPool = []share.Identity{
	{Kind: share.User, Name: "ann"}, {Kind: share.User, Name: "bob"},
	{Kind: share.Role, Name: "app"}, {Kind: share.Role, Name: "job"},
	{Kind: share.Group, Name: "analysts"}, {Kind: share.Group, Name: "auditors"},
}

// ForeignPolicies are resource policies that somebody else wrote, with statements in every form that AWS takes; "" for
// none.
func ForeignPolicies(resource string) *rapid.Generator[string] {
	values := func(all ...string) *rapid.Generator[policy.Values] {
		return rapid.Custom(func(t *rapid.T) policy.Values {
			return rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, len(all), rapid.ID[string]).Draw(t, "values")
		})
	}
	return rapid.Custom(func(t *rapid.T) string {
		if rapid.Bool().Draw(t, "none") {
			return ""
		}
		d := policy.Document{Version: rapid.SampledFrom([]string{"", "2008-10-17", policy.Version}).Draw(t, "Version")}
		d.ID = rapid.SampledFrom([]string{"", "theirs"}).Draw(t, "Id")
		for i := range rapid.IntRange(1, 4).Draw(t, "statements") {
			s := policy.Statement{
				Sid:    rapid.SampledFrom([]string{"", fmt.Sprintf("Theirs%d", i), fmt.Sprintf("Shared%d", i)}).Draw(t, "Sid"),
				Effect: rapid.SampledFrom([]policy.Effect{policy.Allow, policy.Deny}).Draw(t, "Effect"),
				Principal: &policy.Principal{AWS: values("arn:aws:iam::999999999999:root", "999999999998",
					"arn:aws:iam::999999999999:user/eve").Draw(t, "Principal")},
				Action:   values("s3:GetObject", "s3:putobject", "kms:Decrypt").Draw(t, "Action"),
				Resource: values(resource, resource+"/theirs/*").Draw(t, "Resource"),
			}
			if rapid.Bool().Draw(t, "condition") {
				s.Condition = policy.Condition{"StringEquals": {"aws:SourceVpc": values("vpc-1", "vpc-2", "<&>").Draw(t,
					"Condition")}}
			}
			d.Statements = append(d.Statements, s)
		}
		return d.Text()
	})
}

// Stringified are properties as CloudFormation passes them on: every scalar a string.
func Stringified(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for k, one := range v {
			m[k] = Stringified(one)
		}
		return m
	case []any:
		l := make([]any, len(v))
		for i, one := range v {
			l[i] = Stringified(one)
		}
		return l
	case string:
		return v
	}
	return fmt.Sprint(v)
}

func anys(list []string) []any {
	all := make([]any, len(list))
	for i, v := range list {
		all[i] = v
	}
	return all
}

// ConsumerAccount is the account of every generated Access.
const ConsumerAccount = "222222222222"

// Accesses are valid accesses of a consumer account to a bucket of the Env's account.
func Accesses(env share.Env) *rapid.Generator[share.Access] {
	return rapid.Custom(func(t *rapid.T) share.Access {
		there := env
		there.Account = ConsumerAccount
		a, err := share.ParseAccess(map[string]any{
			"BucketName":   BucketNames().Draw(t, "BucketName"),
			"OwnerAccount": env.Account,
			"Grantees":     grantees().Draw(t, "Grantees"),
			"PolicyType":   policyTypes().Draw(t, "PolicyType"),
		}, there)
		if err != nil {
			t.Fatalf("the generator's properties are not valid: %v", err)
		}
		return a
	})
}
