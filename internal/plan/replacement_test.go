package plan_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/sharedbucket/internal/declaration"
	"example.com/sharedbucket/internal/plan"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/internal/sharetest"
)

// places are shares of one resource, by their buckets, and what is remembered of whose place they take.
type places struct {
	t *testing.T
	w *sharetest.Account
	n int
}

func (p *places) of(bucket string) (share.Share, map[string]any) {
	properties := sharetest.Object(p.t, `{"BucketName": "`+bucket+`-bucket"}`)
	return sharetest.Parse(p.t, properties, sharetest.Sydney), properties
}

// replace is an event with the physical id of one bucket that declares another one, or the same once more, with tags.
func (p *places) replace(from, to string, back bool) plan.Plan {
	p.t.Helper()
	was, before := p.of(from)
	want, properties := p.of(to)
	p.n++
	id := strings.Repeat("i", p.n)
	w := plan.Wanted{
		Share: want, Owner: owner, Properties: properties, Replaces: &was,
		Event: plan.Event{ID: id, From: before, Back: back},
	}
	if from == to {
		properties["Tags"] = map[string]any{"event": id}
		w.Replaces, w.Previous = nil, &was
	}
	return apply(p.t, p.w, w)
}

// want asks who is remembered to take whose place: "b for a" by b's own parameter, "a by b" by a's.
func (p *places) want(want ...string) {
	p.t.Helper()
	bucketOf := func(parameter string) string {
		return strings.TrimSuffix(strings.Split(strings.TrimPrefix(parameter, declaration.Path), "/")[0], "-bucket")
	}
	var got []string
	for name, text := range p.w.Parameters {
		d, err := declaration.Read(text)
		sharetest.Must(p.t, err)
		if d.Replaces != "" {
			again := ""
			if d.Before != nil {
				again = " again"
			}
			got = append(got, bucketOf(name)+again+" for "+bucketOf(d.Replaces))
		}
		for _, by := range d.ReplacedBy {
			got = append(got, bucketOf(name)+" by "+bucketOf(by))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		p.t.Errorf("got %v, want %v", got, want)
	}
}

func TestWhoTakesWhosePlace(t *testing.T) {
	begin := func(t *testing.T) *places {
		p := &places{t: t, w: sharetest.NewAccount(sharetest.Sydney)}
		first, properties := p.of("a")
		apply(t, p.w, plan.Wanted{Share: first, Owner: owner, Properties: properties, Event: plan.Event{ID: "created"}})
		steps := p.replace("a", "b", false)
		if got := operations(steps); !strings.HasPrefix(got, "PutParameter; PutParameter; CreateBucket;") {
			t.Errorf("a replacement begins with %s", got)
		}
		p.want("a by b", "b for a")
		return p
	}
	for _, c := range []struct {
		name string
		then func(*places)
		want []string
	}{
		{name: "the same again", then: func(p *places) { p.replace("a", "b", false) }, want: []string{"a by b", "b for a"}},
		{
			name: "the way back, as another replacement", want: []string{"a by b", "b for a"},
			then: func(p *places) { p.replace("b", "a", true) },
		},
		{
			name: "the way back of the old one", want: []string{"a by b", "b for a"},
			then: func(p *places) { p.replace("a", "a", true) },
		},
		{name: "an Update of the new one", then: func(p *places) { p.replace("b", "b", false) }, want: []string{"a by b"}},
		{
			name: "the new one is replaced, too", then: func(p *places) { p.replace("b", "c", false) },
			want: []string{"a by b", "b by c", "c for b"},
		},
		{
			name: "by the old one, which was retained", want: []string{"a again for b", "b by a"},
			then: func(p *places) { p.replace("b", "a", false) },
		},
		{
			name: "and that has its place", want: []string{"b by a"},
			then: func(p *places) { p.replace("b", "a", false); p.replace("a", "a", false) },
		},
		{
			name: "and once more the other way round", want: []string{"a by b", "b again for a"},
			then: func(p *places) { p.replace("b", "a", false); p.replace("a", "b", false) },
		},
		{
			name: "the old one is replaced by a third", want: []string{"a by b", "a by c", "b for a", "c for a"},
			then: func(p *places) { p.replace("a", "c", false) },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := begin(t)
			c.then(p)
			p.want(c.want...)
		})
	}
}
