package e2e

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

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

// fill puts many small objects.
func (s *site) fill(bucket string, objects int) {
	s.t.Helper()
	g, ctx := errgroup.WithContext(s.t.Context())
	g.SetLimit(8)
	for i := range objects {
		g.Go(func() error {
			_, err := s.s3().PutObject(ctx, &s3.PutObjectInput{
				Bucket: &bucket, Key: ptr(fmt.Sprintf("part-%05d", i)), Body: strings.NewReader("x"),
			})
			return err
		})
	}
	must(s.t, g.Wait())
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

// slowInSmallPages is AWS, which lists five versions at a time, and takes a second and a half to list or to delete.
func slowInSmallPages(t *testing.T) string {
	t.Helper()
	target, err := url.Parse(aws.Endpoint)
	must(t, err)
	proxy := &httputil.ReverseProxy{
		Rewrite:  func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
		ErrorLog: log.New(io.Discard, "", 0),
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); q.Has("versions") || q.Has("delete") {
			if q.Has("versions") {
				r.URL.RawQuery += "&max-keys=5"
			}
			time.Sleep(1500 * time.Millisecond)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
}

// With a deadline that comes long before the bucket is empty, the function goes on in other invocations of itself, and
// CloudFormation gets one answer. Meanwhile the event is delivered a second time, and a process is killed.
func TestEmptyingGoesOnUntilItIsDone(t *testing.T) {
	owner := newSite(t).byName(30*time.Second, map[string]string{"AWS_ENDPOINT_URL": slowInSmallPages(t)})
	s, bucket := toBeEmptied(t, owner)
	owner.fill(bucket, 300)
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Second)
	defer cancel()
	must(t, aws.ShowStack(ctx, s.stackID, "DELETE_IN_PROGRESS"))
	receiver, err := aws.NewReceiver(ctx, 0)
	must(t, err)
	event := s.event("Delete", s.properties, nil)
	event.ResponseURL = receiver.URL
	event = owner.provider.Complete(event)
	must(t, owner.provider.InvokeLater(ctx, event))
	must(t, owner.provider.InvokeLater(ctx, event)) // Lambda may deliver an event twice
	owner.killOnce(ctx)
	answer, err := receiver.Wait(ctx)
	must(t, err)
	succeeded(t, answer)
	owner.wantEmptied(s)
	invocations, err := owner.provider.Invocations(ctx)
	must(t, err)
	if len(invocations) < 4 { // Create, and three at least for the Delete
		t.Errorf("%d invocations", len(invocations))
	}
}

// killOnce ends one process of the site's function as soon as there is one.
func (s *site) killOnce(ctx context.Context) {
	s.t.Helper()
	for ctx.Err() == nil {
		processes, err := aws.Processes(ctx)
		must(s.t, err)
		for _, p := range processes {
			if p.Function == s.provider.ARN {
				time.Sleep(2 * time.Second) // in the middle of its work
				_ = syscall.Kill(p.PID, syscall.SIGKILL)
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
}
