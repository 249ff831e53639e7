package cloud

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/internal/existing"
	"example.com/sharedbucket/internal/share"
)

const bucketKey = "arn:aws:kms:eu-west-1:111111111111:key/11111111-1111-4111-8111-111111111111"

// adopted is a server for one bucket, which speaks what S3's API reference says about these calls. No server that can
// be run here knows UpdateObjectEncryption.
type adopted struct {
	mu      sync.Mutex
	objects []held
	asked   []string
	updates map[string]string // bodies by key
	refuse  map[string]string // error codes by key
	fails   int               // answers 500 to this many updates
}

type held struct{ key, algorithm, keyARN string }

func (a *adopted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a.mu.Lock()
	defer a.mu.Unlock()
	key, query := strings.TrimPrefix(r.URL.Path, "/a-bucket/"), r.URL.Query()
	a.asked = append(a.asked, r.Method+" "+r.URL.RequestURI())
	switch {
	case r.Header.Get("X-Amz-Expected-Bucket-Owner") != "111111111111":
		w.WriteHeader(http.StatusForbidden)
	case query.Has("versions"):
		a.list(w, query.Get("key-marker"), query.Get("max-keys"))
	case r.Method == http.MethodHead:
		a.head(w, key)
	case r.Method == http.MethodPut && query.Has("encryption") && query.Get("versionId") == "v1":
		a.update(w, key, string(body))
	default:
		w.WriteHeader(http.StatusNotImplemented)
	}
}

func (a *adopted) list(w io.Writer, after, most string) {
	fmt.Fprint(w, "<ListVersionsResult><EncodingType>url</EncodingType>")
	defer fmt.Fprint(w, "</ListVersionsResult>")
	n := 0
	for _, o := range a.objects {
		if o.key <= after {
			continue
		}
		if fmt.Sprint(n) == most {
			fmt.Fprintf(w, "<IsTruncated>true</IsTruncated>")
			return
		}
		n++
		fmt.Fprintf(w, "<Version><Key>%s</Key><VersionId>v1</VersionId></Version>", o.key)
		fmt.Fprintf(w, "<NextKeyMarker>%s</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>", o.key)
	}
	fmt.Fprint(w, "<DeleteMarker><Key>gone</Key><VersionId>v2</VersionId></DeleteMarker>")
}

func (a *adopted) head(w http.ResponseWriter, key string) {
	for _, o := range a.objects {
		switch {
		case o.key != key:
			continue
		case o.algorithm == "SSE-C":
			w.WriteHeader(http.StatusBadRequest)
		case o.algorithm == "denied":
			w.WriteHeader(http.StatusForbidden)
		case o.algorithm == "deleted":
			w.WriteHeader(http.StatusNotFound)
		default:
			w.Header().Set("X-Amz-Server-Side-Encryption", o.algorithm)
			w.Header().Set("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", o.keyARN)
		}
		return
	}
}

func (a *adopted) update(w http.ResponseWriter, key, body string) {
	switch code := a.refuse[key]; {
	case a.fails > 0:
		a.fails--
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, "<Error><Code>InternalError</Code></Error>")
	case code == "NoSuchVersion":
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", code)
	case code != "":
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", code)
	default:
		a.updates[key] = body
	}
}

func adoptedBucket(t *testing.T, a *adopted) *Cloud {
	t.Helper()
	a.updates = map[string]string{}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	env := share.Env{Partition: "aws", Region: "eu-west-1", Account: "111111111111"}
	return New(aws.Config{
		Region: env.Region, BaseEndpoint: &server.URL,
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	}, env)
}

func TestExistingObjectsAreCountedByEncryption(t *testing.T) {
	a := &adopted{objects: []held{
		{key: "a", algorithm: "AES256"}, {key: "b", algorithm: "aws:kms", keyARN: bucketKey},
		{key: "c", algorithm: "aws:kms", keyARN: bucketKey + "2"}, {key: "d", algorithm: "SSE-C"},
		{key: "e", algorithm: "denied"}, {key: "f", algorithm: "deleted"}, {key: "g", algorithm: "aws:kms:dsse"},
	}}
	found, err := adoptedBucket(t, a).Existing(t.Context(), t.Context(), "a-bucket", bucketKey, 1000)
	if err != nil {
		t.Fatal(err)
	}
	want := "6 object versions: 1 under the bucket's key, 1 under another KMS key, 1 under SSE-S3, 1 under DSSE-KMS, " +
		"1 under SSE-C, 1 not readable"
	if got := found.Text(); got != want || len(found.Foreign) != 2 {
		t.Errorf("%+v: it says %q, not %q", found, got, want)
	}
}

func TestExistingObjectsAreCountedAsFarAsAsked(t *testing.T) {
	var objects []held
	for i := range 2500 {
		objects = append(objects, held{key: fmt.Sprintf("k%04d", i), algorithm: "AES256"})
	}
	for upTo, want := range map[int]struct {
		versions int
		more     bool
	}{
		1000: {versions: 1000, more: true},
		2400: {versions: 2400, more: true},
		2500: {versions: 2500, more: false},
		5000: {versions: 2500, more: false},
	} {
		c := adoptedBucket(t, &adopted{objects: objects})
		found, err := c.Existing(t.Context(), t.Context(), "a-bucket", bucketKey, upTo)
		if err != nil || found.Versions() != want.versions || found.More != want.more {
			t.Errorf("up to %d: %d, more: %v, %v", upTo, found.Versions(), found.More, err)
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	a := &adopted{objects: objects}
	found, err := adoptedBucket(t, a).Existing(t.Context(), stopped, "a-bucket", bucketKey, 5000)
	if err != nil || !found.More || found.Versions() != 0 || len(a.asked) != 1 {
		t.Errorf("without time: %+v, %d calls, %v", found.By, len(a.asked), err)
	}
}

// The request is what the API reference says, and what S3 refuses is counted by its code.
func TestExistingObjectsAreReEncrypted(t *testing.T) {
	a := &adopted{
		refuse: map[string]string{"held": "AccessDenied", "odd": "InvalidRequest", "deleted": "NoSuchVersion"}, fails: 1,
	}
	var objects []existing.Object
	for _, key := range []string{"a", "b c", "held", "odd", "deleted"} {
		objects = append(objects, existing.Object{Key: key, Version: "v1"})
	}
	done, err := adoptedBucket(t, a).ReEncrypt(t.Context(), t.Context(), "a-bucket", bucketKey, objects)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"AccessDenied": 1, "InvalidRequest": 1}, done.Refused); diff != "" ||
		done.Updated != 2 || done.Gone != 1 || len(done.First) != 2 {
		t.Errorf("%+v", done)
	}
	body := a.updates["a"]
	for _, part := range []string{
		"<ObjectEncryption ", "<SSE-KMS>", "<KMSKeyArn>" + bucketKey + "</KMSKeyArn>",
		"<BucketKeyEnabled>true</BucketKeyEnabled>",
	} {
		if !strings.Contains(body, part) {
			t.Errorf("the request lacks %q: %s", part, body)
		}
	}
	if a.updates["b c"] == "" {
		t.Errorf("updated: %v", a.updates)
	}
}

func TestReEncryptingStopsAndFails(t *testing.T) {
	objects := []existing.Object{{Key: "a", Version: "v1"}, {Key: "b", Version: "v1"}}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	a := &adopted{}
	done, err := adoptedBucket(t, a).ReEncrypt(t.Context(), stopped, "a-bucket", bucketKey, objects)
	if err != nil || done.Left != 2 || len(a.asked) > 0 {
		t.Errorf("without time: %+v, %q, %v", done, a.asked, err)
	}
	a = &adopted{fails: 1000}
	cut, end := context.WithCancel(t.Context())
	c := adoptedBucket(t, a)
	end()
	if _, err := c.ReEncrypt(cut, t.Context(), "a-bucket", bucketKey, objects); err == nil {
		t.Error("a call that cannot be made is no success")
	}
}
