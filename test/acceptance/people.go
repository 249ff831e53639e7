package acceptance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// person is an IAM user without any policy of his own.
type person struct {
	name string
	s3   *s3.Client
}

// user makes a user with an access key, to be deleted in the end.
func (s *fixture) user(ctx context.Context, in *account, name string) (*person, error) {
	name = s.name + "-" + name
	client := iam.NewFromConfig(in.config)
	if _, err := client.CreateUser(whole(ctx), &iam.CreateUserInput{UserName: &name}); err != nil {
		return nil, fmt.Errorf("making user %s: %w", name, err)
	}
	s.later(func(ctx context.Context) error {
		_, err := client.DeleteUser(ctx, &iam.DeleteUserInput{UserName: &name})
		return err
	})
	key, err := client.CreateAccessKey(whole(ctx), &iam.CreateAccessKeyInput{UserName: &name})
	if err != nil {
		return nil, fmt.Errorf("making a key for %s: %w", name, err)
	}
	s.later(func(ctx context.Context) error {
		_, err := client.DeleteAccessKey(ctx,
			&iam.DeleteAccessKeyInput{UserName: &name, AccessKeyId: key.AccessKey.AccessKeyId})
		return err
	})
	config := in.config.Copy()
	config.Credentials = credentials.NewStaticCredentialsProvider(*key.AccessKey.AccessKeyId,
		*key.AccessKey.SecretAccessKey, "")
	return &person{name: name, s3: client3(config)}, nil
}

// team makes a group with somebody in it, to be deleted in the end. IAM gives a group more room than a user: during a
// replacement the policies of both buckets are there.
func (s *fixture) team(ctx context.Context, p *person) error {
	name, client := s.teamName(), iam.NewFromConfig(s.a.config)
	if _, err := client.CreateGroup(whole(ctx), &iam.CreateGroupInput{GroupName: &name}); err != nil {
		return fmt.Errorf("making group %s: %w", name, err)
	}
	s.later(func(ctx context.Context) error {
		_, err := client.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: &name})
		return err
	})
	_, err := client.AddUserToGroup(whole(ctx), &iam.AddUserToGroupInput{GroupName: &name, UserName: &p.name})
	s.later(func(ctx context.Context) error {
		_, err := client.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{GroupName: &name, UserName: &p.name})
		return err
	})
	return err
}

func (s *fixture) teamName() string { return s.name + "-team" }

func client3(config aws.Config) *s3.Client {
	return s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = config.BaseEndpoint != nil })
}

// can are those of put, get and list that somebody can do, in that order.
func (p *person) can(ctx context.Context, bucket string) (string, error) {
	key := "from-" + p.name
	var able []string
	for _, try := range []struct {
		name string
		do   func() error
	}{
		{"put", func() error { return p.put(ctx, bucket, key, nil) }},
		{"get", func() error {
			_, err := p.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
			return err
		}},
		{"list", func() error {
			_, err := p.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket})
			return err
		}},
	} {
		switch err := try.do(); {
		case err == nil:
			able = append(able, try.name)
		case !slices.Contains([]string{"AccessDenied", "InvalidAccessKeyId", "NoSuchBucket", "NoSuchKey"}, codeOf(err)):
			return "", fmt.Errorf("%s %s as %s: %w", try.name, bucket, p.name, err)
		}
	}
	return strings.Join(able, " "), nil
}

func (p *person) put(ctx context.Context, bucket, key string, more func(*s3.PutObjectInput)) error {
	in := &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("written by " + p.name)}
	if more != nil {
		more(in)
	}
	_, err := p.s3.PutObject(whole(ctx), in)
	return err
}

func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// mustCan notes whether somebody can do what is declared, and how long AWS took to let him. New keys, policies and
// denials all take their time:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
func (s *fixture) mustCan(ctx context.Context, p *person, bucket, want, why string) error {
	began := time.Now()
	got := ""
	for try := 0; try < 12; try++ {
		var err error
		if got, err = p.can(ctx, bucket); err != nil {
			return err
		}
		if got == want {
			break
		}
		time.Sleep(s.Pause)
	}
	seen := fmt.Sprintf("%q after %s", got, time.Since(began).Round(time.Second))
	s.report.note(got == want, seen, "%s can do %q: %s", strings.TrimPrefix(p.name, s.name+"-"), want, why)
	s.say("  %s can do %s", p.name, seen)
	return nil
}

// mustRefuse notes whether a write with other encryption than the share's is refused.
func (s *fixture) mustRefuse(ctx context.Context, p *person, bucket, what string, more func(*s3.PutObjectInput)) {
	err := p.put(ctx, bucket, "otherwise", more)
	s.report.note(codeOf(err) == "AccessDenied", fmt.Sprintf("%v", codeOf(err)), "a write %s is refused", what)
}

func clear(in *s3.PutObjectInput) { in.ServerSideEncryption = types.ServerSideEncryptionAes256 }

func unnamed(in *s3.PutObjectInput) { in.ServerSideEncryption = types.ServerSideEncryptionAwsKms }
