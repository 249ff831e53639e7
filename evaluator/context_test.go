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
	return []string{`{"Effect": "Allow", "Action": "s3:*", "Resource": "` + resource + `"}`, `{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}`}
}

// TestResources: reference_policies_elements_resource.html, …_notresource.html, reference_policies_variables.html.
func TestResources(t *testing.T) {
	for _, c := range []struct {
		name     string
		resource string
		key      string
		want     evaluator.Verdict
	}{
		{"exact", "arn:aws:s3:::b/a.txt", "a.txt", evaluator.Allow},
		{"another", "arn:aws:s3:::b/a.txt", "b.txt", evaluator.Deny},
		{"case", "arn:aws:s3:::b/A.txt", "a.txt", evaluator.Deny},
		{"all objects", "arn:aws:s3:::b/*", "x/y/z", evaluator.Allow},
		{"the bucket is not its objects", "arn:aws:s3:::b", "a", evaluator.Deny},
		{"names that begin with the bucket's", "arn:aws:s3:::b*", "a", evaluator.Allow},
		{"another bucket", "arn:aws:s3:::b-2/*", "a", evaluator.Deny},
		{"another partition", "arn:aws-cn:s3:::b/*", "a", evaluator.Deny},
		{"any partition", "arn:*:s3:::b/*", "a", evaluator.Allow},
		{"in the middle", "arn:aws:s3:::b/*/test/*", "1/2/test/3/object.jpg", evaluator.Allow},
		{"in the middle, empty", "arn:aws:s3:::b/*/test/*", "/test/", evaluator.Allow},
		{"in the middle, not there", "arn:aws:s3:::b/*/test/*", "test/object.jpg", evaluator.Deny},
		{"one character", "arn:aws:s3:::b/????-test", "2024-test", evaluator.Allow},
		{"one character too many", "arn:aws:s3:::b/????-test", "024-test", evaluator.Deny},
		{"one character is not a byte", "arn:aws:s3:::b/?.txt", "ü.txt", evaluator.Allow},
		{"colons in the key", "arn:aws:s3:::b/a:b:c:*", "a:b:c:d:e", evaluator.Allow},
		{"question mark in the key", "arn:aws:s3:::b/a*", "a?b", evaluator.Allow},
		{"dollar, brackets, spaces, letters", "arn:aws:s3:::b/[x] $1 ü人/*", "[x] $1 ü人/y", evaluator.Allow},
		{"incomplete", "arn:aws:s3", "a", evaluator.Allow},
		{"incomplete, another service", "arn:aws:sqs", "a", evaluator.Deny},
		{"a wildcard at the end of a field reaches on", "arn:aws:s3:*", "a:b", evaluator.Allow},
		{"variable", "arn:aws:s3:::b/${aws:username}/*", "ann/x", evaluator.Allow},
		{"another user's", "arn:aws:s3:::b/${aws:username}/*", "bob/x", evaluator.Deny},
		{"a variable without value matches nothing", "arn:aws:s3:::b/${aws:PrincipalTag/none}*", "ann/x", evaluator.Deny},
		{"a default value", "arn:aws:s3:::b/${aws:PrincipalTag/none, 'all'}/*", "all/x", evaluator.Allow},
		{"a tag in another case", "arn:aws:s3:::b/${aws:principaltag/TEAM}/*", "blue/x", evaluator.Allow},
		{"literal characters", "arn:aws:s3:::b/${*}${?}${$}", "*?$", evaluator.Allow},
		{"literal characters are not wildcards", "arn:aws:s3:::b/${*}", "x", evaluator.Deny},
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
		{"bucket operations are on the bucket", request{who: ann, noKey: true, operation: "ListBucket", identity: s3On("arn:aws:s3:::b")}, "allow none"},
		{"bucket operations are not on objects", request{who: ann, noKey: true, operation: "GetBucketLocation", identity: s3On("arn:aws:s3:::b/*")}, "deny(identity) none"},
		{"NotResource in a Deny of everything hits the key", request{who: ann, keyPolicy: []string{delegates(owner)},
			identity: []string{allowAll, `{"Effect": "Deny", "Action": "*", "NotResource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}`}}, "allow deny(identity)"},
		{"unless the key is listed", request{who: ann, keyPolicy: []string{delegates(owner)},
			identity: []string{allowAll, `{"Effect": "Deny", "Action": "*", "NotResource": ["arn:aws:s3:::b/*", "` + keyARN + `"]}`}}, "allow allow"},
		{"a key policy for its own key", request{who: ann, identity: s3On("*"), keyPolicy: []string{`{"Effect": "Allow", "Principal": {"AWS": "` + ann + `"}, "Action": "kms:*", "Resource": "` + keyARN + `"}`}}, "allow allow"},
		{"a key policy for another key", request{who: ann, identity: s3On("*"), keyPolicy: []string{`{"Effect": "Allow", "Principal": {"AWS": "` + ann + `"}, "Action": "kms:*", "Resource": "` + keyARN + `0"}`}}, "allow deny(key policy)"},
		{"no variables in the older version", request{who: ann, noKey: true, version: "2008-10-17", key: "ann/x", identity: s3On("arn:aws:s3:::b/${aws:username}/*")}, "deny(identity) none"},
		{"but their text", request{who: ann, noKey: true, version: "2008-10-17", key: "${aws:username}/x", identity: s3On("arn:aws:s3:::b/${aws:username}/*")}, "allow none"},
		{"aws:username exists for users only", request{who: app, noKey: true, key: "app/x", identity: s3On("arn:aws:s3:::b/${aws:username}/*")}, "deny(identity) none"},
	})
}

// TestActions: reference_policies_elements_action.html and …_notaction.html.
func TestActions(t *testing.T) {
	for _, c := range []struct {
		element, actions string
		want             string // of a GetObject
	}{
		{"Action", `"s3:GetObject"`, "allow deny"},
		{"Action", `"S3:getOBJECT"`, "allow deny"},
		{"Action", `"s3:Get*"`, "allow deny"},
		{"Action", `"s3:*Object"`, "allow deny"},
		{"Action", `"s3:?etObject"`, "allow deny"},
		{"Action", `"s3:GetObject?"`, "deny deny"},
		{"Action", `"s3:GetObjectVersion"`, "deny deny"},
		{"Action", `["s3:PutObject", "kms:Decrypt"]`, "deny allow"},
		{"Action", `"kms:*"`, "deny allow"},
		{"Action", `"*"`, "allow allow"},
		{"Action", `"*:*"`, "allow allow"},
		{"Action", `"s?:Get*"`, "allow deny"},
		{"Action", `"k*:*"`, "deny allow"},
		{"Action", `"s3:NoSuchAction"`, "deny deny"},
		{"NotAction", `"s3:GetObject"`, "deny allow"},
		{"NotAction", `"s3:PutObject"`, "allow allow"},
		{"NotAction", `["s3:*", "kms:*"]`, "deny deny"},
		{"NotAction", `"*"`, "deny deny"},
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
		{"principal ARN of a user", request{who: ann}, `"ArnEquals": {"aws:PrincipalArn": "` + ann + `"}`, true, true},
		{"principal ARN of a session is the role's, with its path", request{who: app}, `"ArnEquals": {"aws:PrincipalArn": "` + appRole + `"}`, true, true},
		{"principal ARN of a session is not the session's", request{who: app}, `"ArnEquals": {"aws:PrincipalArn": "` + app + `"}`, false, false},
		{"principal account", request{who: app}, `"StringEquals": {"aws:PrincipalAccount": "111111111111"}`, true, true},
		{"not a service", request{who: ann}, `"Bool": {"aws:PrincipalIsAWSService": "false"}`, true, true},
		{"organization", request{who: ann, orgOf: org}, `"StringEquals": {"aws:PrincipalOrgID": "o-1", "aws:ResourceOrgID": "o-1"}`, true, true},
		{"organization paths", request{who: ann, orgOf: org}, `"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/ou-1/*", "aws:ResourceOrgPaths": "o-1/*"}`, true, true},
		{"no organization", request{who: ann}, `"Null": {"aws:PrincipalOrgID": "true", "aws:PrincipalOrgPaths": "true", "aws:ResourceOrgID": "true", "aws:ResourceOrgPaths": "true"}`, true, true},
		{"user name", request{who: ann}, `"StringEquals": {"aws:username": "ann"}`, true, true},
		{"no user name", request{who: app}, `"Null": {"aws:username": "true"}`, true, true},
		{"user id", request{who: ann}, `"StringEquals": {"aws:userid": "AIDAEXAMPLE"}`, true, true},
		{"tags", request{who: ann, tags: given{"Team": "blue"}}, `"StringEquals": {"aws:PrincipalTag/team": "blue"}`, true, true},
		{"type of a user", request{who: ann}, `"StringEquals": {"aws:PrincipalType": "User"}`, true, true},
		{"type of a session", request{who: app}, `"StringEquals": {"aws:PrincipalType": "AssumedRole"}`, true, true},
		{"type of a role", request{who: appRole}, `"StringEquals": {"aws:PrincipalType": "AssumedRole"}`, true, true},
		{"resource account", request{who: ann}, `"StringEquals": {"aws:ResourceAccount": "111111111111"}`, true, true},
		{"TLS", request{who: ann}, `"Bool": {"aws:SecureTransport": "true"}`, true, true},
		{"region", request{who: ann}, `"StringEquals": {"aws:RequestedRegion": "eu-west-1"}`, true, true},
		{"through a service: KMS only", request{who: ann}, `"Bool": {"aws:ViaAWSService": "true"}`, false, true},
		{"not through a service: S3 only", request{who: ann}, `"Bool": {"aws:ViaAWSService": "false"}`, true, false},
		{"via service", request{who: ann}, `"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}`, false, true},
		{"caller account", request{who: ann}, `"StringEquals": {"kms:CallerAccount": "111111111111"}`, false, true},
		{"encryption context without bucket key", request{who: ann, key: "x"}, `"StringEquals": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::b/x"}`, false, true},
		{"encryption context with bucket key", request{who: ann, key: "x", bucketKey: true}, `"StringEquals": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::b"}`, false, true},
		{"encryption context keys", request{who: ann}, `"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "aws:s3:arn"}, "Null": {"kms:EncryptionContextKeys": "false"}`, false, true},
		{"no key that is not named", request{who: ann}, `"Null": {"aws:SourceIp": "true", "aws:CalledVia": "true", "s3:x-amz-server-side-encryption": "true"}`, true, true},
		{"the request's context is S3's", request{who: ann, context: given{"aws:sourceip": "203.0.113.1"}}, `"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}`, true, false},
		{"the KMS context is KMS's", request{who: ann, kms: given{"aws:SourceIp": "203.0.113.1"}}, `"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}`, false, true},
		{"the context goes over what is known", request{who: ann, context: given{"AWS:securetransport": "false"}}, `"Bool": {"aws:SecureTransport": "false"}`, true, false},
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
	id := evaluator.NewPolicy("", `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws-cn:s3:::b/*"}}`, grammar.Identity)
	r := evaluator.NewRequester(evaluator.Principal{ARN: "arn:aws-cn:iam::111111111111:user/ann", Account: account, Type: evaluator.User, Identity: []*evaluator.Policy{id}})
	key := evaluator.NewPolicy("", `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws-cn:iam::111111111111:user/ann"},
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
		{"identity policy", request{who: ann, identity: bad, keyPolicy: keys}, "invalid(document) invalid(document)"},
		{"boundary", request{who: ann, identity: all, boundary: bad, keyPolicy: keys}, "invalid(document) invalid(document)"},
		{"session policy", request{who: app, identity: all, session: bad, keyPolicy: keys}, "invalid(document) invalid(document)"},
		{"bucket policy", request{who: ann, identity: all, bucket: bad, keyPolicy: keys}, "invalid(document) allow"},
		{"key policy", request{who: ann, identity: all, keyPolicy: bad}, "allow invalid(document)"},
		{"key policy, no KMS check", request{who: ann, identity: all, keyPolicy: bad, operation: "ListBucket"}, "allow none"},
		{"key policy of a bucket without key", request{who: ann, identity: all, noKey: true}, "allow none"},
		{"SCP", request{who: ann, identity: all, keyPolicy: keys, scps: [][]string{all, bad}}, "invalid(document) invalid(document)"},
		{"SCP of the management account", request{who: ann, identity: all, keyPolicy: keys, scps: [][]string{bad}, management: owner}, "allow allow"},
		{"RCP", request{who: ann, identity: all, keyPolicy: keys, ownerRCPs: [][]string{bad}}, "invalid(document) invalid(document)"},
		{"RCP, AWS managed key", request{who: ann, identity: all, keyPolicy: keys, ownerRCPs: [][]string{bad}, awsManaged: true}, "invalid(document) allow"},
		{"RCP, key of another account", request{who: ann, identity: all, keyPolicy: []string{to(owner)}, ownerRCPs: [][]string{bad}, keyOwner: other}, "invalid(document) allow"},
		{"RCP of the management account", request{who: ann, identity: all, keyPolicy: keys, ownerRCPs: [][]string{bad}, management: owner}, "allow allow"},
		{"even where something else denies", request{who: ann, identity: []string{`{"Effect": "Deny", "Action": "*", "Resource": "*"}`}, bucket: bad, keyPolicy: keys}, "invalid(document) deny(identity)"},
		{"anonymous and an invalid bucket policy", request{who: "anonymous", noKey: true, bucket: bad}, "invalid(document) none"},
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
		{"everybody", to("*"), true},
		{"everybody by type", to(`{"AWS": "*"}`), true},
		{"everybody in a list", to(`{"AWS": ["111111111111", "*"]}`), true},
		{"an account", to(third), false},
		{"a service", to(`{"Service": "cloudtrail.amazonaws.com"}`), false},
		{"a denial of everybody", `{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "*"}`, false},
		{"an organization", fixedKey("aws:PrincipalOrgID", "o-1"), false},
		{"one of two organizations", toIf("*", `"StringEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]}`), false},
		{"an organization, with a wildcard", toIf("*", `"StringLike": {"aws:PrincipalOrgID": "o-*"}`), true},
		{"one fixed, one not", toIf("*", `"StringLike": {"aws:PrincipalOrgID": ["o-1", "o-*"]}`), true},
		{"an organization that may be absent", toIf("*", `"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}`), true},
		{"not an organization", toIf("*", `"StringNotEquals": {"aws:PrincipalOrgID": "o-2"}`), true},
		{"an organization path alone", toIf("*", `"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/ou-1/"}`), true},
		{"an organization and a path", toIf("*", `"StringEquals": {"aws:PrincipalOrgID": "o-1"}, "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/*"}`), false},
		{"a fixed VPC", fixedKey("aws:SourceVpc", "vpc-91237329"), false},
		{"any VPC", toIf("*", `"StringLike": {"aws:SourceVpc": "vpc-*"}`), true},
		{"a VPC from a variable", fixedKey("aws:SourceVpc", "${aws:PrincipalTag/vpc}"), true},
		{"a VPC endpoint", fixedKey("aws:SourceVpce", "vpce-1"), false},
		{"a source ARN", toIf("*", `"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::x"}`), false},
		{"source ARNs", toIf("*", `"ArnLike": {"aws:SourceArn": "arn:aws:s3:::x*"}`), true},
		{"a source account", fixedKey("aws:SourceAccount", third), false},
		{"a source owner", fixedKey("aws:SourceOwner", third), false},
		{"a user id", fixedKey("aws:userid", "AIDAEXAMPLE"), false},
		{"all sessions of a role id", toIf("*", `"StringLike": {"aws:userid": "AROAEXAMPLE:*"}`), true},
		{"access points of an account", toIf("*", `"StringLike": {"s3:DataAccessPointArn": "arn:aws:s3:eu-west-1:111111111111:accesspoint/*"}`), false},
		{"access points of any account", toIf("*", `"StringLike": {"s3:DataAccessPointArn": "arn:aws:s3:eu-west-1:*:accesspoint/x"}`), true},
		{"access points by account", fixedKey("s3:DataAccessPointAccount", owner), false},
		{"addresses", toIf("*", `"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}`), false},
		{"the broadest addresses", toIf("*", `"IpAddress": {"aws:SourceIp": ["8.0.0.0/8", "2001:db8::/32"]}`), false},
		{"too broad", toIf("*", `"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}`), true},
		{"too broad, IPv6", toIf("*", `"IpAddress": {"aws:SourceIp": "2001::/31"}`), true},
		{"all addresses but", toIf("*", `"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}`), true},
		{"TLS", toIf("*", `"Bool": {"aws:SecureTransport": "true"}`), true},
		{"a KMS key", fixedKey("s3:x-amz-server-side-encryption-aws-kms-key-id", keyARN), false},
		{"KMS keys of an account", toIf("*", `"ArnLike": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:*:111111111111:key/*"}`), true},
		{"an ARN that is none", toIf("*", `"ArnLike": {"aws:SourceArn": "arn:aws:sns"}`), true},
		{"a prefix", fixedKey("s3:prefix", "x"), true},
		{"a user agent", fixedKey("aws:UserAgent", "x"), true},
	} {
		s := request{who: dilip, noKey: true, identity: []string{allowAll}, bucket: []string{to(other), c.public}, orgOf: org, restrict: true}
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
		{"the owner's principals stay", request{who: ann, noKey: true, restrict: true, bucket: []string{to("*")}}, "allow none"},
		{"the anonymous do not", request{who: "anonymous", noKey: true, restrict: true, bucket: []string{to("*")}}, "deny(block public access) none"},
		{"KMS is not concerned", request{who: dilip, restrict: true, identity: []string{allowAll}, bucket: []string{to("*")}, keyPolicy: []string{to(other)}}, "deny(block public access) allow"},
	})
}
