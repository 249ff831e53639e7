// Memory is an S3 server that keeps everything in memory: its calls take next to no time, so that a benchmark with added
// latency measures how calls are made and not the server. It prints its address and ends with its standard input.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, "memory:", err)
		os.Exit(1)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	err = http.Serve(listener, gofakes3.New(s3mem.New()).Server())
	fmt.Fprintln(os.Stderr, "memory:", err)
	os.Exit(1)
}
