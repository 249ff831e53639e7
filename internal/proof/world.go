package proof

import (
	"slices"
	"strings"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy/grammar"
)

// World is everything in force for one bucket, as far as it was read.
type World struct {
	Bucket   Bucket
	Accounts map[string]Account // by id; an account that is not here is in no organization
	// Principals are the identities that were read, with all their policies.
	Principals []Principal
	// Unread is what could not be read. Nothing that depends on it is counted as proven.
	Unread []Unread
}

// Bucket is a bucket and its key.
type Bucket struct {
	Name, Region string
	Owner        string // account id
	Policy       Document
	// Key is nil when the bucket's default encryption is not SSE-KMS.
	Key                   *Key
	BucketKeyEnabled      bool
	RestrictPublicBuckets bool // the bucket's own setting, or its account's
	// Protection is what else a share sets on its bucket, nil where it is not known.
	Protection *Protection
}

// Protection is how a bucket treats objects, whoever writes them.
type Protection struct {
	Algorithm     string // of the default encryption
	SSECBlocked   bool
	AccessBlocked bool // all four settings of Block Public Access are on
	OwnerEnforced bool
}

// Key is the KMS key of a bucket's objects.
type Key struct {
	ARN        string
	Policy     Document
	AWSManaged bool
	Aliases    []string // alias/…, by which identity policies may name it (kms:ResourceAliases)
}

// Account is an account's place in its organization.
type Account struct {
	Organization string
	Paths        []string
	Management   bool
	SCPs, RCPs   []OrganizationLevel
}

// OrganizationLevel is a target of Organizations, from the root down to the account, with the policies attached to it.
type OrganizationLevel struct {
	Target   string
	Policies []Document
}

// Principal is an IAM identity, or somebody who could exist, with every policy that applies to it.
type Principal struct {
	ARN      string
	Account  string // empty for an anonymous requester
	Type     evaluator.PrincipalType
	RoleARN  string // of sessions
	UserID   string
	Tags     map[string]string
	Groups   []string // of users: names
	Policies []Document
	Boundary *Document
	Session  *Document
}

// GroupType is the type of a group among a World's principals. Groups make no requests: they hold policies for those
// members who are not known.
const GroupType evaluator.PrincipalType = "group"

// TypeOf is the type of an identity among a World's principals.
func TypeOf(kind share.IdentityKind) evaluator.PrincipalType {
	return map[share.IdentityKind]evaluator.PrincipalType{
		share.User: evaluator.User, share.Role: evaluator.Role, share.Group: GroupType,
	}[kind]
}

// Identity is the name by which policies can be put on a principal, the zero Identity of any other.
func (p Principal) Identity() share.Identity {
	for _, kind := range []share.IdentityKind{share.User, share.Role, share.Group} {
		if p.Type == TypeOf(kind) {
			return share.Identity{Kind: kind, Name: lastName(p.ARN)}
		}
	}
	return share.Identity{}
}

// Has says whether a principal has the policies of an identity of an account: it is the identity, or a member of it.
func (p Principal) Has(account string, id share.Identity) bool {
	member := id.Kind == share.Group && slices.Contains(p.Groups, id.Name)
	return p.Account == account && (member || p.Identity() == id)
}

// SeenByMember notes an account's organization as far as the account itself can see it: SCPs and RCPs bind it, unless
// it is the management account, and are not read, as a member account may not read them.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
func (w *World) SeenByMember(account, organization, management string) {
	w.Accounts[account] = Account{Organization: organization, Management: account == management}
	if account == management {
		return
	}
	for _, part := range []Part{SCPs, RCPs} {
		w.Unread = append(w.Unread, Unread{Part: part, Account: account, Why: "a member account may not read them"})
	}
}

// Part is a part of a World that may be unread.
type Part string

// The parts. Identities, SCPs and RCPs are those of an account.
const (
	BucketPolicy      Part = "bucket policy"
	KeyPolicy         Part = "key policy"
	KeyAliases        Part = "aliases of the key"
	BucketEncryption  Part = "default encryption"
	PublicAccessBlock Part = "block public access"
	Ownership         Part = "object ownership"
	Identities        Part = "identities"
	IdentityPolicies  Part = "identity policies"
	Organization      Part = "organization"
	SCPs              Part = "service control policies"
	RCPs              Part = "resource control policies"
)

// Unread is a part that could not be read, of an account or, where ARN is given, of one principal.
type Unread struct {
	Part    Part   `json:"part"`
	Account string `json:"account"`
	ARN     string `json:"arn,omitempty"`
	Why     string `json:"why"`
}

func (u Unread) String() string {
	of := "account " + u.Account
	if u.ARN != "" {
		of = u.ARN
	}
	return string(u.Part) + " of " + of + ": " + u.Why
}

// unread is the note that a part of an account was not read, nil when it was.
func (w World) unread(part Part, account string) *Unread {
	i := slices.IndexFunc(w.Unread, func(u Unread) bool { return u.Part == part && u.Account == account && u.ARN == "" })
	if i < 0 {
		return nil
	}
	return &w.Unread[i]
}

// unreadPrincipal is the note that not all policies of a principal could be read.
func (w World) unreadPrincipal(arn string) *Unread {
	i := slices.IndexFunc(w.Unread, func(u Unread) bool { return u.Part == IdentityPolicies && u.ARN == arn })
	if i < 0 {
		return nil
	}
	return &w.Unread[i]
}

// principal is the identity of an account by its last name, nil when there is none: inline policies are put on names.
func (w World) principal(account string, kind evaluator.PrincipalType, name string) *Principal {
	i := slices.IndexFunc(w.Principals, func(p Principal) bool {
		return p.Account == account && p.Type == kind && lastName(p.ARN) == name
	})
	if i < 0 {
		return nil
	}
	return &w.Principals[i]
}

// lastName is the name at the end of an ARN, without its path.
func lastName(arn string) string { return arn[strings.LastIndexAny(arn, "/:")+1:] }

// generous lets everybody do everything: what a document that was not read is taken for.
const generous = `{"Version": "2012-10-17", "Statement": [
	{"Sid": "NotRead", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
]}`

var (
	generousBucketPolicy = NewDocument("", generous, grammar.BucketPolicy)
	generousKeyPolicy    = NewDocument("", generous, grammar.KeyPolicy)
)

// Assumed is the World with the bucket's and key's documents that were not read taken to be as generous as they could
// be.
func (w World) Assumed() World {
	if w.unread(BucketPolicy, w.Bucket.Owner) != nil {
		// It is taken for a public policy, which must not be refused for that.
		w.Bucket.Policy, w.Bucket.RestrictPublicBuckets = generousBucketPolicy, false
	}
	if w.Bucket.Key != nil && w.unread(KeyPolicy, w.Bucket.Owner) != nil {
		key := *w.Bucket.Key
		key.Policy = generousKeyPolicy
		w.Bucket.Key = &key
	}
	return w
}
