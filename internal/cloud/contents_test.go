package cloud

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"example.com/sharedbucket/internal/empty"
	"example.com/sharedbucket/internal/share"
)

// wire is a server that keeps what it was asked and gives the same answer to everything.
type wire struct {
	status       int
	answer       string
	method, path string
	body         string
	header       http.Header
	calls        int
}

func (w *wire) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.method, w.path, w.body, w.header = r.Method, r.URL.RequestURI(), string(body), r.Header
	w.calls++
	if w.status != 0 {
		out.WriteHeader(w.status)
	}
	_, _ = io.WriteString(out, w.answer)
}

// contentsOver is a bucket behind a wire.
func contentsOver(t *testing.T, w *wire) contents {
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	env := share.Env{Partition: "aws", Region: "eu-west-1", Account: "111111111111"}
	c := New(aws.Config{
		Region: env.Region, BaseEndpoint: &server.URL,
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	}, env)
	return contents{Cloud: c, bucket: aws.String("a-bucket")}
}

func (w *wire) hasAsked(t *testing.T, want ...string) {
	t.Helper()
	got := w.method + " " + w.path + "\n" + w.body
	for _, part := range want {
		if !strings.Contains(got, part) {
			t.Errorf("the request lacks %q:\n%s", part, got)
		}
	}
	if owner := w.header.Get("X-Amz-Expected-Bucket-Owner"); owner != "111111111111" {
		t.Errorf("expected owner is %q", owner)
	}
}

func TestKeysAreListedInTheEncodingOfURLs(t *testing.T) {
	w := &wire{answer: `<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
		<Version><Key>a%01b+c%2Bd%2F%C3%A9</Key><VersionId>v1</VersionId></Version>
		<DeleteMarker><Key>e</Key><VersionId>v2</VersionId></DeleteMarker>
		<NextKeyMarker>e%20f</NextKeyMarker><NextVersionIdMarker>v3</NextVersionIdMarker></ListVersionsResult>`}
	page, err := contentsOver(t, w).ListVersions(t.Context(), "p/", empty.Marker{Key: "k\x01", Version: "v0"})
	if err != nil {
		t.Fatal(err)
	}
	w.hasAsked(t, "GET /a-bucket?", "encoding-type=url", "key-marker=k%01", "version-id-marker=v0", "prefix=p%2F",
		"versions")
	want := empty.Page{
		Entries: []empty.Version{{Key: "a\x01b c+d/é", ID: "v1"}, {Key: "e", ID: "v2"}},
		More:    true, Next: empty.Marker{Key: "e f", Version: "v3"},
	}
	if diff := cmp.Diff(want, page); diff != "" {
		t.Error(diff)
	}
}

func TestServersThatDoNotEncodeOrSayWhereToGoOn(t *testing.T) {
	w := &wire{answer: `<ListVersionsResult><IsTruncated>true</IsTruncated>
		<Version><Key>a%20+</Key><VersionId>v1</VersionId></Version></ListVersionsResult>`}
	page, err := contentsOver(t, w).ListVersions(t.Context(), "", empty.Marker{})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(w.path, "marker") || strings.Contains(w.path, "prefix") {
		t.Errorf("empty parameters are sent: %s", w.path)
	}
	want := empty.Page{
		Entries: []empty.Version{{Key: "a%20+", ID: "v1"}}, More: true, Next: empty.Marker{Key: "a%20+", Version: "v1"},
	}
	if diff := cmp.Diff(want, page); diff != "" {
		t.Error(diff)
	}
}

func TestVersionsAreDeletedTogether(t *testing.T) {
	w := &wire{answer: `<DeleteResult><Error><Key>b</Key><VersionId>v2</VersionId><Code>AccessDenied</Code>
		<Message>locked</Message></Error></DeleteResult>`}
	failures, err := contentsOver(t, w).DeleteVersions(t.Context(),
		[]empty.Version{{Key: "a\r<", ID: "v1"}, {Key: "b", ID: "v2"}})
	if err != nil {
		t.Fatal(err)
	}
	w.hasAsked(t, "POST /a-bucket?delete", "<Quiet>true</Quiet>", "<Key>a&#xD;&lt;</Key><VersionId>v1</VersionId>")
	if w.header.Get("X-Amz-Checksum-Crc32") == "" && w.header.Get("X-Amz-Trailer") == "" {
		t.Error("S3 wants a checksum of the request", w.header)
	}
	want := []empty.Failure{{Key: "b", Version: "v2", Code: "AccessDenied", Message: "locked"}}
	if diff := cmp.Diff(want, failures); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(strings.ToLower(fmt.Sprint(w.header)), "bypass-governance") {
		t.Error("retention is not for us to bypass")
	}
}

func TestOneVersionIsDeletedByItsPath(t *testing.T) {
	w := &wire{status: http.StatusNoContent}
	failure, err := contentsOver(t, w).DeleteVersion(t.Context(), empty.Version{Key: "a\x01/../b", ID: "v1"})
	if failure != nil || err != nil {
		t.Fatal(failure, err)
	}
	w.hasAsked(t, "DELETE /a-bucket/a%01/../b?", "versionId=v1")
}

func TestWhatPassesAndWhatDoesNot(t *testing.T) {
	for _, c := range []struct {
		status  int
		code    string
		passes  bool
		refused bool // of one version: counted, and no error
	}{
		{status: 503, code: "SlowDown", passes: true},
		{status: 503, code: "ServiceUnavailable", passes: true},
		{status: 500, code: "InternalError", passes: true},
		{status: 409, code: "OperationAborted", passes: true},
		{status: 400, code: "RequestTimeout", passes: true},
		{status: 403, code: "AccessDenied", refused: true},
		{status: 404, code: "NoSuchBucket"},
		{status: 400, code: "MalformedXML"},
	} {
		t.Run(c.code, func(t *testing.T) {
			w := &wire{status: c.status, answer: "<Error><Code>" + c.code + "</Code><Message>m</Message></Error>"}
			_, err := contentsOver(t, w).ListVersions(t.Context(), "", empty.Marker{})
			var busy *empty.Busy
			if errors.As(err, &busy) != c.passes || Code(err) != c.code {
				t.Errorf("error is %T %v", err, err)
			}
			if w.calls != 1 {
				t.Errorf("%d calls: trying again is for package empty", w.calls)
			}
			failure, err := contentsOver(t, w).DeleteVersion(t.Context(), empty.Version{Key: "k", ID: "v"})
			if (failure != nil) != c.refused || (err != nil) == c.refused {
				t.Errorf("one version: %v, %v", failure, err)
			}
		})
	}
}

func TestUploadsAreListedAndEnded(t *testing.T) {
	w := &wire{answer: `<ListMultipartUploadsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
		<Upload><Key>a%01</Key><UploadId>u1</UploadId></Upload>
		<NextKeyMarker>a%01</NextKeyMarker><NextUploadIdMarker>u1</NextUploadIdMarker></ListMultipartUploadsResult>`}
	page, err := contentsOver(t, w).ListUploads(t.Context(), empty.Upload{Key: "b", ID: "u0"})
	if err != nil {
		t.Fatal(err)
	}
	w.hasAsked(t, "GET /a-bucket?", "uploads", "key-marker=b", "upload-id-marker=u0", "encoding-type=url")
	first := empty.Upload{Key: "a\x01", ID: "u1"}
	if diff := cmp.Diff(empty.UploadPage{Uploads: []empty.Upload{first}, More: true, Next: first}, page); diff != "" {
		t.Error(diff)
	}
	w.answer, w.status = "<Error><Code>NoSuchUpload</Code></Error>", http.StatusNotFound
	if failure, err := contentsOver(t, w).AbortUpload(t.Context(), first); failure != nil || err != nil {
		t.Error("an upload that is gone:", failure, err)
	}
	w.hasAsked(t, "DELETE /a-bucket/a%01?", "uploadId=u1")
}

func TestEverythingExpires(t *testing.T) {
	w := &wire{}
	if err := contentsOver(t, w).Expire(t.Context(), "a-bucket"); err != nil {
		t.Fatal(err)
	}
	w.hasAsked(t, "PUT /a-bucket?lifecycle", "<NoncurrentDays>1</NoncurrentDays>",
		"<Expiration><Days>1</Days></Expiration>",
		"<DaysAfterInitiation>1</DaysAfterInitiation>", "<ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker>",
		"<Filter><Prefix></Prefix></Filter>")
}

func TestAgainIsAsynchronous(t *testing.T) {
	w := &wire{status: http.StatusAccepted}
	err := contentsOver(t, w).Again(t.Context(), "arn:aws:lambda:eu-west-1:111111111111:function:f", []byte(`{"a":1}`))
	if err != nil {
		t.Fatal(err)
	}
	if w.header.Get("X-Amz-Invocation-Type") != "Event" || w.body != `{"a":1}` ||
		!strings.Contains(w.path, "function%3Af/invocations") {
		t.Errorf("%s %s %q", w.path, w.body, w.header)
	}
}

func TestFoldersAreListed(t *testing.T) {
	w := &wire{answer: `<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
		<CommonPrefixes><Prefix>p/a+b/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>p/%C3%A9/</Prefix></CommonPrefixes>
		<Version><Key>p/plain</Key><VersionId>v1</VersionId></Version></ListVersionsResult>`}
	found, err := contentsOver(t, w).ListFolders(t.Context(), "p/", empty.Marker{Key: "p/a"})
	if err != nil {
		t.Fatal(err)
	}
	w.hasAsked(t, "GET /a-bucket?", "delimiter=%2F", "encoding-type=url", "key-marker=p%2Fa", "prefix=p%2F", "versions")
	want := empty.Folders{Names: []string{"p/a b/", "p/é/"}, Plain: true, More: true}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
}
