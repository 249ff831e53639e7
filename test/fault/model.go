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

// model is what is there, put together from the calls that took effect: cheap enough to be asked after each of them.
type model struct {
	owner      string // account
	region     string
	buckets    map[string]*modelBucket
	keys       map[string]string            // ARN → key policy
	identities map[string]map[string]string // account/name → policy name → document, or ARN of a managed one → ""
	managed    map[string]string            // ARN → document in force
	read       map[string]*evaluator.Policy // documents that were read already
}

type modelBucket struct {
	policy string
	key    string // of the default encryption, "" while that is S3's own
	closed bool   // Block Public Access

}

func newModel(owner, region string) *model {
	return &model{
		owner: owner, region: region, buckets: map[string]*modelBucket{}, keys: map[string]string{},
		identities: map[string]map[string]string{}, managed: map[string]string{}, read: map[string]*evaluator.Policy{},
	}
}

// policy is a document, which is read once.
func (m *model) policy(name, text string, kind grammar.Kind) *evaluator.Policy {
	if m.read[name+text] == nil {
		if len(m.read) > 1000 {
			clear(m.read)
		}
		m.read[name+text] = evaluator.NewPolicy(name, text, kind)
	}
	return m.read[name+text]
}

// took follows a call that AWS carried out in an account. It says whether somebody may do something else since, and on
// which bucket; "" is any.
func (m *model) took(account string, c call, r *http.Request, in, out []byte) (at string, counts bool) {
	bucket := strings.SplitN(strings.TrimPrefix(r.URL.Path, "/"), "/", 2)[0]
	switch c.Operation {
	case "CreateBucket":
		m.buckets[bucket] = &modelBucket{closed: true}
	case "DeleteBucket":
		delete(m.buckets, bucket)
	case "PutBucketPolicy":
		m.bucket(bucket).policy = string(in)
	case "DeleteBucketPolicy":
		m.bucket(bucket).policy = ""
	case "PutBucketEncryption":
		m.bucket(bucket).key = defaultKey(in)
	case "CreateKey":
		var made struct{ KeyMetadata struct{ Arn string } }
		_ = json.Unmarshal(out, &made)
		bucket = ""
		m.keys[made.KeyMetadata.Arn] = field(in, "Policy")
	case "PutKeyPolicy":
		m.keys[field(in, "KeyId")] = field(in, "Policy")
		bucket = ""
	case "PutUserPolicy", "PutRolePolicy", "PutGroupPolicy", "DeleteUserPolicy", "DeleteRolePolicy", "DeleteGroupPolicy":
		m.tookInline(account, c.Operation, in)
		bucket = ""
	case "CreatePolicy", "CreatePolicyVersion", "AttachUserPolicy", "DetachUserPolicy":
		m.tookManaged(account, c.Operation, in, out)
		bucket = ""
	default:
		return "", false
	}
	return bucket, true
}

func (m *model) bucket(name string) *modelBucket {
	if m.buckets[name] == nil {
		m.buckets[name] = &modelBucket{}
	}
	return m.buckets[name]
}

func (m *model) tookInline(account, operation string, in []byte) {
	form, _ := url.ParseQuery(string(in))
	who := account + "/" + form.Get("UserName") + form.Get("RoleName") + form.Get("GroupName")
	if m.identities[who] == nil {
		m.identities[who] = map[string]string{}
	}
	m.identities[who][form.Get("PolicyName")] = form.Get("PolicyDocument")
	if strings.HasPrefix(operation, "Delete") {
		delete(m.identities[who], form.Get("PolicyName"))
	}
}

// tookManaged follows a policy that comes into force for somebody when it is attached, and for those by a new version.
func (m *model) tookManaged(account, operation string, in, out []byte) {
	form, _ := url.ParseQuery(string(in))
	arn, who := form.Get("PolicyArn"), account+"/"+form.Get("UserName")
	switch operation {
	case "CreatePolicy":
		var made struct {
			Arn string `xml:"CreatePolicyResult>Policy>Arn"`
		}
		_ = xml.Unmarshal(out, &made)
		m.managed[made.Arn] = form.Get("PolicyDocument")
	case "CreatePolicyVersion":
		m.managed[arn] = form.Get("PolicyDocument")
	case "AttachUserPolicy":
		if m.identities[who] == nil {
			m.identities[who] = map[string]string{}
		}
		m.identities[who][arn] = ""
	case "DetachUserPolicy":
		delete(m.identities[who], arn)
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

func (m *model) bucketOf(name string, b *modelBucket, owner *evaluator.Account) evaluator.Bucket {
	bucketOf := evaluator.Bucket{
		Name: name, Region: m.region, Owner: owner, RestrictPublicBuckets: b.closed, BucketKeyEnabled: true,
	}
	if b.policy != "" {
		bucketOf.Policy = m.policy("bucket policy", b.policy, grammar.BucketPolicy)
	}
	if b.key != "" {
		bucketOf.Key = &evaluator.Key{
			ARN: b.key, Owner: owner, Policy: m.policy("key policy", m.keys[b.key], grammar.KeyPolicy),
		}
	}
	return bucketOf
}
