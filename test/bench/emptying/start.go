package main

import (
	"context"
	"net/http"

	"example.com/sharedbucket/test/versity"
)

// start starts a server of a kind.
func start(ctx context.Context, tools, kind string) (http.Handler, filler, func(), error) {
	if kind == "memory" {
		m := &memory{buckets: map[string]*held{}}
		return m, m, func() {}, nil
	}
	address, stop, err := versity.Start(ctx, tools+"/versitygw")
	return passOn(address), newServer("http://" + address), stop, err
}
