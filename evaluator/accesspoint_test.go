package evaluator_test

import (
	"encoding/json"
	"strings"
	"testing"

	"example.com/sharedbucket/evaluator"
	"example.com/sharedbucket/policy/grammar"
)

// throughPoint is a GetObject through an access point.
type throughPoint struct {
	who             string // ann of the bucket's account, or dilip of another
	pointOwner      string // the bucket's owner when empty
	identity        string // one statement
	point, bucket   string // one statement each, empty for no policy
	vpc, from       string // the access point's VPC, and the request's
	restrict, block bool   // RestrictPublicBuckets of the access point, and of the bucket
}

const (
	pointARN = "arn:aws:s3:eu-west-1:111111111111:accesspoint/reports"
	// delegated is how a bucket leaves decisions to its account's access points.
	delegated = `{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": ` +
		`{"s3:DataAccessPointAccount": "111111111111"}}}`
)

func (c throughPoint) decide() evaluator.Decision {
	policyOf := func(kind grammar.Kind, statement string) *evaluator.Policy {
		if statement == "" {
			return nil
		}
		return evaluator.NewPolicy("", `{"Version": "2012-10-17", "Statement": [`+statement+`]}`, kind)
	}
	accounts := map[string]*evaluator.Account{owner: {ID: owner}, other: {ID: other}, third: {ID: third}}
	if c.pointOwner == "" {
		c.pointOwner = owner
	}
	e := evaluator.NewEvaluator(evaluator.Bucket{
		Name: "b", Region: "eu-west-1", Owner: accounts[owner], Policy: policyOf(grammar.BucketPolicy, c.bucket),
		RestrictPublicBuckets: c.block,
		AccessPoints: []evaluator.AccessPoint{{
			ARN: pointARN, Owner: accounts[c.pointOwner], Policy: policyOf(grammar.AccessPointPolicy, c.point),
			VPC: c.vpc, RestrictPublicBuckets: c.restrict,
		}},
	})
	home := owner
	if c.who == dilip {
		home = other
	}
	p := evaluator.Principal{ARN: c.who, Type: evaluator.User, Account: accounts[home]}
	if c.identity != "" {
		p.Identity = []*evaluator.Policy{policyOf(grammar.Identity, c.identity)}
	}
	q := evaluator.Request{Operation: "GetObject", Key: "k", AccessPoint: pointARN}
	if c.from != "" {
		q.Context.Set("aws:SourceVpc", evaluator.One(c.from))
	}
	return e.Decide(evaluator.NewRequester(p), q)
}

// TestAccessPoints: access-points-policies.html in the S3 guide, and access-control-block-public-access.html on them.
func TestAccessPoints(t *testing.T) {
	onPoint := `{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "` + pointARN + `/object/*"}`
	denied := `{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}`
	toThe := func(principal string) string {
		return `{"Effect": "Allow", "Principal": {"AWS": "` + principal + `"}, "Action": "s3:GetObject", "Resource": "` +
			pointARN + `/object/k"}`
	}
	public := `{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "` + pointARN + `/object/*"}`
	for _, c := range []struct {
		name string
		throughPoint
		want string
	}{
		{
			name:         "delegated, by the access point's policy",
			throughPoint: throughPoint{who: ann, point: toThe(ann), bucket: delegated},
			want:         "allow none",
		},
		{
			name:         "delegated, by an identity policy",
			throughPoint: throughPoint{who: ann, identity: onPoint, bucket: delegated},
			want:         "allow none",
		},
		{
			name:         "delegated, to nobody",
			throughPoint: throughPoint{who: ann, bucket: delegated},
			want:         "deny(identity) none",
		},
		{
			name:         "not delegated",
			throughPoint: throughPoint{who: ann, point: toThe(ann)},
			want:         "deny(bucket policy) none",
		},
		{
			name:         "the bucket allows the same",
			throughPoint: throughPoint{who: ann, point: toThe(ann), bucket: to(ann)},
			want:         "allow none",
		},
		{
			name:         "an identity policy for the bucket as well",
			throughPoint: throughPoint{who: ann, identity: allowAll},
			want:         "allow none",
		},
		{
			name:         "other account, all three",
			throughPoint: throughPoint{who: dilip, identity: onPoint, point: toThe(dilip), bucket: delegated},
			want:         "allow none",
		},
		{
			name:         "other account, no identity policy",
			throughPoint: throughPoint{who: dilip, point: toThe(dilip), bucket: delegated},
			want:         "deny(identity) none",
		},
		{
			name:         "other account, not the access point",
			throughPoint: throughPoint{who: dilip, identity: onPoint, bucket: delegated},
			want:         "deny(access point) none",
		},
		{
			name:         "other account, not the bucket",
			throughPoint: throughPoint{who: dilip, identity: onPoint, point: toThe(dilip)},
			want:         "deny(bucket policy) none",
		},
		{
			name:         "other account, the bucket names it",
			throughPoint: throughPoint{who: dilip, identity: onPoint, point: toThe(dilip), bucket: to(other)},
			want:         "allow none",
		},
		{
			name:         "of an account that the bucket does not trust",
			throughPoint: throughPoint{who: dilip, pointOwner: third, identity: onPoint, point: toThe(dilip), bucket: delegated},
			want:         "deny(bucket policy) none",
		},
		{
			name: "of the requester's own account",
			throughPoint: throughPoint{who: dilip, pointOwner: other, identity: onPoint,
				bucket: strings.Replace(delegated, owner, other, 1)},
			want: "allow none",
		},
		{
			name:         "a Deny for the bucket counts",
			throughPoint: throughPoint{who: ann, identity: onPoint + ", " + denied, point: toThe(ann), bucket: delegated},
			want:         "deny(identity) none",
		},
		{
			name:         "a Deny of the access point",
			throughPoint: throughPoint{who: ann, identity: allowAll, point: against(ann), bucket: delegated},
			want:         "deny(access point) none",
		},
		{
			name:         "VPC, from there",
			throughPoint: throughPoint{who: ann, point: toThe(ann), bucket: delegated, vpc: "vpc-1", from: "vpc-1"},
			want:         "allow none",
		},
		{
			name:         "VPC, from another",
			throughPoint: throughPoint{who: ann, point: toThe(ann), bucket: delegated, vpc: "vpc-1", from: "vpc-2"},
			want:         "deny(access point) none",
		},
		{
			name:         "VPC, from the internet",
			throughPoint: throughPoint{who: ann, point: toThe(ann), bucket: delegated, vpc: "vpc-1"},
			want:         "deny(access point) none",
		},
		{
			name: "network origin",
			throughPoint: throughPoint{who: ann, point: toThe(ann),
				bucket: strings.Replace(delegated, `s3:DataAccessPointAccount": "111111111111`,
					`s3:AccessPointNetworkOrigin": "VPC`, 1), vpc: "vpc-1", from: "vpc-1"},
			want: "allow none",
		},
		{
			name:         "public, restricted, other account",
			throughPoint: throughPoint{who: dilip, identity: onPoint, point: public, bucket: delegated, restrict: true},
			want:         "deny(block public access) none",
		},
		{
			name:         "public, restricted, own account",
			throughPoint: throughPoint{who: ann, point: public, bucket: delegated, restrict: true},
			want:         "allow none",
		},
		{
			name: "public, but for a VPC",
			throughPoint: throughPoint{who: dilip, identity: onPoint, point: public, bucket: delegated, restrict: true,
				vpc: "vpc-1", from: "vpc-1"},
			want: "allow none",
		},
		{
			name:         "delegation is not public",
			throughPoint: throughPoint{who: dilip, identity: onPoint, point: toThe(dilip), bucket: delegated, block: true},
			want:         "allow none",
		},
		{
			name:         "a policy that is not valid",
			throughPoint: throughPoint{who: ann, point: `{"Effect": "Allow"}`, bucket: delegated},
			want:         "invalid(document) none",
		},
	} {
		d := c.decide()
		if got := verdicts(d); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
			for _, r := range d.Reasons {
				t.Logf("  %s: %s", r.Layer, r.Text())
			}
		}
	}
}

// TestAccessPointTexts: a reason names the access point's policy and what is behind it.
func TestAccessPointTexts(t *testing.T) {
	for _, c := range []struct {
		name string
		throughPoint
		want string
	}{
		{
			name:         "without a policy",
			throughPoint: throughPoint{who: dilip, identity: allowAll, bucket: delegated},
			want:         "the access point policy of " + pointARN + " is missing",
		},
		{
			name:         "behind it",
			throughPoint: throughPoint{who: ann, point: to(ann), bucket: to(dilip)},
			want:         "neither the bucket policy of b nor an identity policy of " + ann + " allows s3:GetObject",
		},
		{
			name:         "VPC",
			throughPoint: throughPoint{who: ann, point: to(ann), bucket: delegated, vpc: "vpc-1"},
			want:         "takes requests from vpc-1 only",
		},
	} {
		var text strings.Builder
		for _, r := range c.decide().Reasons {
			text.WriteString(r.Text() + "\n")
		}
		if !strings.Contains(text.String(), c.want) {
			t.Errorf("%s: no %q in\n%s", c.name, c.want, text.String())
		}
	}
}

// TestAccessPointSuggestions: whoever follows the suggestions gets in, through the access point as well.
func TestAccessPointSuggestions(t *testing.T) {
	for _, c := range []throughPoint{
		{who: ann}, {who: dilip}, {who: ann, bucket: delegated}, {who: dilip, bucket: delegated},
		{who: dilip, pointOwner: other},
		{who: dilip, pointOwner: third, identity: allowAll},
	} {
		before := verdicts(c.decide())
		for _, r := range c.decide().Reasons {
			for _, s := range r.Suggestion() {
				text, err := json.Marshal(s)
				if err != nil {
					t.Fatal(err)
				}
				list := map[evaluator.Layer]*string{
					evaluator.LayerIdentity: &c.identity, evaluator.LayerAccessPoint: &c.point, evaluator.LayerBucketPolicy: &c.bucket,
				}[r.Layer]
				*list = strings.TrimPrefix(*list+", "+string(text), ", ")
			}
		}
		if d := c.decide(); d.Overall != evaluator.Allow {
			t.Errorf("%+v: %s, with the suggestions %s", c, before, verdicts(d))
		}
	}
}
