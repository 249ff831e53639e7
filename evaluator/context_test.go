package evaluator_test

import (
	"testing"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/policy/grammar"
)

// identityIf is an identity policy that allows everything under a condition.
func identityIf(condition string) []string {
	return []string{`{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {` + condition + `}}`}
}

// s3On is an identity policy that allows S3 on a resource, and KMS altogether.
func s3On(resource string) []string {
	return []string{`{"Effect": "Allow", "Action": "s3:*", "Resource": "` + resource + `"}`,
		`{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}`}
}

// TestResources: reference_policies_elements_resource.html, …_notresource.html, reference_policies_variables.html.
func TestResources(t *testing.T) {
	for _, c := range []struct {
		name     string
		resource string
		key      string
		want     evaluator.Verdict
	}{
		{name: "exact", resource: "arn:aws:s3:::b/a.txt", key: "a.txt", want: evaluator.Allow},
		{name: "another", resource: "arn:aws:s3:::b/a.txt", key: "b.txt", want: evaluator.Deny},
		{name: "case", resource: "arn:aws:s3:::b/A.txt", key: "a.txt", want: evaluator.Deny},
		{name: "all objects", resource: "arn:aws:s3:::b/*", key: "x/y/z", want: evaluator.Allow},
		{name: "the bucket is not its objects", resource: "arn:aws:s3:::b", key: "a", want: evaluator.Deny},
		{name: "names that begin with the bucket's", resource: "arn:aws:s3:::b*", key: "a", want: evaluator.Allow},
		{name: "another bucket", resource: "arn:aws:s3:::b-2/*", key: "a", want: evaluator.Deny},
		{name: "another partition", resource: "arn:aws-cn:s3:::b/*", key: "a", want: evaluator.Deny},
		{name: "any partition", resource: "arn:*:s3:::b/*", key: "a", want: evaluator.Allow},
		{
			name:     "in the middle",
			resource: "arn:aws:s3:::b/*/test/*",
			key:      "1/2/test/3/object.jpg",
			want:     evaluator.Allow,
		},
		{name: "in the middle, empty", resource: "arn:aws:s3:::b/*/test/*", key: "/test/", want: evaluator.Allow},
		{
			name:     "in the middle, not there",
			resource: "arn:aws:s3:::b/*/test/*",
			key:      "test/object.jpg",
			want:     evaluator.Deny,
		},
		{name: "one character", resource: "arn:aws:s3:::b/????-test", key: "2024-test", want: evaluator.Allow},
		{name: "one character too many", resource: "arn:aws:s3:::b/????-test", key: "024-test", want: evaluator.Deny},
		{name: "one character is not a byte", resource: "arn:aws:s3:::b/?.txt", key: "ü.txt", want: evaluator.Allow},
		{name: "colons in the key", resource: "arn:aws:s3:::b/a:b:c:*", key: "a:b:c:d:e", want: evaluator.Allow},
		{name: "question mark in the key", resource: "arn:aws:s3:::b/a*", key: "a?b", want: evaluator.Allow},
		{
			name:     "dollar, brackets, spaces, letters",
			resource: "arn:aws:s3:::b/[x] $1 ü人/*",
			key:      "[x] $1 ü人/y",
			want:     evaluator.Allow,
		},
		{name: "incomplete", resource: "arn:aws:s3", key: "a", want: evaluator.Allow},
		{name: "incomplete, another service", resource: "arn:aws:sqs", key: "a", want: evaluator.Deny},
		{
			name:     "a wildcard at the end of a field reaches on",
			resource: "arn:aws:s3:*",
			key:      "a:b",
			want:     evaluator.Allow,
		},
		{name: "variable", resource: "arn:aws:s3:::b/${aws:username}/*", key: "ann/x", want: evaluator.Allow},
		{name: "another user's", resource: "arn:aws:s3:::b/${aws:username}/*", key: "bob/x", want: evaluator.Deny},
		{
			name:     "a variable without value matches nothing",
			resource: "arn:aws:s3:::b/${aws:PrincipalTag/none}*",
			key:      "ann/x",
			want:     evaluator.Deny,
		},
		{
			name:     "a default value",
			resource: "arn:aws:s3:::b/${aws:PrincipalTag/none, 'all'}/*",
			key:      "all/x",
			want:     evaluator.Allow,
		},
		{
			name:     "a tag in another case",
			resource: "arn:aws:s3:::b/${aws:principaltag/TEAM}/*",
			key:      "blue/x",
			want:     evaluator.Allow,
		},
		{name: "literal characters", resource: "arn:aws:s3:::b/${*}${?}${$}", key: "*?$", want: evaluator.Allow},
		{
			name:     "literal characters are not wildcards",
			resource: "arn:aws:s3:::b/${*}",
			key:      "x",
			want:     evaluator.Deny,
		},
	} {
		s := request{who: ann, noKey: true, key: c.key, identity: s3On(c.resource), tags: given{"Team": "blue"}}
		d := s.decide(t)
		if d.S3 != c.want {
			t.Errorf("%s: %s on %q: %s, want %s", c.name, c.resource, c.key, d.S3, c.want)
		}
		s.identity = []string{allowAll, `{"Effect": "Deny", "Action": "s3:*", "NotResource": "` + c.resource + `"}`}
		if d := s.decide(t); d.S3 != c.want {
			t.Errorf("%s: everything denied but %s, on %q: %s, want %s", c.name, c.resource, c.key, d.S3, c.want)
		}
	}
	run(t, []rule{
		{
			name:    "bucket operations are on the bucket",
			request: request{who: ann, noKey: true, operation: "ListBucket", identity: s3On("arn:aws:s3:::b")},
			want:    "allow none",
		},
		{
			name:    "bucket operations are not on objects",
			request: request{who: ann, noKey: true, operation: "GetBucketLocation", identity: s3On("arn:aws:s3:::b/*")},
			want:    "deny(identity) none",
		},
		{
			name: "NotResource in a Deny of everything hits the key",
			request: request{who: ann, keyPolicy: []string{delegates(owner)},
				identity: []string{allowAll,
					`{"Effect": "Deny", "Action": "*", "NotResource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}`}},
			want: "allow deny(identity)",
		},
		{
			name: "unless the key is listed",
			request: request{who: ann, keyPolicy: []string{delegates(owner)},
				identity: []string{allowAll,
					`{"Effect": "Deny", "Action": "*", "NotResource": ["arn:aws:s3:::b/*", "` + keyARN + `"]}`}},
			want: "allow allow",
		},
		{
			name: "a key policy for its own key",
			request: request{who: ann, identity: s3On("*"),
				keyPolicy: []string{
					`{"Effect": "Allow", "Principal": {"AWS": "` + ann + `"}, "Action": "kms:*", "Resource": "` + keyARN + `"}`}},
			want: "allow allow",
		},
		{
			name: "a key policy for another key",
			request: request{who: ann, identity: s3On("*"),
				keyPolicy: []string{
					`{"Effect": "Allow", "Principal": {"AWS": "` + ann + `"}, "Action": "kms:*", "Resource": "` + keyARN + `0"}`}},
			want: "allow deny(key policy)",
		},
		{
			name: "no variables in the older version",
			request: request{who: ann, noKey: true, version: "2008-10-17", key: "ann/x",
				identity: s3On("arn:aws:s3:::b/${aws:username}/*")},
			want: "deny(identity) none",
		},
		{
			name: "but their text",
			request: request{who: ann, noKey: true, version: "2008-10-17", key: "${aws:username}/x",
				identity: s3On("arn:aws:s3:::b/${aws:username}/*")},
			want: "allow none",
		},
		{
			name:    "aws:username exists for users only",
			request: request{who: app, noKey: true, key: "app/x", identity: s3On("arn:aws:s3:::b/${aws:username}/*")},
			want:    "deny(identity) none",
		},
	})
}

// TestActions: reference_policies_elements_action.html and …_notaction.html.
func TestActions(t *testing.T) {
	for _, c := range []struct {
		element, actions string
		want             string // of a GetObject
	}{
		{element: "Action", actions: `"s3:GetObject"`, want: "allow deny"},
		{element: "Action", actions: `"S3:getOBJECT"`, want: "allow deny"},
		{element: "Action", actions: `"s3:Get*"`, want: "allow deny"},
		{element: "Action", actions: `"s3:*Object"`, want: "allow deny"},
		{element: "Action", actions: `"s3:?etObject"`, want: "allow deny"},
		{element: "Action", actions: `"s3:GetObject?"`, want: "deny deny"},
		{element: "Action", actions: `"s3:GetObjectVersion"`, want: "deny deny"},
		{element: "Action", actions: `["s3:PutObject", "kms:Decrypt"]`, want: "deny allow"},
		{element: "Action", actions: `"kms:*"`, want: "deny allow"},
		{element: "Action", actions: `"*"`, want: "allow allow"},
		{element: "Action", actions: `"*:*"`, want: "allow allow"},
		{element: "Action", actions: `"s?:Get*"`, want: "allow deny"},
		{element: "Action", actions: `"k*:*"`, want: "deny allow"},
		{element: "Action", actions: `"s3:NoSuchAction"`, want: "deny deny"},
		{element: "NotAction", actions: `"s3:GetObject"`, want: "deny allow"},
		{element: "NotAction", actions: `"s3:PutObject"`, want: "allow allow"},
		{element: "NotAction", actions: `["s3:*", "kms:*"]`, want: "deny deny"},
		{element: "NotAction", actions: `"*"`, want: "deny deny"},
	} {
		s := request{who: ann, keyPolicy: []string{delegates(owner)},
			identity: []string{`{"Effect": "Allow", "` + c.element + `": ` + c.actions + `, "Resource": "*"}`}}
		d := s.decide(t)
		if got := string(d.S3) + " " + string(d.KMS); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.element, c.actions, got, c.want)
		}
	}
}

// TestRequestContext: what each check has in its context, and what it has not.
func TestRequestContext(t *testing.T) {
	org := map[string]string{owner: "o-1", other: "o-1"}
	for _, c := range []struct {
		name      string
		request   // who, and what differs from a get
		condition string
		s3, kms   bool
	}{
		{
			name:      "principal ARN of a user",
			request:   request{who: ann},
			condition: `"ArnEquals": {"aws:PrincipalArn": "` + ann + `"}`,
			s3:        true,
			kms:       true,
		},
		{
			name:      "principal ARN of a session is the role's, with its path",
			request:   request{who: app},
			condition: `"ArnEquals": {"aws:PrincipalArn": "` + appRole + `"}`,
			s3:        true,
			kms:       true,
		},
		{
			name:      "principal ARN of a session is not the session's",
			request:   request{who: app},
			condition: `"ArnEquals": {"aws:PrincipalArn": "` + app + `"}`,
		},
		{
			name:      "principal account",
			request:   request{who: app},
			condition: `"StringEquals": {"aws:PrincipalAccount": "111111111111"}`,
			s3:        true,
			kms:       true,
		},
		{
			name:      "not a service",
			request:   request{who: ann},
			condition: `"Bool": {"aws:PrincipalIsAWSService": "false"}`,
			s3:        true,
			kms:       true,
		},
		{
			name:      "organization",
			request:   request{who: ann, orgOf: org},
			condition: `"StringEquals": {"aws:PrincipalOrgID": "o-1", "aws:ResourceOrgID": "o-1"}`,
			s3:        true,
			kms:       true,
		},
		{
			name:      "organization paths",
			request:   request{who: ann, orgOf: org},
			condition: `"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/ou-1/*", "aws:ResourceOrgPaths": "o-1/*"}`,
			s3:        true,
			kms:       true,
		},
		{
			name:    "no organization",
			request: request{who: ann},
			condition: `"Null": {"aws:PrincipalOrgID": "true", "aws:PrincipalOrgPaths": "true", "aws:ResourceOrgID": "true", ` +
				`"aws:ResourceOrgPaths": "true"}`,
			s3:  true,
			kms: true,
		},
		{
			name:      "user name",
			request:   request{who: ann},
			condition: `"StringEquals": {"aws:username": "ann"}`,
			s3:        true,
			kms:       true,
		},
		{
			name:      "no user name",
			request:   request{who: app},
			condition: `"Null": {"aws:username": "true"}`,
			s3:        true,
			kms:       true,
		},
		{
			name:      "user id",
			request:   request{who: ann},
			condition: `"StringEquals": {"aws:userid": "AIDAEXAMPLE"}`,
			s3:        true,
			kms:       true,
		},
		{
			name:      "tags",
			request:   request{who: ann, tags: given{"Team": "blue"}},
			condition: `"StringEquals": {"aws:PrincipalTag/team": "blue"}`,
			s3:        true,
			kms:       true,
		},
		{
			name:      "type of a user",
			request:   request{who: ann},
			condition: `"StringEquals": {"aws:PrincipalType": "User"}`,
			s3:        true,
			kms:       true,
		},
		{
			name:      "type of a session",
			request:   request{who: app},
			condition: `"StringEquals": {"aws:PrincipalType": "AssumedRole"}`,
			s3:        true,
			kms:       true,
		},
		{
			name:      "type of a role",
			request:   request{who: appRole},
			condition: `"StringEquals": {"aws:PrincipalType": "AssumedRole"}`,
			s3:        true,
			kms:       true,
		},
		{
			name:      "resource account",
			request:   request{who: ann},
			condition: `"StringEquals": {"aws:ResourceAccount": "111111111111"}`,
			s3:        true,
			kms:       true,
		},
		{
			name:      "TLS",
			request:   request{who: ann},
			condition: `"Bool": {"aws:SecureTransport": "true"}`,
			s3:        true,
			kms:       true,
		},
		{
			name:      "region",
			request:   request{who: ann},
			condition: `"StringEquals": {"aws:RequestedRegion": "eu-west-1"}`,
			s3:        true,
			kms:       true,
		},
		{
			name:      "through a service: KMS only",
			request:   request{who: ann},
			condition: `"Bool": {"aws:ViaAWSService": "true"}`,
			kms:       true,
		},
		{
			name:      "not through a service: S3 only",
			request:   request{who: ann},
			condition: `"Bool": {"aws:ViaAWSService": "false"}`,
			s3:        true,
		},
		{
			name:      "via service",
			request:   request{who: ann},
			condition: `"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}`,
			kms:       true,
		},
		{
			name:      "caller account",
			request:   request{who: ann},
			condition: `"StringEquals": {"kms:CallerAccount": "111111111111"}`,
			kms:       true,
		},
		{
			name:      "encryption context without bucket key",
			request:   request{who: ann, key: "x"},
			condition: `"StringEquals": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::b/x"}`,
			kms:       true,
		},
		{
			name:      "encryption context with bucket key",
			request:   request{who: ann, key: "x", bucketKey: true},
			condition: `"StringEquals": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::b"}`,
			kms:       true,
		},
		{
			name:    "encryption context keys",
			request: request{who: ann},
			condition: `"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "aws:s3:arn"}, "Null": ` +
				`{"kms:EncryptionContextKeys": "false"}`,
			kms: true,
		},
		{
			name:      "no key that is not named",
			request:   request{who: ann},
			condition: `"Null": {"aws:SourceIp": "true", "aws:CalledVia": "true", "s3:x-amz-server-side-encryption": "true"}`,
			s3:        true,
			kms:       true,
		},
		{
			name:      "the request's context is S3's",
			request:   request{who: ann, context: given{"aws:sourceip": "203.0.113.1"}},
			condition: `"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}`,
			s3:        true,
		},
		{
			name:      "the KMS context is KMS's",
			request:   request{who: ann, kms: given{"aws:SourceIp": "203.0.113.1"}},
			condition: `"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}`,
			kms:       true,
		},
		{
			name:      "the context goes over what is known",
			request:   request{who: ann, context: given{"AWS:securetransport": "false"}},
			condition: `"Bool": {"aws:SecureTransport": "false"}`,
			s3:        true,
		},
	} {
		s := c.request
		s.identity, s.keyPolicy = identityIf(c.condition), []string{delegates(owner)}
		d := s.decide(t)
		if s3, kms := d.S3 == evaluator.Allow, d.KMS == evaluator.Allow; s3 != c.s3 || kms != c.kms {
			t.Errorf("%s: s3 %v, kms %v, want %v, %v: %s", c.name, s3, kms, c.s3, c.kms, c.condition)
		}
	}
}

// TestPartition: a bucket's ARN has its region's partition; kms:ViaService ends in amazonaws.com in each of them.
func TestPartition(t *testing.T) {
	account := &evaluator.Account{ID: owner}
	id := evaluator.NewPolicy("",
		`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws-cn:s3:::b/*"}}`,
		grammar.Identity)
	r := evaluator.NewRequester(evaluator.Principal{ARN: "arn:aws-cn:iam::111111111111:user/ann", Account: account,
		Type: evaluator.User, Identity: []*evaluator.Policy{id}})
	key := evaluator.NewPolicy("",
		`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws-cn:iam::111111111111:user/ann"},
		"Action": "kms:*", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.cn-north-1.amazonaws.com"}}}}`, grammar.KeyPolicy)
	e := evaluator.NewEvaluator(evaluator.Bucket{Name: "b", Region: "cn-north-1", Owner: account,
		Key: &evaluator.Key{ARN: "arn:aws-cn:kms:cn-north-1:111111111111:key/x", Owner: account, Policy: key}})
	if d := e.Decide(r, evaluator.Request{Operation: "GetObject", Key: "x"}); d.Overall != evaluator.Allow {
		t.Errorf("in China: %s, want allow", verdicts(d))
	}
}

// TestInvalid: a document that is not valid makes every check it takes part in invalid, and no other.
func TestInvalid(t *testing.T) {
	bad := []string{"raw:{"}
	all, keys := []string{allowAll}, []string{delegates(owner)}
	run(t, []rule{
		{
			name:    "identity policy",
			request: request{who: ann, identity: bad, keyPolicy: keys},
			want:    "invalid(document) invalid(document)",
		},
		{
			name:    "boundary",
			request: request{who: ann, identity: all, boundary: bad, keyPolicy: keys},
			want:    "invalid(document) invalid(document)",
		},
		{
			name:    "session policy",
			request: request{who: app, identity: all, session: bad, keyPolicy: keys},
			want:    "invalid(document) invalid(document)",
		},
		{
			name:    "bucket policy",
			request: request{who: ann, identity: all, bucket: bad, keyPolicy: keys},
			want:    "invalid(document) allow",
		},
		{
			name:    "key policy",
			request: request{who: ann, identity: all, keyPolicy: bad},
			want:    "allow invalid(document)",
		},
		{
			name:    "key policy, no KMS check",
			request: request{who: ann, identity: all, keyPolicy: bad, operation: "ListBucket"},
			want:    "allow none",
		},
		{
			name:    "key policy of a bucket without key",
			request: request{who: ann, identity: all, noKey: true},
			want:    "allow none",
		},
		{
			name:    "SCP",
			request: request{who: ann, identity: all, keyPolicy: keys, scps: [][]string{all, bad}},
			want:    "invalid(document) invalid(document)",
		},
		{
			name:    "SCP of the management account",
			request: request{who: ann, identity: all, keyPolicy: keys, scps: [][]string{bad}, management: owner},
			want:    "allow allow",
		},
		{
			name:    "RCP",
			request: request{who: ann, identity: all, keyPolicy: keys, ownerRCPs: [][]string{bad}},
			want:    "invalid(document) invalid(document)",
		},
		{
			name:    "RCP, AWS managed key",
			request: request{who: ann, identity: all, keyPolicy: keys, ownerRCPs: [][]string{bad}, awsManaged: true},
			want:    "invalid(document) allow",
		},
		{
			name: "RCP, key of another account",
			request: request{who: ann, identity: all, keyPolicy: []string{to(owner)}, ownerRCPs: [][]string{bad},
				keyOwner: other},
			want: "invalid(document) allow",
		},
		{
			name:    "RCP of the management account",
			request: request{who: ann, identity: all, keyPolicy: keys, ownerRCPs: [][]string{bad}, management: owner},
			want:    "allow allow",
		},
		{
			name: "even where something else denies",
			request: request{who: ann, identity: []string{`{"Effect": "Deny", "Action": "*", "Resource": "*"}`}, bucket: bad,
				keyPolicy: keys},
			want: "invalid(document) deny(identity)",
		},
		{
			name:    "anonymous and an invalid bucket policy",
			request: request{who: "anonymous", noKey: true, bucket: bad},
			want:    "invalid(document) none",
		},
	})
	if d := (request{who: ann, identity: bad}).decide(t); d.Overall != evaluator.Invalid {
		t.Errorf("overall is %s, want invalid", d.Overall)
	}
}

// TestPublic: access-control-block-public-access.html in the S3 user guide.
func TestPublic(t *testing.T) {
	fixedKey := func(key, value string) string { return toIf("*", `"StringEquals": {"`+key+`": "`+value+`"}`) }
	org := map[string]string{owner: "o-1", other: "o-1"}
	for _, c := range []struct {
		name   string
		public string // a statement beside the one that lets the other account in
		want   bool
	}{
		{name: "everybody", public: to("*"), want: true},
		{name: "everybody by type", public: to(`{"AWS": "*"}`), want: true},
		{name: "everybody in a list", public: to(`{"AWS": ["111111111111", "*"]}`), want: true},
		{name: "an account", public: to(third)},
		{name: "a service", public: to(`{"Service": "cloudtrail.amazonaws.com"}`)},
		{
			name:   "a denial of everybody",
			public: `{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "*"}`,
		},
		{name: "an organization", public: fixedKey("aws:PrincipalOrgID", "o-1")},
		{
			name:   "one of two organizations",
			public: toIf("*", `"StringEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]}`),
		},
		{
			name:   "an organization, with a wildcard",
			public: toIf("*", `"StringLike": {"aws:PrincipalOrgID": "o-*"}`),
			want:   true,
		},
		{
			name:   "one fixed, one not",
			public: toIf("*", `"StringLike": {"aws:PrincipalOrgID": ["o-1", "o-*"]}`),
			want:   true,
		},
		{
			name:   "an organization that may be absent",
			public: toIf("*", `"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}`),
			want:   true,
		},
		{
			name:   "not an organization",
			public: toIf("*", `"StringNotEquals": {"aws:PrincipalOrgID": "o-2"}`),
			want:   true,
		},
		{
			name:   "an organization path alone",
			public: toIf("*", `"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/ou-1/"}`),
			want:   true,
		},
		{
			name: "an organization and a path",
			public: toIf("*",
				`"StringEquals": {"aws:PrincipalOrgID": "o-1"}, "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/*"}`),
		},
		{name: "a fixed VPC", public: fixedKey("aws:SourceVpc", "vpc-91237329")},
		{name: "any VPC", public: toIf("*", `"StringLike": {"aws:SourceVpc": "vpc-*"}`), want: true},
		{
			name:   "a VPC from a variable",
			public: fixedKey("aws:SourceVpc", "${aws:PrincipalTag/vpc}"),
			want:   true,
		},
		{name: "a VPC endpoint", public: fixedKey("aws:SourceVpce", "vpce-1")},
		{name: "a source ARN", public: toIf("*", `"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::x"}`)},
		{
			name:   "source ARNs",
			public: toIf("*", `"ArnLike": {"aws:SourceArn": "arn:aws:s3:::x*"}`),
			want:   true,
		},
		{name: "a source account", public: fixedKey("aws:SourceAccount", third)},
		{name: "a source owner", public: fixedKey("aws:SourceOwner", third)},
		{name: "a user id", public: fixedKey("aws:userid", "AIDAEXAMPLE")},
		{
			name:   "all sessions of a role id",
			public: toIf("*", `"StringLike": {"aws:userid": "AROAEXAMPLE:*"}`),
			want:   true,
		},
		{
			name:   "access points of an account",
			public: toIf("*", `"StringLike": {"s3:DataAccessPointArn": "arn:aws:s3:eu-west-1:111111111111:accesspoint/*"}`),
		},
		{
			name:   "access points of any account",
			public: toIf("*", `"StringLike": {"s3:DataAccessPointArn": "arn:aws:s3:eu-west-1:*:accesspoint/x"}`),
			want:   true,
		},
		{name: "access points by account", public: fixedKey("s3:DataAccessPointAccount", owner)},
		{name: "addresses", public: toIf("*", `"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}`)},
		{
			name:   "the broadest addresses",
			public: toIf("*", `"IpAddress": {"aws:SourceIp": ["8.0.0.0/8", "2001:db8::/32"]}`),
		},
		{name: "too broad", public: toIf("*", `"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}`), want: true},
		{
			name:   "too broad, IPv6",
			public: toIf("*", `"IpAddress": {"aws:SourceIp": "2001::/31"}`),
			want:   true,
		},
		{
			name:   "all addresses but",
			public: toIf("*", `"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}`),
			want:   true,
		},
		{name: "TLS", public: toIf("*", `"Bool": {"aws:SecureTransport": "true"}`), want: true},
		{name: "a KMS key", public: fixedKey("s3:x-amz-server-side-encryption-aws-kms-key-id", keyARN)},
		{
			name: "KMS keys of an account",
			public: toIf("*",
				`"ArnLike": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:*:111111111111:key/*"}`),
			want: true,
		},
		{
			name:   "an ARN that is none",
			public: toIf("*", `"ArnLike": {"aws:SourceArn": "arn:aws:sns"}`),
			want:   true,
		},
		{name: "a prefix", public: fixedKey("s3:prefix", "x"), want: true},
		{name: "a user agent", public: fixedKey("aws:UserAgent", "x"), want: true},
	} {
		s := request{who: dilip, noKey: true, identity: []string{allowAll}, bucket: []string{to(other), c.public},
			orgOf: org, restrict: true}
		want := "allow none"
		if c.want {
			want = "deny(block public access) none"
		}
		if got := verdicts(s.decide(t)); got != want {
			t.Errorf("%s: %s, want %s", c.name, got, want)
		}
		if s.restrict = false; verdicts(s.decide(t)) != "allow none" {
			t.Errorf("%s: restricted without RestrictPublicBuckets", c.name)
		}
	}
	run(t, []rule{
		{
			name:    "the owner's principals stay",
			request: request{who: ann, noKey: true, restrict: true, bucket: []string{to("*")}},
			want:    "allow none",
		},
		{
			name:    "the anonymous do not",
			request: request{who: "anonymous", noKey: true, restrict: true, bucket: []string{to("*")}},
			want:    "deny(block public access) none",
		},
		{
			name: "KMS is not concerned",
			request: request{who: dilip, restrict: true, identity: []string{allowAll}, bucket: []string{to("*")},
				keyPolicy: []string{to(other)}},
			want: "deny(block public access) allow",
		},
	})
}
