package fault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/test/local"
)

// lab is an owner account and a consumer account, in which one thing happens after the other.
type lab struct {
	owner, consumer *account
	shared          string // the bucket of a share that scenarios of the consumer use

	mu     sync.Mutex
	shadow *shadow
	may    map[string]access // by bucket: the most that anybody may have at this moment
	askers []asker
	wrong  []string
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
		l.askers = append(l.askers, asker{id, ""}, asker{id, theProvider})
	}
	l.askers = append(l.askers, asker{l.consumer.ID, ""})
	for _, a := range []*account{l.owner, l.consumer} {
		for _, user := range append(slices.Clone(employees), "eve", theProvider) {
			l.askers = append(l.askers, asker{a.ID, user})
		}
	}
	l.shared = fmt.Sprintf("fault-%d-shared", n)
	l.may = l.always()
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

// always is what anybody may have on the consumer's share.
func (l *lab) always() map[string]access {
	return map[string]access{l.shared: {{l.consumer.ID, ""}: writing}}
}

// took follows a write and looks at once whether anybody has more than he may.
func (l *lab) took(account string, c call, r *http.Request, in, out []byte) {
	if c.reads() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	at, counts := l.shadow.took(account, c, r, in, out)
	for bucket := range l.may {
		if !counts || at != "" && at != bucket {
			continue // nobody can do anything else there than before
		}
		may := l.may[bucket].withCanaries()
		for a, tries := range l.shadow.may(l.askers, bucket) {
			for _, try := range tries {
				if !slices.Contains(may[a], try) {
					l.wrong = append(l.wrong, fmt.Sprintf("after %s, %s may do %s on %s", c, a, try, bucket))
				}
			}
		}
	}
}

// exactly checks that everybody may do what a state says, and nothing else; but for some, of whom nothing is known.
func (l *lab) exactly(bucket string, want access, but ...asker) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []error
	have := l.shadow.may(l.askers, bucket)
	want = want.withCanaries()
	for _, a := range l.askers {
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
func (l *lab) wrongs() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.wrong) == 0 {
		return nil
	}
	return errors.New(strings.Join(l.wrong, "\n"))
}
