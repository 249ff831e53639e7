package fault

import (
	"example.com/sharedbucket/internal/share"
)

// The accounts of every scenario. Two of them exist here: who else is let in is only named.
const (
	partner  = "222222222222" // declared from the beginning
	newcomer = "333333333333" // declared later
	stranger = "999999999999" // never declared
)

var (
	reading   = []string{"ListBucket", "GetObject"}
	writing   = []string{"ListBucket", "GetObject", "PutObject"}
	allTries  = []string{"ListBucket", "GetObject", "PutObject", "DeleteObject"}
	noAccount = "" // stands for the account in which a scenario plays
)

// state is a declaration and who may do what by it, on which bucket.
type state struct {
	resource resource
	bucket   string // its label
	access   access
}

// scenario is one operation on a stack: from nothing, or to nothing, or from one declaration to another.
type scenario struct {
	name          string
	consumer      bool // it plays in the consumer's account, with the owner's share deployed
	before, after *state
	object        bool // lies in the bucket meanwhile, and must not be lost
	retained      bool // bucket and key stay when the share goes
}

func ownerState(bucket string, more map[string]any, may access) *state {
	properties := map[string]any{"BucketName": bucket, "RemovalPolicy": share.Delete}
	for k, v := range more {
		properties[k] = v
	}
	return &state{resource{share.BucketType, properties}, bucket, may}
}

func accessState(more map[string]any, may access) *state {
	properties := map[string]any{"BucketName": first, "OwnerAccount": ownerLabel}
	for k, v := range more {
		properties[k] = v
	}
	return &state{resource{share.AccessType, properties}, first, may}
}

// Labels stand for names that differ from case to case.
const (
	first      = "first-bucket"
	second     = "second-bucket"
	ownerLabel = "owner-account"
)

func users(entries ...any) []any {
	var all []any
	for i := 0; i < len(entries); i += 2 {
		all = append(all, map[string]any{"User": entries[i], "Access": entries[i+1]})
	}
	return all
}

func accounts(entries ...any) []any {
	var all []any
	for i := 0; i < len(entries); i += 2 {
		all = append(all, map[string]any{"Account": entries[i], "Access": entries[i+1]})
	}
	return all
}

var (
	firstShare = map[string]any{"Consumers": accounts(partner, "ReadWrite"), "Delegates": users("ann", "ReadWrite")}
	laterShare = map[string]any{
		"Consumers": accounts(partner, "Read", newcomer, "Full"), "Delegates": users("ann", "Read", "bob", "Full"),
		"Tags": map[string]any{"team": "a"}, "Versioning": "Suspended",
		"Encryption": map[string]any{"RotationPeriodInDays": 180},
	}
	firstMay = access{{partner, ""}: writing, {noAccount, "ann"}: writing}
	laterMay = access{{partner, ""}: reading, {newcomer, ""}: allTries, {noAccount, "ann"}: reading,
		{noAccount, "bob"}: allTries}

	firstAccess    = map[string]any{"Grantees": users("ann", "ReadWrite")}
	laterAccess    = map[string]any{"Grantees": users("ann", "Read", "bob", "ReadWrite")}
	renamedAccess  = map[string]any{"Grantees": users("ann", "ReadWrite"), "PolicyName": "another-name"}
	firstAccessMay = access{{noAccount, "ann"}: writing}
	laterAccessMay = access{{noAccount, "ann"}: reading, {noAccount, "bob"}: writing}
)

func with(properties map[string]any, name string, value any) map[string]any {
	changed := map[string]any{name: value}
	for k, v := range properties {
		if k != name {
			changed[k] = v
		}
	}
	return changed
}

// scenarios are what CloudFormation does with each of the two resources.
func scenarios() []scenario {
	old := ownerState(first, firstShare, firstMay)
	retained := ownerState(first, with(firstShare, "RemovalPolicy", share.Retain), firstMay)
	return []scenario{
		{name: "Create", after: old},
		{name: "Update", before: old, after: ownerState(first, laterShare, laterMay), object: true},
		{name: "replacement", before: old, after: ownerState(second, laterShare, laterMay)},
		{name: "Delete", before: old},
		{name: "Delete, retained", before: retained, object: true, retained: true},
		{name: "Create of an access", consumer: true, after: accessState(firstAccess, firstAccessMay)},
		{
			name: "Update of an access", consumer: true,
			before: accessState(firstAccess, firstAccessMay), after: accessState(laterAccess, laterAccessMay),
		},
		{
			name: "replacement of an access", consumer: true,
			before: accessState(firstAccess, firstAccessMay), after: accessState(renamedAccess, firstAccessMay),
		},
		{name: "Delete of an access", consumer: true, before: accessState(firstAccess, firstAccessMay)},
	}
}
