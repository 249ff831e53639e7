package empty

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFoldersAreAskedForOnce(t *testing.T) {
	a := atlas{asked: map[string]bool{}}
	var got []string
	for _, key := range []string{"logs/2026/01/x", "logs/2026/02/y", "flat", "a/b"} {
		for _, q := range a.behind(key) {
			got = append(got, q.prefix+" after "+q.after.Key)
		}
	}
	want := []string{
		"logs/2026/ after logs/2026/01/\U0010FFFF", "logs/ after logs/2026/\U0010FFFF", " after logs/\U0010FFFF",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := len((&atlas{asked: map[string]bool{}}).behind("1/2/3/4/5/6/7/8/9/x")); n != mostLevels {
		t.Errorf("%d levels are asked for", n)
	}
}

func TestRangesAreCutBeforeFolders(t *testing.T) {
	a := atlas{asked: map[string]bool{}}
	q := folders{atlas: &a, prefix: "d/", after: Marker{Key: "d/1/\U0010FFFF"}, found: Folders{
		Names: []string{"d/1/", "d/2/", "d/3/", "d/4/", "d/\xff/"},
	}}
	q.take()
	g := Range{After: Marker{Key: "d/1/x"}}
	for _, c := range []struct {
		name  string
		plain bool
		of    Range
		most  int
		want  []Range
	}{
		{
			name: "with nothing beside them: each is a range of its own", of: g, most: 9,
			want: []Range{
				{After: Marker{Key: "d/1/x"}, Until: "d/2/"}, {Prefix: "d/2/"}, {Prefix: "d/3/"},
				{After: Marker{Key: "d/4.\U0010FFFF"}},
			},
		},
		{
			name: "with keys beside them: nothing is left out", of: g, most: 9, plain: true,
			want: []Range{
				{After: Marker{Key: "d/1/x"}, Until: "d/2/"}, {After: Marker{Key: "d/2.\U0010FFFF"}, Until: "d/3/"},
				{After: Marker{Key: "d/3.\U0010FFFF"}, Until: "d/4/"}, {After: Marker{Key: "d/4.\U0010FFFF"}},
			},
		},
		{
			name: "too many: some of them, and nothing is left out", of: g, most: 2,
			want: []Range{
				{After: Marker{Key: "d/1/x"}, Until: "d/2/"}, {After: Marker{Key: "d/2.\U0010FFFF"}, Until: "d/4/"},
				{After: Marker{Key: "d/4.\U0010FFFF"}},
			},
		},
		{
			name: "those of the range", of: Range{After: g.After, Until: "d/3/"}, most: 9,
			want: []Range{{After: g.After, Until: "d/2/"}, {After: Marker{Key: "d/2.\U0010FFFF"}, Until: "d/3/"}},
		},
		{name: "none", of: Range{Prefix: "e/"}, most: 9, want: []Range{{Prefix: "e/"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := atlas{folders: append([]folder{}, a.folders...)}
			for i := range b.folders {
				b.folders[i].alone = !c.plain
			}
			cuts, all := b.within(c.of, c.of.After.Key, c.most)
			if diff := cmp.Diff(c.want, c.of.splitBefore(cuts, all)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A thousand folders with little in each are not a thousand listings.
func TestManySmallFolders(t *testing.T) {
	var keys []string
	for i := range 10000 {
		keys = append(keys, fmt.Sprintf("%03d/%d", i%1000, i/1000))
	}
	f := newFake(keys, 1)
	empty(t, f)
	if len(f.versions) > 0 || f.lists > 100 {
		t.Errorf("%d lists for 10 pages, %d versions left", f.lists, len(f.versions))
	}
}
