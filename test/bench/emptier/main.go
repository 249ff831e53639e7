// Emptier empties a bucket as the function does, and prints what came of it: a process of its own, whose memory can be
// measured. It is the counterpart of the CDK's handler in a process of node.
package main

import (
	"context"
	"fmt"
	"os"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/empty"
	"example.com/sharedbucket/internal/share"
)

func main() {
	if err := run(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "emptier:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, bucket string) error {
	config, err := cloud.Config(ctx)
	if err != nil {
		return err
	}
	env := share.Env{Partition: "aws", Region: config.Region, Account: os.Getenv("BUCKET_OWNER")}
	left, err := cloud.New(config, env).Empty(ctx, ctx, bucket, empty.Everything())
	if err != nil {
		return err
	}
	r := left.Report
	if r.Failed > 0 {
		fmt.Println(r.Undeletable())
		return nil
	}
	fmt.Printf("%d deleted\n", r.Deleted)
	return nil
}
