package fault

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"

	"example.com/sharedbucket/evaluator"
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

// took follows a call that AWS carried out in an account. It says whether somebody may do something else since, and on
// which bucket; "" is any.
func (s *shadow) took(account string, c call, r *http.Request, in, out []byte) (at string, counts bool) {
	bucket := strings.SplitN(strings.TrimPrefix(r.URL.Path, "/"), "/", 2)[0]
	switch c.Operation {
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
		bucket = ""
		s.keys[made.KeyMetadata.Arn] = field(in, "Policy")
	case "PutKeyPolicy":
		s.keys[field(in, "KeyId")] = field(in, "Policy")
		bucket = ""
	case "PutUserPolicy", "PutRolePolicy", "PutGroupPolicy", "DeleteUserPolicy", "DeleteRolePolicy", "DeleteGroupPolicy":
		s.tookInline(account, c.Operation, in)
		bucket = ""
	case "CreatePolicy", "CreatePolicyVersion", "AttachUserPolicy", "DetachUserPolicy":
		s.tookManaged(account, c.Operation, in, out)
		bucket = ""
	default:
		return "", false
	}
	return bucket, true
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
