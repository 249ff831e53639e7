package empty

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"
)

// Where keys have folders, S3 says which there are: one call lists up to 1,000 of a level. They are asked for while the
// first pages are listed, and are where to cut ranges from then on. Nothing depends on the answer.

const (
	// mostLevels is how many levels are asked for behind a page, the deepest ones.
	mostLevels = 6
	// mostFolders bounds what is kept.
	mostFolders = 4000
)

// folder is a place where keys begin that have something in common up to a slash.
type folder struct {
	name  string
	alone bool // there are no keys beside the folders of its level
}

// atlas is what is known about the folders of a bucket.
type atlas struct {
	folders []folder        // in order
	asked   map[string]bool // the levels that were asked for
}

// folders asks for the folders of a level after a place.
type folders struct {
	atlas  *atlas
	prefix string
	after  Marker
	found  Folders
}

func (t *folders) do(ctx context.Context, b Bucket) (err error) {
	t.found, err = b.ListFolders(ctx, t.prefix, t.after)
	return err
}

// take takes up what was found.
func (t *folders) take() {
	for _, name := range t.found.Names {
		if len(t.atlas.folders) < mostFolders && name > t.after.Key && utf8.ValidString(name) {
			t.atlas.folders = append(t.atlas.folders, folder{name, !t.found.Plain})
		}
	}
	slices.SortFunc(t.atlas.folders, func(a, b folder) int { return strings.Compare(a.name, b.name) })
	t.atlas.folders = slices.Compact(t.atlas.folders)
}

// behind are the questions for what is behind the folder that a key is in, on each level, unless they were put before.
func (a *atlas) behind(key string) (questions []*folders) {
	for end := len(key); len(questions) < mostLevels; {
		at := strings.LastIndexByte(key[:end], '/')
		if at < 0 {
			break
		}
		inside, level := key[:at+1], key[:strings.LastIndexByte(key[:at], '/')+1]
		if !a.asked[level] {
			a.asked[level] = true
			questions = append(questions,
				&folders{atlas: a, prefix: level, after: Marker{Key: inside + string(utf8.MaxRune)}})
		}
		end = at
	}
	return questions
}

// within are the folders of a range behind a key: at most so many of them, evenly, and whether that is all.
func (a *atlas) within(g Range, key string, most int) (some []folder, all bool) {
	var behind []folder
	for _, f := range a.folders {
		if end := g.end(); f.name > key && strings.HasPrefix(f.name, g.Prefix) && (end == "" || f.name < end) {
			behind = append(behind, f)
		}
	}
	if len(behind) <= most {
		return behind, true
	}
	for i, step := 0, len(behind)/max(most, 1)+1; i < len(behind); i += step {
		some = append(some, behind[i])
	}
	return some, false
}

// splitBefore cuts a range before folders. Where these are all that there are, one that has nothing beside it is a
// range of its own: its listing ends by itself. Otherwise nothing is left out between two cuts.
func (g Range) splitBefore(cuts []folder, all bool) []Range {
	rest := []Range{g}
	for i, cut := range cuts {
		if last := &rest[i]; last.Prefix == g.Prefix {
			last.Until, last.UntilVersion = cut.name, ""
		}
		if all && cut.alone && i+1 < len(cuts) && cuts[i+1].alone {
			rest = append(rest, Range{Prefix: cut.name})
		} else {
			g.After = Marker{Key: before(cut.name)}
			rest = append(rest, g)
		}
	}
	return rest
}
