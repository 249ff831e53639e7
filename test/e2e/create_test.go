package e2e

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/local"
)

// three are three consumers and three delegates; the delegates are created.
func three(t *testing.T, s *account) map[string]any {
	t.Helper()
	_, err := s.CreateUser(t.Context(), "ann", "")
	must(t, err)
	_, err = s.CreateRole(t.Context(), "reports", "")
	must(t, err)
	must(t, s.CreateGroup(t.Context(), "analysts", ""))
	return map[string]any{
		"BucketName": newBucket(),
		"Consumers": []any{
			map[string]any{"Account": "222222222222"},
			map[string]any{"Principal": "arn:aws:iam::333333333333:role/etl", "Access": "Write", "Prefixes": []any{"inbox"}},
			map[string]any{"Organization": "o-a1b2c3d4e5", "Access": "Read"},
		},
		"Delegates": []any{
			map[string]any{"User": "ann"},
			map[string]any{"Role": "reports", "Access": "Read"},
			map[string]any{"Group": "analysts", "Access": "Full", "Prefixes": []any{"team"}},
		},
	}
}

// mostToVerify is how many calls may read what is in force for three delegates: for each what it is, its attached
// policies and the groups it is in, and the organization. After a change it is what was written or protects, too.
const (
	mostToVerify   = 7
	mostToReadBack = 8
)

// What writes and reads back is counted apart from the proof.
func TestCallsOfCreateAndUpdateWithoutVerify(t *testing.T) {
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := with(three(t, owner), map[string]any{"Verify": "false"})
	succeeded(t, s.create(p))
	if n := len(owner.calls()); n > 30 {
		t.Errorf("Create took %d calls, at most 30 are allowed", n)
	}
	owner.forgetCalls()
	succeeded(t, s.update(with(p, map[string]any{"RemovalPolicy": "Delete"})))
	if n := len(owner.calls()); n > 23 {
		t.Errorf("Update without a difference took %d calls, at most 23 are allowed", n)
	}
}

func TestCreate(t *testing.T) {
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := three(t, owner)
	name := p["BucketName"].(string)
	answer := succeeded(t, s.create(p))

	if answer.PhysicalResourceID != name {
		t.Errorf("physical id is %q, want the bucket's name", answer.PhysicalResourceID)
	}
	now := s.wantShared(p)
	want := map[string]any{
		"BucketName": name, "BucketArn": "arn:aws:s3:::" + name, "KeyArn": now.Named.ARN,
		"KeyId":     now.Named.ARN[len(now.Named.ARN)-36:],
		"AliasName": "alias/s3-" + name + "-encryption", "AccountId": owner.ID, "Region": aws.Region,
		"PolicyName": "access-s3-" + name, "Verified": "true", "ExistingObjects": "",
	}
	if diff := cmp.Diff(want, answer.Data); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	calls := owner.calls()
	t.Logf("%d calls in %d rounds", len(calls), local.Rounds(calls))
	if most := 27 + mostToVerify + mostToReadBack; len(calls) > most {
		t.Errorf("Create took %d calls, at most %d are allowed", len(calls), most)
	}
	wantReadOnce(t, calls)
	wantBefore(t, operations(calls), "PutPublicAccessBlock", "PutBucketEncryption", "PutBucketPolicy", "PutUserPolicy")
	wantBefore(t, operations(calls), "PutBucketVersioning", "PutKeyPolicy")
}

// wantReadOnce asks that after the last write one reading serves everything that is proven. The stack is no part of it:
// it is asked beside each round of writes.
func wantReadOnce(t *testing.T, calls []local.Call) {
	t.Helper()
	last := 0
	for i, c := range calls {
		if !isRead(c.Operation) {
			last = i + 1
		}
	}
	known := map[string]bool{}
	for _, c := range calls[last:] {
		read := c.Operation + " " + c.Resource + " " + c.Parameters["PolicyName"]
		if known[read] && c.Operation != "DescribeStacks" {
			t.Errorf("%s was read again", read)
		}
		known[read] = true
	}
	if len(known) == 0 {
		t.Error("nothing was read back")
	}
}

// operations are the names of calls in the order in which they were made.
func operations(calls []local.Call) []string {
	var all []string
	for _, c := range calls {
		all = append(all, c.Operation)
	}
	return all
}

func wantBefore(t *testing.T, all []string, order ...string) {
	t.Helper()
	last := -1
	for _, name := range order {
		i := slices.Index(all, name)
		if i < last || i < 0 {
			t.Errorf("%s is call %d, want it after call %d in %v", name, i, last, all)
		}
		last = i
	}
}

func TestDuplicateCreateIsTheSameShare(t *testing.T) {
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	p := three(t, owner)
	first := succeeded(t, s.create(p))
	owner.forgetCalls()
	s.physicalID = ""
	second := succeeded(t, s.create(p))
	if diff := cmp.Diff(first.Data, second.Data); diff != "" {
		t.Errorf("attributes differ:\n%s", diff)
	}
	if w := owner.writes(); len(w) > 0 {
		t.Errorf("the duplicate wrote %v", w)
	}
	if k := owner.keys(); len(k) != 1 {
		t.Errorf("there are %d keys, want 1", len(k))
	}
}

func TestFailedCreateLeavesNothingAfterItsDelete(t *testing.T) {
	for _, refused := range []string{"publicAccessBlock", "versioning", "CreateKey", "CreateAlias", "EnableKeyRotation",
		"encryption", "PutKeyPolicy", "policy"} {
		t.Run(refused, func(t *testing.T) {
			owner, f := newFaultyAccount(t)
			s := owner.newStack(share.BucketType)
			p := three(t, owner)
			f.refuse(refused)
			failedWith(t, s.create(p), "AccessDenied", "does not allow it")
			if s.physicalID == p["BucketName"] || s.physicalID == "" {
				t.Errorf("physical id of the failed Create is %q", s.physicalID)
			}
			f.heal()
			succeeded(t, s.remove())
			now := owner.wantNoTrace(p)
			if now.Bucket != nil {
				t.Error("the bucket is still there")
			}
			if k := owner.keys(); len(k) > 0 {
				t.Errorf("keys are left: %v", k)
			}
		})
	}
}

func TestCreateAfterAFailedCreateGoesOn(t *testing.T) {
	owner, f := newFaultyAccount(t)
	s := owner.newStack(share.BucketType)
	p := three(t, owner)
	f.refuse("CreateAlias")
	failedWith(t, s.create(p), "CreateAlias")
	f.heal()
	s.physicalID = ""
	succeeded(t, s.create(p))
	s.wantShared(p)
	if k := owner.keys(); len(k) != 1 {
		t.Errorf("there are %d keys, want the one of the first attempt", len(k))
	}
}

// Only the stack is asked, because it is asked about every event.
func TestBadInputIsRefusedBeforeAnyOtherCall(t *testing.T) {
	owner := newAccount(t)
	s := owner.newStack(share.BucketType)
	owner.forgetCalls()
	failedWith(t, s.create(map[string]any{
		"BucketName": "Bad_Name", "Consumer": []any{},
		"Consumers":  []any{map[string]any{"Account": "12", "Access": "ReadWrit"}},
		"Encryption": map[string]any{"DeletionWindowInDays": "6"},
	}), "BucketName", "Consumer: unknown property; did you mean Consumers?", "Consumers[0].Account",
		"did you mean ReadWrite?", "7 to 30")
	if calls := operations(owner.calls()); !slices.Equal(calls, []string{"DescribeStacks"}) {
		t.Errorf("calls were made: %v", calls)
	}
	succeeded(t, s.remove())
}

func TestConflictsFoundWhileWorking(t *testing.T) {
	owner := newAccount(t)
	other := newAccount(t)
	ctx := t.Context()
	bucketOf := func(s *account, name string) {
		_, err := s.s3().CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &name, CreateBucketConfiguration: location()})
		must(t, err)
	}
	key := func(in *kms.CreateKeyInput) string {
		out, err := owner.kms().CreateKey(ctx, in)
		must(t, err)
		return *out.KeyMetadata.Arn
	}
	foreign, ours, taken := newBucket(), newBucket(), newBucket()
	bucketOf(other, foreign)
	bucketOf(owner, ours)
	succeeded(t, owner.newStack(share.BucketType).create(map[string]any{"BucketName": taken}))
	disabled, pending := key(&kms.CreateKeyInput{}), key(&kms.CreateKeyInput{})
	_, err := owner.kms().DisableKey(ctx, &kms.DisableKeyInput{KeyId: &disabled})
	must(t, err)
	_, err = owner.kms().ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &pending})
	must(t, err)
	rsa := key(&kms.CreateKeyInput{KeySpec: kmstypes.KeySpecRsa2048, KeyUsage: kmstypes.KeyUsageTypeEncryptDecrypt})
	_, err = owner.kms().CreateAlias(ctx,
		&kms.CreateAliasInput{AliasName: ptr("alias/somebody-elses"), TargetKeyId: ptr(key(&kms.CreateKeyInput{}))})
	must(t, err)
	_, err = owner.CreateUser(ctx, "bob", "")
	must(t, err)
	_, err = iam.NewFromConfig(owner.Config()).PutUserPolicy(ctx, &iam.PutUserPolicyInput{
		UserName: ptr("bob"), PolicyName: ptr("access-s3-e2e-by-hand"),
		PolicyDocument: ptr(
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}}`),
	})
	must(t, err)

	for name, c := range map[string]struct {
		properties map[string]any
		says       []string
	}{
		"bucket of another account": {
			properties: map[string]any{"BucketName": foreign}, says: []string{foreign, "another account"},
		},
		"bucket of no stack": {properties: map[string]any{"BucketName": ours}, says: []string{ours, "set Adopt to true"}},
		"bucket of another stack": {properties: map[string]any{"BucketName": taken, "Adopt": "true"},
			says: []string{taken, "belongs to another share"}},
		"adopted bucket missing": {
			properties: map[string]any{"BucketName": newBucket(), "Adopt": "true"},
			says:       []string{"does not exist"},
		},
		"key disabled": {properties: withKey(disabled), says: []string{disabled, "is disabled", "kms:EnableKey"}},
		"key pending deletion": {
			properties: withKey(pending), says: []string{pending, "waiting for its deletion", "kms:CancelKeyDeletion"},
		},
		"key of the wrong kind": {properties: withKey(rsa), says: []string{rsa, "symmetric"}},
		"key missing": {
			properties: withKey("arn:aws:kms:" + aws.Region + ":" + owner.ID + ":key/11111111-1111-1111-1111-111111111111"),
			says:       []string{"does not exist"}},
		"key of the wrong region": {
			properties: withKey("arn:aws:kms:us-west-1:" + owner.ID + ":key/11111111-1111-1111-1111-111111111111"),
			says:       []string{"Encryption.KeyArn", "region us-west-1"}},
		"alias of another key": {
			properties: map[string]any{
				"BucketName": newBucket(), "Encryption": map[string]any{"Alias": "alias/somebody-elses"},
			},
			says: []string{"alias/somebody-elses", "belongs to"},
		},
		"user missing":  {properties: delegate("User", "nobody"), says: []string{"user/nobody", "does not exist"}},
		"role missing":  {properties: delegate("Role", "nobody"), says: []string{"role/nobody", "does not exist"}},
		"group missing": {properties: delegate("Group", "nobody"), says: []string{"group/nobody", "does not exist"}},
		"policy made by hand": {
			properties: map[string]any{"BucketName": "e2e-by-hand", "Delegates": []any{map[string]any{"User": "bob"}}},
			says:       []string{"user/bob", "access-s3-e2e-by-hand", "not made for this bucket"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := owner.newStack(share.BucketType)
			owner.forgetCalls()
			failedWith(t, s.create(c.properties), c.says...)
			if w := owner.writes(); len(w) > 0 {
				t.Errorf("something was written: %v", w)
			}
			succeeded(t, s.remove())
		})
	}
}

func withKey(arn string) map[string]any {
	return map[string]any{"BucketName": newBucket(), "Encryption": map[string]any{"KeyArn": arn}}
}

func delegate(kind, name string) map[string]any {
	return map[string]any{"BucketName": newBucket(), "Delegates": []any{map[string]any{kind: name}}}
}
