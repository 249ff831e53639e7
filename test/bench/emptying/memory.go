package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// memory is an S3 server for what this benchmark does, and for nothing else: its calls take next to no time, so that
// the added latency is what is measured. Real servers stand beside it in the comparison, and in the tests.
// Versions are listed as AWS does: in the order of keys, after a place whether it is there or not.
type memory struct {
	mu      sync.Mutex
	buckets map[string]*held
}

// held is the versions of a bucket in the order of a listing. Those that were deleted are taken out now and then.
type held struct {
	versions []version
	dead     int
	sorted   bool
}

type version struct {
	key          string
	id           int
	locked, dead bool
}

func order(a, b version) int {
	if c := strings.Compare(a.key, b.key); c != 0 {
		return c
	}
	return b.id - a.id // the newest first
}

func (m *memory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	b, query := m.buckets[name], r.URL.Query()
	switch operation := operationOf(r); {
	case operation == "ListObjectVersions":
		b.list(w, query)
	case operation == "DeleteObjects":
		b.delete(w, body)
	case operation == "ListMultipartUploads":
		fmt.Fprint(w, "<ListMultipartUploadsResult></ListMultipartUploadsResult>")
	case operation == "GetBucketPolicy":
		fmt.Fprint(w, `{"Version":"2012-10-17","Statement":[]}`)
	}
}

func (m *memory) fill(_ context.Context, c contents) (string, error) {
	b := &held{}
	for i := range c.objects {
		for n := range c.versions {
			b.versions = append(b.versions, version{key: key(i), id: n, locked: i < c.locked})
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	bucket := newName()
	m.buckets[bucket] = b
	return bucket, nil
}

func (m *memory) left(_ context.Context, bucket string) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.buckets[bucket].versions) - m.buckets[bucket].dead, nil
}

func (b *held) sort() {
	if !b.sorted {
		slices.SortFunc(b.versions, order)
		b.sorted = true
	}
	if b.dead > len(b.versions)/2 {
		b.versions = slices.DeleteFunc(b.versions, func(v version) bool { return v.dead })
		b.dead = 0
	}
}

// find is where a version is or would be.
func (b *held) find(key, id string) (int, bool) {
	v := version{key: key}
	if _, err := fmt.Sscanf(id, "v%d", &v.id); err != nil {
		v.id = -1 // behind all versions of the key
	}
	return slices.BinarySearchFunc(b.versions, v, order)
}

const pageSize = 1000

func (b *held) list(w http.ResponseWriter, query url.Values) {
	b.sort()
	at, prefix := 0, query.Get("prefix")
	if prefix != "" {
		at, _ = slices.BinarySearchFunc(b.versions, version{key: prefix, id: 1 << 62}, order)
	}
	if marker := query.Get("key-marker"); marker != "" {
		after, there := b.find(marker, query.Get("version-id-marker"))
		if there {
			after++
		}
		at = max(at, after)
	}
	var out bytes.Buffer
	out.WriteString("<ListVersionsResult><EncodingType>" + query.Get("encoding-type") + "</EncodingType>")
	name := func(key string) string {
		if query.Get("encoding-type") == "url" {
			return url.QueryEscape(key)
		}
		return key
	}
	n, last := 0, version{}
	delimiter, folder := query.Get("delimiter"), ""
	for ; at < len(b.versions) && strings.HasPrefix(b.versions[at].key, prefix); at++ {
		v := b.versions[at]
		if v.dead || folder != "" && strings.HasPrefix(v.key, folder) {
			continue
		}
		if n == pageSize {
			fmt.Fprintf(&out, "<IsTruncated>true</IsTruncated><NextKeyMarker>%s</NextKeyMarker>"+
				"<NextVersionIdMarker>v%d</NextVersionIdMarker>", name(last.key), last.id)
			break
		}
		n, last = n+1, v
		if at := strings.Index(v.key[len(prefix):], delimiter); delimiter != "" && at >= 0 {
			folder = v.key[:len(prefix)+at+len(delimiter)]
			fmt.Fprintf(&out, "<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>", name(folder))
			continue
		}
		fmt.Fprintf(&out, "<Version><Key>%s</Key><VersionId>v%d</VersionId><IsLatest>true</IsLatest>"+
			"<LastModified>2026-11-26T00:00:00.000Z</LastModified><ETag>&quot;9dd4e461268c8034f5c8564e155c67a6&quot;</ETag>"+
			"<Size>1</Size><StorageClass>STANDARD</StorageClass></Version>", name(v.key), v.id)
	}
	out.WriteString("</ListVersionsResult>")
	_, _ = w.Write(out.Bytes())
}

func (b *held) delete(w http.ResponseWriter, body []byte) {
	var request struct {
		Object []struct{ Key, VersionId string }
	}
	if err := xml.Unmarshal(body, &request); err != nil {
		http.Error(w, "<Error><Code>MalformedXML</Code></Error>", http.StatusBadRequest)
		return
	}
	fmt.Fprint(w, "<DeleteResult>")
	for _, o := range request.Object {
		i, there := b.find(o.Key, o.VersionId)
		switch {
		case !there || b.versions[i].dead:
		case b.versions[i].locked:
			fmt.Fprintf(w, "<Error><Key>%s</Key><VersionId>%s</VersionId><Code>AccessDenied</Code></Error>", o.Key, o.VersionId)
		default:
			b.versions[i].dead = true
			b.dead++
		}
	}
	fmt.Fprint(w, "</DeleteResult>")
}
