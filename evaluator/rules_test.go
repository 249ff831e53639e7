package evaluator_test

import "testing"

// TestSameAccountS3: reference_policies_evaluation-logic_policy-eval-denyallow.html, …_policy-eval-basics.html,
// access_policies_boundaries.html and access_policies.html#policies_session, for S3 alone.
func TestSameAccountS3(t *testing.T) {
	getOnly := []string{`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}`}
	nothing := []string{`{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}`}
	run(t, []rule{
		{name: "nobody allows", request: request{who: ann, noKey: true}, want: "deny(identity) none"},
		{
			name:    "identity alone",
			request: request{who: ann, noKey: true, identity: getOnly},
			want:    "allow none",
		},
		{
			name:    "identity allows another action",
			request: request{who: ann, noKey: true, identity: getOnly, operation: "PutObject"},
			want:    "deny(identity) none",
		},
		{
			name:    "bucket policy alone, user",
			request: request{who: ann, noKey: true, bucket: []string{to(ann)}},
			want:    "allow none",
		},
		{
			name:    "bucket policy for another user",
			request: request{who: ann, noKey: true, bucket: []string{to(dilip)}},
			want:    "deny(identity) none",
		},
		{
			name:    "root ARN delegates only",
			request: request{who: ann, noKey: true, bucket: []string{to("arn:aws:iam::" + owner + ":root")}},
			want:    "deny(identity) none",
		},
		{
			name:    "account id delegates only",
			request: request{who: ann, noKey: true, bucket: []string{to(owner)}},
			want:    "deny(identity) none",
		},
		{
			name:    "everybody",
			request: request{who: ann, noKey: true, bucket: []string{to("*")}},
			want:    "allow none",
		},
		{
			name:    "everybody by type",
			request: request{who: ann, noKey: true, bucket: []string{to(`{"AWS": "*"}`)}},
			want:    "allow none",
		},
		{
			name: "everybody in the organization",
			request: request{who: ann, noKey: true, orgOf: map[string]string{owner: "o-1"},
				bucket: []string{toIf("*", `"StringEquals": {"aws:PrincipalOrgID": "o-1"}`)}},
			want: "allow none",
		},
		{
			name: "everybody in another organization",
			request: request{who: ann, noKey: true, orgOf: map[string]string{owner: "o-1"},
				bucket: []string{toIf("*", `"StringEquals": {"aws:PrincipalOrgID": "o-2"}`)}},
			want: "deny(identity) none",
		},

		{
			name: "identity deny",
			request: request{who: ann, noKey: true, bucket: []string{to(ann)},
				identity: []string{allowAll, `{"Effect": "Deny", "Action": "s3:Get*", "Resource": "*"}`}},
			want: "deny(identity) none",
		},
		{
			name:    "bucket policy deny",
			request: request{who: ann, noKey: true, identity: []string{allowAll}, bucket: []string{against(ann)}},
			want:    "deny(bucket policy) none",
		},
		{
			name:    "deny of the account hits everybody in it",
			request: request{who: ann, noKey: true, identity: []string{allowAll}, bucket: []string{against(owner)}},
			want:    "deny(bucket policy) none",
		},
		{
			name: "deny of the root ARN hits sessions",
			request: request{who: app, noKey: true, identity: []string{allowAll},
				bucket: []string{against("arn:aws:iam::" + owner + ":root")}},
			want: "deny(bucket policy) none",
		},
		{
			name:    "deny of a role hits its sessions",
			request: request{who: app, noKey: true, identity: []string{allowAll}, bucket: []string{against(appRole)}},
			want:    "deny(bucket policy) none",
		},
		{
			name:    "deny of another session",
			request: request{who: app, noKey: true, identity: []string{allowAll}, bucket: []string{against(app + "2")}},
			want:    "allow none",
		},
		{
			name:    "deny of another account",
			request: request{who: ann, noKey: true, identity: []string{allowAll}, bucket: []string{against(other)}},
			want:    "allow none",
		},

		{
			name:    "boundary does not allow, identity",
			request: request{who: ann, noKey: true, identity: []string{allowAll}, boundary: nothing},
			want:    "deny(boundary) none",
		},
		{
			name:    "boundary allows, identity does not",
			request: request{who: ann, noKey: true, boundary: []string{allowAll}},
			want:    "deny(identity) none",
		},
		{
			name:    "boundary does not limit a grant to a user",
			request: request{who: ann, noKey: true, boundary: nothing, bucket: []string{to(ann)}},
			want:    "allow none",
		},
		{
			name: "boundary does not limit a grant to everybody",
			request: request{who: app, noKey: true, boundary: nothing,
				bucket: []string{toIf("*", `"ArnEquals": {"aws:PrincipalArn": "`+appRole+`"}`)}},
			want: "allow none",
		},
		{
			name:    "boundary limits a grant to a role",
			request: request{who: app, noKey: true, boundary: nothing, bucket: []string{to(appRole)}},
			want:    "deny(boundary) none",
		},
		{
			name:    "boundary allows a grant to a role",
			request: request{who: app, noKey: true, boundary: []string{allowAll}, bucket: []string{to(appRole)}},
			want:    "allow none",
		},
		{
			name:    "boundary does not limit a grant to a session",
			request: request{who: app, noKey: true, boundary: nothing, bucket: []string{to(app)}},
			want:    "allow none",
		},
		{
			name: "boundary deny counts always",
			request: request{who: ann, noKey: true, bucket: []string{to(ann)},
				boundary: []string{allowAll, `{"Effect": "Deny", "Action": "*", "Resource": "*"}`}},
			want: "deny(boundary) none",
		},

		{
			name:    "session policy does not allow, identity",
			request: request{who: app, noKey: true, identity: []string{allowAll}, session: nothing},
			want:    "deny(session) none",
		},
		{
			name:    "session policy limits a grant to a role",
			request: request{who: app, noKey: true, session: nothing, bucket: []string{to(appRole)}},
			want:    "deny(session) none",
		},
		{
			name:    "session policy allows a grant to a role",
			request: request{who: app, noKey: true, session: getOnly, bucket: []string{to(appRole)}},
			want:    "allow none",
		},
		{
			name:    "session policy does not limit a grant to the session",
			request: request{who: app, noKey: true, session: nothing, bucket: []string{to(app)}},
			want:    "allow none",
		},
		{
			name: "session policy does not limit everybody",
			request: request{who: app, noKey: true, session: nothing,
				bucket: []string{toIf("*", `"ArnEquals": {"aws:PrincipalArn": "`+appRole+`"}`)}},
			want: "allow none",
		},
		{
			name: "session policy deny counts always",
			request: request{who: app, noKey: true, bucket: []string{to(app)},
				session: []string{`{"Effect": "Deny", "Action": "*", "Resource": "*"}`}},
			want: "deny(session) none",
		},
		{
			name:    "session policy alone gives nothing",
			request: request{who: app, noKey: true, session: []string{allowAll}},
			want:    "deny(identity) none",
		},
		{
			name:    "everything lacks",
			request: request{who: app, noKey: true, session: nothing, boundary: nothing},
			want:    "deny(identity, boundary, session) none",
		},

		{
			name:    "role without its path",
			request: request{who: app, noKey: true, bucket: []string{to("arn:aws:iam::" + owner + ":role/app")}},
			want:    "deny(identity) none",
		},
		{
			name: "session with its role's path",
			request: request{who: app, noKey: true,
				bucket: []string{to("arn:aws:sts::" + owner + ":assumed-role/service/app/i-1")}},
			want: "deny(identity) none",
		},
		{
			name:    "any session of a role",
			request: request{who: appRole, noKey: true, bucket: []string{to(appRole)}},
			want:    "allow none",
		},
		{
			name:    "a certain session is not any session",
			request: request{who: appRole, noKey: true, bucket: []string{to(app)}},
			want:    "deny(identity) none",
		},
		{
			name:    "deleted principals match nobody",
			request: request{who: ann, noKey: true, bucket: []string{to("AIDAEXAMPLE"), to("AROAEXAMPLE")}},
			want:    "deny(identity) none",
		},

		{
			name:    "root user",
			request: request{who: "arn:aws:iam::" + owner + ":root", noKey: true},
			want:    "allow none",
		},
		{
			name:    "root user denied",
			request: request{who: "arn:aws:iam::" + owner + ":root", noKey: true, bucket: []string{against("*")}},
			want:    "deny(bucket policy) none",
		},
		{
			name:    "anonymous",
			request: request{who: "anonymous", noKey: true},
			want:    "deny(bucket policy) none",
		},
		{
			name:    "anonymous, allowed",
			request: request{who: "anonymous", noKey: true, bucket: []string{to("*")}},
			want:    "allow none",
		},
		{
			name:    "anonymous, allowed to an account",
			request: request{who: "anonymous", noKey: true, bucket: []string{to(owner)}},
			want:    "deny(bucket policy) none",
		},
		{
			name: "anonymous has a principal account",
			request: request{who: "anonymous", noKey: true,
				bucket: []string{toIf("*",
					`"StringEquals": {"aws:PrincipalAccount": "anonymous", "aws:PrincipalType": "Anonymous"}`)}},
			want: "allow none",
		},
		{
			name: "anonymous has no principal ARN",
			request: request{who: "anonymous", noKey: true,
				bucket: []string{to("*"),
					`{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"Null": ` +
						`{"aws:PrincipalArn": "true"}}}`}},
			want: "deny(bucket policy) none",
		},
	})
}

// TestOtherAccount: reference_policies_evaluation-logic-cross-account.html; both sides must allow, whatever the
// Principal is, and nothing helps against a boundary or a session policy.
func TestOtherAccount(t *testing.T) {
	nothing := []string{`{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}`}
	all := []string{allowAll}
	run(t, []rule{
		{
			name:    "nobody",
			request: request{who: dilip},
			want:    "deny(bucket policy, identity) deny(key policy, identity)",
		},
		{
			name:    "identity alone",
			request: request{who: dilip, identity: all, keyPolicy: []string{delegates(owner)}},
			want:    "deny(bucket policy) deny(key policy)",
		},
		{
			name:    "resources alone, account",
			request: request{who: dilip, bucket: []string{to(other)}, keyPolicy: []string{to(other)}},
			want:    "deny(identity) deny(identity)",
		},
		{
			name:    "resources alone, user",
			request: request{who: dilip, bucket: []string{to(dilip)}, keyPolicy: []string{to(dilip)}},
			want:    "deny(identity) deny(identity)",
		},
		{
			name:    "resources alone, everybody",
			request: request{who: dilip, bucket: []string{to("*")}, keyPolicy: []string{to("*")}},
			want:    "deny(identity) deny(identity)",
		},
		{
			name:    "resources alone, session",
			request: request{who: far, bucket: []string{to(far)}, keyPolicy: []string{to(far)}},
			want:    "deny(identity) deny(identity)",
		},
		{
			name:    "both, account",
			request: request{who: dilip, identity: all, bucket: []string{to(other)}, keyPolicy: []string{to(other)}},
			want:    "allow allow",
		},
		{
			name:    "both, user",
			request: request{who: dilip, identity: all, bucket: []string{to(dilip)}, keyPolicy: []string{to(dilip)}},
			want:    "allow allow",
		},
		{
			name:    "both, role",
			request: request{who: far, identity: all, bucket: []string{to(farRole)}, keyPolicy: []string{to(farRole)}},
			want:    "allow allow",
		},
		{
			name:    "both, session",
			request: request{who: far, identity: all, bucket: []string{to(far)}, keyPolicy: []string{to(far)}},
			want:    "allow allow",
		},
		{
			name:    "both, everybody",
			request: request{who: far, identity: all, bucket: []string{to("*")}, keyPolicy: []string{to("*")}},
			want:    "allow allow",
		},
		{
			name:    "the key is forgotten",
			request: request{who: dilip, identity: all, bucket: []string{to(other)}, keyPolicy: []string{delegates(owner)}},
			want:    "allow deny(key policy)",
		},
		{
			name:    "the bucket is forgotten",
			request: request{who: dilip, identity: all, keyPolicy: []string{to(other)}},
			want:    "deny(bucket policy) allow",
		},
		{
			name:    "a third account",
			request: request{who: dilip, identity: all, bucket: []string{to(third)}, keyPolicy: []string{to(third)}},
			want:    "deny(bucket policy) deny(key policy)",
		},
		{
			name: "boundary, user named",
			request: request{who: dilip, identity: all, boundary: nothing, bucket: []string{to(dilip)},
				keyPolicy: []string{to(dilip)}},
			want: "deny(boundary) deny(boundary)",
		},
		{
			name:    "session policy, session named",
			request: request{who: far, identity: all, session: nothing, bucket: []string{to(far)}, keyPolicy: []string{to(far)}},
			want:    "deny(session) deny(session)",
		},
		{
			name: "boundary, everybody named",
			request: request{who: far, identity: all, boundary: nothing, bucket: []string{to("*")},
				keyPolicy: []string{to("*")}},
			want: "deny(boundary) deny(boundary)",
		},
		{
			name: "the other account's root user",
			request: request{who: "arn:aws:iam::" + other + ":root", bucket: []string{to(other)},
				keyPolicy: []string{to(other)}},
			want: "allow allow",
		},
		{
			name:    "the other account's root user, not named",
			request: request{who: "arn:aws:iam::" + other + ":root", keyPolicy: []string{delegates(owner)}},
			want:    "deny(bucket policy) deny(key policy)",
		},
		{
			name: "the same name in another account",
			request: request{who: dilip, identity: all, bucket: []string{to("arn:aws:iam::" + third + ":user/team/dilip")},
				noKey: true},
			want: "deny(bucket policy) none",
		},
		{
			name:    "the same account in another partition",
			request: request{who: dilip, identity: all, bucket: []string{to("arn:aws-cn:iam::" + other + ":root")}, noKey: true},
			want:    "deny(bucket policy) none",
		},
		{
			name: "user without its path",
			request: request{who: dilip, identity: all, bucket: []string{to("arn:aws:iam::" + other + ":user/dilip")},
				noKey: true},
			want: "deny(bucket policy) none",
		},
		{
			name: "explicit deny at home",
			request: request{who: dilip, identity: []string{allowAll, `{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}`},
				bucket: []string{to(dilip)}, keyPolicy: []string{to(dilip)}},
			want: "deny(identity) allow",
		},
	})
}

// TestSameAccountKey: KMS developer guide, key-policy-default.html and key-policy-overview.html.
func TestSameAccountKey(t *testing.T) {
	nothing := []string{`{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`}
	all := []string{allowAll}
	run(t, []rule{
		{
			name:    "delegation and identity",
			request: request{who: ann, identity: all, keyPolicy: []string{delegates(owner)}},
			want:    "allow allow",
		},
		{
			name:    "delegation by ARN",
			request: request{who: ann, identity: all, keyPolicy: []string{delegates("arn:aws:iam::" + owner + ":root")}},
			want:    "allow allow",
		},
		{
			name:    "delegation alone",
			request: request{who: ann, identity: nothing, keyPolicy: []string{delegates(owner)}},
			want:    "allow deny(identity)",
		},
		{
			name:    "identity without delegation",
			request: request{who: ann, identity: all, keyPolicy: []string{to(dilip)}},
			want:    "allow deny(key policy)",
		},
		{
			name:    "no key policy at all",
			request: request{who: ann, identity: all},
			want:    "allow deny(key policy)",
		},
		{
			name:    "key policy alone, user",
			request: request{who: ann, identity: nothing, keyPolicy: []string{to(ann)}},
			want:    "allow allow",
		},
		{
			name:    "key policy alone, role",
			request: request{who: app, identity: nothing, keyPolicy: []string{to(appRole)}},
			want:    "allow allow",
		},
		{
			name:    "key policy alone, everybody",
			request: request{who: app, identity: nothing, keyPolicy: []string{to("*")}},
			want:    "allow allow",
		},
		{
			name:    "a grant to somebody else does not delegate",
			request: request{who: ann, identity: all, keyPolicy: []string{to(appRole)}},
			want:    "allow deny(key policy)",
		},
		{
			name: "identity deny counts without delegation",
			request: request{who: ann, identity: []string{allowAll, `{"Effect": "Deny", "Action": "kms:*", "Resource": "*"}`},
				keyPolicy: []string{to(ann)}},
			want: "allow deny(identity)",
		},
		{
			name: "delegation reaches as far as its actions",
			request: request{who: ann, identity: all,
				keyPolicy: []string{
					`{"Effect": "Allow", "Principal": {"AWS": "` + owner + `"}, "Action": "kms:Decrypt", "Resource": "*"}`},
				operation: "PutObject"},
			want: "allow deny(key policy)",
		},
		{
			name: "delegation reaches as far as its actions: there",
			request: request{who: ann, identity: all,
				keyPolicy: []string{
					`{"Effect": "Allow", "Principal": {"AWS": "` + owner + `"}, "Action": "kms:Decrypt", "Resource": "*"}`}},
			want: "allow allow",
		},
		{
			name: "delegation reaches as far as its condition",
			request: request{who: ann, identity: all,
				keyPolicy: []string{toIf(owner, `"StringEquals": {"kms:ViaService": "ec2.eu-west-1.amazonaws.com"}`)}},
			want: "allow deny(key policy)",
		},
		{
			name:    "boundary limits delegation",
			request: request{who: ann, identity: all, boundary: nothing, keyPolicy: []string{delegates(owner)}},
			want:    "allow deny(boundary)",
		},
		{
			name:    "boundary limits a role",
			request: request{who: app, identity: all, boundary: nothing, keyPolicy: []string{to(appRole)}},
			want:    "allow deny(boundary)",
		},
		{
			name:    "boundary does not limit a user",
			request: request{who: ann, identity: all, boundary: nothing, keyPolicy: []string{to(ann)}},
			want:    "allow allow",
		},
		{
			name:    "session policy limits a role",
			request: request{who: app, identity: all, session: nothing, keyPolicy: []string{to(appRole)}},
			want:    "allow deny(session)",
		},
		{
			name:    "session policy does not limit the session",
			request: request{who: app, identity: all, session: nothing, keyPolicy: []string{to(app)}},
			want:    "allow allow",
		},
		{
			name:    "root user with the account's statement",
			request: request{who: "arn:aws:iam::" + owner + ":root", keyPolicy: []string{delegates(owner)}},
			want:    "allow allow",
		},
		{
			name:    "root user without",
			request: request{who: "arn:aws:iam::" + owner + ":root", keyPolicy: []string{to(ann)}},
			want:    "allow deny(key policy)",
		},
		{
			name:    "anonymous",
			request: request{who: "anonymous", bucket: []string{to("*")}, keyPolicy: []string{to("*")}},
			want:    "allow deny(key policy)",
		},
		{
			name: "a statement without action has no effect",
			request: request{who: ann, identity: all,
				keyPolicy: []string{to(ann), `{"Effect": "Deny", "Principal": "*", "Resource": "*"}`}},
			want: "allow allow",
		},
		{
			name: "a statement without resource has no effect",
			request: request{who: ann, identity: nothing,
				keyPolicy: []string{`{"Effect": "Allow", "Principal": {"AWS": "` + ann + `"}, "Action": "kms:*"}`}},
			want: "allow deny(key policy)",
		},
		{
			name: "a multipart upload needs two actions",
			request: request{who: ann, operation: "MultipartUpload",
				identity:  []string{`{"Effect": "Allow", "Action": ["s3:*", "kms:GenerateDataKey"], "Resource": "*"}`},
				keyPolicy: []string{delegates(owner)}},
			want: "allow deny(identity)",
		},
		{
			name: "a put needs one",
			request: request{who: ann, operation: "PutObject",
				identity:  []string{`{"Effect": "Allow", "Action": ["s3:*", "kms:GenerateDataKey"], "Resource": "*"}`},
				keyPolicy: []string{delegates(owner)}},
			want: "allow allow",
		},
		{
			name:    "deletion needs none",
			request: request{who: ann, operation: "DeleteObject", identity: nothing},
			want:    "allow none",
		},
		{
			name:    "listing needs none",
			request: request{who: ann, operation: "ListBucket", identity: nothing},
			want:    "allow none",
		},
		{
			name: "an alias does not name a key",
			request: request{who: ann,
				identity: []string{
					`{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Allow", "Action": "kms:*", "Resource": ` +
						`"arn:aws:kms:eu-west-1:111111111111:alias/x"}`}, keyPolicy: []string{delegates(owner)}},
			want: "allow deny(identity)",
		},
		{
			name: "all keys of the account",
			request: request{who: ann,
				identity: []string{
					`{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Allow", "Action": "kms:*", "Resource": ` +
						`"arn:aws:kms:*:111111111111:key/*"}`}, keyPolicy: []string{delegates(owner)}},
			want: "allow allow",
		},
	})
}

// TestKeyOfAnotherAccount: each check has its own account question, its own aws:ResourceAccount and its own RCPs.
func TestKeyOfAnotherAccount(t *testing.T) {
	all := []string{allowAll}
	denyKMS := `{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}`
	run(t, []rule{
		{
			name:    "ann is a stranger to the key",
			request: request{who: ann, identity: all, keyOwner: other, keyPolicy: []string{delegates(other)}},
			want:    "allow deny(key policy)",
		},
		{
			name:    "ann is let in",
			request: request{who: ann, identity: all, keyOwner: other, keyPolicy: []string{to(owner)}},
			want:    "allow allow",
		},
		{
			name: "being named is not enough",
			request: request{who: ann, identity: []string{`{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`},
				keyOwner: other, keyPolicy: []string{to(ann)}},
			want: "allow deny(identity)",
		},
		{
			name: "dilip is at home with the key",
			request: request{who: dilip, identity: all, bucket: []string{to(other)}, keyOwner: other,
				keyPolicy: []string{to(dilip)}},
			want: "allow allow",
		},
		{
			name: "named, dilip needs no identity policy for the key",
			request: request{who: dilip, identity: []string{`{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`},
				bucket: []string{to(other)}, keyOwner: other, keyPolicy: []string{to(dilip)}},
			want: "allow allow",
		},
		{
			name: "resource account of each check",
			request: request{who: dilip, bucket: []string{to(other)}, keyOwner: other, keyPolicy: []string{delegates(other)},
				identity: []string{
					`{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceAccount": ` +
						`"111111111111"}}}`,
					`{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceAccount": ` +
						`"222222222222"}}}`}},
			want: "allow allow",
		},
		{
			name: "the bucket owner's RCPs do not reach the key",
			request: request{who: ann, identity: all, keyOwner: other, keyPolicy: []string{to(owner)},
				ownerRCPs: [][]string{{denyKMS}}},
			want: "allow allow",
		},
		{
			name:    "they reach the owner's own key",
			request: request{who: ann, identity: all, keyPolicy: []string{delegates(owner)}, ownerRCPs: [][]string{{denyKMS}}},
			want:    "allow deny(rcp)",
		},
	})
}

// TestOrganizations: Organizations user guide, orgs_manage_policies_scps.html, …_scps_evaluation.html,
// …_rcps.html, …_rcps_evaluation.html.
func TestOrganizations(t *testing.T) {
	all := []string{allowAll}
	s3Only := []string{`{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`}
	denyGet := []string{allowAll, `{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}`}
	rcp := []string{`{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}`}
	outside := []string{
		`{"Effect": "Deny", "Principal": "*", "Action": ["s3:*", "kms:*"], "Resource": "*", "Condition": ` +
			`{"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}, "Bool": {"aws:PrincipalIsAWSService": "false"}}}`}
	both := request{who: dilip, identity: all, bucket: []string{to(other)}, keyPolicy: []string{to(other)}}
	with := func(change func(*request)) request {
		s := both
		change(&s)
		return s
	}
	run(t, []rule{
		{name: "no SCPs", request: both, want: "allow allow"},
		{
			name:    "every level allows",
			request: with(func(s *request) { s.scps = [][]string{all, all, all} }),
			want:    "allow allow",
		},
		{
			name:    "one level does not",
			request: with(func(s *request) { s.scps = [][]string{all, s3Only, all} }),
			want:    "allow deny(scp)",
		},
		{
			name:    "a level without policies",
			request: with(func(s *request) { s.scps = [][]string{all, nil, all} }),
			want:    "deny(scp) deny(scp)",
		},
		{
			name: "only a Deny at a level",
			request: with(func(s *request) {
				s.scps = [][]string{{`{"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}`}}
			}),
			want: "deny(scp) deny(scp)",
		},
		{
			name:    "a level denies",
			request: with(func(s *request) { s.scps = [][]string{all, denyGet} }),
			want:    "deny(scp) allow",
		},
		{
			name:    "SCPs bind direct grants",
			request: request{who: ann, bucket: []string{to(ann)}, keyPolicy: []string{to(ann)}, scps: [][]string{denyGet}},
			want:    "deny(scp) allow",
		},
		{
			name:    "SCPs bind direct grants, implicitly",
			request: request{who: ann, bucket: []string{to(ann)}, keyPolicy: []string{to(ann)}, scps: [][]string{s3Only}},
			want:    "allow deny(scp)",
		},
		{
			name:    "SCPs bind the root user",
			request: request{who: "arn:aws:iam::" + owner + ":root", noKey: true, scps: [][]string{denyGet}},
			want:    "deny(scp) none",
		},
		{
			name:    "SCPs bind the root user, implicitly",
			request: request{who: "arn:aws:iam::" + owner + ":root", noKey: true, scps: [][]string{nil}},
			want:    "deny(scp) none",
		},
		{
			name:    "not the management account",
			request: with(func(s *request) { s.scps = [][]string{nil}; s.management = other }),
			want:    "allow allow",
		},
		{
			name: "a service-linked role",
			request: request{who: "arn:aws:iam::" + owner + ":role/aws-service-role/x.amazonaws.com/X", noKey: true,
				identity: all, scps: [][]string{nil}, ownerRCPs: [][]string{rcp}},
			want: "allow none",
		},
		{
			name: "an Allow with a condition",
			request: with(func(s *request) {
				s.scps = [][]string{
					{`{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": ` +
						`"us-east-1"}}}`}}
			}),
			want: "deny(scp) deny(scp)",
		},
		{
			name: "an Allow on a resource",
			request: with(func(s *request) {
				s.scps = [][]string{{`{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/*"}`}}
			}),
			want: "allow deny(scp)",
		},
		{
			name: "an Allow of all but",
			request: with(func(s *request) {
				s.scps = [][]string{{`{"Effect": "Allow", "NotAction": "s3:*", "NotResource": "arn:aws:s3:::b/*"}`}}
			}),
			want: "deny(scp) allow",
		},

		{
			name:    "an RCP",
			request: with(func(s *request) { s.ownerRCPs = [][]string{rcp} }),
			want:    "deny(rcp) allow",
		},
		{
			name:    "an RCP binds the owner's principals",
			request: request{who: ann, identity: all, keyPolicy: []string{delegates(owner)}, ownerRCPs: [][]string{nil, rcp}},
			want:    "deny(rcp) allow",
		},
		{
			name:    "an RCP binds the root user",
			request: request{who: "arn:aws:iam::" + owner + ":root", noKey: true, ownerRCPs: [][]string{rcp}},
			want:    "deny(rcp) none",
		},
		{
			name:    "an RCP binds the anonymous",
			request: request{who: "anonymous", noKey: true, bucket: []string{to("*")}, ownerRCPs: [][]string{rcp}},
			want:    "deny(rcp) none",
		},
		{
			name:    "not the management account's resources",
			request: with(func(s *request) { s.ownerRCPs = [][]string{rcp}; s.management = owner }),
			want:    "allow allow",
		},
		{
			name: "not AWS managed keys",
			request: with(func(s *request) {
				s.awsManaged = true
				s.ownerRCPs = [][]string{{`{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}`}}
			}),
			want: "allow allow",
		},
		{
			name: "an RCP without statements that fit",
			request: with(func(s *request) {
				s.ownerRCPs = [][]string{{`{"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}`}}
			}),
			want: "allow allow",
		},
		{
			name: "inside the organization",
			request: with(func(s *request) {
				s.ownerRCPs = [][]string{outside}
				s.orgOf = map[string]string{other: "o-1", owner: "o-1"}
			}),
			want: "allow allow",
		},
		{
			name: "outside the organization",
			request: with(func(s *request) {
				s.ownerRCPs = [][]string{outside}
				s.orgOf = map[string]string{other: "o-2", owner: "o-1"}
			}),
			want: "deny(rcp) deny(rcp)",
		},
		{
			name:    "in no organization",
			request: with(func(s *request) { s.ownerRCPs = [][]string{outside} }),
			want:    "deny(rcp) deny(rcp)",
		},
		{
			name: "RCPFullAWSAccess changes nothing",
			request: with(func(s *request) {
				s.ownerRCPs = [][]string{{`{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}`}}
			}),
			want: "allow allow",
		},
	})
}

// TestNotPrincipal: reference_policies_elements_notprincipal.html and the note of access_policies_boundaries.html.
func TestNotPrincipal(t *testing.T) {
	all := []string{allowAll}
	root := "arn:aws:iam::" + owner + ":root"
	run(t, []rule{
		{
			name:    "user and account",
			request: request{who: ann, noKey: true, identity: all, bucket: []string{sparing(ann, root)}},
			want:    "allow none",
		},
		{
			name:    "user and account by id",
			request: request{who: ann, noKey: true, identity: all, bucket: []string{sparing(ann, owner)}},
			want:    "allow none",
		},
		{
			name:    "the account beside a user does not spare the account",
			request: request{who: app, noKey: true, identity: all, bucket: []string{sparing(ann, root)}},
			want:    "deny(bucket policy) none",
		},
		{
			name:    "the account must be named as well",
			request: request{who: ann, noKey: true, identity: all, bucket: []string{sparing(ann)}},
			want:    "deny(bucket policy) none",
		},
		{
			name:    "role and account",
			request: request{who: app, noKey: true, identity: all, bucket: []string{sparing(appRole, root)}},
			want:    "allow none",
		},
		{
			name:    "session, role and account",
			request: request{who: app, noKey: true, identity: all, bucket: []string{sparing(app, appRole, root)}},
			want:    "allow none",
		},
		{
			name:    "another session",
			request: request{who: app, noKey: true, identity: all, bucket: []string{sparing(app+"2", root)}},
			want:    "deny(bucket policy) none",
		},
		{
			name:    "whoever has a boundary is never spared",
			request: request{who: ann, noKey: true, identity: all, boundary: all, bucket: []string{sparing(ann, root)}},
			want:    "deny(bucket policy) none",
		},
		{
			name:    "a deleted principal spares nobody",
			request: request{who: ann, noKey: true, identity: all, bucket: []string{sparing("AIDAEXAMPLE", root)}},
			want:    "deny(bucket policy) none",
		},
		{
			name:    "the account's root user",
			request: request{who: root, noKey: true, bucket: []string{sparing(root)}},
			want:    "allow none",
		},
		{
			name:    "the anonymous are not spared",
			request: request{who: "anonymous", noKey: true, bucket: []string{to("*"), sparing(ann, root)}},
			want:    "deny(bucket policy) none",
		},
		{
			name:    "in a key policy",
			request: request{who: ann, identity: all, keyPolicy: []string{delegates(owner), sparing(app, appRole, root)}},
			want:    "allow deny(key policy)",
		},
		{
			name:    "in another account",
			request: request{who: dilip, noKey: true, identity: all, bucket: []string{to(other), sparing(dilip, other)}},
			want:    "allow none",
		},
		{
			name: "a condition narrows it",
			request: request{who: app, noKey: true, identity: all, bucket: []string{
				`{"Effect": "Deny", "NotPrincipal": {"AWS": ["` + ann + `", "` + owner +
					`"]}, "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}`}},
			want: "allow none",
		},
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
			{
				name:    "allow " + principal,
				request: request{who: ann, noKey: true, bucket: []string{to(principal)}},
				want:    "deny(identity) none",
			},
			{
				name:    "allow beside others " + principal,
				request: request{who: ann, noKey: true, bucket: []string{to(principal), to(ann)}},
				want:    "allow none",
			},
			{
				name:    "deny " + principal,
				request: request{who: ann, noKey: true, identity: []string{allowAll}, bucket: []string{against(principal)}},
				want:    "allow none",
			},
		})
	}
}
