package adopt_test

import (
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"example.com/sharedbucket/internal/adopt"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/sharetest"
	"example.com/sharedbucket/policy/grammar"
)

// TestAnybodysHands: whatever the policies of a bucket and of those who use it say, adopting it gives a file that loads
// and by which nobody reads, writes or deletes who could not.
func TestAnybodysHands(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, err := adopt.From(anyWorld(t), adopt.Hand{})
		sharetest.Must(t, err)
		loads(t, a)
		sharetest.Must(t, a.Report(io.Discard))
		for _, gained := range a.Gained {
			for _, o := range gained.Operations {
				if o == "GetObject" || o == "PutObject" || o == "DeleteObject" {
					t.Errorf("gained: %s\n%s", gained, a.YAML())
				}
			}
		}
	})
}

func anyWorld(t *rapid.T) proof.World {
	bucketPolicy := anyDocument(t, 4, func() string { return anyone(t) + anything(t, s3Actions, s3Resources) })
	key := []string{root}
	if rapid.Bool().Draw(t, "the key lets B in") {
		key = append(key, inB)
	}
	for range rapid.IntRange(0, 2).Draw(t, "statements of the key policy") {
		key = append(key, "{"+anyone(t)+anything(t, kmsActions, []string{"*"})+"}")
	}
	var principals []proof.Principal
	for _, arn := range []string{
		"arn:aws:iam::111111111111:user/ann", "arn:aws:iam::111111111111:role/app",
		"arn:aws:iam::222222222222:user/dilip", reader, writer,
	} {
		if rapid.Bool().Draw(t, arn) {
			principals = append(principals, anyIdentity(t, arn))
		}
	}
	return world(bucketPolicy, document(key...), principals...)
}

func anyIdentity(t *rapid.T, arn string) proof.Principal {
	onS3 := func() string { return anything(t, s3Actions, s3Resources) }
	onKMS := func() string {
		return anything(t, kmsActions, []string{keyARN, "*", "arn:aws:kms:*:111111111111:key/*"})
	}
	var policies []string
	if text := anyDocument(t, 2, onS3); text != "" {
		policies = append(policies, "access-s3-account-a-bucket", text)
	}
	if text := anyDocument(t, 2, onKMS); text != "" {
		policies = append(policies, "keys", text)
	}
	p := identity(arn, policies...)
	if seldom(t, "boundary") {
		boundary := proof.NewDocument("boundary", document("{"+onS3()+"}"), grammar.Boundary)
		p.Boundary = &boundary
	}
	return p
}

// anyDocument is a policy of at most so many statements, "" for none.
func anyDocument(t *rapid.T, most int, statement func() string) string {
	var all []string
	for range rapid.IntRange(0, most).Draw(t, "statements") {
		all = append(all, "{"+statement()+"}")
	}
	return document(all...)
}

func seldom(t *rapid.T, what string) bool { return rapid.IntRange(0, 5).Draw(t, what) == 5 }

func anyone(t *rapid.T) string {
	return not(t, "Principal") + rapid.SampledFrom([]string{
		`"*"`, `{"AWS":"*"}`, accountB, accountB, aws("222222222222"), aws("arn:aws:iam::333333333333:root"),
		aws("arn:aws:iam::111111111111:root"), aws(reader), aws(writer), aws("AIDAEXAMPLEOFADELETEDUSER"),
		`{"AWS":["arn:aws:iam::222222222222:user/dilip","arn:aws:iam::111111111111:user/ann"]}`,
		aws("arn:aws:sts::222222222222:assumed-role/writer/session"), `{"Federated":"cognito-identity.amazonaws.com"}`,
		aws("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2EXAMPLE"),
		`{"Service":"logging.s3.amazonaws.com"}`,
	}).Draw(t, "who") + ","
}

// not is the beginning of an element, now and then of the one that means all but what is named.
func not(t *rapid.T, element string) string {
	if seldom(t, "Not"+element) {
		element = "Not" + element
	}
	return `"` + element + `":`
}

var (
	s3Actions = []string{"s3:*", "s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:Get*", "*",
		"s3:AbortMultipartUpload", "s3:PutObjectAcl", "s3:getobject", "s3:?etObject", "s3:GetBucketLocation"}
	s3Resources = []string{bucketARN, bucketARN + "/*", bucketARN + "*", "*", bucketARN + "/in/*", bucketARN + "/in/b/*",
		bucketARN + "/one.txt", bucketARN + "/${aws:PrincipalAccount}/*", bucketARN + "/home/${aws:username}/*"}
	kmsActions = []string{"kms:*", "kms:Decrypt", "kms:GenerateDataKey*", "kms:GenerateDataKey", "kms:Encrypt",
		"kms:ReEncrypt*", "kms:DescribeKey", "kms:CreateGrant"}
)

// anything is a statement without whom it is about.
func anything(t *rapid.T, actions, resources []string) string {
	effect := `"Allow"`
	if seldom(t, "Deny") {
		effect = `"Deny"`
	}
	some := func(all []string) string {
		drawn := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, min(3, len(all)), rapid.ID[string]).Draw(t, "some")
		return `["` + strings.Join(slices.Sorted(slices.Values(drawn)), `","`) + `"]`
	}
	text := `"Effect":` + effect + "," + not(t, "Action") + some(actions) + "," + not(t, "Resource") + some(resources)
	if seldom(t, "Condition") {
		text += `,"Condition":` + rapid.SampledFrom([]string{
			`{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`,
			`{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"}}`,
			`{"StringLike":{"s3:prefix":["in/*","out/*"]}}`,
			`{"StringEquals":{"s3:prefix":""}}`,
			`{"Bool":{"aws:SecureTransport":"false"}}`,
			`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::222222222222:role/*"}}`,
			`{"StringEquals":{"aws:PrincipalAccount":["222222222222","333333333333"]}}`,
			`{"StringNotEquals":{"aws:PrincipalAccount":"222222222222"}}`,
			`{"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}`,
			`{"StringEquals":{"kms:ViaService":"s3.ap-southeast-2.amazonaws.com","kms:CallerAccount":"222222222222"}}`,
			`{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`,
			`{"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"}}`,
			`{"DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}`,
			`{}`,
		}).Draw(t, "condition")
	}
	return text
}
