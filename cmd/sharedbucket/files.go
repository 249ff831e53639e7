package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/sharedbucket/internal/inventory"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/template"
	"example.com/sharedbucket/internal/terraform"
	"example.com/sharedbucket/policy"
)

// fromFiles is what collect is told about files that declare what is deployed.
type fromFiles struct {
	from       []string
	parameters []string
	account    string
}

func (f *fromFiles) addTo(command *cobra.Command) {
	flags := command.Flags()
	flags.StringArrayVar(&f.from, "from", nil, "read a template, a cdk.out folder, or `terraform show -json`, instead of "+
		"AWS: ACCOUNT=FILE or FILE; once for each")
	flags.StringArrayVar(&f.parameters, "parameter", nil, "a parameter's value, NAME=VALUE; with --from")
	flags.StringVar(&f.account, "account", "", "account of the files that name none; with --from")
	_ = command.MarkFlagFilename("from", "json", "yaml", "yml", "template")
}

// file is one file with what is known about where it is deployed.
type file struct {
	path string
	env  share.Env
}

// read puts together what all files declare; what it has to say besides goes to warnings.
func (f fromFiles) read(region string, warnings io.Writer) (*inventory.Inventory, error) {
	parameters, err := f.given()
	if err != nil {
		return nil, err
	}
	files, err := f.files(region)
	if err != nil {
		return nil, err
	}
	all := inventory.New()
	for _, one := range files {
		data, err := os.ReadFile(one.path)
		if err != nil {
			return nil, fmt.Errorf("reading what is declared: %w", err)
		}
		var notes []string
		if terraform.Is(data) {
			notes, err = terraform.Read(all, terraform.File{Name: one.path, Env: one.env}, data)
		} else {
			notes, err = template.Read(all, template.File{Name: one.path, Env: one.env, Parameters: parameters}, data)
		}
		if err != nil {
			return nil, err
		}
		for _, n := range notes {
			fmt.Fprintln(warnings, "warning:", n)
		}
	}
	return all, nil
}

func (f fromFiles) given() (map[string]string, error) {
	all := map[string]string{}
	for _, p := range f.parameters {
		name, value, found := strings.Cut(p, "=")
		if !found || name == "" {
			return nil, fmt.Errorf("--parameter %s: write NAME=VALUE", p)
		}
		all[name] = value
	}
	return all, nil
}

// files are all files, with folders of the cdk taken apart.
func (f fromFiles) files(region string) ([]file, error) {
	var all []file
	for _, from := range f.from {
		account, path, found := strings.Cut(from, "=")
		if !found || !share.IsAccountID(account) {
			account, path = f.account, from
		}
		env := share.Env{Partition: policy.PartitionOf(region), Region: region, Account: account}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			stacks, err := assembly(path, env)
			if err != nil {
				return nil, err
			}
			all = append(all, stacks...)
			continue
		}
		all = append(all, file{path, env})
	}
	for _, one := range all {
		if !share.IsAccountID(one.env.Account) {
			return nil, fmt.Errorf("--from %s: whose account? Write ACCOUNT=FILE, or give --account", one.path)
		}
		if one.env.Region == "" {
			return nil, fmt.Errorf("--from %s: in which region? Give --region", one.path)
		}
	}
	return all, nil
}

// assembly are the stacks of a cloud assembly: the folder that `cdk synth` leaves, or one inside of it for a stage.
// Accounts and regions that it names count; one that is not bound to any is deployed as env says.
// https://docs.aws.amazon.com/cdk/v2/guide/deploy.html#deploy-how-synth
func assembly(folder string, env share.Env) ([]file, error) {
	data, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		return nil, fmt.Errorf("--from %s: a folder must be one that cdk synth left: %w", folder, err)
	}
	var manifest struct {
		Artifacts map[string]struct {
			Type, Environment string
			Properties        struct {
				TemplateFile  string `json:"templateFile"`
				DirectoryName string `json:"directoryName"`
			}
		}
	}
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&manifest); err != nil {
		return nil, fmt.Errorf("reading %s/manifest.json: %w", folder, err)
	}
	var all []file
	for _, a := range manifest.Artifacts {
		switch a.Type {
		case "aws:cloudformation:stack":
			all = append(all, file{filepath.Join(folder, a.Properties.TemplateFile), environment(a.Environment, env)})
		case "cdk:cloud-assembly":
			more, err := assembly(filepath.Join(folder, a.Properties.DirectoryName), env)
			if err != nil {
				return nil, err
			}
			all = append(all, more...)
		}
	}
	slices.SortFunc(all, func(a, b file) int { return strings.Compare(a.path, b.path) })
	return all, nil
}

// environment reads aws://111111111111/ap-southeast-2.
func environment(text string, otherwise share.Env) share.Env {
	account, region, _ := strings.Cut(strings.TrimPrefix(text, "aws://"), "/")
	if share.IsAccountID(account) {
		otherwise.Account = account
	}
	if region != "" && !strings.HasPrefix(region, "unknown") {
		otherwise.Region, otherwise.Partition = region, policy.PartitionOf(region)
	}
	return otherwise
}

// reportsFromFiles are a report on a share, or on each bucket that files declare.
func (v verification) reportsFromFiles(f fromFiles, args []string, warnings io.Writer) ([]proof.Report, error) {
	if len(v.profiles) > 0 {
		return nil, fmt.Errorf("give files or profiles, not both")
	}
	if len(args) == 1 && v.bucket != "" {
		return nil, errNotBoth
	}
	if len(args) == 1 {
		return v.shareFromFiles(f, args[0], warnings)
	}
	all, err := f.read(v.region, warnings)
	if err != nil {
		return nil, err
	}
	names := all.Buckets()
	if v.bucket != "" {
		names = []string{v.bucket}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("the files declare no bucket")
	}
	var reports []proof.Report
	for _, name := range names {
		world, err := all.World(name)
		if err != nil {
			return nil, err
		}
		env := share.Env{Account: world.Bucket.Owner, Region: world.Bucket.Region}
		env.Partition = policy.PartitionOf(env.Region)
		reports = append(reports, proof.ForBucket(env, world))
	}
	return reports, nil
}

func (v verification) shareFromFiles(f fromFiles, path string, warnings io.Writer) ([]proof.Report, error) {
	ends, err := readShare(path, warnings)
	if err != nil {
		return nil, err
	}
	all, err := f.read(cmp.Or(v.region, ends.Share.Env.Region), warnings)
	if err != nil {
		return nil, err
	}
	world, err := all.World(ends.Share.Bucket)
	if err != nil {
		return nil, err
	}
	if owner := ends.Share.Env.Account; world.Bucket.Owner != owner {
		return nil, fmt.Errorf("the files have bucket %s in account %s, and %s in %s",
			ends.Share.Bucket, world.Bucket.Owner, path, owner)
	}
	return []proof.Report{proof.ForShare(ends.Share, granteesOf(ends), world)}, nil
}
