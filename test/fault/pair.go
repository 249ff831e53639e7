package fault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/local"
)

// pair is an owner account and a consumer account, in which one thing happens after the other.
type pair struct {
	owner, consumer *account
	shared          string // the bucket of a share that scenarios of the consumer use

	mu         sync.Mutex
	model      *model
	may        map[string]access // by bucket: the most that anybody may have at this moment
	principals []principal
	wrong      []string
}

func newPair(ctx context.Context, server *local.AWS, n int, code []byte) (*pair, error) {
	p := &pair{}
	var err error
	if p.owner, err = newAccount(ctx, server, fmt.Sprintf("5000000%05d", 2*n), code); err != nil {
		return nil, err
	}
	if p.consumer, err = newAccount(ctx, server, fmt.Sprintf("5000000%05d", 2*n+1), code); err != nil {
		return nil, err
	}
	p.model = newModel(p.owner.ID, server.Region)
	p.owner.watch(p.took)
	p.consumer.watch(p.took)
	for _, id := range []string{partner, newcomer, stranger} {
		p.principals = append(p.principals, principal{id, ""}, principal{id, theProvider})
	}
	p.principals = append(p.principals, principal{p.consumer.ID, ""})
	for _, a := range []*account{p.owner, p.consumer} {
		for _, user := range append(slices.Clone(employees), "eve", theProvider) {
			p.principals = append(p.principals, principal{a.ID, user})
		}
	}
	p.shared = fmt.Sprintf("fault-%d-shared", n)
	p.may = p.always()
	status, err := p.owner.create(ctx, "shared", resource{share.BucketType, map[string]any{
		"BucketName": p.shared, "Consumers": accounts(p.consumer.ID, "ReadWrite"),
	}})
	if err != nil || status != "CREATE_COMPLETE" {
		return nil, errors.Join(err, fmt.Errorf("the consumer's share: %s\n%s", status, p.owner.events(ctx, "shared")))
	}
	return p, nil
}

func (p *pair) close() {
	p.owner.proxy.close()
	p.consumer.proxy.close()
}

// always is what anybody may have on the consumer's share.
func (p *pair) always() map[string]access {
	return map[string]access{p.shared: {{p.consumer.ID, ""}: writing}}
}

// took follows a write and looks at once whether anybody has more than he may.
func (p *pair) took(account string, c call, request *http.Request, in, out []byte) {
	if c.reads() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	at, counts := p.model.took(account, c, request, in, out)
	for bucket := range p.may {
		if !counts || at != "" && at != bucket {
			continue // nobody can do anything else there than before
		}
		may := p.may[bucket].withCanaries()
		for a, tries := range p.model.may(p.principals, bucket) {
			for _, try := range tries {
				if !slices.Contains(may[a], try) {
					p.wrong = append(p.wrong, fmt.Sprintf("after %s, %s may do %s on %s", c, a, try, bucket))
				}
			}
		}
	}
}

// exactly checks that everybody may do what a state says, and nothing else; but for some, of whom nothing is known.
func (p *pair) exactly(bucket string, want access, but ...principal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []error
	have := p.model.may(p.principals, bucket)
	want = want.withCanaries()
	for _, a := range p.principals {
		if slices.Contains(but, a) {
			continue
		}
		for _, try := range union(have[a], want[a]) {
			if is := slices.Contains(have[a], try); is != slices.Contains(want[a], try) {
				all = append(all, fmt.Errorf("%s may do %s on %s: %t", a, try, bucket, is))
			}
		}
	}
	return errors.Join(all...)
}

// wrongs is what somebody had who should not have had it.
func (p *pair) wrongs() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.wrong) == 0 {
		return nil
	}
	return errors.New(strings.Join(p.wrong, "\n"))
}

// s3 is S3 as the owner's administrator uses it.
func (p *pair) s3() *s3.Client {
	return s3.NewFromConfig(p.owner.Config(), func(o *s3.Options) { o.UsePathStyle = true })
}

// noCanaryIn checks that of canaries there is no version and no delete marker in a bucket.
func (p *pair) noCanaryIn(ctx context.Context, bucket string) error {
	there, err := p.s3().ListObjectVersions(ctx, &s3.ListObjectVersionsInput{
		Bucket: &bucket, Prefix: aws.String(document.CanaryFolder),
	})
	if err != nil {
		return err
	}
	var all []error
	for _, v := range there.Versions {
		all = append(all, fmt.Errorf("canary %s is left in %s, version %s", *v.Key, bucket, *v.VersionId))
	}
	for _, m := range there.DeleteMarkers {
		all = append(all, fmt.Errorf("of canary %s a delete marker is left in %s", *m.Key, bucket))
	}
	return errors.Join(all...)
}
