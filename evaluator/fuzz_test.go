package evaluator_test

import (
	"encoding/json"
	"testing"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/policy/grammar"
)

// FuzzDecide: whatever the policies are, deciding ends without a crash, a document that is not valid is never answered
// with allow, the same is decided the same, and reasons can be written.
func FuzzDecide(f *testing.F) {
	const head = `{"Version": "2012-10-17", "Statement": [`
	f.Add(head+to("*")+`]}`, head+delegates(owner)+`]}`, head+allowAll+`]}`, "a/b", "aws:SourceIp", "203.0.113.1", byte(0))
	f.Add(head+sparing(ann, owner)+`, `+to(other)+`]}`,
		head+to(other)+`, `+toIf("*", `"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}`)+`]}`,
		head+`{"Effect": "Deny", "NotAction": "s3:*", "NotResource": "arn:aws:s3:::b/${aws:username, 'x'}/${*}*"}]}`, "",
		"s3:prefix", "", byte(1))
	f.Add(`{"Statement": {"Effect": "Allow", "Principal": {"AWS": "`+appRole+
		`"}, "Action": "s3:?et*", "Resource": "arn:aws:s3:::*/??", "Condition": {"NumericLessThan": {"s3:max-keys": `+
		`"1e3"}, "DateGreaterThan": {"aws:CurrentTime": "2020"}}}}`,
		`{`, head+allowAll+
			`, {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"IpAddressIfExists": {"aws:SourceIp": `+
			`["::/0", "10.0.0.0/8"]}, "BinaryEquals": {"s3:x": "YQ=="}, "Null": {"aws:x": "true"}}}]}`, "ü", "s3:max-keys",
		"7", byte(2))
	who := []string{ann, dilip, app, far, "anonymous", "arn:aws:iam::" + owner + ":root", appRole}
	f.Fuzz(func(t *testing.T, bucket, key, identity, object, contextKey, contextValue string, i byte) {
		s := request{
			who: who[int(i)%len(who)], operation: "MultipartUpload", key: object, context: given{contextKey: contextValue},
			bucket: []string{"raw:" + bucket}, keyPolicy: []string{"raw:" + key}, restrict: i&64 != 0, bucketKey: i&128 != 0,
			orgOf: map[string]string{owner: "o-1"},
		}
		if s.who != "anonymous" && s.requester().Type != evaluator.Root {
			s.identity = []string{"raw:" + identity}
		}
		d := s.decide(t)
		for _, one := range []struct {
			verdict evaluator.Verdict
			text    string
			kind    grammar.Kind
		}{{verdict: d.S3, text: bucket, kind: grammar.BucketPolicy}, {verdict: d.KMS, text: key, kind: grammar.KeyPolicy}} {
			_, problems := grammar.Parse(one.text, one.kind)
			if len(problems) > 0 && one.verdict != evaluator.Invalid {
				t.Errorf("%s with the %s %s: %v", one.verdict, one.kind, one.text, problems)
			}
		}
		first, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if second, _ := json.Marshal(s.decide(t)); string(first) != string(second) {
			t.Errorf("decided differently:\n%s\n%s", first, second)
		}
	})
}
