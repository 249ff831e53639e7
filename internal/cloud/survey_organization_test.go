package cloud

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"example.com/sharedbucket/internal/share"
)

// organizationService is Organizations: account 222222222222 below an organizational unit below the root. Each level
// has the policies of a type that attached says, one to a page.
type organizationService struct {
	t        *testing.T
	attached map[string]map[string][]string // type, target, ids of policies
	calls    map[string]int
}

var parents = map[string]string{"222222222222": "ou-1", "ou-1": "r-1"}

func (s *organizationService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	s.calls[operation]++
	var in struct{ ChildId, TargetId, Filter, NextToken, PolicyId string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		s.t.Error(err)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	switch operation {
	case "DescribeOrganization":
		fmt.Fprint(w, `{"Organization": {"Id": "o-1", "MasterAccountId": "999999999999"}}`)
	case "ListParents":
		fmt.Fprintf(w, `{"Parents": [{"Id": %q}]}`, parents[in.ChildId])
	case "ListPoliciesForTarget":
		s.list(w, in.Filter, in.TargetId, in.NextToken)
	case "DescribePolicy":
		fmt.Fprintf(w, `{"Policy": {"PolicySummary": {"Name": "name of %s"}, "Content": %q}}`, in.PolicyId, plainPolicy)
	default:
		s.t.Errorf("unexpected call %s", operation)
	}
}

func (s *organizationService) list(w http.ResponseWriter, kind, target, token string) {
	targets, enabled := s.attached[kind]
	if !enabled {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"__type": "PolicyTypeNotEnabledException", "Message": "no"}`)
		return
	}
	ids, page := targets[target], len(token)
	if page >= len(ids) {
		fmt.Fprint(w, `{"Policies": []}`)
		return
	}
	next := ""
	if page+1 < len(ids) {
		next = fmt.Sprintf(`, "NextToken": %q`, strings.Repeat("x", page+1))
	}
	fmt.Fprintf(w, `{"Policies": [{"Id": %q}]%s}`, ids[page], next)
}

func organizationOf(t *testing.T, s *organizationService) *Organization {
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	survey := NewSurvey(aws.Config{
		Region: "ap-southeast-2", BaseEndpoint: &server.URL,
		Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
	}, share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "111111111111"})
	o, err := survey.Organization(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestControlPoliciesOfEveryLevel: SCPs and RCPs are read from the root down to the account, each once.
func TestControlPoliciesOfEveryLevel(t *testing.T) {
	s := &organizationService{t: t, calls: map[string]int{}, attached: map[string]map[string][]string{
		"SERVICE_CONTROL_POLICY":  {"r-1": {"p-full"}, "ou-1": {"p-full"}, "222222222222": {"p-full"}},
		"RESOURCE_CONTROL_POLICY": {"r-1": {"p-RCPFull", "p-tls"}, "ou-1": nil, "222222222222": {"p-own"}},
	}}
	o := organizationOf(t, s)
	for range 2 {
		account, member, err := o.Account(t.Context(), "222222222222")
		if err != nil || !member || len(account.SCPs) != 3 || len(account.RCPs) != 3 {
			t.Fatalf("%+v, %t, %v", account, member, err)
		}
		if paths := account.Paths; len(paths) != 1 || paths[0] != "o-1/r-1/ou-1/" {
			t.Errorf("paths %v", paths)
		}
		var got []string
		for _, level := range account.RCPs {
			for _, p := range level.Policies {
				got = append(got, level.Target+" "+p.Name)
			}
		}
		want := "r-1 name of p-RCPFull, r-1 name of p-tls, 222222222222 name of p-own"
		if strings.Join(got, ", ") != want || account.RCPs[0].Policies[0].Text() != plainPolicy {
			t.Errorf("RCPs %v, want %s", got, want)
		}
	}
	if n := s.calls["DescribePolicy"]; n != 4 {
		t.Errorf("%d policies were read, want each of four once", n)
	}
}

// An organization that does not use RCPs has none, which is no reason to leave anything unproven.
func TestOrganizationWithoutRCPs(t *testing.T) {
	s := &organizationService{t: t, calls: map[string]int{}, attached: map[string]map[string][]string{
		"SERVICE_CONTROL_POLICY": {"r-1": {"p-full"}},
	}}
	account, member, err := organizationOf(t, s).Account(t.Context(), "222222222222")
	if err != nil || !member || account.RCPs != nil || len(account.SCPs) != 3 {
		t.Errorf("%+v, %t, %v", account, member, err)
	}
}
