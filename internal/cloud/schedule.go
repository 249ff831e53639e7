package cloud

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

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

// Memory is what a parameter holds, and who wrote it, and when in UTC; Name is "" when there is no such parameter.
type Memory struct{ Name, Value, Writer, Written string }

// Remembered is what all of these parameters hold, without who wrote it and when.
func (c *Cloud) Remembered(ctx context.Context) ([]Memory, error) {
	pages := ssm.NewGetParametersByPathPaginator(c.ssm, &ssm.GetParametersByPathInput{
		Path: aws.String(strings.TrimSuffix(declaration.Path, "/")), Recursive: aws.Bool(true),
	})
	found, err := collect(ctx, pages, func(out *ssm.GetParametersByPathOutput) []types.Parameter { return out.Parameters })
	var all []Memory
	for _, p := range found {
		all = append(all, Memory{Name: aws.ToString(p.Name), Value: aws.ToString(p.Value)})
	}
	return all, onParameter(err, "listing what is remembered")
}

// Memory reads a parameter's newest version from its history: value and writer of one version, which two calls could
// not promise.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html
func (c *Cloud) Memory(ctx context.Context, name string) (Memory, error) {
	pages := ssm.NewGetParameterHistoryPaginator(c.ssm, &ssm.GetParameterHistoryInput{
		Name: &name, MaxResults: aws.Int32(50),
	})
	versions, err := collect(ctx, pages, func(out *ssm.GetParameterHistoryOutput) []types.ParameterHistory {
		return out.Parameters
	})
	if err != nil {
		return Memory{}, onParameter(ignore(err, parameterNotFound), "reading the history of %s", name)
	}
	newest, version := Memory{}, int64(0)
	for _, p := range versions {
		if p.Version > version {
			version = p.Version
			newest = Memory{Name: name, Value: aws.ToString(p.Value), Writer: aws.ToString(p.LastModifiedUser)}
			if p.LastModifiedDate != nil {
				newest.Written = p.LastModifiedDate.UTC().Format(time.RFC3339)
			}
		}
	}
	return newest, nil
}
