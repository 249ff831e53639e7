package evaluator

import "strings"

// Bucket is a bucket and everything on the resource's side of a request to it.
type Bucket struct {
	Name   string
	Region string
	Owner  *Account
	Policy *Policy // nil for none

	RestrictPublicBuckets bool // of Block Public Access
	BucketKeyEnabled      bool
	Key                   *Key // nil when the bucket does not use SSE-KMS
}

// Key is a KMS key. Its owner need not be the bucket's.
type Key struct {
	ARN        string
	Owner      *Account
	AWSManaged bool
	Policy     *Policy
}

// Request is one request to the bucket. Context and KMSContext go over the keys that the evaluator knows itself, one
// over those of the S3 check, the other over those of the KMS check.
type Request struct {
	Operation  Operation
	Key        string // of the object; empty for operations on the bucket
	Context    Context
	KMSContext Context
}

// Evaluator decides requests to one bucket. It can be used at the same time from several goroutines.
type Evaluator struct {
	bucket  Bucket
	arn     string
	public  bool // the bucket policy is public and RestrictPublicBuckets is on
	s3, kms side
}

// side is what is fixed on one side of the requests: S3 with the bucket, or KMS with its key.
type side struct {
	check   Check
	owner   *Account
	policy  *Policy
	rcps    []Level
	keys    map[string]Value
	invalid []*Policy
}

// NewEvaluator prepares a bucket.
func NewEvaluator(b Bucket) *Evaluator {
	e := &Evaluator{bucket: b, arn: "arn:" + partitionOf(b.Region) + ":s3:::" + b.Name}
	e.s3 = newSide(S3, b.Owner, b.Policy, b.Owner.rcps())
	e.s3.keys["aws:requestedregion"] = One(b.Region)
	e.s3.keys["aws:viaawsservice"] = One("false")
	e.public = b.RestrictPublicBuckets && isPublic(b.Policy)
	if k := b.Key; k != nil {
		rcps := k.Owner.rcps()
		if k.AWSManaged {
			rcps = nil // "RCPs do not apply to AWS managed keys"
		}
		e.kms = newSide(KMS, k.Owner, k.Policy, rcps)
		e.kms.keys["aws:requestedregion"] = One(b.Region)
		e.kms.keys["aws:viaawsservice"] = One("true")
		e.kms.keys["kms:viaservice"] = One("s3." + b.Region + ".amazonaws.com")
		e.kms.keys["kms:encryptioncontextkeys"] = Many("aws:s3:arn")
		if b.BucketKeyEnabled {
			e.kms.keys[encryptionContextKey] = One(e.arn)
		}
	}
	return e
}

func newSide(check Check, owner *Account, p *Policy, rcps []Level) side {
	s := side{check: check, owner: owner, policy: p, rcps: rcps, invalid: invalidIn(rcps)}
	if p != nil && len(p.Problems) > 0 {
		s.invalid = append(s.invalid, p)
	}
	s.keys = map[string]Value{
		"aws:resourceaccount": One(owner.ID),
		"aws:securetransport": One("true"),
	}
	if owner.OrgID != "" {
		s.keys["aws:resourceorgid"] = One(owner.OrgID)
		s.keys["aws:resourceorgpaths"] = Many(owner.OrgPaths...)
	}
	return s
}

// partitionOf is the partition of a region.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
func partitionOf(region string) string {
	for _, p := range []struct{ prefix, partition string }{
		{"cn-", "aws-cn"}, {"us-gov-", "aws-us-gov"}, {"us-iso-", "aws-iso"}, {"us-isob-", "aws-iso-b"},
		{"eu-isoe-", "aws-iso-e"}, {"us-isof-", "aws-iso-f"}, {"eusc-", "aws-eusc"},
	} {
		if strings.HasPrefix(region, p.prefix) {
			return p.partition
		}
	}
	return "aws"
}

// Decide answers a request: the S3 check, and where the operation needs the key, the KMS checks. Each is judged by
// itself. The operation must be one that ParseOperation knows.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
func (e *Evaluator) Decide(r *Requester, q Request) Decision {
	n := needs[q.Operation]
	object, kms := e.arn, n.kms
	if !n.onBucket {
		object = e.arn + "/" + q.Key
	}
	if e.bucket.Key == nil {
		kms = nil
	}
	d := Decision{KMS: None}
	d.S3, d.Reasons = decide(&check{
		side: &e.s3, action: n.s3, resource: object, requester: r, blocked: e.public,
		context: requestContext{given: q.Context.values, requester: r.s3, resource: e.s3.keys},
	}, make([]Reason, 0, 2+2*len(kms)))
	for _, a := range kms {
		c := &check{
			side: &e.kms, action: a, resource: e.bucket.Key.ARN, requester: r,
			context: requestContext{given: q.KMSContext.values, requester: r.kms, resource: e.kms.keys},
		}
		if !e.bucket.BucketKeyEnabled {
			c.context.encryptionContext = []string{object}
		}
		var v Verdict
		v, d.Reasons = decide(c, d.Reasons)
		d.KMS = worse(d.KMS, v)
	}
	d.Overall = worse(d.S3, d.KMS)
	return d
}
