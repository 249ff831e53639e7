package share

import (
	"reflect"
	"strings"
)

// Limits are what the account's administrator allows shares on a provider, as lists of ARNs and ids, or patterns of
// them with * and ?. The field's name is the limit's name everywhere: in constructs, templates, docs, and as the
// environment variable of the function. An empty list is the default.
//
// The function's role enforces them too, where IAM can: on buckets, keys and identities.
type Limits struct {
	// BucketArns are the buckets that shares may create. Default: all.
	BucketArns []string
	// AdoptableBucketArns are the buckets that shares may adopt. Default: none.
	AdoptableBucketArns []string
	// KeyArns are the keys, not made by the share itself, that shares may use. Default: none.
	KeyArns []string
	// GranteeArns are the identities that may be delegates and grantees. Default: all but the providers' own roles, which
	// never may. Declarations have names and ARNs have paths: the function refuses a name that no path could make an ARN
	// within the limit, the role judges by the ARN itself.
	GranteeArns []string
	// ConsumerAccounts and ConsumerOrganizations are one limit: who may be let in. Default, with both lists empty:
	// everybody. As soon as one of them has an entry, whoever is on neither list stays out. An account counts by its own
	// id, as nobody knows here which organization it belongs to; an OU counts by its organization.
	ConsumerAccounts      []string
	ConsumerOrganizations []string
}

// ReadLimits reads limits as the function gets them: under each limit's name, separated by commas.
func ReadLimits(getenv func(name string) string) Limits {
	var l Limits
	fields := reflect.ValueOf(&l).Elem()
	for i := range fields.NumField() {
		for entry := range strings.SplitSeq(getenv(fields.Type().Field(i).Name), ",") {
			if entry = strings.TrimSpace(entry); entry != "" {
				list := fields.Field(i)
				list.Set(reflect.Append(list, reflect.ValueOf(entry)))
			}
		}
	}
	return l
}

// ProviderRolePrefix begins the names of the providers' roles. A provider must not write its own rights.
const ProviderRolePrefix = "sharedbucket-provider-"

// JobRoleSuffix ends the name of the role with which S3 Batch Operations works for shares; it begins as its provider's.
// So nobody lets a share write that role's rights either.
const JobRoleSuffix = "-jobs"

// anyRun in a text stands for any run of characters. No ARN or id has this byte.
const anyRun = "\xff"

// couldMatch says whether a pattern with * and ? matches text, whatever the runs in it stand for.
func couldMatch(pattern, text string) bool {
	// reach[j] says whether what was read of pattern matches text[:j].
	reach := make([]bool, len(text)+1)
	reach[0] = true
	for j := range len(text) {
		reach[j+1] = reach[j] && text[j] == anyRun[0]
	}
	for i := range len(pattern) {
		next := make([]bool, len(text)+1)
		next[0] = reach[0] && pattern[i] == '*'
		for j := range len(text) {
			switch {
			case pattern[i] == '*':
				next[j+1] = next[j] || reach[j+1]
			case text[j] == anyRun[0]:
				next[j+1] = next[j] || reach[j] || reach[j+1]
			default:
				next[j+1] = reach[j] && (pattern[i] == '?' || pattern[i] == text[j])
			}
		}
		reach = next
	}
	return reach[len(text)]
}
