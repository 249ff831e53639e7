package share

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// checker turns decoded properties into checked values and collects what is wrong with them.
type checker struct {
	env Env
	bad *Violations
	// reported are the paths at or below which decoding found something wrong already.
	reported map[string]bool
	// unresolved says that a value is known only when CloudFormation deploys, so that it cannot be checked now.
	unresolved func(string) bool
	// limits are the provider's, nil when they are not known here.
	limits *Limits
}

// skip says that a value is absent (reported elsewhere when it is required) or not known yet.
func (c checker) skip(value string) bool {
	return value == "" || (c.unresolved != nil && c.unresolved(value))
}

func (c checker) policyType(declared string) string {
	return c.oneOf(declared, "PolicyType", PolicyAuto, PolicyInline, PolicyManaged)
}

func (c checker) region(region, path string) {
	if !c.skip(region) && !regionName.MatchString(region) {
		c.bad.Add(path, "give a region's code, such as ap-southeast-2", "%q is not a region", region)
	}
}

// CheckRegion and CheckAccount check what declarations outside a resource's properties name.
func CheckRegion(region, path string) Violations {
	var bad Violations
	checker{bad: &bad}.region(region, path)
	return bad
}

// CheckAccount is to account ids what CheckRegion is to regions.
func CheckAccount(id, path string) Violations {
	var bad Violations
	checker{bad: &bad}.account(id, path)
	return bad
}

// possible is a bucket's name, "" for one that no bucket can have.
func (c checker) possible(bucket string) string {
	if c.skip(bucket) || possibleBucket(bucket) {
		return bucket
	}
	return ""
}

// encryption checks what is declared about the key, and returns it without an alias or key that cannot be: nothing was
// ever made there.
func (c checker) encryption(e EncryptionProperties) EncryptionProperties {
	if e.KeyArn != "" && e.Alias != "" {
		c.bad.Add("Encryption", "give KeyArn for an existing key, or Alias for a key to be created",
			"both KeyArn and Alias are given")
	}
	if e.KeyArn != "" {
		c.directUse(e.KeyArn, e.DirectUse)
	}
	switch {
	case c.skip(e.KeyArn):
	case checkKeyARN(e.KeyArn, "Encryption.KeyArn", c.env, c.env.Account, c.bad):
		c.within("KeyArns", nil, e.KeyArn, "Encryption.KeyArn")
	default:
		e.KeyArn = ""
	}
	if !c.skip(e.Alias) && !checkAlias(e.Alias, "Encryption.Alias", c.bad) {
		e.Alias = ""
	}
	days := func(name string, value, least, most int) {
		if value < least || value > most {
			c.bad.Add("Encryption."+name, fmt.Sprintf("KMS takes %d to %d", least, most), "%d is out of range", value)
		}
	}
	days("RotationPeriodInDays", e.RotationPeriodInDays, LeastRotationPeriod, MostRotationPeriod)
	days("DeletionWindowInDays", e.DeletionWindowInDays, LeastDeletionWindow, MostDeletionWindow)
	return e
}

func (c checker) account(id, path string) bool {
	if c.skip(id) || IsAccountID(id) {
		return id != ""
	}
	remedy := "give twelve digits"
	if n := len(id); n < 12 && strings.Trim(id, "0123456789") == "" {
		remedy = "give twelve digits; in YAML, quote the id, or leading zeros are lost"
	}
	c.bad.Add(path, remedy, "%q is not an account id", id)
	return false
}

func (c checker) oneOf(value, path string, known ...string) string {
	if !c.skip(value) && !slices.Contains(known, value) {
		c.bad.Add(path, Nearest(value, known), "unknown value %q", value)
		return known[0]
	}
	return cmp.Or(value, known[0])
}

func (c checker) level(l Level, path string) Level {
	if c.skip(string(l)) {
		return cmp.Or(l, ReadWrite)
	}
	if !slices.Contains(Levels, l) {
		names := make([]string, len(Levels))
		for i, k := range Levels {
			names[i] = string(k)
		}
		c.bad.Add(path, Nearest(string(l), names), "unknown level %q", string(l))
		return ReadWrite
	}
	return l
}

func (c checker) scope(l Level, prefixes List, path string) Scope {
	s := Scope{Level: c.level(l, Path(path, "Access"))}
	for i, p := range prefixes {
		at := fmt.Sprintf("%s[%d]", Path(path, "Prefixes"), i)
		if (p != "" && c.skip(p)) || c.reported[at] {
			continue
		}
		if problem, remedy := prefixProblem(p); problem != "" {
			c.bad.Add(at, remedy, "%q %s", p, problem)
			continue
		}
		if slices.Contains(s.Prefixes, cleanPrefix(p)) {
			c.bad.Add(at, "leave one out", "%q is there twice", p)
			continue
		}
		s.Prefixes = append(s.Prefixes, cleanPrefix(p))
	}
	slices.Sort(s.Prefixes)
	return s
}

// prefixProblem says why a prefix cannot be the name of a folder in a policy.
func prefixProblem(p string) (problem, remedy string) {
	switch {
	case strings.Trim(p, "/") == "" || p == "*":
		return "is not a folder", "leave Prefixes out for the whole bucket"
	case strings.ContainsAny(p, "*?"):
		return "has a wildcard", "give the folder's name; everything below it is included"
	case strings.Contains(p, "${"):
		return "has a policy variable", "give the folder's name as it is"
	case strings.ContainsAny(strings.Join(slices.DeleteFunc(strings.Split(p, "/"), isAccountFolder), "/"), "{}"):
		return "has a brace",
			"write " + AccountFolder + " alone between slashes for a folder of each account"
	case strings.HasPrefix(p, "/"):
		return "begins with a slash, so it would match no ordinary key", "write " + brief(strings.TrimLeft(p, "/"))
	case strings.HasSuffix(p, "//"):
		return "ends with two slashes", "write " + brief(strings.TrimRight(p, "/"))
	case strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r > 0xFF || r == 0x7F }):
		return "has characters that IAM takes in no policy", "use characters of Latin-1"
	case len(p) > 1000:
		return "is longer than a key can be", "S3 keys have 1,024 bytes at most"
	}
	return "", ""
}

func isAccountFolder(segment string) bool { return segment == AccountFolder }

// tags are limited by what S3 and KMS both take, less what this project adds.
// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
func (c checker) tags(tags map[string]string) map[string]string {
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		path := Path("Tags", k)
		switch {
		case c.reported[path]:
		case k == "" || utf8.RuneCountInString(k) > 128:
			c.bad.Add(path, "a tag's key has 1 to 128 characters", "the key has %d characters", utf8.RuneCountInString(k))
		case utf8.RuneCountInString(tags[k]) > 256:
			c.bad.Add(path, "a tag's value has 256 characters at most",
				"the value has %d characters", utf8.RuneCountInString(tags[k]))
		case strings.HasPrefix(strings.ToLower(k), "aws:"):
			c.bad.Add(path, "choose another key", "keys that begin with aws: are reserved")
		case strings.HasPrefix(k, TagPrefix):
			c.bad.Add(path, "choose another key", "keys that begin with %s say what belongs to which stack", TagPrefix)
		case !c.skip(k) && !tagText.MatchString(k):
			c.bad.Add(path, tagCharacters, "the key %q has characters that S3 does not take in a tag", k)
		case !c.skip(tags[k]) && !tagText.MatchString(tags[k]):
			c.bad.Add(path, tagCharacters, "the value %q has characters that S3 does not take in a tag", tags[k])
		}
	}
	if most := 50 - ownTags; len(tags) > most {
		c.bad.Add("Tags", fmt.Sprintf("AWS takes 50, of which %d are the share's own", ownTags),
			"there are %d tags, %d too many", len(tags), len(tags)-most)
	}
	return maps.Clone(tags)
}

const tagCharacters = "use letters, digits, spaces and _ . : / = + - @"

// cleanPrefix is a folder's name as scopes hold it.
func cleanPrefix(prefix string) string { return strings.TrimSuffix(prefix, "/") }
