package local_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"example.com/sharedbucket/test/local"
)

func TestInlinePolicies(t *testing.T) {
	a := account(t)
	ctx := t.Context()
	client := iam.NewFromConfig(a.Config())
	user, role, group := aws.String("u"), aws.String("r"), aws.String("g")
	if _, err := a.CreateUser(ctx, *user, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := a.CreateRole(ctx, *role, ""); err != nil {
		t.Fatal(err)
	}
	if err := a.CreateGroup(ctx, *group, "", *user); err != nil {
		t.Fatal(err)
	}
	kinds := []struct {
		kind   string
		limit  int
		put    func(name, policy string) error
		get    func(name string) (*string, error)
		delete func(name string) error
		list   func() ([]string, error)
	}{
		{kind: "user", limit: 2048,
			put: func(n, p string) error {
				_, err := client.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: user, PolicyName: &n, PolicyDocument: &p})
				return err
			},
			get: func(n string) (*string, error) {
				got, err := client.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: user, PolicyName: &n})
				if err != nil {
					return nil, err
				}
				return got.PolicyDocument, nil
			},
			delete: func(n string) error {
				_, err := client.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: user, PolicyName: &n})
				return err
			},
			list: func() ([]string, error) {
				got, err := client.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: user})
				if err != nil {
					return nil, err
				}
				return got.PolicyNames, nil
			},
		},
		{kind: "group", limit: 5120,
			put: func(n, p string) error {
				_, err := client.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: group, PolicyName: &n, PolicyDocument: &p})
				return err
			},
			get: func(n string) (*string, error) {
				got, err := client.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: group, PolicyName: &n})
				if err != nil {
					return nil, err
				}
				return got.PolicyDocument, nil
			},
			delete: func(n string) error {
				_, err := client.DeleteGroupPolicy(ctx, &iam.DeleteGroupPolicyInput{GroupName: group, PolicyName: &n})
				return err
			},
			list: func() ([]string, error) {
				got, err := client.ListGroupPolicies(ctx, &iam.ListGroupPoliciesInput{GroupName: group})
				if err != nil {
					return nil, err
				}
				return got.PolicyNames, nil
			},
		},
		{kind: "role", limit: 10240,
			put: func(n, p string) error {
				_, err := client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: role, PolicyName: &n, PolicyDocument: &p})
				return err
			},
			get: func(n string) (*string, error) {
				got, err := client.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: role, PolicyName: &n})
				if err != nil {
					return nil, err
				}
				return got.PolicyDocument, nil
			},
			delete: func(n string) error {
				_, err := client.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: role, PolicyName: &n})
				return err
			},
			list: func() ([]string, error) {
				got, err := client.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: role})
				if err != nil {
					return nil, err
				}
				return got.PolicyNames, nil
			},
		},
	}
	for _, k := range kinds {
		t.Run(k.kind, func(t *testing.T) {
			_, err := k.get("p")
			wantCode(t, "get before", err, "NoSuchEntity")
			wantCode(t, "delete before", k.delete("p"), "NoSuchEntity")
			small := sizedPolicy(k.limit / 2)
			wantCode(t, "put", k.put("p", small), "")
			got, err := k.get("p")
			if err != nil {
				t.Fatal(err)
			}
			if document, err := url.QueryUnescape(*got); err != nil || document != small || *got == small {
				t.Errorf("not URL-encoded or not what was put: %s", *got)
			}
			names, err := k.list()
			if err != nil || len(names) != 1 {
				t.Errorf("%v %v", names, err)
			}
			wantCode(t, "the same again", k.put("p", small), "")
			wantCode(t, "white space does not count",
				k.put("q", strings.ReplaceAll(sizedPolicy(k.limit-k.limit/2), ",", ", \n\t")), "")
			wantCode(t, "over the total", k.put("r", sizedPolicy(200)), "LimitExceeded")
			wantCode(t, "no policy", k.put("p", "{"), "MalformedPolicyDocument")
			wantCode(t, "delete", k.delete("p"), "")
		})
	}
	t.Run("nobody", func(t *testing.T) {
		_, err := client.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
			UserName: aws.String("nobody"), PolicyName: aws.String("p"), PolicyDocument: &local.AllowAll,
		})
		wantCode(t, "PutUserPolicy", err, "NoSuchEntity")
	})
}

func TestManagedPolicies(t *testing.T) {
	a := account(t)
	ctx, client := t.Context(), iam.NewFromConfig(a.Config())
	if _, err := a.CreateUser(ctx, "u", ""); err != nil {
		t.Fatal(err)
	}
	create := func(name, document string) (*string, error) {
		made, err := client.CreatePolicy(ctx, &iam.CreatePolicyInput{
			PolicyName: &name, Path: aws.String("/sharedbucket/"), PolicyDocument: &document,
		})
		if err != nil {
			return nil, err
		}
		return made.Policy.Arn, nil
	}
	attach := func(arn *string) error {
		_, err := client.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("u"), PolicyArn: arn})
		return err
	}
	remove := func(arn *string) error {
		_, err := client.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: arn})
		return err
	}
	_, err := create("too-large", sizedPolicy(6145))
	wantCode(t, "over its size", err, "LimitExceeded")
	var all []*string
	for i := range 11 {
		arn, err := create(fmt.Sprintf("p%d", i), sizedPolicy(6144))
		wantCode(t, "create", err, "")
		all = append(all, arn)
	}
	_, err = create("p0", sizedPolicy(200))
	wantCode(t, "the name again", err, "EntityAlreadyExists")
	for _, arn := range all[:10] {
		wantCode(t, "attach", attach(arn), "")
	}
	wantCode(t, "attach one more", attach(all[10]), "LimitExceeded")
	wantCode(t, "attach one again", attach(all[0]), "")
	wantCode(t, "delete what is attached", remove(all[0]), "DeleteConflict")
	listed, err := client.ListPolicies(ctx, &iam.ListPoliciesInput{
		PathPrefix: aws.String("/sharedbucket/"), Scope: types.PolicyScopeTypeLocal,
	})
	if err != nil || len(listed.Policies) != len(all) {
		t.Errorf("listed: %+v, %v", listed, err)
	}
	holders, err := client.ListEntitiesForPolicy(ctx, &iam.ListEntitiesForPolicyInput{
		PolicyArn: all[0], PolicyUsageFilter: types.PolicyUsageTypePermissionsPolicy,
	})
	if err != nil || len(holders.PolicyUsers) != 1 {
		t.Errorf("holders: %+v, %v", holders, err)
	}
	summary, err := client.GetAccountSummary(ctx, &iam.GetAccountSummaryInput{})
	if err != nil || summary.SummaryMap["AttachedPoliciesPerUserQuota"] != 10 || summary.SummaryMap["Policies"] < 11 {
		t.Errorf("quotas: %+v, %v", summary, err)
	}
	_, err = client.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{
		PolicyArn: all[10], PolicyDocument: aws.String(sizedPolicy(200)), SetAsDefault: true,
	})
	wantCode(t, "another version", err, "")
	wantCode(t, "delete what has two versions", remove(all[10]), "DeleteConflict")
	_, err = client.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{
		PolicyArn: all[10], VersionId: aws.String("v1"),
	})
	wantCode(t, "delete the first version", err, "")
	wantCode(t, "delete", remove(all[10]), "")
	wantCode(t, "delete again", remove(all[10]), "NoSuchEntity")
}

func sizedPolicy(size int) string {
	make := func(padding string) string {
		return local.Document(map[string]any{
			"Effect": "Allow", "Action": "s3:GetObject", "Resource": []string{"arn:aws:s3:::a/*", "arn:aws:s3:::" + padding},
		})
	}
	return make(strings.Repeat("x", size-len(make(""))))
}
