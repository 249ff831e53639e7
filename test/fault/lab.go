package fault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/local"
)

// lab is an owner account and a consumer account, in which one case is played after the other.
type lab struct {
	owner, consumer *account
	shared          string // the bucket of a share that scenarios of the consumer use

	mu     sync.Mutex
	shadow *shadow
	may    map[string]access // by bucket: the most that anybody may have at this moment
	askers []asker
	wrong  []string
	cases  int
}

func newLab(ctx context.Context, server *local.AWS, n int, code []byte) (*lab, error) {
	l := &lab{}
	var err error
	if l.owner, err = newAccount(ctx, server, fmt.Sprintf("5000000%05d", 2*n), code); err != nil {
		return nil, err
	}
	if l.consumer, err = newAccount(ctx, server, fmt.Sprintf("5000000%05d", 2*n+1), code); err != nil {
		return nil, err
	}
	l.shadow = newShadow(l.owner.ID, server.Region)
	l.owner.watch(l.took)
	l.consumer.watch(l.took)
	for _, id := range []string{partner, newcomer, stranger} {
		l.askers = append(l.askers, asker{Account: id})
	}
	for _, a := range []*account{l.owner, l.consumer} {
		for _, user := range []string{"ann", "bob", "eve"} {
			l.askers = append(l.askers, asker{a.ID, user})
		}
	}
	l.shared = fmt.Sprintf("fault-%d-shared", n)
	l.may = map[string]access{l.shared: {{l.consumer.ID, ""}: writing}}
	status, err := l.owner.create(ctx, "shared", resource{share.BucketType, map[string]any{
		"BucketName": l.shared, "Consumers": accounts(l.consumer.ID, "ReadWrite"),
	}})
	if err != nil || status != "CREATE_COMPLETE" {
		return nil, errors.Join(err, fmt.Errorf("the consumer's share: %s\n%s", status, l.owner.story(ctx, "shared")))
	}
	return l, nil
}

func (l *lab) close() {
	l.owner.proxy.close()
	l.consumer.proxy.close()
}

// took follows a write and looks at once whether anybody has more than he may.
func (l *lab) took(account string, c call, r *http.Request, in, out []byte) {
	if c.reads() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shadow.took(account, c, r, in, out)
	for bucket := range l.may {
		for a, tries := range l.shadow.may(l.askers, bucket) {
			for _, try := range tries {
				if !slices.Contains(l.may[bucket][a], try) {
					l.wrong = append(l.wrong, fmt.Sprintf("after %s, %s may do %s on %s", c, a, try, bucket))
				}
			}
		}
	}
}

// exactly checks that everybody may do what a state says, and nothing else.
func (l *lab) exactly(bucket string, want access) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []error
	have := l.shadow.may(l.askers, bucket)
	for _, a := range l.askers {
		if got := have[a]; !slices.Equal(got, union(want[a], nil)) {
			all = append(all, fmt.Errorf("%s may do %v on %s, not %v", a, got, bucket, want[a]))
		}
	}
	return errors.Join(all...)
}

// play is one case from beginning to end: the way to the state before, the operation with the call that breaks, what
// CloudFormation does then, and the way back to nothing.
func (l *lab) play(ctx context.Context, s scenario, b *breakage) (calls []call, hit bool, err error) {
	l.cases++
	c := &play{lab: l, scenario: s, at: l.owner, stack: fmt.Sprintf("case-%d", l.cases)}
	if s.consumer {
		c.at = l.consumer
	}
	c.names = map[string]string{
		first:      fmt.Sprintf("fault-%s-%d-a", l.owner.ID[7:], l.cases),
		second:     fmt.Sprintf("fault-%s-%d-b", l.owner.ID[7:], l.cases),
		ownerLabel: l.owner.ID,
	}
	if s.consumer {
		c.names[first] = l.shared
	}
	l.expect(c)
	calls, hit, err = c.run(ctx, b)
	if err == nil {
		l.mu.Lock()
		err = errors.Join(err, wrongs(l.wrong))
		l.mu.Unlock()
	}
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, c.at.story(ctx, c.stack))
		err = errors.Join(err, c.forget(ctx))
	}
	return calls, hit, err
}

// forget keeps what a failed case left from spoiling the next one.
func (c *play) forget(ctx context.Context) error {
	client := iam.NewFromConfig(c.at.Config())
	for _, user := range []string{"ann", "bob"} {
		out, err := client.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: &user})
		if err != nil {
			return err
		}
		for _, name := range out.PolicyNames {
			if _, err := client.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: &user, PolicyName: &name}); err !=
				nil {
				return err
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shadow.identities = map[string]map[string]string{}
	maps.DeleteFunc(c.shadow.keys, func(arn, _ string) bool { return arn != c.shadow.buckets[c.shared].key })
	return nil
}

func wrongs(list []string) error {
	if len(list) == 0 {
		return nil
	}
	return errors.New(strings.Join(list, "\n"))
}

// expect sets what anybody may have at the most while a case is played.
func (l *lab) expect(c *play) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrong = nil
	l.may = map[string]access{l.shared: {{l.consumer.ID, ""}: writing}}
	for _, s := range []*state{c.scenario.before, c.scenario.after} {
		if s == nil {
			continue
		}
		bucket := c.names[s.bucket]
		if l.may[bucket] == nil {
			l.may[bucket] = access{}
		}
		for who, tries := range c.resolved(s.access) {
			l.may[bucket][who] = union(l.may[bucket][who], tries)
		}
	}
}

// play is a case under way.
type play struct {
	*lab
	scenario scenario
	at       *account
	stack    string
	names    map[string]string
}

func (c *play) run(ctx context.Context, b *breakage) (calls []call, hit bool, err error) {
	s := c.scenario
	if s.before != nil {
		if err := c.mustBe(c.create(ctx, s.before))("CREATE_COMPLETE"); err != nil {
			return nil, false, fmt.Errorf("before: %w", err)
		}
	}
	if s.object {
		if err := c.put(ctx, s.before.bucket); err != nil {
			return nil, false, err
		}
	}
	labels := map[string]string{}
	for label, name := range c.names {
		labels[name] = label
	}
	if b != nil && b.Fault == hangs {
		if err := c.at.limit(ctx, shortLimit); err != nil {
			return nil, false, err
		}
	}
	c.at.proxy.arm(b, labels)
	status, err := c.operate(ctx)
	calls, hit = c.at.proxy.disarm()
	err = errors.Join(err, c.at.limit(ctx, usualLimit))
	if err != nil {
		return calls, hit, err
	}
	if b == nil && (strings.Contains(status, "ROLLBACK") || strings.HasSuffix(status, "_FAILED")) {
		return calls, hit, fmt.Errorf("with nothing broken the stack is %s", status)
	}
	return calls, hit, c.finish(ctx, status)
}

func (c *play) operate(ctx context.Context) (string, error) {
	switch s := c.scenario; {
	case s.before == nil:
		return c.create(ctx, s.after)
	case s.after == nil:
		return c.at.remove(ctx, c.stack)
	default:
		return c.at.update(ctx, c.stack, c.real(s.after.resource))
	}
}

// finish looks at how the operation ended, does what CloudFormation or its user would do next, and ends with nothing.
func (c *play) finish(ctx context.Context, status string) error {
	s := c.scenario
	switch {
	case s.before == nil:
		return c.finishCreate(ctx, status)
	case s.after == nil:
		return c.finishDelete(ctx, status)
	}
	if status == "UPDATE_ROLLBACK_FAILED" {
		if err := c.mustBe(c.at.resume(ctx, c.stack))("UPDATE_ROLLBACK_COMPLETE"); err != nil {
			return err
		}
		status = "UPDATE_ROLLBACK_COMPLETE"
	}
	now := map[string]*state{"UPDATE_COMPLETE": s.after, "UPDATE_ROLLBACK_COMPLETE": s.before}[status]
	if now == nil {
		return fmt.Errorf("the update ended in %s", status)
	}
	if err := c.is(now); err != nil {
		return fmt.Errorf("%s: %w", status, err)
	}
	if s.object {
		if err := c.takeObject(ctx, s.before.bucket); err != nil {
			return err
		}
	}
	return c.removeAll(ctx)
}

func (c *play) finishCreate(ctx context.Context, status string) error {
	if status != "CREATE_COMPLETE" {
		if !slices.Contains([]string{"ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}, status) {
			return fmt.Errorf("the creation ended in %s", status)
		}
		if err := c.removeAll(ctx); err != nil {
			return fmt.Errorf("%s, then: %w", status, err)
		}
		c.stack += "-again"
		if err := c.mustBe(c.create(ctx, c.scenario.after))("CREATE_COMPLETE"); err != nil {
			return fmt.Errorf("%s, then again: %w", status, err)
		}
	}
	if err := c.is(c.scenario.after); err != nil {
		return err
	}
	return c.removeAll(ctx)
}

func (c *play) finishDelete(ctx context.Context, status string) error {
	if status != "DELETE_COMPLETE" {
		return c.removeAll(ctx)
	}
	return c.gone(ctx)
}

// removeAll deletes the stack, which must work now that nothing breaks any more.
func (c *play) removeAll(ctx context.Context) error {
	if err := c.mustBe(c.at.remove(ctx, c.stack))("DELETE_COMPLETE"); err != nil {
		return err
	}
	return c.gone(ctx)
}

func (c *play) create(ctx context.Context, s *state) (string, error) {
	return c.at.create(ctx, c.stack, c.real(s.resource))
}

func (c *play) mustBe(status string, err error) func(string) error {
	return func(want string) error {
		if err == nil && status != want {
			err = fmt.Errorf("the stack is %s, not %s", status, want)
		}
		return err
	}
}

// real is a resource with names in place of labels.
func (c *play) real(r resource) resource {
	text, err := json.Marshal(r.Properties)
	if err != nil {
		panic(err)
	}
	for label, name := range c.names {
		text = []byte(strings.ReplaceAll(string(text), label, name))
	}
	out := resource{Type: r.Type}
	if err := json.Unmarshal(text, &out.Properties); err != nil {
		panic(err)
	}
	return out
}

func (c *play) resolved(may access) access {
	real := access{}
	for who, tries := range may {
		if who.Account == noAccount {
			who.Account = c.at.ID
		}
		real[who] = tries
	}
	return real
}

// is checks that there is what a state says. On the consumer's side the owner's declaration stays as it is.
func (c *play) is(s *state) error {
	want := c.resolved(s.access)
	return c.exactly(c.names[s.bucket], want)
}

func (c *play) s3() *s3.Client {
	return s3.NewFromConfig(c.owner.Config(), func(o *s3.Options) { o.UsePathStyle = true })
}

const precious = "precious"

func (c *play) put(ctx context.Context, bucket string) error {
	_, err := c.s3().PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(c.names[bucket]), Key: aws.String(precious), Body: strings.NewReader("data"),
	})
	return err
}

// takeObject takes the object away, which must be there.
func (c *play) takeObject(ctx context.Context, bucket string) error {
	name := c.names[bucket]
	versions, err := c.s3().ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &name})
	if err != nil {
		return err
	}
	if len(versions.Versions) != 1 {
		return fmt.Errorf("%d objects in %s, not the one that was put there", len(versions.Versions), name)
	}
	for _, v := range versions.Versions {
		if _, err := c.s3().DeleteObject(ctx,
			&s3.DeleteObjectInput{Bucket: &name, Key: v.Key, VersionId: v.VersionId}); err != nil {
			return err
		}
	}
	return nil
}

// gone checks that nothing is left that the RemovalPolicy does not keep, and that nobody is let in.
func (c *play) gone(ctx context.Context) error {
	var all []error
	if !c.scenario.consumer {
		for _, label := range []string{first, second} {
			all = append(all, c.bucketGone(ctx, label))
		}
	}
	for _, user := range []string{"ann", "bob"} {
		out, err := iam.NewFromConfig(c.at.Config()).ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: &user})
		if err == nil && len(out.PolicyNames) > 0 {
			err = fmt.Errorf("%s still has %v", user, out.PolicyNames)
		}
		all = append(all, err)
	}
	return errors.Join(all...)
}

func (c *play) bucketGone(ctx context.Context, label string) error {
	name := c.names[label]
	retained := c.scenario.retained && label == first
	c.mu.Lock()
	b, there := c.shadow.buckets[name]
	if there && retained {
		delete(c.shadow.keys, b.key)
		defer delete(c.shadow.buckets, name)
	}
	c.mu.Unlock()
	if err := c.exactly(name, nothing); err != nil {
		return err
	}
	if retained {
		if !there {
			return fmt.Errorf("%s is gone, which was to be retained", name)
		}
		return c.takeObject(ctx, label)
	}
	if there {
		return fmt.Errorf("%s is still there", name)
	}
	return c.keysGone(ctx)
}

// keysGone checks that every key that was made, but that of the share for the consumer, waits for its deletion.
func (c *play) keysGone(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	client := kms.NewFromConfig(c.owner.Config())
	for arn := range c.shadow.keys {
		if b := c.shadow.buckets[c.shared]; b != nil && b.key == arn {
			continue
		}
		out, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &arn})
		if err != nil {
			return err
		}
		if out.KeyMetadata.KeyState != types.KeyStatePendingDeletion {
			return fmt.Errorf("key %s is still %s", arn, out.KeyMetadata.KeyState)
		}
		delete(c.shadow.keys, arn)
	}
	return nil
}
