package e2e

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharefile"
	"example.com/sharedbucket/policy"
	"example.com/sharedbucket/test/local"
)

// shell runs a shell's line with the profiles of both administrators.
func (h hands) shell(line string) string {
	h.t.Helper()
	out, err := h.command("/bin/sh", "-ec", "export AWS_DEFAULT_REGION="+h.aws.Region+"\n"+line)
	if err != nil {
		h.t.Fatalf("%s\n%v\n%s", line, err, out)
	}
	return strings.TrimSpace(out)
}

// write writes a file for aws commands, with the key's ARN in it.
func (h hands) write(name, text, key string) {
	h.t.Helper()
	text = strings.NewReplacer("ACCOUNT-A", idA, "ACCOUNT-B", idB, "KEY", key).Replace(text)
	must(h.t, os.WriteFile(filepath.Join(h.work, name), []byte(text), 0o600))
}

const (
	keyPolicyByHand = `{"Version": "2012-10-17", "Id": "key-policy-account-a-bucket", "Statement": [
		{"Sid": "Enable IAM user permissions", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::ACCOUNT-A:root"},
			"Action": "kms:*", "Resource": "*"},
		{"Sid": "Allow use of the key", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::ACCOUNT-B:root"}, "Action":
			["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*"}]}`
	bucketPolicyByHand = `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::ACCOUNT-B:root"}, "Action": "s3:ListBucket",
			"Resource": "arn:aws:s3:::account-a-bucket"},
		{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::ACCOUNT-B:root"}, "Action": "s3:GetObject",
			"Resource": "arn:aws:s3:::account-a-bucket/*"},
		{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::ACCOUNT-B:root"}, "Action": "s3:PutObject",
			"Resource": "arn:aws:s3:::account-a-bucket/*"}]}`
	encryptionByHand = `{"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms",
		"KMSMasterKeyID": "KEY"}, "BucketKeyEnabled": true}]}`
	inlineByHand = `{"Version": "2012-10-17", "Statement": [
		{"Sid": "ListBucketContents", "Effect": "Allow", "Action": ["s3:ListBucket"],
			"Resource": ["arn:aws:s3:::account-a-bucket"]},
		{"Sid": "UploadDownloadBucketPermissions", "Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"],
			"Resource": ["arn:aws:s3:::account-a-bucket/*"]},
		{"Sid": "EncryptDecryptBucketContents", "Effect": "Allow", "Action":
			["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": ["KEY"]}]}`
)

// walkThrough shares the bucket by hand, with the walkthrough's aws commands.
func (h hands) walkThrough() {
	h.t.Helper()
	h.write("key-policy.json", keyPolicyByHand, "")
	key := h.shell("aws --profile account-" + idA + " kms create-key --key-usage ENCRYPT_DECRYPT " +
		"--policy file://key-policy.json --query KeyMetadata.Arn --output text")
	h.write("bucket-policy.json", bucketPolicyByHand, key)
	h.write("encryption.json", encryptionByHand, key)
	h.write("inline.json", inlineByHand, key)
	put := " iam put-user-policy --policy-document file://inline.json --policy-name access-s3-account-a-bucket" +
		" --user-name "
	h.shell(strings.ReplaceAll(`
		A kms create-alias --alias-name alias/s3-account-a-bucket-encryption --target-key-id `+key+`
		A s3 mb s3://account-a-bucket
		A s3api put-bucket-policy --bucket account-a-bucket --policy file://bucket-policy.json
		A s3api put-bucket-encryption --bucket account-a-bucket --server-side-encryption-configuration file://encryption.json
		`, "A ", "aws --profile account-"+idA+" ") + "aws --profile account-" + idA + put + "ann\n" +
		"aws --profile account-" + idB + put + "dilip\n")
}

// TestAdopt: the walkthrough done by hand comes out as README's share file; deployed by it, with what it says is
// superfluous taken out, everybody can do what he could.
func TestAdopt(t *testing.T) {
	h := newHands(t)
	h.walkThrough()
	h.expectWalkthrough()
	const file = "adopted.yaml"
	found := []string{"user/ann of " + idA, "user/dilip of " + idB, "Who loses access\n- nobody", "could not call KMS"}
	out := h.says(2, found,
		append([]string{"adopt", "account-a-bucket", "-o", file}, both...)...)
	h.says(1, []string{"is not overwritten"}, append([]string{"adopt", "account-a-bucket", "-o", file}, both...)...)
	h.says(1, []string{"give a profile of its owner"}, "adopt", "account-a-bucket", "--profile", "account-"+idB)
	adopted, err := sharefile.Read(filepath.Join(h.work, file))
	must(t, err)
	h.sameAsReadme(adopted)

	plan := append([]string{"plan", file}, both...)
	h.says(1, []string{"delete or rename that policy first"}, plan...)
	h.shell(renames(t, out))
	h.expectWalkthrough()
	// What Ann wrote before there was a key is what Dilip cannot read: a plan says so, and calls nothing that writes.
	h.shell("aws --profile account-" + idA + " s3api put-object --bucket account-a-bucket --key old --body " +
		h.share + " --server-side-encryption AES256")
	const old = "1 under SSE-S3; consumers cannot read 1 of them: Encryption.ExistingObjects: ReEncrypt"
	h.says(2, []string{"Who loses access\n- nobody", "Refused from then on, whoever asks\n- ",
		"What lies in the bucket\n- ", old}, plan...)

	h.deployAdopted(adopted)
	h.expectWalkthrough()
	for account, user := range map[string]string{idA: "ann", idB: "dilip"} {
		h.shell("aws --profile account-" + account + " iam delete-user-policy --user-name " + user +
			" --policy-name access-s3-account-a-bucket-by-hand")
	}
	h.says(1, []string{"take statement Allow use of the key out of the key policy"},
		append([]string{"verify", file}, both...)...)
	h.takeOut("Allow use of the key")
	verify := append([]string{"verify", file}, both...)
	h.says(0, []string{"As declared: ", "What lies in the bucket\n- ", old}, verify...)
	fits(t, "matrix.schema.json", h.says(0, []string{`"existing":"`, old}, append(verify, "--json")...))
	h.expectWalkthrough()
	h.says(1, []string{"belongs to a share already"}, append([]string{"adopt", "account-a-bucket"}, both...)...)
}

// takeOut takes a statement out of the key policy.
func (h hands) takeOut(sid string) {
	h.t.Helper()
	client, key, name := kms.NewFromConfig(h.a.Config()), h.keyARN(), "default"
	out, err := client.GetKeyPolicy(h.t.Context(), &kms.GetKeyPolicyInput{KeyId: &key, PolicyName: &name})
	must(h.t, err)
	text, err := policy.Merge(*out.Policy, nil, func(s string) bool { return s == sid })
	must(h.t, err)
	_, err = client.PutKeyPolicy(h.t.Context(), &kms.PutKeyPolicyInput{KeyId: &key, PolicyName: &name, Policy: &text})
	must(h.t, err)
}

// sameAsReadme compares whom the file lets in with the walkthrough's share file.
func (h hands) sameAsReadme(adopted sharefile.File) {
	h.t.Helper()
	must(h.t, adopted.Check())
	readme, err := sharefile.Read(filepath.Join(h.root, "examples", "walkthrough.yaml"))
	must(h.t, err)
	parse := func(f sharefile.File) (share.Share, share.Access) {
		s, err := share.ParseShare(f.BucketProperties(), f.Env())
		must(h.t, err)
		a, err := share.ParseAccess(f.AccessProperties(idB), f.EnvOf(idB))
		must(h.t, err)
		return s, a
	}
	got, gotSide := parse(adopted)
	want, wantSide := parse(readme)
	if !reflect.DeepEqual(got.Consumers, want.Consumers) || !reflect.DeepEqual(got.Delegates, want.Delegates) ||
		!reflect.DeepEqual(gotSide.Grantees, wantSide.Grantees) || got.Env != want.Env || !got.Adopt || got.KeyARN == "" {
		h.t.Errorf("the share is\n%+v\n%+v\nwant\n%+v\n%+v", got, gotSide, want, wantSide)
	}
}

// renames are the commands by which adopt says to rename inline policies.
func renames(t *testing.T, report string) string {
	t.Helper()
	_, commands, _ := strings.Cut(report, "# 2. ")
	commands, _, _ = strings.Cut(commands, "# 3. ")
	_, commands, found := strings.Cut(commands, "\n")
	if !found || strings.Count(commands, "delete-user-policy") != 2 {
		t.Fatalf("no commands to rename both inline policies in\n%s", report)
	}
	return commands
}

// deployAdopted sends both accounts' providers what CloudFormation would.
func (h hands) deployAdopted(f sharefile.File) {
	h.t.Helper()
	for _, end := range []struct {
		account    *local.Account
		kind       string
		properties map[string]any
	}{
		{account: h.a, kind: share.BucketType, properties: f.BucketProperties()},
		{account: h.b, kind: share.AccessType, properties: f.AccessProperties(idB)},
	} {
		provider, err := end.account.CreateFunction(h.t.Context(), local.FunctionSpec{
			Name: "sharedbucket-provider", Zip: code, Role: newRole(h.t, end.account),
			Environment: limits(end.account, nil),
		})
		must(h.t, err)
		a := &account{t: h.t, Account: end.account, provider: provider}
		e := a.newStack(end.kind).event("Create", end.properties, nil)
		must(h.t, h.aws.ShowStack(h.t.Context(), e.StackID, "CREATE_IN_PROGRESS"))
		answer, err := provider.Send(h.t.Context(), e)
		must(h.t, err)
		succeeded(h.t, answer)
	}
}
