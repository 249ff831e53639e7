package cloud

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/policy/grammar"
)

// Error codes of AWS Organizations.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPoliciesForTarget.html
const (
	notInOrganization = "AWSOrganizationsNotInUseException"
	childNotFound     = "ChildNotFoundException"
	targetNotFound    = "TargetNotFoundException"
	typeNotEnabled    = "PolicyTypeNotEnabledException"
)

// kinds are the policies of Organizations that say who may do what.
var kinds = map[types.PolicyType]grammar.Kind{
	types.PolicyTypeServiceControlPolicy: grammar.SCP, types.PolicyTypeResourceControlPolicy: grammar.RCP,
}

// Organization is an organization as one of its accounts sees it.
type Organization struct {
	ID, Management string
	survey         *Survey
	policies       map[string]proof.Document
	levels         map[levelKey][]proof.Document
}

type levelKey struct {
	target string
	kind   types.PolicyType
}

// Organization is the account's, nil when it is in none. Every member may ask for it.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html
func (s *Survey) Organization(ctx context.Context) (*Organization, error) {
	out, err := s.organizations.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if has(err, notInOrganization) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &Organization{
		ID: aws.ToString(out.Organization.Id), Management: aws.ToString(out.Organization.MasterAccountId),
		survey: s, policies: map[string]proof.Document{}, levels: map[levelKey][]proof.Document{},
	}, nil
}

// Account reads an account's place in the organization and all policies on the way to it. Only the management account
// and delegated administrators may; member says that the account is in the organization at all.
func (o *Organization) Account(ctx context.Context, id string) (a proof.Account, member bool, err error) {
	way, err := o.way(ctx, id)
	if has(err, childNotFound, targetNotFound) {
		return proof.Account{}, false, nil
	}
	if err != nil {
		return proof.Account{}, false, err
	}
	a = proof.Account{
		Organization: o.ID, Management: id == o.Management,
		Paths: []string{o.ID + "/" + strings.Join(way[:len(way)-1], "/") + "/"},
	}
	if a.SCPs, err = o.read(ctx, way, types.PolicyTypeServiceControlPolicy); err != nil {
		return a, true, err
	}
	a.RCPs, err = o.read(ctx, way, types.PolicyTypeResourceControlPolicy)
	return a, true, err
}

// way is from the root down to the account.
func (o *Organization) way(ctx context.Context, id string) ([]string, error) {
	way := []string{id}
	for !strings.HasPrefix(way[0], "r-") {
		out, err := o.survey.organizations.ListParents(ctx, &organizations.ListParentsInput{ChildId: &way[0]})
		if err != nil {
			return nil, err
		}
		if len(out.Parents) == 0 {
			break
		}
		way = slices.Insert(way, 0, aws.ToString(out.Parents[0].Id))
	}
	return way, nil
}

// read are the policies of one type at every level of a way, nil where the organization does not use that type.
func (o *Organization) read(
	ctx context.Context, way []string, kind types.PolicyType,
) ([]proof.OrganizationLevel, error) {
	var levels []proof.OrganizationLevel
	for _, target := range way {
		documents, err := o.attached(ctx, target, kind)
		if has(err, typeNotEnabled) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		levels = append(levels, proof.OrganizationLevel{Target: target, Policies: documents})
	}
	return levels, nil
}

func (o *Organization) attached(ctx context.Context, target string, kind types.PolicyType) ([]proof.Document, error) {
	key := levelKey{target, kind}
	if known, there := o.levels[key]; there {
		return known, nil
	}
	in := organizations.ListPoliciesForTargetInput{TargetId: &target, Filter: kind}
	pages := organizations.NewListPoliciesForTargetPaginator(o.survey.organizations, &in)
	policies, err := collect(ctx, pages, func(out *organizations.ListPoliciesForTargetOutput) []types.PolicySummary {
		return out.Policies
	})
	if err != nil {
		return nil, err
	}
	all := []proof.Document{}
	for _, p := range policies {
		document, err := o.policy(ctx, aws.ToString(p.Id), kinds[kind])
		if err != nil {
			return nil, err
		}
		all = append(all, document)
	}
	o.levels[key] = all
	return all, nil
}

func (o *Organization) policy(ctx context.Context, id string, kind grammar.Kind) (proof.Document, error) {
	if known, there := o.policies[id]; there {
		return known, nil
	}
	out, err := o.survey.organizations.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: &id})
	if err != nil {
		return proof.Document{}, err
	}
	name := ""
	if out.Policy.PolicySummary != nil {
		name = aws.ToString(out.Policy.PolicySummary.Name)
	}
	d := proof.NewDocument(name, aws.ToString(out.Policy.Content), kind)
	o.policies[id] = d
	return d, nil
}
