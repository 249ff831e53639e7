package evaluator

import (
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/policy/grammar"
)

// Bucket is a bucket and everything on the resource's side of a request to it.
type Bucket struct {
	Name   string
	Region string
	Owner  *Account
	Policy *Policy // nil for none

	RestrictPublicBuckets bool // of Block Public Access
	BucketKeyEnabled      bool
	Key                   *Key // nil when the bucket does not use SSE-KMS
	AccessPoints          []AccessPoint
}

// Key is a KMS key. Its owner need not be the bucket's.
type Key struct {
	ARN        string
	Owner      *Account
	AWSManaged bool
	Policy     *Policy
}

// Request is one request to the bucket.
type Request struct {
	Operation   Operation
	Key         string   // of the object; empty for operations on the bucket
	Keys        []string // of several objects in one request, as DeleteObjects has; Key does not count then
	AccessPoint string   // the ARN of the access point that the request goes through; empty for none
	Source      Source   // of a copy
	Resource    string   // the ARN of what a single action is about that is about neither the bucket nor its key

	// Context goes over the keys that the evaluator knows itself in every authorization by S3 and in those of single
	// actions, KMSContext in those that S3 asks of KMS.
	Context, KMSContext Context
}

// Source is the object that a copy reads.
type Source struct {
	Bucket *Evaluator // nil for the bucket itself
	Key    string
}

// Evaluator decides requests to one bucket. It can be used at the same time from several goroutines.
type Evaluator struct {
	region       string
	bucket       *target
	accessPoints map[string]accessPoint
	key          *target // nil for none
	direct       *target // the key as those find it who call KMS themselves
	objectARN    bool    // the encryption context has the object's ARN
}

// accessPoint is an access point with the bucket as it is behind it.
type accessPoint struct{ point, bucket *target }

// NewEvaluator prepares a bucket.
func NewEvaluator(b Bucket) *Evaluator {
	e := &Evaluator{region: b.Region, objectARN: !b.BucketKeyEnabled, accessPoints: make(map[string]accessPoint)}
	e.bucket = e.newBucket(b)
	for _, p := range b.AccessPoints {
		e.accessPoints[p.ARN] = e.newAccessPoint(p, b)
	}
	if b.Key != nil {
		e.newKey(b)
	}
	return e
}

func (e *Evaluator) newBucket(b Bucket) *target {
	arn := "arn:" + policy.PartitionOf(b.Region) + ":s3:::" + b.Name
	t := newTarget(S3, grammar.BucketPolicy, arn, b.Region, b.Owner, b.Policy, b.Owner.rcps())
	t.name = b.Name
	t.blocked = b.RestrictPublicBuckets && isPublic(b.Policy)
	t.keys["s3:resourceaccount"] = One(b.Owner.ID)
	return t
}

// newAccessPoint is one with the bucket behind it, which has the access point's keys in the context: "an access point
// that has a VPC network origin is always considered non-public".
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status-access-points
func (e *Evaluator) newAccessPoint(p AccessPoint, b Bucket) accessPoint {
	point := newTarget(S3, p.PolicyKind(), p.ARN, b.Region, p.Owner, p.Policy, p.Owner.rcps())
	point.vpc = p.VPC
	point.blocked = p.RestrictPublicBuckets && p.VPC == "" && isPublic(p.Policy)
	bucket := e.newBucket(b)
	origin := "Internet"
	if p.VPC != "" {
		origin = "VPC"
	}
	for _, t := range []*target{point, bucket} {
		t.keys["s3:resourceaccount"] = One(b.Owner.ID)
		t.keys["s3:dataaccesspointarn"] = One(p.ARN)
		t.keys["s3:dataaccesspointaccount"] = One(p.Owner.ID)
		t.keys["s3:accesspointnetworkorigin"] = One(origin)
	}
	return accessPoint{point, bucket}
}

func (e *Evaluator) newKey(b Bucket) {
	k := b.Key
	rcps := k.Owner.rcps()
	if k.AWSManaged {
		rcps = nil // "RCPs do not apply to AWS managed keys"
	}
	e.direct = newTarget(KMS, grammar.KeyPolicy, k.ARN, b.Region, k.Owner, k.Policy, rcps)
	e.key = newTarget(KMS, grammar.KeyPolicy, k.ARN, b.Region, k.Owner, k.Policy, rcps)
	e.key.keys["aws:viaawsservice"] = One("true")
	e.key.keys["kms:viaservice"] = One("s3." + b.Region + ".amazonaws.com")
	e.key.keys["kms:encryptioncontextkeys"] = Many("aws:s3:arn")
	if b.BucketKeyEnabled {
		e.key.keys[encryptionContextKey] = One(e.bucket.arn)
	}
}

// HasAccessPoint says whether a request can go through the access point of that ARN.
func (e *Evaluator) HasAccessPoint(arn string) bool {
	_, there := e.accessPoints[arn]
	return there
}

// Decide answers a request: each authorization that the operation needs is judged by itself, in the order of the
// operation's work. The operation must be one that ParseOperation knows, and the access point one of the bucket's.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
func (e *Evaluator) Decide(r *Requester, q Request) Decision {
	d := Decision{S3: None, KMS: None, Overall: None}
	if len(q.Keys) == 0 {
		return e.decideObject(r, q, d)
	}
	for _, q.Key = range q.Keys {
		d = e.decideObject(r, q, d)
	}
	return d
}

// decideObject adds to a decision what a request says about one object, or the bucket.
func (e *Evaluator) decideObject(r *Requester, q Request, d Decision) Decision {
	needs := q.Operation.needs(q.Key, q.Resource)
	if d.Reasons == nil {
		d.Reasons = make([]Reason, 0, 2*len(needs))
	}
	ask := func(a *authorization) {
		var v Verdict
		v, d.Reasons = decide(a, d.Reasons)
		d.add(a.service, v)
	}
	for _, n := range needs {
		switch n.on {
		case theBucket, theObject:
			e.askS3(r, q, n, ask)
		case theKey:
			e.askKMS(r, q, n, q.Key, ask)
		case theSourceObject:
			e.source(q).askS3(r, Request{Key: q.Source.Key, Context: q.Context}, n, ask)
		case theSourceKey:
			e.source(q).askKMS(r, q, n, q.Source.Key, ask)
		case directly:
			e.askDirectly(r, q, n, ask)
		}
	}
	return d
}

func (e *Evaluator) source(q Request) *Evaluator {
	if q.Source.Bucket != nil {
		return q.Source.Bucket
	}
	return e
}

// askS3 asks for an action on the bucket or an object, and where the request goes through an access point, there first.
func (e *Evaluator) askS3(r *Requester, q Request, n need, ask func(*authorization)) {
	a := &authorization{
		target: e.bucket, action: n.action, requester: r,
		context: requestContext{given: q.Context.values, requester: r.s3},
	}
	object := ""
	if n.on != theBucket {
		object = "/" + q.Key
	}
	if through, there := e.accessPoints[q.AccessPoint]; there {
		at := *a
		at.target, at.resource = through.point, through.point.arn
		if object != "" {
			at.resource += "/object" + object
		}
		at.context.resource = through.point.keys
		ask(&at)
		a.target, a.behind = through.bucket, true
	}
	a.resource, a.context.resource = e.bucket.arn+object, a.keys
	ask(a)
}

// askKMS asks for an action on the bucket's key as S3 does on the requester's behalf; none without a key.
func (e *Evaluator) askKMS(r *Requester, q Request, n need, object string, ask func(*authorization)) {
	if e.key == nil {
		return
	}
	a := &authorization{
		target: e.key, action: n.action, resource: e.key.arn, requester: r,
		context: requestContext{given: q.KMSContext.values, requester: r.kms, resource: e.key.keys},
	}
	if e.objectARN {
		a.context.encryptionContext = []string{e.bucket.arn + "/" + object}
	}
	ask(a)
}

// askDirectly asks for an action on the key without S3 in between, or on a resource that has no policy of its own here:
// one of another service, an alias, or all keys.
func (e *Evaluator) askDirectly(r *Requester, q Request, n need, ask func(*authorization)) {
	t := e.direct
	if n.service() != KMS || q.Resource != "" {
		owner := r.Account
		if owner == nil {
			owner = &Account{}
		}
		service := n.service()
		if service == KMS {
			service = "" // as there is no key whose policy KMS would want to see
		}
		t = newTarget(service, "", q.Resource, e.region, owner, nil, nil)
	}
	if t == nil {
		return
	}
	ask(&authorization{
		target: t, action: n.action, resource: t.arn, requester: r,
		context: requestContext{given: q.Context.values, requester: r.kms, resource: t.keys},
	})
}
