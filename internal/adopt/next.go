package adopt

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Next are the steps from the share file to the deployed share, as commands; file is its path. Profiles are by account,
// as the caller gave them.
func (a Adoption) Next(file string, profiles map[string]string) string {
	n, file := next{a: a, profiles: profiles}, shell(file)
	owner := a.declared.env.Account
	n.say("# 1. Look at the file, and at who gains and loses what")
	n.say("sharedbucket plan %s%s", file, n.all())
	if len(a.Taken) > 0 {
		n.say("# 2. First of all give these inline policies another name: the share's have theirs. Nobody loses anything")
		for _, t := range a.Taken {
			n.rename(t)
		}
	}
	n.say("# 3. Deploy the owner's side. Its provider may adopt no bucket%s unless told so; keep what it is told already",
		map[bool]string{true: " and use no key"}[a.Share.KeyARN != ""])
	limits := "-c AdoptableBucketArns=" + a.declared.env.BucketARN(a.declared.bucket)
	if a.Share.KeyARN != "" {
		limits += " -c KeyArns=" + a.Share.KeyARN
	}
	stack := strings.ReplaceAll(a.declared.bucket, ".", "-")
	n.say("cdk deploy SharedBucketProvider SharedBucketOwner-%s%s -c share=%s %s", stack, n.profile(owner), file, limits)
	if len(a.declared.accounts()) > 0 {
		n.say("# 4. Deploy each consumer's side")
	}
	for _, account := range a.declared.accounts() {
		n.say("cdk deploy SharedBucketProvider SharedBucketConsumer-%s%s -c share=%s", stack, n.profile(account), file)
	}
	n.say("# 5. Prove it, take out by hand what is superfluous or more than you want, and prove it again")
	n.say("sharedbucket verify %s%s", file, n.all())
	if a.declared.unproven != "" {
		n.say("# 6. When nothing is left but the share, delete the line Verify: false, and deploy once more")
	}
	return n.text.String()
}

// shell is a word as a shell takes it.
func shell(text string) string {
	if shellWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

var shellWord = regexp.MustCompile(`^[\w./:@=+,-]+$`)

type next struct {
	a        Adoption
	profiles map[string]string
	text     strings.Builder
}

func (n *next) say(format string, args ...any) { fmt.Fprintf(&n.text, format+"\n", args...) }

func (n *next) profile(account string) string {
	name := n.profiles[account]
	if name == "" {
		name = "PROFILE-OF-" + account
	}
	return " --profile " + shell(name)
}

func (n *next) all() string {
	accounts := append([]string{n.a.declared.env.Account}, n.a.declared.accounts()...)
	slices.Sort(accounts)
	text := ""
	for _, account := range accounts {
		text += strings.Replace(n.profile(account), " --profile ", " --profile "+account+"=", 1)
	}
	return text
}

// rename copies an inline policy to another name before the old one goes.
func (n *next) rename(t Taken) {
	kind := strings.ToLower(string(t.Identity.Kind))
	name := n.a.Share.PolicyName()
	of := fmt.Sprintf("--%s-name %s --policy-name", kind, t.Identity.Name)
	aws := "aws" + n.profile(t.Account) + " iam "
	n.say("%sget-%s-policy %s %s --query PolicyDocument --output json > by-hand.json &&", aws, kind, of, name)
	n.say("  %sput-%s-policy %s %s-by-hand --policy-document file://by-hand.json &&", aws, kind, of, name)
	n.say("  %sdelete-%s-policy %s %s", aws, kind, of, name)
}
