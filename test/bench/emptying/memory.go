package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
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
	switch query := r.URL.Query(); operationOf(r) {
	case "ListObjectVersions":
		writePage(w, query, m.page(name, query))
	case "DeleteObjects":
		writeRefused(w, m.delete(name, objectsIn(string(body))))
	case "ListMultipartUploads":
		fmt.Fprint(w, "<ListMultipartUploadsResult></ListMultipartUploadsResult>")
	case "GetBucketPolicy":
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
	n, err := strconv.Atoi(strings.TrimPrefix(id, "v"))
	if v.id = n; err != nil {
		v.id = -1 // behind all versions of the key
	}
	return slices.BinarySearchFunc(b.versions, v, order)
}

const pageSize = 1000

// page is a page of a listing: versions, or folders, which are keys that end in the delimiter.
type page struct {
	entries []version
	more    bool
	last    version
}

// page is made while nobody else is served. What can be done before and after is done there: the server is to cost as
// little as it can.
func (m *memory) page(bucket string, query url.Values) (p page) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.buckets[bucket]
	b.sort()
	prefix, delimiter, folder := query.Get("prefix"), query.Get("delimiter"), ""
	for at := b.begin(prefix, query); at < len(b.versions) && strings.HasPrefix(b.versions[at].key, prefix); at++ {
		v := b.versions[at]
		if v.dead || folder != "" && strings.HasPrefix(v.key, folder) {
			continue
		}
		if len(p.entries) == pageSize {
			p.more = true
			return p
		}
		p.last = v
		if end := strings.Index(v.key[len(prefix):], delimiter); delimiter != "" && end >= 0 {
			folder = v.key[:len(prefix)+end+len(delimiter)]
			v = version{key: folder}
		}
		p.entries = append(p.entries, v)
	}
	return p
}

// begin is where a listing begins.
func (b *held) begin(prefix string, query url.Values) (at int) {
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
	return at
}

func writePage(w io.Writer, query url.Values, p page) {
	name := func(key string) string {
		if query.Get("encoding-type") == "url" {
			return url.QueryEscape(key)
		}
		return key
	}
	out := bytes.NewBuffer(make([]byte, 0, 300*len(p.entries)+500))
	out.WriteString("<ListVersionsResult><EncodingType>" + query.Get("encoding-type") + "</EncodingType>")
	delimiter := query.Get("delimiter")
	for _, v := range p.entries {
		if delimiter != "" && strings.HasSuffix(v.key, delimiter) {
			out.WriteString("<CommonPrefixes><Prefix>" + name(v.key) + "</Prefix></CommonPrefixes>")
			continue
		}
		out.WriteString("<Version><Key>" + name(v.key) + "</Key><VersionId>v" + strconv.Itoa(v.id) +
			"</VersionId><IsLatest>true</IsLatest><LastModified>2026-11-26T00:00:00.000Z</LastModified>" +
			"<ETag>&quot;9dd4e461268c8034f5c8564e155c67a6&quot;</ETag>" +
			"<Size>1</Size><StorageClass>STANDARD</StorageClass></Version>")
	}
	if p.more {
		out.WriteString("<IsTruncated>true</IsTruncated><NextKeyMarker>" + name(p.last.key) + "</NextKeyMarker>" +
			"<NextVersionIdMarker>v" + strconv.Itoa(p.last.id) + "</NextVersionIdMarker>")
	}
	out.WriteString("</ListVersionsResult>")
	_, _ = w.Write(out.Bytes())
}

// object is one of a request that deletes some.
type object struct{ key, version string }

// objectsIn are the objects of such a request. Keys here have no characters that XML would write otherwise.
func objectsIn(body string) (all []object) {
	for part := range strings.SplitSeq(body, "<Object>") {
		if key, there := element(part, "Key"); there {
			id, _ := element(part, "VersionId")
			all = append(all, object{key, id})
		}
	}
	return all
}

// element is the text of an element.
func element(text, name string) (string, bool) {
	_, rest, there := strings.Cut(text, "<"+name+">")
	value, _, closed := strings.Cut(rest, "</")
	return value, there && closed
}

// delete deletes objects and returns those that are locked.
func (m *memory) delete(bucket string, objects []object) (locked []object) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.buckets[bucket]
	for _, o := range objects {
		i, there := b.find(o.key, o.version)
		switch {
		case !there || b.versions[i].dead:
		case b.versions[i].locked:
			locked = append(locked, o)
		default:
			b.versions[i].dead = true
			b.dead++
		}
	}
	return locked
}

func writeRefused(w io.Writer, locked []object) {
	var out strings.Builder
	out.WriteString("<DeleteResult>")
	for _, o := range locked {
		out.WriteString("<Error><Key>" + o.key + "</Key><VersionId>" + o.version +
			"</VersionId><Code>AccessDenied</Code></Error>")
	}
	out.WriteString("</DeleteResult>")
	_, _ = io.WriteString(w, out.String())
}
