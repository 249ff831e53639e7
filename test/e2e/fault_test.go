package e2e

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"example.com/sharedbucket/test/local"
)

// fault stands between a provider and AWS and refuses chosen calls with AccessDenied.
type fault struct {
	refuses atomic.Value // func(*http.Request) bool
	url     string
}

// newFaultyAccount is an account whose provider reaches AWS through a fault.
func newFaultyAccount(t *testing.T) (*account, *fault) {
	t.Helper()
	s := newAccount(t)
	f := &fault{}
	f.heal()
	target, err := url.Parse(aws.Endpoint)
	must(t, err)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
		// A refused call makes the provider give up the others of its round.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.refuses.Load().(func(*http.Request) bool)(r) {
			deny(w, r)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	f.url = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	provider, err := s.CreateFunction(t.Context(), local.FunctionSpec{
		Name: "sharedbucket-provider-faulty", Zip: code, Role: s.role,
		Environment: limits(s.Account, map[string]string{"AWS_ENDPOINT_URL": f.url}),
	})
	must(t, err)
	s.provider = provider
	return s, f
}

func deny(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Amz-Target") != "" {
		w.Header().Set("X-Amzn-ErrorType", "AccessDeniedException")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"__type":"AccessDeniedException","message":"refused by the test"}`)
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusForbidden)
	fmt.Fprint(w, `<Error><Code>AccessDenied</Code><Message>refused by the test</Message></Error>`)
}

func (f *fault) heal() { f.refuses.Store(func(*http.Request) bool { return false }) }

// refuse refuses S3's `PUT ?subresource`, or the KMS operation of that name.
func (f *fault) refuse(what string) {
	f.refuses.Store(func(r *http.Request) bool {
		_, sub := r.URL.Query()[what]
		return (r.Method == http.MethodPut && sub) || strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+what)
	})
}
