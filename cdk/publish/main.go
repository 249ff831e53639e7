// Publish uploads the function's zip to the artifact bucket of each region, under a name that holds the zip's SHA-256,
// and prints the parameters that the templates take. make publish runs it.
//
// Nothing is ever overwritten: the upload asks S3 to refuse that, and so does the bucket's policy, see
// templates/artifacts.yaml.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"example.com/sharedbucket/internal/build"
)

func main() {
	prefix := flag.String("prefix", "", "the buckets are <prefix>-<region>")
	regions := flag.String("regions", "", "regions to publish to, separated by commas")
	arch := flag.String("arch", "arm64", "the function's architecture, arm64 or x86_64")
	flag.Parse()
	if *prefix == "" || *regions == "" {
		fmt.Fprintln(os.Stderr, "make publish PREFIX=<prefix of the buckets> REGIONS=<region>[,<region>…] [ARCH=x86_64]")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := publish(ctx, os.Stdout, *prefix, strings.Split(*regions, ","), *arch); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func publish(ctx context.Context, out io.Writer, prefix string, regions []string, arch string) error {
	program := filepath.Join("build", "lambda", arch, "bootstrap")
	bootstrap, err := os.ReadFile(program)
	if err != nil {
		return fmt.Errorf("the function is not built for %s: run make %s (%w)", arch, program, err)
	}
	if err := build.CheckMachine(program, arch); err != nil {
		return err
	}
	code, err := pack(bootstrap)
	if err != nil {
		return err
	}
	for _, region := range regions {
		c, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
		if err != nil {
			return err
		}
		client := s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = c.BaseEndpoint != nil })
		said, err := code.upload(ctx, client, prefix+"-"+region, arch)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, said)
	}
	_, err = fmt.Fprintf(out, "\nParameters for templates/organization.yaml:\n"+
		"  CodeBucketPrefix=%s\n  CodeKey=%s\n  Architecture=%s\n", prefix, code.key(arch), arch)
	return err
}
