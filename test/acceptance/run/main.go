// Command run plays the acceptance in two real accounts: make acceptance PROFILE_A=… PROFILE_B=…. With
// AWS_ENDPOINT_URL, or endpoint_url in the profiles, it goes to an emulator instead.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"example.com/sharedbucket/test/acceptance"
	"example.com/sharedbucket/test/local"
)

func main() {
	profileA := flag.String("a", "", "profile of an administrator of account A, the owner")
	profileB := flag.String("b", "", "profile of an administrator of account B, the consumer")
	region := flag.String("region", "", "region; default: that of profile A")
	arch := flag.String("arch", "arm64", "what the function is built for: arm64 or x86_64")
	report := flag.String("report", "build/acceptance.md", "the file that the report is written to")
	flag.Parse()
	if err := run(*profileA, *profileB, *region, *arch, *report, ask); err != nil {
		fmt.Fprintln(os.Stderr, "acceptance:", err)
		os.Exit(1)
	}
}

func run(profileA, profileB, region, arch, file string, confirm func(question string) bool) error {
	if profileA == "" || profileB == "" {
		return errors.New("give two profiles: make acceptance PROFILE_A=… PROFILE_B=…")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a, err := load(ctx, profileA, region)
	if err != nil {
		return err
	}
	b, err := load(ctx, profileB, a.Region)
	if err != nil {
		return err
	}
	zip, err := local.Zip("build/lambda/" + arch + "/bootstrap")
	if err != nil {
		return fmt.Errorf("packing the function, run make build first: %w", err)
	}
	r, err := acceptance.Run(ctx, acceptance.Options{
		A: a, B: b, Zip: zip, Arch: arch, Root: ".", Out: os.Stdout, Confirm: confirm, Pause: 10 * time.Second,
	})
	if len(r.Facts) > 0 {
		err = errors.Join(err, os.WriteFile(file, []byte(r.Markdown()), 0o644))
		fmt.Printf("\n%d facts, %d not confirmed; the report is in %s\n", len(r.Facts), len(r.Failed()), file)
	}
	return err
}

func load(ctx context.Context, profile, region string) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{config.WithSharedConfigProfile(profile)}
	if region != "" {
		options = append(options, config.WithRegion(region))
	}
	c, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return c, fmt.Errorf("profile %s: %w", profile, err)
	}
	return c, nil
}

func ask(question string) bool {
	fmt.Printf("%s [yes/no] ", question)
	answer, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	return strings.TrimSpace(answer) == "yes"
}
