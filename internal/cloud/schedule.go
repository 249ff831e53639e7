package cloud

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"example.com/sharedbucket/internal/declaration"
)

// Memories are the names of the parameters in which shares and accesses of the account are remembered, sorted.
func (c *Cloud) Memories(ctx context.Context) ([]string, error) {
	all, err := c.Remembered(ctx)
	var names []string
	for _, m := range all {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	return names, err
}

// Memory is what a parameter holds, and who wrote it; Name is "" when there is no such parameter.
type Memory struct{ Name, Value, Writer string }

// Remembered is what all of these parameters hold, without who wrote it.
func (c *Cloud) Remembered(ctx context.Context) ([]Memory, error) {
	var all []Memory
	pages := ssm.NewGetParametersByPathPaginator(c.ssm, &ssm.GetParametersByPathInput{
		Path: aws.String(strings.TrimSuffix(declaration.Path, "/")), Recursive: aws.Bool(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return all, failed(because(err, kmsAccessDenied, deniedParameter, "listing what is remembered"),
				"listing what is remembered")
		}
		for _, p := range page.Parameters {
			all = append(all, Memory{Name: aws.ToString(p.Name), Value: aws.ToString(p.Value)})
		}
	}
	return all, nil
}

// Memory reads a parameter's newest version from its history: value and writer of one version, which two calls could
// not promise.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html
func (c *Cloud) Memory(ctx context.Context, name string) (Memory, error) {
	newest, version := Memory{}, int64(0)
	pages := ssm.NewGetParameterHistoryPaginator(c.ssm, &ssm.GetParameterHistoryInput{
		Name: &name, MaxResults: aws.Int32(50),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if has(err, parameterNotFound) {
			return Memory{}, nil
		}
		if err != nil {
			return Memory{}, failed(because(err, kmsAccessDenied, deniedParameter, "reading the history of %s", name),
				"reading the history of %s", name)
		}
		for _, p := range page.Parameters {
			if p.Version > version {
				version = p.Version
				newest = Memory{Name: name, Value: aws.ToString(p.Value), Writer: aws.ToString(p.LastModifiedUser)}
			}
		}
	}
	return newest, nil
}
