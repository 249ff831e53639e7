package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"
)

// proxy stands before a server, adds the latency of a call from inside a region to each, and counts them.
type proxy struct {
	*httptest.Server
	to      http.Handler
	latency time.Duration

	mu    sync.Mutex
	calls map[string]int
}

func newProxy(to http.Handler, latency time.Duration) *proxy {
	p := &proxy{to: to, latency: latency, calls: map[string]int{}}
	p.Server = httptest.NewServer(p)
	return p
}

// passOn is a server at an address. The host is signed, so that it arrives there as it was sent.
func passOn(address string) http.Handler {
	to := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})
	to.Transport = &http.Transport{MaxIdleConnsPerHost: 64}
	return to
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation := operationOf(r)
	p.mu.Lock()
	p.calls[operation]++
	p.mu.Unlock()
	time.Sleep(p.latency)
	if operation == "GetBucketTagging" {
		// The CDK's handler leaves a bucket alone without this tag, and not every server keeps tags of buckets.
		_, _ = io.WriteString(w, "<Tagging><TagSet><Tag><Key>aws-cdk:auto-delete-objects</Key><Value>true</Value></Tag>"+
			"</TagSet></Tagging>")
		return
	}
	p.to.ServeHTTP(w, r)
}

// counts are the calls by operation since they were last asked for.
func (p *proxy) counts() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	counts := p.calls
	p.calls = map[string]int{}
	return counts
}

func operationOf(r *http.Request) string {
	query := r.URL.Query()
	for _, known := range []struct{ method, parameter, operation string }{
		{http.MethodGet, "versions", "ListObjectVersions"},
		{http.MethodGet, "uploads", "ListMultipartUploads"},
		{http.MethodPost, "delete", "DeleteObjects"},
		{http.MethodGet, "tagging", "GetBucketTagging"},
		{http.MethodGet, "policy", "GetBucketPolicy"},
		{http.MethodPut, "policy", "PutBucketPolicy"},
		{http.MethodDelete, "versionId", "DeleteObject"},
	} {
		if r.Method == known.method && query.Has(known.parameter) {
			return known.operation
		}
	}
	return r.Method
}
