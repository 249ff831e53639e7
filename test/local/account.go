package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// inlinePolicy is the name of the policy that users, groups and roles made here get.
const inlinePolicy = "local"

// Account is an account of the local AWS, seen by its administrator.
type Account struct {
	ID string
	// Admin is the IAM user `admin`, who may do everything.
	Admin Principal

	aws *AWS
}

// Principal is somebody who can make requests.
type Principal struct {
	ARN         string
	Name        string
	Credentials aws.Credentials

	aws *AWS
}

// Config is the SDK configuration of the principal's requests.
func (p Principal) Config() aws.Config {
	c := p.Credentials
	return p.aws.Config(credentials.NewStaticCredentialsProvider(c.AccessKeyID, c.SecretAccessKey, c.SessionToken))
}

// Environment is the variables with which programs like aws and cdk act as the principal.
func (p Principal) Environment() []string { return p.aws.Environment(p.Credentials) }

// Account gives an account's administrator. An account exists from the moment somebody asks for it.
func (s *AWS) Account(ctx context.Context, id string) (*Account, error) {
	var made struct {
		ARN    string `json:"arn"`
		Key    string `json:"access_key_id"`
		Secret string `json:"secret_access_key"`
	}
	if err := s.control(ctx, http.MethodPost, "accounts/"+id, nil, &made); err != nil {
		return nil, err
	}
	account := &Account{ID: id, aws: s}
	key := aws.Credentials{AccessKeyID: made.Key, SecretAccessKey: made.Secret}
	account.Admin = account.principal("admin", made.ARN, key)
	return account, nil
}

// Join takes the account into the organization of a management account, below a root or an organizational unit: what an
// invitation and its acceptance come to.
func (a *Account) Join(ctx context.Context, management *Account, parent string) error {
	return a.aws.control(ctx, http.MethodPost, "accounts/"+a.ID+"/join",
		map[string]string{"management": management.ID, "parent": parent}, nil)
}

// SetLatency changes what is added to every API call of the account's from now on.
func (a *Account) SetLatency(ctx context.Context, latency time.Duration) error {
	return a.set(ctx, "latency_ms", latency.Seconds()*1000)
}

// SetRetryDelays changes how long an asynchronous invocation waits before its first and second retry. AWS waits one
// and two minutes; here it is one and two seconds unless it is set.
func (a *Account) SetRetryDelays(ctx context.Context, delays ...time.Duration) error {
	seconds := make([]float64, len(delays))
	for i, delay := range delays {
		seconds[i] = delay.Seconds()
	}
	return a.set(ctx, "async_retry_delays", seconds)
}

// SetSettle changes how long requests that start a stack operation wait for its end before they return: 10 seconds
// unless it is set, so that tools which look again every 30 seconds do not.
func (a *Account) SetSettle(ctx context.Context, wait time.Duration) error {
	return a.set(ctx, "settle_seconds", wait.Seconds())
}

func (a *Account) set(ctx context.Context, setting string, value any) error {
	return a.aws.control(ctx, http.MethodPatch, "accounts/"+a.ID+"/settings", map[string]any{setting: value}, nil)
}

// Anonymous is nobody: its requests are not signed.
func (s *AWS) Anonymous() aws.Config { return s.Config(aws.AnonymousCredentials{}) }

func (a *Account) principal(name, arn string, credentials aws.Credentials) Principal {
	credentials.AccountID = a.ID
	return Principal{ARN: arn, Name: name, Credentials: credentials, aws: a.aws}
}

// Config is the SDK configuration of the account's administrator.
func (a *Account) Config() aws.Config { return a.Admin.Config() }

// Document is a policy with the given statements.
func Document(statements ...map[string]any) string {
	document, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		panic(fmt.Sprintf("a policy statement that is no JSON: %v", err))
	}
	return string(document)
}

// AllowAll is a policy that allows everything, as far as identity policies can.
var AllowAll = Document(map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*"})

// CreateUser makes an IAM user with an access key and, unless it is empty, an inline policy.
func (a *Account) CreateUser(ctx context.Context, name, policy string) (Principal, error) {
	client := iam.NewFromConfig(a.Config())
	made, err := client.CreateUser(ctx, &iam.CreateUserInput{UserName: &name})
	if err != nil {
		return Principal{}, err
	}
	if policy != "" {
		if _, err := client.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
			UserName: &name, PolicyName: aws.String(inlinePolicy), PolicyDocument: &policy,
		}); err != nil {
			return Principal{}, err
		}
	}
	key, err := client.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &name})
	if err != nil {
		return Principal{}, err
	}
	return a.principal(name, *made.User.Arn, aws.Credentials{
		AccessKeyID: *key.AccessKey.AccessKeyId, SecretAccessKey: *key.AccessKey.SecretAccessKey,
	}), nil
}

// CreateGroup makes an IAM group with these users as members and, unless it is empty, an inline policy.
func (a *Account) CreateGroup(ctx context.Context, name, policy string, users ...string) error {
	client := iam.NewFromConfig(a.Config())
	if _, err := client.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: &name}); err != nil {
		return err
	}
	if policy != "" {
		if _, err := client.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{
			GroupName: &name, PolicyName: aws.String(inlinePolicy), PolicyDocument: &policy,
		}); err != nil {
			return err
		}
	}
	for _, user := range users {
		if _, err := client.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: &name, UserName: &user}); err != nil {
			return err
		}
	}
	return nil
}

// CreateRole makes a role that the account and Lambda may assume, with an inline policy unless it is empty, and
// returns its ARN. It is no error when there is such a role: its policy is replaced.
func (a *Account) CreateRole(ctx context.Context, name, policy string) (string, error) {
	client := iam.NewFromConfig(a.Config())
	trust := Document(map[string]any{
		"Effect":    "Allow",
		"Action":    "sts:AssumeRole",
		"Principal": map[string]any{"AWS": a.ID, "Service": "lambda.amazonaws.com"},
	})
	_, err := client.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust})
	if exists := (*iamtypes.EntityAlreadyExistsException)(nil); err != nil && !errors.As(err, &exists) {
		return "", err
	}
	if policy != "" {
		if _, err := client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
			RoleName: &name, PolicyName: aws.String(inlinePolicy), PolicyDocument: &policy,
		}); err != nil {
			return "", err
		}
	}
	role, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if err != nil {
		return "", err
	}
	return *role.Role.Arn, nil
}

// AssumeRole starts a session of a role of the account.
func (a *Account) AssumeRole(ctx context.Context, name, session string) (Principal, error) {
	role, err := iam.NewFromConfig(a.Config()).GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if err != nil {
		return Principal{}, err
	}
	made, err := sts.NewFromConfig(a.Config()).AssumeRole(ctx, &sts.AssumeRoleInput{
		RoleArn: role.Role.Arn, RoleSessionName: &session,
	})
	if err != nil {
		return Principal{}, err
	}
	return a.principal(name, *made.AssumedRoleUser.Arn, aws.Credentials{
		AccessKeyID:     *made.Credentials.AccessKeyId,
		SecretAccessKey: *made.Credentials.SecretAccessKey,
		SessionToken:    *made.Credentials.SessionToken,
	}), nil
}
