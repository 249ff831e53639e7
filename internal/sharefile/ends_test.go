package sharefile_test

import (
	"strings"
	"testing"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// ends is a share file with these consumers, and these grantees of account 222222222222.
func ends(consumers, grantees string) string {
	return `Region: ap-southeast-2
Owner: "111111111111"
BucketName: account-a-bucket
Consumers:
` + consumers + `
Grantees:
  "222222222222":
` + grantees + "\n"
}

// Each end deploys by itself and is right by itself: what they do not give and take shows when they are compared.
func TestEndsThatDoNotMeet(t *testing.T) {
	const account = `  - Account: "222222222222"`
	for _, c := range []struct {
		name, consumers, grantees string
		want, warnings            []string
	}{
		{name: "the walkthrough", consumers: account, grantees: `    - User: dilip`},
		{
			name: "a consumer that reads, a grantee that deletes", consumers: account + "\n    Access: Read",
			grantees: "    - User: dilip\n      Access: Full",
			want:     []string{`share.yaml:10:7: Grantees["222222222222"][0].Access…may write and delete here…222222222222`},
		},
		{
			name: "the default level is more than reading", consumers: account + "\n    Access: Read",
			grantees: "    - User: dilip",
			want:     []string{`share.yaml:9:7: Grantees["222222222222"][0].Access…may write here`},
		},
		{name: "less than is given", consumers: account + "\n    Access: Full",
			grantees: "    - {User: dilip, Access: Read, Prefixes: in}"},
		{
			name: "a folder that is not given", consumers: account + "\n    Prefixes: [in, out]",
			grantees: "    - Role: etl\n      Prefixes: [in/raw, other]\n      Access: Read",
			want:     []string{`share.yaml:10:7: Grantees["222222222222"][0].Prefixes…role/etl may read in other/ here`},
		},
		{
			name: "a folder at another level", consumers: "  - {Account: '222222222222', Access: Read, Prefixes: in}\n" +
				"  - {Account: '222222222222', Access: Write, Prefixes: out}",
			grantees: "    - {Role: etl, Prefixes: [in], Access: Write}",
			want:     []string{`share.yaml:9:19: Grantees["222222222222"][0].Prefixes…may write in in/ here`},
		},
		{
			name: "the whole bucket of which folders are given", consumers: account + "\n    Prefixes: [in]\n    Access: Read",
			grantees: "    - User: dilip\n      Access: Read",
			warnings: []string{`share.yaml:10:7: Grantees["222222222222"][0]…may read in the whole bucket here…only a part`},
		},
		{
			name: "a folder of which one within is given", consumers: account + "\n    Prefixes: [in/raw]\n    Access: Read",
			grantees: "    - {User: dilip, Access: Read, Prefixes: in}",
			warnings: []string{`share.yaml:10:7: Grantees["222222222222"][0]…may read in in/ here…only a part`},
		},
		{
			name: "a folder for each account", consumers: "  - {Organization: o-a1b2c3d4e5, Prefixes: 'accounts/{account}'}",
			grantees: "    - {User: dilip, Prefixes: 'accounts/{account}'}\n" +
				"    - {User: dora, Prefixes: accounts/222222222222}\n" +
				"    - {User: eve, Prefixes: accounts/333333333333}",
			want: []string{`share.yaml:10:19: Grantees["222222222222"][2].Prefixes…read and write in accounts/333333333333/`},
		},
		{
			name: "an account that nobody lets in", consumers: "  - Account: '333333333333'", grantees: "    - User: dilip",
			want: []string{`share.yaml:7:3: Grantees["222222222222"]…nothing in Consumers lets this account in`},
		},
		{
			name: "another role of the account", consumers: "  - Principal: arn:aws:iam::222222222222:role/service/app",
			grantees: "    - Role: app\n    - Role: job\n    - User: app",
			want: []string{`share.yaml:9:7: Grantees["222222222222"][1]…not role/job`,
				`share.yaml:10:7: Grantees["222222222222"][2]…not user/app`},
		},
		{
			name: "a group of which some are principals", consumers: "  - Principal: arn:aws:iam::222222222222:user/dilip",
			grantees: "    - Group: analysts",
			warnings: []string{`share.yaml:8:7: Grantees["222222222222"][0]…of the members of group/analysts, only those`},
		},
		{
			name: "a permission set, whose role nobody can declare as a grantee", grantees: "    - Role: app",
			consumers: "  - PermissionSet: {Account: '222222222222', Name: Analyst}",
			want:      []string{`share.yaml:8:7: Grantees["222222222222"][0]…not role/app`},
		},
		{
			name:      "an organization, to which the account may belong",
			consumers: "  - {Organization: o-a1b2c3d4e5, Access: Read}",
			grantees:  "    - {User: dilip, Access: Read}",
		},
		{
			name: "nothing is compared with an end that is wrong in itself", consumers: account + "\n    Access: Reed",
			grantees: "    - {User: dilip, Access: Full}", want: []string{"share.yaml:6:5: Consumers[0].Access…unknown level"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := parse(t, ends(c.consumers, c.grantees))
			sharetest.WantViolations(t, sharetest.ViolationsOf(t, f.Check()), c.want)
			var warnings error
			if w := f.Warnings(); len(w) > 0 {
				warnings = w
			}
			sharetest.WantViolations(t, sharetest.ViolationsOf(t, warnings), c.warnings)
		})
	}
}

// A file is wrong or right whatever its name is called.
func TestPlacesCarryTheFilesName(t *testing.T) {
	f := parse(t, ends("  - Account: '333333333333'", "    - User: dilip"))
	f.Path = "shares/second.yaml"
	var all share.Violations = f.Check().(share.Violations)
	if len(all) != 1 || !strings.HasPrefix(all[0].String(), "shares/second.yaml:") {
		t.Error(all)
	}
}
