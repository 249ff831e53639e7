package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
)

// toBeEmptied makes a share whose bucket goes with what is in it.
func toBeEmptied(t *testing.T, owner *account) (*stack, string) {
	t.Helper()
	s := owner.newStack(share.BucketType)
	p := with(three(t, owner), map[string]any{"RemovalPolicy": "Empty", "BucketName": newBucket()})
	succeeded(t, s.create(p))
	return s, p["BucketName"].(string)
}

func TestEmptying(t *testing.T) {
	owner := newAccount(t)
	s, bucket := toBeEmptied(t, owner)
	for _, key := range []string{"a", "a", "b/c", "b c+d%", "é/中"} {
		owner.put(bucket, key)
	}
	_, err := owner.s3().DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: ptr("a")})
	must(t, err)
	_, err = owner.s3().CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: &bucket, Key: ptr("u")})
	must(t, err)
	owner.forgetCalls()
	succeeded(t, s.remove())
	owner.wantEmptied(s)
	writes := owner.writes()
	first := func(operation string) int { return slices.Index(writes, operation) }
	if first("PutBucketPolicy") > first("DeleteObjects") || first("DeleteBucket") < first("DeleteObjects") {
		t.Errorf("the order of writes is %q", writes)
	}
	succeeded(t, s.remove()) // twice
}

// wantEmptied asks that the bucket is gone and the key on its way.
func (s *account) wantEmptied(of *stack) {
	s.t.Helper()
	now := s.wantNoTrace(of.properties)
	if now.Bucket != nil || now.Named == nil || now.Named.State != plan.KeyPendingDeletion {
		s.t.Errorf("bucket %v, key %+v; want the bucket gone and the key waiting for deletion", now.Bucket, now.Named)
	}
}

func TestEmptyingReportsWhatCannotBeDeleted(t *testing.T) {
	owner := newAccount(t)
	s, bucket := toBeEmptied(t, owner)
	owner.lockable(bucket)
	for i := range 6 {
		owner.put(bucket, fmt.Sprint("object-", i))
	}
	owner.hold(bucket, "object-2", types.ObjectLockLegalHoldStatusOn)
	owner.hold(bucket, "object-4", types.ObjectLockLegalHoldStatusOn)
	failedWith(t, s.remove(), "at least 4 object versions of "+bucket+" were deleted",
		"2 object versions could not be deleted",
		`"object-2"`, `"object-4"`, "AccessDenied", "legal hold")
	policy, err := owner.s3().GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: &bucket})
	must(t, err)
	if strings.Contains(*policy.Policy, "222222222222") || !strings.Contains(*policy.Policy, "SharedBucketDenyWrites") {
		t.Errorf("the bucket's policy is %s", *policy.Policy)
	}
	owner.hold(bucket, "object-2", types.ObjectLockLegalHoldStatusOff)
	owner.hold(bucket, "object-4", types.ObjectLockLegalHoldStatusOff)
	succeeded(t, s.remove())
	owner.wantEmptied(s)
}

// Retention is never bypassed, also not the kind that whoever has the right could bypass.
func TestEmptyingLeavesWhatIsRetained(t *testing.T) {
	for _, mode := range []types.ObjectLockRetentionMode{
		types.ObjectLockRetentionModeGovernance, types.ObjectLockRetentionModeCompliance,
	} {
		t.Run(string(mode), func(t *testing.T) {
			owner := newAccount(t)
			s, bucket := toBeEmptied(t, owner)
			owner.lockable(bucket)
			for i := range 12 {
				owner.put(bucket, fmt.Sprint("object-", 10+i))
			}
			retention := &types.ObjectLockRetention{Mode: mode, RetainUntilDate: ptr(time.Now().Add(24 * time.Hour))}
			for i := range 7 {
				_, err := owner.s3().PutObjectRetention(t.Context(), &s3.PutObjectRetentionInput{
					Bucket: &bucket, Key: ptr(fmt.Sprint("object-", 10+i)), Retention: retention,
				})
				must(t, err)
			}
			answer := s.remove()
			failedWith(t, answer, "5 object versions of "+bucket+" were deleted", "7 object versions could not be deleted",
				"AccessDenied", "end their retention")
			if named := strings.Count(answer.Reason, `"object-1`); named != 5 {
				t.Errorf("%d keys are named: %s", named, answer.Reason)
			}
			if left := owner.versions(bucket); left != 7 {
				t.Errorf("%d versions are left", left)
			}
		})
	}
}

// versions counts what is in a bucket.
func (a *account) versions(bucket string) (n int) {
	a.t.Helper()
	out, err := a.s3().ListObjectVersions(a.t.Context(), &s3.ListObjectVersionsInput{Bucket: &bucket})
	must(a.t, err)
	return len(out.Versions) + len(out.DeleteMarkers)
}
