// Package sharefile reads share files: one YAML file that describes a share from both ends, with the property names of
// the resource types. The CDK app and the command read them through this package, so a file means the same to both.
package sharefile

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/token"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// File is a share file. Its scalars are strings, as CloudFormation would send them: what a value should have been is
// for Check to say.
type File struct {
	Path       string // where it was read from
	properties map[string]any
	places     map[string]token.Position // by path
}

// Read reads the share file at path. An error names the file and is about its YAML; Check is about its meaning.
func Read(path string) (File, error) {
	file, err := os.Open(path)
	if err != nil {
		return File{}, fmt.Errorf("reading share file: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxBytes+1))
	if err != nil {
		return File{}, fmt.Errorf("reading share file: %w", err)
	}
	return Parse(path, data)
}

// Parse reads a share file from memory; path is for messages.
func Parse(path string, data []byte) (File, error) {
	properties, places, err := parseYAML(data)
	var problem *Error
	if errors.As(err, &problem) {
		problem.File = path
	}
	if err != nil {
		return File{}, err
	}
	return File{Path: path, properties: properties, places: places}, nil
}

// ShareName is the share's name, which its stacks carry: Name, or else the bucket's with hyphens for dots, because
// names of stacks have none. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
func (f File) ShareName() string {
	if given := f.text(name); given != "" {
		return given
	}
	return strings.ReplaceAll(f.BucketName(), ".", "-")
}

// Region is the region of bucket and key.
func (f File) Region() string { return f.text(region) }

// Owner is the id of the owner account.
func (f File) Owner() string { return f.text(owner) }

// BucketName is the bucket's name.
func (f File) BucketName() string { return f.text("BucketName") }

// Env is where the owner's resource lives.
func (f File) Env() share.Env { return f.EnvOf(f.Owner()) }

// EnvOf is where resources of an account that takes part live: in the share's region.
func (f File) EnvOf(account string) share.Env {
	return share.Env{Partition: policy.PartitionOf(f.Region()), Region: f.Region(), Account: account}
}

// BucketProperties are the properties of the owner's Custom::SharedBucket, as the file gives them.
func (f File) BucketProperties() map[string]any {
	p := maps.Clone(f.properties)
	for _, own := range []string{name, region, owner, grantees} {
		delete(p, own)
	}
	return p
}

// Accounts are the accounts that Grantees names, sorted.
func (f File) Accounts() []string {
	byAccount, _ := f.properties[grantees].(map[string]any)
	return slices.Sorted(maps.Keys(byAccount))
}

// AccessProperties are the properties of a consumer account's Custom::SharedBucketAccess. What both ends must agree
// on comes from the owner's properties.
func (f File) AccessProperties(account string) map[string]any {
	byAccount, _ := f.properties[grantees].(map[string]any)
	p := map[string]any{
		"BucketName":   f.BucketName(),
		"OwnerAccount": f.Owner(),
		"Region":       f.Region(),
		"Grantees":     byAccount[account],
	}
	encryption, _ := f.properties["Encryption"].(map[string]any)
	for _, name := range []string{"KeyArn", "Alias"} {
		if v, ok := encryption[name]; ok {
			p[name] = v
		}
	}
	for _, name := range []string{"PolicyType", "Verify", "Canary", "Drift", "Revision"} {
		if v, ok := f.properties[name]; ok {
			p[name] = v
		}
	}
	return p
}

func (f File) text(property string) string {
	s, _ := f.properties[property].(string)
	return s
}
