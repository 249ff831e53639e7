package evaluator_test

import "testing"

// TestSameAccountS3: reference_policies_evaluation-logic_policy-eval-denyallow.html, …_policy-eval-basics.html,
// access_policies_boundaries.html and access_policies.html#policies_session, for S3 alone.
func TestSameAccountS3(t *testing.T) {
	getOnly := []string{`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}`}
	nothing := []string{`{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}`}
	run(t, []rule{
		{"nobody allows", request{who: ann, noKey: true}, "deny(identity) none"},
		{"identity alone", request{who: ann, noKey: true, identity: getOnly}, "allow none"},
		{"identity allows another action", request{who: ann, noKey: true, identity: getOnly, operation: "PutObject"}, "deny(identity) none"},
		{"bucket policy alone, user", request{who: ann, noKey: true, bucket: []string{to(ann)}}, "allow none"},
		{"bucket policy for another user", request{who: ann, noKey: true, bucket: []string{to(dilip)}}, "deny(identity) none"},
		{"root ARN delegates only", request{who: ann, noKey: true, bucket: []string{to("arn:aws:iam::" + owner + ":root")}}, "deny(identity) none"},
		{"account id delegates only", request{who: ann, noKey: true, bucket: []string{to(owner)}}, "deny(identity) none"},
		{"everybody", request{who: ann, noKey: true, bucket: []string{to("*")}}, "allow none"},
		{"everybody by type", request{who: ann, noKey: true, bucket: []string{to(`{"AWS": "*"}`)}}, "allow none"},
		{"everybody in the organization", request{who: ann, noKey: true, orgOf: map[string]string{owner: "o-1"},
			bucket: []string{toIf("*", `"StringEquals": {"aws:PrincipalOrgID": "o-1"}`)}}, "allow none"},
		{"everybody in another organization", request{who: ann, noKey: true, orgOf: map[string]string{owner: "o-1"},
			bucket: []string{toIf("*", `"StringEquals": {"aws:PrincipalOrgID": "o-2"}`)}}, "deny(identity) none"},

		{"identity deny", request{who: ann, noKey: true, bucket: []string{to(ann)}, identity: []string{allowAll, `{"Effect": "Deny", "Action": "s3:Get*", "Resource": "*"}`}}, "deny(identity) none"},
		{"bucket policy deny", request{who: ann, noKey: true, identity: []string{allowAll}, bucket: []string{against(ann)}}, "deny(bucket policy) none"},
		{"deny of the account hits everybody in it", request{who: ann, noKey: true, identity: []string{allowAll}, bucket: []string{against(owner)}}, "deny(bucket policy) none"},
		{"deny of the root ARN hits sessions", request{who: app, noKey: true, identity: []string{allowAll}, bucket: []string{against("arn:aws:iam::" + owner + ":root")}}, "deny(bucket policy) none"},
		{"deny of a role hits its sessions", request{who: app, noKey: true, identity: []string{allowAll}, bucket: []string{against(appRole)}}, "deny(bucket policy) none"},
		{"deny of another session", request{who: app, noKey: true, identity: []string{allowAll}, bucket: []string{against(app + "2")}}, "allow none"},
		{"deny of another account", request{who: ann, noKey: true, identity: []string{allowAll}, bucket: []string{against(other)}}, "allow none"},

		{"boundary does not allow, identity", request{who: ann, noKey: true, identity: []string{allowAll}, boundary: nothing}, "deny(boundary) none"},
		{"boundary allows, identity does not", request{who: ann, noKey: true, boundary: []string{allowAll}}, "deny(identity) none"},
		{"boundary does not limit a grant to a user", request{who: ann, noKey: true, boundary: nothing, bucket: []string{to(ann)}}, "allow none"},
		{"boundary does not limit a grant to everybody", request{who: app, noKey: true, boundary: nothing,
			bucket: []string{toIf("*", `"ArnEquals": {"aws:PrincipalArn": "`+appRole+`"}`)}}, "allow none"},
		{"boundary limits a grant to a role", request{who: app, noKey: true, boundary: nothing, bucket: []string{to(appRole)}}, "deny(boundary) none"},
		{"boundary allows a grant to a role", request{who: app, noKey: true, boundary: []string{allowAll}, bucket: []string{to(appRole)}}, "allow none"},
		{"boundary does not limit a grant to a session", request{who: app, noKey: true, boundary: nothing, bucket: []string{to(app)}}, "allow none"},
		{"boundary deny counts always", request{who: ann, noKey: true, bucket: []string{to(ann)}, boundary: []string{allowAll, `{"Effect": "Deny", "Action": "*", "Resource": "*"}`}}, "deny(boundary) none"},

		{"session policy does not allow, identity", request{who: app, noKey: true, identity: []string{allowAll}, session: nothing}, "deny(session) none"},
		{"session policy limits a grant to a role", request{who: app, noKey: true, session: nothing, bucket: []string{to(appRole)}}, "deny(session) none"},
		{"session policy allows a grant to a role", request{who: app, noKey: true, session: getOnly, bucket: []string{to(appRole)}}, "allow none"},
		{"session policy does not limit a grant to the session", request{who: app, noKey: true, session: nothing, bucket: []string{to(app)}}, "allow none"},
		{"session policy does not limit everybody", request{who: app, noKey: true, session: nothing,
			bucket: []string{toIf("*", `"ArnEquals": {"aws:PrincipalArn": "`+appRole+`"}`)}}, "allow none"},
		{"session policy deny counts always", request{who: app, noKey: true, bucket: []string{to(app)}, session: []string{`{"Effect": "Deny", "Action": "*", "Resource": "*"}`}}, "deny(session) none"},
		{"session policy alone gives nothing", request{who: app, noKey: true, session: []string{allowAll}}, "deny(identity) none"},
		{"everything lacks", request{who: app, noKey: true, session: nothing, boundary: nothing}, "deny(identity, boundary, session) none"},

		{"role without its path", request{who: app, noKey: true, bucket: []string{to("arn:aws:iam::" + owner + ":role/app")}}, "deny(identity) none"},
		{"session with its role's path", request{who: app, noKey: true, bucket: []string{to("arn:aws:sts::" + owner + ":assumed-role/service/app/i-1")}}, "deny(identity) none"},
		{"any session of a role", request{who: appRole, noKey: true, bucket: []string{to(appRole)}}, "allow none"},
		{"a certain session is not any session", request{who: appRole, noKey: true, bucket: []string{to(app)}}, "deny(identity) none"},
		{"deleted principals match nobody", request{who: ann, noKey: true, bucket: []string{to("AIDAEXAMPLE"), to("AROAEXAMPLE")}}, "deny(identity) none"},

		{"root user", request{who: "arn:aws:iam::" + owner + ":root", noKey: true}, "allow none"},
		{"root user denied", request{who: "arn:aws:iam::" + owner + ":root", noKey: true, bucket: []string{against("*")}}, "deny(bucket policy) none"},
		{"anonymous", request{who: "anonymous", noKey: true}, "deny(bucket policy) none"},
		{"anonymous, allowed", request{who: "anonymous", noKey: true, bucket: []string{to("*")}}, "allow none"},
		{"anonymous, allowed to an account", request{who: "anonymous", noKey: true, bucket: []string{to(owner)}}, "deny(bucket policy) none"},
		{"anonymous has a principal account", request{who: "anonymous", noKey: true,
			bucket: []string{toIf("*", `"StringEquals": {"aws:PrincipalAccount": "anonymous", "aws:PrincipalType": "Anonymous"}`)}}, "allow none"},
		{"anonymous has no principal ARN", request{who: "anonymous", noKey: true,
			bucket: []string{to("*"), `{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"Null": {"aws:PrincipalArn": "true"}}}`}}, "deny(bucket policy) none"},
	})
}

// TestOtherAccount: reference_policies_evaluation-logic-cross-account.html; both sides must allow, whatever the
// Principal is, and nothing helps against a boundary or a session policy.
func TestOtherAccount(t *testing.T) {
	nothing := []string{`{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}`}
	all := []string{allowAll}
	run(t, []rule{
		{"nobody", request{who: dilip}, "deny(bucket policy, identity) deny(key policy, identity)"},
		{"identity alone", request{who: dilip, identity: all, keyPolicy: []string{delegates(owner)}}, "deny(bucket policy) deny(key policy)"},
		{"resources alone, account", request{who: dilip, bucket: []string{to(other)}, keyPolicy: []string{to(other)}}, "deny(identity) deny(identity)"},
		{"resources alone, user", request{who: dilip, bucket: []string{to(dilip)}, keyPolicy: []string{to(dilip)}}, "deny(identity) deny(identity)"},
		{"resources alone, everybody", request{who: dilip, bucket: []string{to("*")}, keyPolicy: []string{to("*")}}, "deny(identity) deny(identity)"},
		{"resources alone, session", request{who: far, bucket: []string{to(far)}, keyPolicy: []string{to(far)}}, "deny(identity) deny(identity)"},
		{"both, account", request{who: dilip, identity: all, bucket: []string{to(other)}, keyPolicy: []string{to(other)}}, "allow allow"},
		{"both, user", request{who: dilip, identity: all, bucket: []string{to(dilip)}, keyPolicy: []string{to(dilip)}}, "allow allow"},
		{"both, role", request{who: far, identity: all, bucket: []string{to(farRole)}, keyPolicy: []string{to(farRole)}}, "allow allow"},
		{"both, session", request{who: far, identity: all, bucket: []string{to(far)}, keyPolicy: []string{to(far)}}, "allow allow"},
		{"both, everybody", request{who: far, identity: all, bucket: []string{to("*")}, keyPolicy: []string{to("*")}}, "allow allow"},
		{"the key is forgotten", request{who: dilip, identity: all, bucket: []string{to(other)}, keyPolicy: []string{delegates(owner)}}, "allow deny(key policy)"},
		{"the bucket is forgotten", request{who: dilip, identity: all, keyPolicy: []string{to(other)}}, "deny(bucket policy) allow"},
		{"a third account", request{who: dilip, identity: all, bucket: []string{to(third)}, keyPolicy: []string{to(third)}}, "deny(bucket policy) deny(key policy)"},
		{"boundary, user named", request{who: dilip, identity: all, boundary: nothing, bucket: []string{to(dilip)}, keyPolicy: []string{to(dilip)}}, "deny(boundary) deny(boundary)"},
		{"session policy, session named", request{who: far, identity: all, session: nothing, bucket: []string{to(far)}, keyPolicy: []string{to(far)}}, "deny(session) deny(session)"},
		{"boundary, everybody named", request{who: far, identity: all, boundary: nothing, bucket: []string{to("*")}, keyPolicy: []string{to("*")}}, "deny(boundary) deny(boundary)"},
		{"the other account's root user", request{who: "arn:aws:iam::" + other + ":root", bucket: []string{to(other)}, keyPolicy: []string{to(other)}}, "allow allow"},
		{"the other account's root user, not named", request{who: "arn:aws:iam::" + other + ":root", keyPolicy: []string{delegates(owner)}}, "deny(bucket policy) deny(key policy)"},
		{"the same name in another account", request{who: dilip, identity: all, bucket: []string{to("arn:aws:iam::" + third + ":user/team/dilip")}, noKey: true}, "deny(bucket policy) none"},
		{"the same account in another partition", request{who: dilip, identity: all, bucket: []string{to("arn:aws-cn:iam::" + other + ":root")}, noKey: true}, "deny(bucket policy) none"},
		{"user without its path", request{who: dilip, identity: all, bucket: []string{to("arn:aws:iam::" + other + ":user/dilip")}, noKey: true}, "deny(bucket policy) none"},
		{"explicit deny at home", request{who: dilip, identity: []string{allowAll, `{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}`}, bucket: []string{to(dilip)}, keyPolicy: []string{to(dilip)}}, "deny(identity) allow"},
	})
}

// TestSameAccountKey: KMS developer guide, key-policy-default.html and key-policy-overview.html.
func TestSameAccountKey(t *testing.T) {
	nothing := []string{`{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`}
	all := []string{allowAll}
	run(t, []rule{
		{"delegation and identity", request{who: ann, identity: all, keyPolicy: []string{delegates(owner)}}, "allow allow"},
		{"delegation by ARN", request{who: ann, identity: all, keyPolicy: []string{delegates("arn:aws:iam::" + owner + ":root")}}, "allow allow"},
		{"delegation alone", request{who: ann, identity: nothing, keyPolicy: []string{delegates(owner)}}, "allow deny(identity)"},
		{"identity without delegation", request{who: ann, identity: all, keyPolicy: []string{to(dilip)}}, "allow deny(key policy)"},
		{"no key policy at all", request{who: ann, identity: all}, "allow deny(key policy)"},
		{"key policy alone, user", request{who: ann, identity: nothing, keyPolicy: []string{to(ann)}}, "allow allow"},
		{"key policy alone, role", request{who: app, identity: nothing, keyPolicy: []string{to(appRole)}}, "allow allow"},
		{"key policy alone, everybody", request{who: app, identity: nothing, keyPolicy: []string{to("*")}}, "allow allow"},
		{"a grant to somebody else does not delegate", request{who: ann, identity: all, keyPolicy: []string{to(appRole)}}, "allow deny(key policy)"},
		{"identity deny counts without delegation", request{who: ann, identity: []string{allowAll, `{"Effect": "Deny", "Action": "kms:*", "Resource": "*"}`}, keyPolicy: []string{to(ann)}}, "allow deny(identity)"},
		{"delegation reaches as far as its actions", request{who: ann, identity: all, keyPolicy: []string{`{"Effect": "Allow", "Principal": {"AWS": "` + owner + `"}, "Action": "kms:Decrypt", "Resource": "*"}`}, operation: "PutObject"}, "allow deny(key policy)"},
		{"delegation reaches as far as its actions: there", request{who: ann, identity: all, keyPolicy: []string{`{"Effect": "Allow", "Principal": {"AWS": "` + owner + `"}, "Action": "kms:Decrypt", "Resource": "*"}`}}, "allow allow"},
		{"delegation reaches as far as its condition", request{who: ann, identity: all, keyPolicy: []string{toIf(owner, `"StringEquals": {"kms:ViaService": "ec2.eu-west-1.amazonaws.com"}`)}}, "allow deny(key policy)"},
		{"boundary limits delegation", request{who: ann, identity: all, boundary: nothing, keyPolicy: []string{delegates(owner)}}, "allow deny(boundary)"},
		{"boundary limits a role", request{who: app, identity: all, boundary: nothing, keyPolicy: []string{to(appRole)}}, "allow deny(boundary)"},
		{"boundary does not limit a user", request{who: ann, identity: all, boundary: nothing, keyPolicy: []string{to(ann)}}, "allow allow"},
		{"session policy limits a role", request{who: app, identity: all, session: nothing, keyPolicy: []string{to(appRole)}}, "allow deny(session)"},
		{"session policy does not limit the session", request{who: app, identity: all, session: nothing, keyPolicy: []string{to(app)}}, "allow allow"},
		{"root user with the account's statement", request{who: "arn:aws:iam::" + owner + ":root", keyPolicy: []string{delegates(owner)}}, "allow allow"},
		{"root user without", request{who: "arn:aws:iam::" + owner + ":root", keyPolicy: []string{to(ann)}}, "allow deny(key policy)"},
		{"anonymous", request{who: "anonymous", bucket: []string{to("*")}, keyPolicy: []string{to("*")}}, "allow deny(key policy)"},
		{"a statement without action has no effect", request{who: ann, identity: all, keyPolicy: []string{to(ann), `{"Effect": "Deny", "Principal": "*", "Resource": "*"}`}}, "allow allow"},
		{"a statement without resource has no effect", request{who: ann, identity: nothing, keyPolicy: []string{`{"Effect": "Allow", "Principal": {"AWS": "` + ann + `"}, "Action": "kms:*"}`}}, "allow deny(key policy)"},
		{"a multipart upload needs two actions", request{who: ann, operation: "MultipartUpload", identity: []string{`{"Effect": "Allow", "Action": ["s3:*", "kms:GenerateDataKey"], "Resource": "*"}`}, keyPolicy: []string{delegates(owner)}}, "allow deny(identity)"},
		{"a put needs one", request{who: ann, operation: "PutObject", identity: []string{`{"Effect": "Allow", "Action": ["s3:*", "kms:GenerateDataKey"], "Resource": "*"}`}, keyPolicy: []string{delegates(owner)}}, "allow allow"},
		{"deletion needs none", request{who: ann, operation: "DeleteObject", identity: nothing}, "allow none"},
		{"listing needs none", request{who: ann, operation: "ListBucket", identity: nothing}, "allow none"},
		{"an alias does not name a key", request{who: ann, identity: []string{`{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Allow", "Action": "kms:*", "Resource": "arn:aws:kms:eu-west-1:111111111111:alias/x"}`}, keyPolicy: []string{delegates(owner)}}, "allow deny(identity)"},
		{"all keys of the account", request{who: ann, identity: []string{`{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Allow", "Action": "kms:*", "Resource": "arn:aws:kms:*:111111111111:key/*"}`}, keyPolicy: []string{delegates(owner)}}, "allow allow"},
	})
}

// TestKeyOfAnotherAccount: each check has its own account question, its own aws:ResourceAccount and its own RCPs.
func TestKeyOfAnotherAccount(t *testing.T) {
	all := []string{allowAll}
	denyKMS := `{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}`
	run(t, []rule{
		{"ann is a stranger to the key", request{who: ann, identity: all, keyOwner: other, keyPolicy: []string{delegates(other)}}, "allow deny(key policy)"},
		{"ann is let in", request{who: ann, identity: all, keyOwner: other, keyPolicy: []string{to(owner)}}, "allow allow"},
		{"being named is not enough", request{who: ann, identity: []string{`{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`}, keyOwner: other, keyPolicy: []string{to(ann)}}, "allow deny(identity)"},
		{"dilip is at home with the key", request{who: dilip, identity: all, bucket: []string{to(other)}, keyOwner: other, keyPolicy: []string{to(dilip)}}, "allow allow"},
		{"named, dilip needs no identity policy for the key", request{who: dilip, identity: []string{`{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`}, bucket: []string{to(other)}, keyOwner: other, keyPolicy: []string{to(dilip)}}, "allow allow"},
		{"resource account of each check", request{who: dilip, bucket: []string{to(other)}, keyOwner: other, keyPolicy: []string{delegates(other)},
			identity: []string{`{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceAccount": "111111111111"}}}`,
				`{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceAccount": "222222222222"}}}`}}, "allow allow"},
		{"the bucket owner's RCPs do not reach the key", request{who: ann, identity: all, keyOwner: other, keyPolicy: []string{to(owner)}, ownerRCPs: [][]string{{denyKMS}}}, "allow allow"},
		{"they reach the owner's own key", request{who: ann, identity: all, keyPolicy: []string{delegates(owner)}, ownerRCPs: [][]string{{denyKMS}}}, "allow deny(rcp)"},
	})
}

// TestOrganizations: Organizations user guide, orgs_manage_policies_scps.html, …_scps_evaluation.html,
// …_rcps.html, …_rcps_evaluation.html.
func TestOrganizations(t *testing.T) {
	all := []string{allowAll}
	s3Only := []string{`{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`}
	denyGet := []string{allowAll, `{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}`}
	rcp := []string{`{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}`}
	outside := []string{`{"Effect": "Deny", "Principal": "*", "Action": ["s3:*", "kms:*"], "Resource": "*", "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}, "Bool": {"aws:PrincipalIsAWSService": "false"}}}`}
	both := request{who: dilip, identity: all, bucket: []string{to(other)}, keyPolicy: []string{to(other)}}
	with := func(change func(*request)) request {
		s := both
		change(&s)
		return s
	}
	run(t, []rule{
		{"no SCPs", both, "allow allow"},
		{"every level allows", with(func(s *request) { s.scps = [][]string{all, all, all} }), "allow allow"},
		{"one level does not", with(func(s *request) { s.scps = [][]string{all, s3Only, all} }), "allow deny(scp)"},
		{"a level without policies", with(func(s *request) { s.scps = [][]string{all, nil, all} }), "deny(scp) deny(scp)"},
		{"only a Deny at a level", with(func(s *request) {
			s.scps = [][]string{{`{"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}`}}
		}), "deny(scp) deny(scp)"},
		{"a level denies", with(func(s *request) { s.scps = [][]string{all, denyGet} }), "deny(scp) allow"},
		{"SCPs bind direct grants", request{who: ann, bucket: []string{to(ann)}, keyPolicy: []string{to(ann)}, scps: [][]string{denyGet}}, "deny(scp) allow"},
		{"SCPs bind direct grants, implicitly", request{who: ann, bucket: []string{to(ann)}, keyPolicy: []string{to(ann)}, scps: [][]string{s3Only}}, "allow deny(scp)"},
		{"SCPs bind the root user", request{who: "arn:aws:iam::" + owner + ":root", noKey: true, scps: [][]string{denyGet}}, "deny(scp) none"},
		{"SCPs bind the root user, implicitly", request{who: "arn:aws:iam::" + owner + ":root", noKey: true, scps: [][]string{nil}}, "deny(scp) none"},
		{"not the management account", with(func(s *request) { s.scps = [][]string{nil}; s.management = other }), "allow allow"},
		{"a service-linked role", request{who: "arn:aws:iam::" + owner + ":role/aws-service-role/x.amazonaws.com/X", noKey: true, identity: all, scps: [][]string{nil}, ownerRCPs: [][]string{rcp}}, "allow none"},
		{"an Allow with a condition", with(func(s *request) {
			s.scps = [][]string{{`{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}}`}}
		}), "deny(scp) deny(scp)"},
		{"an Allow on a resource", with(func(s *request) {
			s.scps = [][]string{{`{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/*"}`}}
		}), "allow deny(scp)"},
		{"an Allow of all but", with(func(s *request) {
			s.scps = [][]string{{`{"Effect": "Allow", "NotAction": "s3:*", "NotResource": "arn:aws:s3:::b/*"}`}}
		}), "deny(scp) allow"},

		{"an RCP", with(func(s *request) { s.ownerRCPs = [][]string{rcp} }), "deny(rcp) allow"},
		{"an RCP binds the owner's principals", request{who: ann, identity: all, keyPolicy: []string{delegates(owner)}, ownerRCPs: [][]string{nil, rcp}}, "deny(rcp) allow"},
		{"an RCP binds the root user", request{who: "arn:aws:iam::" + owner + ":root", noKey: true, ownerRCPs: [][]string{rcp}}, "deny(rcp) none"},
		{"an RCP binds the anonymous", request{who: "anonymous", noKey: true, bucket: []string{to("*")}, ownerRCPs: [][]string{rcp}}, "deny(rcp) none"},
		{"not the management account's resources", with(func(s *request) { s.ownerRCPs = [][]string{rcp}; s.management = owner }), "allow allow"},
		{"not AWS managed keys", with(func(s *request) {
			s.awsManaged = true
			s.ownerRCPs = [][]string{{`{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}`}}
		}), "allow allow"},
		{"an RCP without statements that fit", with(func(s *request) {
			s.ownerRCPs = [][]string{{`{"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}`}}
		}), "allow allow"},
		{"inside the organization", with(func(s *request) {
			s.ownerRCPs = [][]string{outside}
			s.orgOf = map[string]string{other: "o-1", owner: "o-1"}
		}), "allow allow"},
		{"outside the organization", with(func(s *request) {
			s.ownerRCPs = [][]string{outside}
			s.orgOf = map[string]string{other: "o-2", owner: "o-1"}
		}), "deny(rcp) deny(rcp)"},
		{"in no organization", with(func(s *request) { s.ownerRCPs = [][]string{outside} }), "deny(rcp) deny(rcp)"},
		{"RCPFullAWSAccess changes nothing", with(func(s *request) {
			s.ownerRCPs = [][]string{{`{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}`}}
		}), "allow allow"},
	})
}

// TestNotPrincipal: reference_policies_elements_notprincipal.html and the note of access_policies_boundaries.html.
func TestNotPrincipal(t *testing.T) {
	all := []string{allowAll}
	root := "arn:aws:iam::" + owner + ":root"
	run(t, []rule{
		{"user and account", request{who: ann, noKey: true, identity: all, bucket: []string{sparing(ann, root)}}, "allow none"},
		{"user and account by id", request{who: ann, noKey: true, identity: all, bucket: []string{sparing(ann, owner)}}, "allow none"},
		{"the account beside a user does not spare the account", request{who: app, noKey: true, identity: all, bucket: []string{sparing(ann, root)}}, "deny(bucket policy) none"},
		{"the account must be named as well", request{who: ann, noKey: true, identity: all, bucket: []string{sparing(ann)}}, "deny(bucket policy) none"},
		{"role and account", request{who: app, noKey: true, identity: all, bucket: []string{sparing(appRole, root)}}, "allow none"},
		{"session, role and account", request{who: app, noKey: true, identity: all, bucket: []string{sparing(app, appRole, root)}}, "allow none"},
		{"another session", request{who: app, noKey: true, identity: all, bucket: []string{sparing(app+"2", root)}}, "deny(bucket policy) none"},
		{"whoever has a boundary is never spared", request{who: ann, noKey: true, identity: all, boundary: all, bucket: []string{sparing(ann, root)}}, "deny(bucket policy) none"},
		{"a deleted principal spares nobody", request{who: ann, noKey: true, identity: all, bucket: []string{sparing("AIDAEXAMPLE", root)}}, "deny(bucket policy) none"},
		{"the account's root user", request{who: root, noKey: true, bucket: []string{sparing(root)}}, "allow none"},
		{"the anonymous are not spared", request{who: "anonymous", noKey: true, bucket: []string{to("*"), sparing(ann, root)}}, "deny(bucket policy) none"},
		{"in a key policy", request{who: ann, identity: all, keyPolicy: []string{delegates(owner), sparing(app, appRole, root)}}, "allow deny(key policy)"},
		{"in another account", request{who: dilip, noKey: true, identity: all, bucket: []string{to(other), sparing(dilip, other)}}, "allow none"},
		{"a condition narrows it", request{who: app, noKey: true, identity: all, bucket: []string{
			`{"Effect": "Deny", "NotPrincipal": {"AWS": ["` + ann + `", "` + owner + `"]}, "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}`}}, "allow none"},
	})
}

// TestOtherPrincipals: principals that are no accounts, users, roles and sessions are valid and match nobody here.
// reference_policies_elements_principal.html; CloudFront private-content-restricting-access-to-s3-oai.html.
func TestOtherPrincipals(t *testing.T) {
	for _, principal := range []string{
		`{"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC"}`,
		`{"Service": "cloudfront.amazonaws.com"}`,
		`{"Federated": "arn:aws:iam::` + owner + `:saml-provider/x"}`,
		`{"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}`,
		`{"AWS": "AROAEXAMPLEID"}`,
		`{"AWS": "arn:aws:sts::` + owner + `:federated-user/bob"}`,
	} {
		run(t, []rule{
			{"allow " + principal, request{who: ann, noKey: true, bucket: []string{to(principal)}}, "deny(identity) none"},
			{"allow beside others " + principal, request{who: ann, noKey: true, bucket: []string{to(principal), to(ann)}}, "allow none"},
			{"deny " + principal, request{who: ann, noKey: true, identity: []string{allowAll}, bucket: []string{against(principal)}}, "allow none"},
		})
	}
}
