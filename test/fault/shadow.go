package fault

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy/grammar"
)

// shadow is what is there, put together from the calls that took effect: cheap enough to be asked after each of them.
type shadow struct {
	owner      string // account
	region     string
	buckets    map[string]*shadowBucket
	keys       map[string]string            // ARN → key policy
	identities map[string]map[string]string // account/name → policy name → document, or ARN of a managed one → ""
	managed    map[string]string            // ARN → document in force
	read       map[string]*evaluator.Policy // documents that were read already
}

type shadowBucket struct {
	policy string
	key    string // of the default encryption, "" while that is S3's own
	closed bool   // Block Public Access

}

func newShadow(owner, region string) *shadow {
	return &shadow{
		owner: owner, region: region, buckets: map[string]*shadowBucket{}, keys: map[string]string{},
		identities: map[string]map[string]string{}, managed: map[string]string{}, read: map[string]*evaluator.Policy{},
	}
}

// policy is a document, which is read once.
func (s *shadow) policy(name, text string, kind grammar.Kind) *evaluator.Policy {
	if s.read[name+text] == nil {
		if len(s.read) > 1000 {
			clear(s.read)
		}
		s.read[name+text] = evaluator.NewPolicy(name, text, kind)
	}
	return s.read[name+text]
}

// took follows a call that AWS carried out in an account.
func (s *shadow) took(account string, c call, r *http.Request, in, out []byte) {
	switch bucket := strings.SplitN(strings.TrimPrefix(r.URL.Path, "/"), "/", 2)[0]; c.Operation {
	case "CreateBucket":
		s.buckets[bucket] = &shadowBucket{closed: true}
	case "DeleteBucket":
		delete(s.buckets, bucket)
	case "PutBucketPolicy":
		s.bucket(bucket).policy = string(in)
	case "DeleteBucketPolicy":
		s.bucket(bucket).policy = ""
	case "PutBucketEncryption":
		s.bucket(bucket).key = defaultKey(in)
	case "CreateKey":
		var made struct{ KeyMetadata struct{ Arn string } }
		_ = json.Unmarshal(out, &made)
		s.keys[made.KeyMetadata.Arn] = field(in, "Policy")
	case "PutKeyPolicy":
		s.keys[field(in, "KeyId")] = field(in, "Policy")
	case "PutUserPolicy", "PutRolePolicy", "PutGroupPolicy", "DeleteUserPolicy", "DeleteRolePolicy", "DeleteGroupPolicy":
		s.tookInline(account, c.Operation, in)
	case "CreatePolicy", "CreatePolicyVersion", "AttachUserPolicy", "DetachUserPolicy":
		s.tookManaged(account, c.Operation, in, out)
	}
}

func (s *shadow) bucket(name string) *shadowBucket {
	if s.buckets[name] == nil {
		s.buckets[name] = &shadowBucket{}
	}
	return s.buckets[name]
}

func (s *shadow) tookInline(account, operation string, in []byte) {
	form, _ := url.ParseQuery(string(in))
	who := account + "/" + form.Get("UserName") + form.Get("RoleName") + form.Get("GroupName")
	if s.identities[who] == nil {
		s.identities[who] = map[string]string{}
	}
	s.identities[who][form.Get("PolicyName")] = form.Get("PolicyDocument")
	if strings.HasPrefix(operation, "Delete") {
		delete(s.identities[who], form.Get("PolicyName"))
	}
}

// tookManaged follows a policy that comes into force for somebody when it is attached, and for those by a new version.
func (s *shadow) tookManaged(account, operation string, in, out []byte) {
	form, _ := url.ParseQuery(string(in))
	arn, who := form.Get("PolicyArn"), account+"/"+form.Get("UserName")
	switch operation {
	case "CreatePolicy":
		var made struct {
			Arn string `xml:"CreatePolicyResult>Policy>Arn"`
		}
		_ = xml.Unmarshal(out, &made)
		s.managed[made.Arn] = form.Get("PolicyDocument")
	case "CreatePolicyVersion":
		s.managed[arn] = form.Get("PolicyDocument")
	case "AttachUserPolicy":
		if s.identities[who] == nil {
			s.identities[who] = map[string]string{}
		}
		s.identities[who][arn] = ""
	case "DetachUserPolicy":
		delete(s.identities[who], arn)
	}
}

func field(document []byte, name string) string {
	var fields map[string]any
	_ = json.Unmarshal(document, &fields)
	text, _ := fields[name].(string)
	return text
}

func defaultKey(document []byte) string {
	var configuration struct {
		Rule struct {
			ApplyServerSideEncryptionByDefault struct{ KMSMasterKeyID, SSEAlgorithm string }
		}
	}
	_ = xml.Unmarshal(document, &configuration)
	return configuration.Rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID
}

// asker is somebody who may try: an administrator of an account, or a user with the policies that the provider wrote.
type asker struct {
	Account string
	User    string // empty for the administrator
}

func (a asker) String() string {
	if a.User == "" {
		return "an administrator of " + a.Account
	}
	return a.User + " of " + a.Account
}

// tries are what askers try. In clear means with a header that asks for S3's own encryption.
var tries = []string{"ListBucket", "GetObject", "PutObject", "DeleteObject", clearPut}

const (
	clearPut   = "PutObject in clear"
	everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
)

// administrator is everything that anybody can be given in an account of his own.
var administrator = []*evaluator.Policy{evaluator.NewPolicy("administrator", everything, grammar.Identity)}

// may are the tries that are allowed to everybody who asks, on a bucket. A write that would not be encrypted with a KMS
// key counts as one in clear.
func (s *shadow) may(askers []asker, bucket string) access {
	b := s.buckets[bucket]
	if b == nil {
		return nothing
	}
	owner := &evaluator.Account{ID: s.owner}
	e := evaluator.NewEvaluator(s.world(bucket, b, owner))
	all := access{}
	for _, a := range askers {
		requester := evaluator.NewRequester(s.principal(a, owner))
		for _, try := range tries {
			if e.Decide(requester, request(try, bucket)).Overall != evaluator.Allow {
				continue
			}
			if try == "PutObject" && b.key == "" {
				try = clearPut
			}
			all[a] = union(all[a], []string{try})
		}
	}
	return all
}

func (s *shadow) world(name string, b *shadowBucket, owner *evaluator.Account) evaluator.Bucket {
	world := evaluator.Bucket{
		Name: name, Region: s.region, Owner: owner, RestrictPublicBuckets: b.closed, BucketKeyEnabled: true,
	}
	if b.policy != "" {
		world.Policy = s.policy("bucket policy", b.policy, grammar.BucketPolicy)
	}
	if b.key != "" {
		world.Key = &evaluator.Key{
			ARN: b.key, Owner: owner, Policy: s.policy("key policy", s.keys[b.key], grammar.KeyPolicy),
		}
	}
	return world
}

func (s *shadow) principal(a asker, owner *evaluator.Account) evaluator.Principal {
	account := owner
	if a.Account != s.owner {
		account = &evaluator.Account{ID: a.Account}
	}
	p := evaluator.Principal{Account: account, Type: evaluator.User, Identity: administrator}
	if a.User != "" {
		p.Identity = nil
		for name, text := range s.identities[a.Account+"/"+a.User] {
			text = cmp.Or(text, s.managed[name])
			p.Identity = append(p.Identity, s.policy("inline", text, grammar.Identity))
		}
	}
	p.ARN = fmt.Sprintf("arn:aws:iam::%s:user/%s", a.Account, cmp.Or(a.User, "admin"))
	return p
}

// request is a try. The key has its share's default alias, by which consumers name it that cannot see it yet.
func request(try, bucket string) evaluator.Request {
	q := evaluator.Request{Operation: evaluator.Operation(try), Key: "some/key"}
	switch try {
	case "ListBucket":
		q.Key = ""
	case clearPut:
		q.Operation = "PutObject"
		q.Context.Set("s3:x-amz-server-side-encryption", evaluator.One("AES256"))
	}
	q.KMSContext.Set("kms:ResourceAliases", evaluator.Many(share.DefaultAlias(bucket)))
	return q
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// access is who may do what. Everybody who is not in it may do nothing.
type access map[asker][]string

var nothing = access{}
