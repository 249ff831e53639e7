package cloud

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"example.com/sharedbucket/internal/share"
)

// identityService answers GetAccountAuthorizationDetails for many users and roles, at most `page` of them at a time, as
// IAM may give fewer than it was asked for, and leaves the boundary's policy out.
type identityService struct {
	t          *testing.T
	many, page int
	calls      map[string]int
	forbidden  string // an action that is refused
}

func (s *identityService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		s.t.Error(err)
	}
	action := r.Form.Get("Action")
	s.calls[action]++
	if action == s.forbidden {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`)
		return
	}
	switch action {
	case "GetAccountAuthorizationDetails":
		if most, _ := strconv.Atoi(r.Form.Get("MaxItems")); most < s.page {
			s.t.Errorf("MaxItems is %d", most)
		}
		fmt.Fprint(w, s.details(r.Form.Get("Marker")))
	case "GetPolicy":
		fmt.Fprint(w, `<GetPolicyResponse><GetPolicyResult><Policy><PolicyName>edge</PolicyName>`+
			`<DefaultVersionId>v2</DefaultVersionId></Policy></GetPolicyResult></GetPolicyResponse>`)
	case "GetPolicyVersion":
		fmt.Fprintf(w, `<GetPolicyVersionResponse><GetPolicyVersionResult><PolicyVersion><Document>%s</Document>`+
			`</PolicyVersion></GetPolicyVersionResult></GetPolicyVersionResponse>`, encodedPolicy)
	default:
		s.t.Errorf("unexpected call %s", action)
	}
}

const plainPolicy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`

var encodedPolicy = url.PathEscape(plainPolicy)

func (s *identityService) details(marker string) string {
	first, _ := strconv.Atoi(marker)
	var users, roles strings.Builder
	for i := first; i < min(first+s.page, s.many); i++ {
		if i%2 == 0 {
			fmt.Fprintf(&users, `<member><Arn>arn:aws:iam::111111111111:user/u%d</Arn><UserName>u%[1]d</UserName>`+
				`<UserId>AID</UserId><GroupList><member>staff</member></GroupList><UserPolicyList><member><PolicyName>own</PolicyName>`+
				`<PolicyDocument>%s</PolicyDocument></member></UserPolicyList></member>`, i, encodedPolicy)
			continue
		}
		fmt.Fprintf(&roles, `<member><Arn>arn:aws:iam::111111111111:role/r%d</Arn><RoleName>r%[1]d</RoleName>`+
			`<RoleId>ARO</RoleId><PermissionsBoundary><PermissionsBoundaryArn>arn:aws:iam::111111111111:policy/edge</PermissionsBoundaryArn>`+
			`</PermissionsBoundary></member>`, i)
	}
	next := ""
	if first+s.page < s.many {
		next = fmt.Sprintf("<IsTruncated>true</IsTruncated><Marker>%d</Marker>", first+s.page)
	}
	// The group comes last: members are put together when all pages are there.
	group := ""
	if next == "" {
		group = `<GroupDetailList><member><Arn>arn:aws:iam::111111111111:group/staff</Arn><GroupName>staff</GroupName>` +
			`<GroupPolicyList><member><PolicyName>all</PolicyName><PolicyDocument>` + encodedPolicy +
			`</PolicyDocument></member></GroupPolicyList></member></GroupDetailList>`
	}
	return `<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult>` + next +
		`<UserDetailList>` + users.String() + `</UserDetailList><RoleDetailList>` + roles.String() + `</RoleDetailList>` +
		group + `</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>`
}

func surveyOf(t *testing.T, s *identityService) *Survey {
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c := aws.Config{
		Region: "ap-southeast-2", BaseEndpoint: &server.URL,
		Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
	}
	return NewSurvey(c, share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "111111111111"})
}

// TestThousandIdentities: a thousand identities take at most twenty calls, also when IAM gives a hundred at a time, and
// each has all of its policies.
func TestThousandIdentities(t *testing.T) {
	s := &identityService{t: t, many: 1000, page: 100, calls: map[string]int{}}
	principals, unread := surveyOf(t, s).Identities(t.Context())
	calls := 0
	for _, n := range s.calls {
		calls += n
	}
	if calls > 20 || len(unread) > 0 || len(principals) != s.many+1 {
		t.Errorf("%d calls %v for %d principals, unread %v", calls, s.calls, len(principals), unread)
	}
	for _, p := range principals {
		switch {
		case strings.Contains(p.ARN, ":user/") && (len(p.Policies) != 2 || p.Policies[0].Text() != plainPolicy):
			t.Fatalf("%s has %v", p.ARN, p.Policies)
		case strings.Contains(p.ARN, ":role/") && (p.Boundary == nil || p.Boundary.Text() != plainPolicy):
			t.Fatalf("%s has boundary %v", p.ARN, p.Boundary)
		}
	}
}

// TestUnreadIdentities: what may not be read is said, for the account or for each identity that it concerns.
func TestUnreadIdentities(t *testing.T) {
	s := &identityService{t: t, many: 10, page: 100, calls: map[string]int{}, forbidden: "GetAccountAuthorizationDetails"}
	principals, unread := surveyOf(t, s).Identities(t.Context())
	if len(principals) > 0 || len(unread) != 1 || unread[0].Why != "AccessDenied" {
		t.Errorf("%v, %v", principals, unread)
	}
	s = &identityService{t: t, many: 10, page: 100, calls: map[string]int{}, forbidden: "GetPolicy"}
	_, unread = surveyOf(t, s).Identities(t.Context())
	if len(unread) != 5 || unread[0].ARN == "" || s.calls["GetPolicy"] != 1 {
		t.Errorf("%d calls for the boundary; unread: %v", s.calls["GetPolicy"], unread)
	}
}
