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
	"example.com/sharedbucket/test/local"
)

// toBeEmptied makes a share whose bucket goes with what is in it.
func toBeEmptied(t *testing.T, owner *site) (*stack, string) {
	t.Helper()
	s := owner.newStack(share.BucketType)
	p := with(three(t, owner), map[string]any{"RemovalPolicy": "Empty", "BucketName": newBucket()})
	succeeded(t, s.create(p))
	return s, p["BucketName"].(string)
}

func TestEmptying(t *testing.T) {
	owner := newSite(t).byName(0, nil)
	s, bucket := toBeEmptied(t, owner)
	for _, key := range []string{"a", "a", "b/c", "b c+d%", "é/中"} {
		owner.put(bucket, key)
	}
	_, err := owner.s3().DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: ptr("a")})
	must(t, err)
	_, err = owner.s3().CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: &bucket, Key: ptr("u")})
	must(t, err)
	must(t, aws.ResetCalls(t.Context()))
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
func (s *site) wantEmptied(of *stack) {
	s.t.Helper()
	now := s.wantNoTrace(of.properties)
	if now.Bucket != nil || now.Named == nil || now.Named.State != plan.KeyPendingDeletion {
		s.t.Errorf("bucket %v, key %+v; want the bucket gone and the key waiting for deletion", now.Bucket, now.Named)
	}
}

func TestEmptyingReportsWhatCannotBeDeleted(t *testing.T) {
	owner := newSite(t).byName(0, nil)
	s, bucket := toBeEmptied(t, owner)
	hold := func(key string, status types.ObjectLockLegalHoldStatus) {
		_, err := owner.s3().PutObjectLegalHold(t.Context(), &s3.PutObjectLegalHoldInput{
			Bucket: &bucket, Key: &key, LegalHold: &types.ObjectLockLegalHold{Status: status},
		})
		must(t, err)
	}
	_, err := owner.s3().PutObjectLockConfiguration(t.Context(), &s3.PutObjectLockConfigurationInput{
		Bucket:                  &bucket,
		ObjectLockConfiguration: &types.ObjectLockConfiguration{ObjectLockEnabled: types.ObjectLockEnabledEnabled},
	})
	must(t, err)
	for i := range 6 {
		owner.put(bucket, fmt.Sprint("object-", i))
	}
	hold("object-2", types.ObjectLockLegalHoldStatusOn)
	hold("object-4", types.ObjectLockLegalHoldStatusOn)
	failedWith(t, s.remove(), "4 object versions of "+bucket+" were deleted", "2 object versions could not be deleted",
		`"object-2"`, `"object-4"`, "AccessDenied", "legal hold")
	policy, err := owner.s3().GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: &bucket})
	must(t, err)
	if strings.Contains(*policy.Policy, "222222222222") || !strings.Contains(*policy.Policy, "SharedBucketDenyWrites") {
		t.Errorf("the bucket's policy is %s", *policy.Policy)
	}
	hold("object-2", types.ObjectLockLegalHoldStatusOff)
	hold("object-4", types.ObjectLockLegalHoldStatusOff)
	succeeded(t, s.remove())
	owner.wantEmptied(s)
}

// byName gives the site a provider whose role has its real name, which the bucket's policy names.
func (s *site) byName(timeout time.Duration, environment map[string]string) *site {
	s.t.Helper()
	role, err := s.CreateRole(s.t.Context(), share.ProviderRolePrefix+aws.Region, local.AllowAll)
	must(s.t, err)
	s.provider, err = s.CreateFunction(s.t.Context(), local.FunctionSpec{
		Name: "sharedbucket-provider-by-name", Zip: code, Timeout: timeout, Role: role, Environment: environment,
	})
	must(s.t, err)
	return s
}
