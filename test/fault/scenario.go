package fault

import (
	"time"

	"example.com/sharedbucket/internal/share"
)

var (
	reading   = []string{"ListBucket", "GetObject"}
	writing   = []string{"ListBucket", "GetObject", "PutObject"}
	allTries  = []string{"ListBucket", "GetObject", "PutObject", "DeleteObject", "DeleteObjectVersion"}
	noAccount = "" // stands for the account in which a scenario plays
)

// Labels stand for names that differ from case to case.
const (
	first      = "first-bucket"
	second     = "second-bucket"
	ownerLabel = "owner-account"
)

// state is a declaration and who may do what by it, on which bucket.
type state struct {
	resource resource
	bucket   string // its label
	access   access
}

// policyName is the name of the inline policies that a state asks for, with the bucket's label in it.
func (s *state) policyName() string {
	if name, declared := s.resource.Properties["PolicyName"].(string); declared {
		return name
	}
	return share.DefaultPolicyName(s.bucket)
}

// replaces says whether a scenario ends with another resource than it began with.
func (s *scenario) replaces() bool {
	return s.before != nil && s.after != nil &&
		(s.before.bucket != s.after.bucket || s.before.policyName() != s.after.policyName())
}

// managed says whether a state's identities have managed policies.
func (s *state) managed() bool { return s.resource.Properties["PolicyType"] == share.PolicyManaged }

// scenario is one operation on a stack: from nothing, or to nothing, or from one declaration to another. A scenario
// begins where another one ends, so that most of what is played is a case.
type scenario struct {
	name          string
	consumer      bool // it plays in the consumer's account, with the owner's share deployed
	before, after *state
	object        bool // lies in the bucket meanwhile, and must not be lost
	canary        bool // that was cut off lies in the bucket, and must not be in the way
	retained      bool // bucket and key stay when the share goes
	// beyond is the scenario whose calls this one makes, too, and then more, which only read: of those, one of each kind
	// is broken.
	beyond string
	// took is how long it takes on this machine now, with nothing broken.
	took time.Duration
	// shares says which of the cases are played, of a scenario that goes the ways of another one from another place.
	shares sharing
}

// sharing is how a scenario's cases are shared with those of another one.
type sharing int

const (
	none sharing = iota
	everyOther
	theOthers // of a scenario that has every other
	aFew
)

// hangLimit is the function's time limit where a call hangs until the deadline, in seconds: half of it is kept for the
// answer, and what is done before has to fit in, too.
func (s *scenario) hangLimit() int32 { return 2 + int32(3*s.took.Seconds()+0.5) }

// longestLimit ends before CloudFormation's own waiting does.
const longestLimit = 50

// declared is a state of a resource. What is only read to prove it is left to the scenarios that are about that.
func declared(resourceType, bucket string, may access, properties ...map[string]any) *state {
	all := map[string]any{"BucketName": bucket, "Verify": false}
	for _, some := range properties {
		for k, v := range some {
			all[k] = v
		}
	}
	return &state{resource{resourceType, all}, bucket, may}
}

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
	removable  = map[string]any{"RemovalPolicy": share.Delete}
	verified   = map[string]any{"Verify": true}
	firstShare = map[string]any{"Consumers": accounts(partner, "ReadWrite"), "Delegates": users("ann", "ReadWrite")}
	laterShare = map[string]any{
		"Consumers": accounts(partner, "Read", newcomer, "Full"), "Delegates": users("ann", "Read", "bob", "Full"),
		"Tags": map[string]any{"team": "a"}, "Versioning": "Suspended",
		"Encryption": map[string]any{"RotationPeriodInDays": 180},
	}
	firstMay = access{{partner, ""}: writing, {noAccount, "ann"}: writing}
	laterMay = access{{partner, ""}: reading, {newcomer, ""}: allTries, {noAccount, "ann"}: reading,
		{noAccount, "bob"}: allTries}

	ofOwner        = map[string]any{"OwnerAccount": ownerLabel}
	firstAccess    = map[string]any{"Grantees": users("ann", "ReadWrite")}
	laterAccess    = map[string]any{"Grantees": users("ann", "Read", "bob", "ReadWrite")}
	inline         = map[string]any{"PolicyType": share.PolicyInline}
	managed        = map[string]any{"PolicyType": share.PolicyManaged}
	renamed        = map[string]any{"PolicyName": "another-name"}
	firstAccessMay = access{{noAccount, "ann"}: writing}
	laterAccessMay = access{{noAccount, "ann"}: reading, {noAccount, "bob"}: writing}
)

// scenarios are what CloudFormation does with each of the two resources.
func scenarios() []*scenario { return append(shareScenarios(), accessScenarios()...) }

func shareScenarios() []*scenario {
	old := declared(share.BucketType, first, firstMay, removable, firstShare)
	later := declared(share.BucketType, first, laterMay, removable, laterShare)
	other := declared(share.BucketType, second, laterMay, removable, laterShare)
	retained := declared(share.BucketType, first, firstMay, firstShare)
	proven := declared(share.BucketType, first, firstMay, removable, firstShare, verified)
	return []*scenario{
		{name: "Create", after: old},
		{name: "Update", before: old, after: later, object: true, shares: everyOther},
		{name: "Update back", before: later, after: old, object: true, shares: theOthers},
		{name: "replacement", before: old, after: other, shares: everyOther},
		{name: "replacement back", before: other, after: old, shares: theOthers},
		{name: "Delete", before: other},
		{name: "Delete, retained", before: retained, object: true, retained: true, shares: aFew},
		{name: "Delete, a canary left", before: old, canary: true, beyond: "Delete"},
		{name: "Create, verified", after: proven, beyond: "Create"},
	}
}

func accessScenarios() []*scenario {
	old := declared(share.AccessType, first, firstAccessMay, ofOwner, firstAccess)
	later := declared(share.AccessType, first, laterAccessMay, ofOwner, laterAccess)
	other := declared(share.AccessType, first, firstAccessMay, ofOwner, firstAccess, renamed)
	proven := declared(share.AccessType, first, firstAccessMay, ofOwner, firstAccess, verified)
	inlined := declared(share.AccessType, first, firstAccessMay, ofOwner, firstAccess, inline) // Auto would stay managed
	moved := declared(share.AccessType, first, laterAccessMay, ofOwner, laterAccess, managed)
	return []*scenario{
		{name: "Create of an access", consumer: true, after: old},
		{name: "Update of an access", consumer: true, before: old, after: later, shares: everyOther},
		{name: "Update of an access, back", consumer: true, before: later, after: old, shares: theOthers},
		{name: "replacement of an access", consumer: true, before: old, after: other, shares: everyOther},
		{name: "replacement of an access, back", consumer: true, before: other, after: old, shares: theOthers},
		{name: "Delete of an access", consumer: true, before: other},
		{name: "move to managed policies", consumer: true, before: inlined, after: moved},
		{name: "Delete of managed policies", consumer: true, before: moved},
		{name: "Create of an access, verified", consumer: true, after: proven, beyond: "Create of an access"},
	}
}
