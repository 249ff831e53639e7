package acceptance

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// doubt is a row of docs/doubts.md, by how its first column begins, and how AWS is asked about it.
type doubt struct {
	open   string
	expect string // what the code here gets along with
	ask    func(*fixture, context.Context) (answer, error)
	why    string // it cannot be asked here
}

// answer is what AWS does. An untried one is what kept it from being seen.
type answer struct {
	confirms bool
	seen     string
	untried  bool
}

// doubts are all rows of docs/doubts.md, which a test compares.
var doubts = []doubt{
	{open: "what DescribeKey by another account's alias ARN answers", why: "above, before the owner's side is there"},
	{
		open:   "whether KMS lets tags, policy and aliases of a key that waits for its deletion be read",
		expect: "they can be read", ask: (*fixture).pendingKey,
	},
	{open: "how long tags given by CreateKey take to authorize", why: "the times of the stacks above include it"},
	{
		open:   "how long KMS answers of old",
		expect: "a new key policy is there, twice in a row, within 90 seconds", ask: (*fixture).newKeyPolicy,
	},
	{
		open:   "whether a denied read is somebody else's bucket",
		expect: "another account's bucket answers AccessDenied", ask: (*fixture).deniedRead,
	},
	{open: "two writers of one policy within the same milliseconds", why: "nobody can make it happen on purpose"},
	{
		open:   "account ids that do not exist, as principals of S3 and KMS",
		expect: "S3 and KMS take them or say MalformedPolicy", ask: (*fixture).missingAccount,
	},
	{
		open: "how long a new bucket policy, key policy or role takes to count for a request from another account",
		why:  "the times of the consumer's stacks above include it: each sends a canary",
	},
	{
		open:   "how long a deleted bucket's name stays blocked",
		expect: "its own account can take it again within a minute", ask: (*fixture).deletedName,
	},
	{
		open: "how long IAM takes until a new policy counts everywhere",
		why:  "no wait proves that it counts everywhere; that nobody lost anything in between is seen by nobody's failing",
	},
	{
		open: "whether IAM counts white space inside strings", expect: "either is borne, as it is counted here",
		ask: (*fixture).whiteSpace,
	},
	{
		open:   "a condition key twice in different case",
		expect: "it is refused, or kept as it is", ask: (*fixture).keyTwice,
	},
	{
		open:   "whether S3 can block SSE-C (`BlockedEncryptionTypes`) in every region",
		expect: "it can in this one", ask: (*fixture).blocksSSEC,
	},
	{
		open: "whether CloudFormation, without roll-back,",
		why:  "it takes a function that fails and does not fail; the stacks above all roll back",
	},
	{
		open: "how long DescribeStacks may show the status of before",
		why:  "it would be seen only by asking without pause beside a change that fails, and by its stack's events",
	},
	{
		open: "whether `UpdateReplacePolicy: Retain` also retains what a replacement made",
		why:  "it takes a replacement that fails and is kept, which nothing here does on purpose",
	},
	{
		open: "whether the roll-back of a replacement that succeeded sends an Update for the old resource",
		why:  "the function's log says it, which this does not read",
	},
	{
		open: "which physical id `DescribeStackResource` shows while a resource is cleaned up",
		why:  "it would be seen only by asking without pause beside a replacement",
	},
	{
		open: "whether a stack's events have what CloudFormation begins with a resource before its event is sent",
		why:  "it would be seen only by asking without pause beside a change; a Create that is refused for it says so",
	},
	{
		open: "whether CloudFormation ever sends one event under two `RequestId`s",
		why:  "nobody can make it happen on purpose; what is remembered of each share has the events there were",
	},
	{
		open: "whether a status from before the roll-back is read by the way back's own event",
		why:  "nobody can make it happen on purpose",
	},
	{
		open: "life of the ResponseURL, a second PUT; whether changing only ServiceTimeout sends an Update",
		why:  "it would take a function of its own, and two hours",
	},
	{open: "the order in which a stack set's stacks leave an account", why: "it takes an organization"},
	{
		open: "whether UpdateObjectEncryption needs `s3:PutObject` too",
		why:  "it takes a bucket with objects under another key",
	},
	{
		open:   "whether a HEAD of an object under SSE-C is always answered with 400",
		expect: "it is", ask: (*fixture).headSSEC,
	},
	{
		open: "which old properties `ContinueUpdateRollback` sends",
		why:  "it takes a roll-back that fails, which nothing here does on purpose",
	},
	{
		open: "how soon SSM shows a parameter that was just written", expect: "at once",
		ask: (*fixture).newParameter,
	},
	{
		open:   "whether GetParameterHistory has the version that PutParameter has just answered",
		expect: "it has, and versions count from 1 without a gap, from 1 again once the parameter was deleted",
		ask:    (*fixture).newVersions,
	},
	{
		open: "what SSM calls the last user of a parameter",
		why:  "a look with Drift: Repair says in its log who wrote the declaration, when that is not the provider",
	},
	{
		open: "whether `ssm:GetParametersByPath` is asked for on the path",
		why:  "a look says in its log when it may not list; both are allowed",
	},
	{
		open: "under which names CloudTrail has tags of a bucket",
		why:  "CloudTrail takes minutes to record; who drifted then is said to be unknown",
	},
	{
		open: "in which region CloudTrail has IAM's events outside",
		why:  "the two accounts are of one partition, which need not be such a one",
	},
	{
		open: "whether the list that S3 Batch Operations makes for a job has noncurrent versions",
		why:  "a job takes its time, up to days",
	},
	{open: "whether that list can be made for objects under `aws/s3`", why: "the same"},
	{
		open: "whether S3 says for whose account it comes when it assumes the role of a job",
		why:  "either is borne, and a job does not say which",
	},
	{open: "whether S3 names SSE-S3 when it writes a job's report", why: "either is borne"},
	{open: "whether a job that finds nothing to do fails", why: "a job takes its time, up to days"},
}

// askDoubts asks AWS about every row of docs/doubts.md that two accounts can tell.
func (s *fixture) askDoubts(ctx context.Context) error {
	for _, d := range doubts {
		if d.ask == nil {
			s.report.untried(d.why, "%s", d.open)
			continue
		}
		a, err := d.ask(s, ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", d.open, err)
		}
		s.say("  %s: %s", d.open, a.seen)
		if a.untried {
			s.report.untried(a.seen, "%s: %s", d.open, d.expect)
			continue
		}
		s.report.note(a.confirms, a.seen, "%s: %s", d.open, d.expect)
	}
	return nil
}

// outcome is an error's code, or that there was none.
func outcome(err error) string {
	if err == nil {
		return "taken"
	}
	if code := codeOf(err); code != "" {
		return code
	}
	return err.Error()
}

// within tries until it works, for as long as that may take, and says how long it took.
func (s *fixture) within(limit time.Duration, try func() bool) (took time.Duration, worked bool) {
	began := time.Now()
	for !try() {
		if took = time.Since(began); took > limit {
			return took, false
		}
		time.Sleep(time.Second)
	}
	return time.Since(began), true
}

// ownKey is a key of account A for a question, on its way out when the question is answered.
func (s *fixture) ownKey(ctx context.Context) (client *kms.Client, id string, err error) {
	client = kms.NewFromConfig(s.a.config)
	made, err := client.CreateKey(whole(ctx), &kms.CreateKeyInput{Description: aws.String(s.name)})
	if err != nil {
		return nil, "", err
	}
	s.later(func(ctx context.Context) error {
		_, err := client.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{
			KeyId: made.KeyMetadata.KeyId, PendingWindowInDays: aws.Int32(7),
		})
		if codeOf(err) == "KMSInvalidStateException" {
			return nil // it waits already
		}
		return err
	})
	return client, *made.KeyMetadata.KeyId, nil
}

func (s *fixture) pendingKey(ctx context.Context) (answer, error) {
	client, id, err := s.ownKey(ctx)
	if err != nil {
		return answer{}, err
	}
	if _, err := client.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{
		KeyId: &id, PendingWindowInDays: aws.Int32(7),
	}); err != nil {
		return answer{}, err
	}
	_, noPolicy := client.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &id})
	_, noTags := client.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: &id})
	_, noAliases := client.ListAliases(ctx, &kms.ListAliasesInput{KeyId: &id})
	err = errors.Join(noPolicy, noTags, noAliases)
	return answer{confirms: err == nil, seen: fmt.Sprintf("policy %s, tags %s, aliases %s", outcome(noPolicy),
		outcome(noTags), outcome(noAliases))}, nil
}

func (s *fixture) newKeyPolicy(ctx context.Context) (answer, error) {
	client, id, err := s.ownKey(ctx)
	if err != nil {
		return answer{}, err
	}
	const sid = "WrittenAMomentAgo"
	text := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":%q,"Effect":"Allow","Action":"kms:*",`+
		`"Resource":"*","Principal":{"AWS":"arn:%s:iam::%s:root"}}]}`, sid, partition(s.A.Region), s.a.id)
	if _, err := client.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &id, Policy: &text}); err != nil {
		return answer{}, err
	}
	good := 0
	took, there := s.within(90*time.Second, func() bool {
		out, err := client.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &id})
		if good++; err != nil || !strings.Contains(*out.Policy, sid) {
			good = 0
		}
		return good >= 2
	})
	return answer{confirms: there, seen: fmt.Sprintf("after %s", took.Round(time.Second))}, nil
}

func (s *fixture) deniedRead(ctx context.Context) (answer, error) {
	bucket := s.bucketName("code-" + s.a.id[8:])
	_, err := client3(s.b.config).GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &bucket})
	return answer{confirms: codeOf(err) == "AccessDenied", seen: outcome(err)}, nil
}

func (s *fixture) missingAccount(ctx context.Context) (answer, error) {
	bucket, err := s.askedBucket(ctx)
	if err != nil {
		return answer{}, err
	}
	const nobody = "999999999999"
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":%q},`+
		`"Action":"s3:GetObject","Resource":"arn:%s:s3:::%s/*"}]}`, nobody, partition(s.A.Region), bucket)
	_, ofS3 := client3(s.a.config).PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: &policy})
	client, id, err := s.ownKey(ctx)
	if err != nil {
		return answer{}, err
	}
	policy = fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*",`+
		`"Principal":{"AWS":"arn:%s:iam::%s:root"}},{"Effect":"Deny","Principal":{"AWS":%q},"Action":"kms:Decrypt",`+
		`"Resource":"*"}]}`, partition(s.A.Region), s.a.id, nobody)
	_, ofKMS := client.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &id, Policy: &policy})
	known := (ofS3 == nil || codeOf(ofS3) == "MalformedPolicy") &&
		(ofKMS == nil || codeOf(ofKMS) == "MalformedPolicyDocumentException")
	return answer{confirms: known, seen: fmt.Sprintf("S3: %s, KMS: %s", outcome(ofS3), outcome(ofKMS))}, nil
}

// askedBucket is a bucket of account A for questions.
func (s *fixture) askedBucket(ctx context.Context) (string, error) {
	bucket := fmt.Sprintf("%s-%d", s.bucketName("asked"), len(s.undo))
	return bucket, s.makeBucket(ctx, s.a, bucket)
}

func (s *fixture) deletedName(ctx context.Context) (answer, error) {
	bucket, err := s.askedBucket(ctx)
	if err != nil {
		return answer{}, err
	}
	if _, err := client3(s.a.config).DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &bucket}); err != nil {
		return answer{}, err
	}
	var last error
	took, free := s.within(time.Minute, func() bool {
		last = s.makeBucket(ctx, s.a, bucket)
		return last == nil
	})
	return answer{confirms: free, seen: fmt.Sprintf("%s after %s", outcome(last), took.Round(time.Second))}, nil
}

// mostOfAUser is how many characters the inline policies of a user may have, white space aside.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const mostOfAUser = 2048

func (s *fixture) whiteSpace(ctx context.Context) (answer, error) {
	client, name := iam.NewFromConfig(s.b.config), "white-space"
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:GetObject","Resource":"*",` +
		`"Condition":{"StringEquals":{"aws:PrincipalTag/any":"` + strings.Repeat(" ", mostOfAUser) + `"}}}]}`
	_, err := client.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
		UserName: &s.eve.name, PolicyName: &name, PolicyDocument: &policy,
	})
	if err != nil {
		return answer{confirms: codeOf(err) == "LimitExceeded", seen: outcome(err)}, nil
	}
	_, err = client.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: &s.eve.name, PolicyName: &name})
	return answer{confirms: true, seen: "taken"}, err
}

func (s *fixture) keyTwice(ctx context.Context) (answer, error) {
	client, name := iam.NewFromConfig(s.b.config), aws.String("a-key-twice")
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:GetObject","Resource":"*",` +
		`"Condition":{"StringEquals":{"aws:PrincipalAccount":"000000000001","AWS:principalaccount":"000000000002"}}}]}`
	if _, err := client.PutUserPolicy(ctx, &iam.PutUserPolicyInput{
		UserName: &s.eve.name, PolicyName: name, PolicyDocument: &policy,
	}); err != nil {
		return answer{confirms: true, seen: outcome(err)}, nil
	}
	out, err := client.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: &s.eve.name, PolicyName: name})
	if err != nil {
		return answer{}, err
	}
	stored, err := url.QueryUnescape(*out.PolicyDocument)
	if err != nil {
		return answer{}, err
	}
	_, err = client.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: &s.eve.name, PolicyName: name})
	kept := strings.Contains(stored, "000000000001") && strings.Contains(stored, "000000000002")
	return answer{confirms: kept, seen: stored}, err
}

func (s *fixture) blocksSSEC(ctx context.Context) (answer, error) {
	bucket := s.bucketName("next") // it was shared, and retained
	out, err := client3(s.a.config).GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &bucket})
	if err != nil {
		return answer{}, err
	}
	var blocked []string
	for _, rule := range out.ServerSideEncryptionConfiguration.Rules {
		if rule.BlockedEncryptionTypes != nil {
			blocked = append(blocked, fmt.Sprint(rule.BlockedEncryptionTypes.EncryptionType))
		}
	}
	seen := strings.Join(blocked, " ")
	return answer{confirms: strings.Contains(seen, "SSE-C"), seen: "blocked: " + seen}, nil
}

func (s *fixture) headSSEC(ctx context.Context) (answer, error) {
	bucket, err := s.askedBucket(ctx)
	if err != nil {
		return answer{}, err
	}
	client, key := client3(s.a.config), aws.String("under-a-key-of-the-customer")
	if _, err := client.PutObject(whole(ctx), &s3.PutObjectInput{
		Bucket: &bucket, Key: key, Body: strings.NewReader("data"),
		SSECustomerAlgorithm: aws.String("AES256"), SSECustomerKey: aws.String(customerKey),
		SSECustomerKeyMD5: aws.String(customerKeyMD5),
	}); err != nil {
		return answer{untried: true, seen: "no such object can be made: " + outcome(err)}, nil
	}
	_, err = client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: key})
	var answered *awshttp.ResponseError
	if !errors.As(err, &answered) {
		return answer{seen: outcome(err)}, nil
	}
	return answer{confirms: answered.HTTPStatusCode() == 400, seen: fmt.Sprint(answered.HTTPStatusCode())}, nil
}

// customerKey is 32 zero bytes: nothing that is secret is written under it.
const (
	customerKey    = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	customerKeyMD5 = "cLyPS3KoaSFGi/joRB3OUQ=="
)

// newVersions writes a parameter twice, and once more after it was deleted.
func (s *fixture) newVersions(ctx context.Context) (answer, error) {
	client, name := ssm.NewFromConfig(s.a.config), "/"+s.name+"-versions"
	forget := func(ctx context.Context) error {
		_, err := client.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: &name})
		if codeOf(err) == "ParameterNotFound" {
			return nil
		}
		return err
	}
	s.later(forget)
	var answered, shown []int64
	for _, value := range []string{"first", "second", "again"} {
		if value == "again" {
			if err := forget(ctx); err != nil {
				return answer{}, err
			}
		}
		put, err := client.PutParameter(whole(ctx), &ssm.PutParameterInput{
			Name: &name, Value: &value, Type: ssmtypes.ParameterTypeString, Overwrite: aws.Bool(true),
		})
		if err != nil {
			return answer{}, err
		}
		answered = append(answered, put.Version)
		all, err := client.GetParameterHistory(ctx, &ssm.GetParameterHistoryInput{Name: &name})
		if err != nil {
			return answer{}, err
		}
		newest := int64(0)
		for _, p := range all.Parameters {
			newest = max(newest, p.Version)
		}
		shown = append(shown, newest)
	}
	want := []int64{1, 2, 1}
	return answer{
		confirms: slices.Equal(answered, want) && slices.Equal(shown, want),
		seen:     fmt.Sprintf("answered %v, shown %v", answered, shown),
	}, nil
}

func (s *fixture) newParameter(ctx context.Context) (answer, error) {
	client, name := ssm.NewFromConfig(s.a.config), "/"+s.name
	if _, err := client.PutParameter(whole(ctx), &ssm.PutParameterInput{
		Name: &name, Value: aws.String("there"), Type: ssmtypes.ParameterTypeString,
	}); err != nil {
		return answer{}, err
	}
	s.later(func(ctx context.Context) error {
		_, err := client.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: &name})
		return err
	})
	_, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: &name})
	return answer{confirms: err == nil, seen: outcome(err)}, nil
}
