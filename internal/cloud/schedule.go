package cloud

import (
	"cmp"
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

// Memory is what a version of a parameter holds, and who wrote it, and when in UTC; Name is "" when there is no such
// parameter. SSM counts the versions of a parameter from 1 on.
type Memory struct {
	Name, Value, Writer, Written string
	Version                      int64
}

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
func (c *Cloud) Memory(ctx context.Context, name string) (Memory, error) {
	versions, err := c.MemoriesSince(ctx, name, 0)
	if err != nil || len(versions) == 0 {
		return Memory{}, err
	}
	return versions[len(versions)-1], nil
}

// MemoriesSince are the versions of a parameter that came after one, in their order. SSM keeps the newest hundred.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html
func (c *Cloud) MemoriesSince(ctx context.Context, name string, version int64) ([]Memory, error) {
	pages := ssm.NewGetParameterHistoryPaginator(c.ssm, &ssm.GetParameterHistoryInput{
		Name: &name, MaxResults: aws.Int32(50),
	})
	versions, err := collect(ctx, pages, func(out *ssm.GetParameterHistoryOutput) []types.ParameterHistory {
		return out.Parameters
	})
	if err != nil {
		return nil, onParameter(ignore(err, parameterNotFound), "reading the history of %s", name)
	}
	var since []Memory
	for _, p := range versions {
		if p.Version <= version {
			continue
		}
		m := Memory{
			Name: name, Value: aws.ToString(p.Value), Writer: aws.ToString(p.LastModifiedUser), Version: p.Version,
		}
		if p.LastModifiedDate != nil {
			m.Written = p.LastModifiedDate.UTC().Format(time.RFC3339)
		}
		since = append(since, m)
	}
	slices.SortFunc(since, func(a, b Memory) int { return cmp.Compare(a.Version, b.Version) })
	return since, nil
}
