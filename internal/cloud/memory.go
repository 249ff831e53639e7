package cloud

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"example.com/sharedbucket/internal/plan"
)

// deniedParameter is the usual cause of a denial by SSM, where there is no resource policy to blame.
const deniedParameter = "the provider's role or a service control policy does not allow it"

// onParameter is failed for a call about what is remembered.
func onParameter(err error, format string, args ...any) error {
	return failed(because(err, kmsAccessDenied, deniedParameter, format, args...), format, args...)
}

// remembered reads the declaration in a parameter, "" for none.
func (o *observation) remembered(ctx context.Context, name string) plan.Remembered {
	if name == "" {
		return plan.Remembered{}
	}
	out, err := o.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: &name})
	if has(err, parameterNotFound) {
		return plan.Remembered{}
	}
	if err != nil {
		const doing = "reading what is remembered in %s"
		o.failed(onParameter(err, doing, name), doing, name)
		return plan.Remembered{Hidden: true}
	}
	r := plan.ReadRemembered(aws.ToString(out.Parameter.Value), o.env)
	r.Written, r.Version = aws.ToTime(out.Parameter.LastModifiedDate), out.Parameter.Version
	return r
}

// putParameter makes a parameter with its tags, or writes over one: SSM takes tags only with a new one. One that has
// come to be in the meantime is that of the same event, delivered twice. SSM counts versions from 1, and again after a
// deletion: what was to be written over, and has become the first, was deleted since it was read, with what it was
// about, and nobody would delete it again.
func (a *application) putParameter(ctx context.Context, s plan.Step) error {
	in := &ssm.PutParameterInput{
		Name: &s.Resource, Value: &s.Value, Type: types.ParameterTypeString, Tier: types.ParameterTierIntelligentTiering,
		Description: aws.String("A share as it is declared, written by its provider"),
		Tags:        ssmTags(s.Tags), Overwrite: aws.Bool(s.Tags == nil),
	}
	out, err := a.ssm.PutParameter(ctx, in)
	if has(err, parameterAlreadyExists) {
		in.Tags, in.Overwrite = nil, aws.Bool(true)
		_, err = a.ssm.PutParameter(ctx, in)
	}
	if err == nil && s.Tags == nil && out.Version == 1 {
		err = a.deleteParameter(ctx, s)
		return cmp.Or[error](err, &plan.Changed{Document: "what is remembered in " + s.Resource})
	}
	return onParameter(err, "%s %s", s.Operation, s.Resource)
}

func (a *application) deleteParameter(ctx context.Context, s plan.Step) error {
	_, err := a.ssm.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: &s.Resource})
	return onParameter(ignore(err, parameterNotFound), "%s %s", s.Operation, s.Resource)
}

func ssmTags(tags map[string]string) []types.Tag {
	var list []types.Tag
	for k, v := range tags {
		list = append(list, types.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	return list
}
