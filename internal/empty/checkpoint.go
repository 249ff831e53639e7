package empty

import "strings"

// Checkpoint is what is left to do when emptying stops early. It says where to go on and nothing else: whoever makes
// one up can have less deleted, never more. Where only a part of a page was done, or a page ended between versions of
// one key, some versions may be deleted, or counted as undeletable, a second time.
type Checkpoint struct {
	Ranges  []Range `json:",omitempty"`
	Uploads bool    `json:",omitempty"` // unfinished uploads are yet to be ended
	Report  Report
}

// Everything is where emptying begins.
func Everything() Checkpoint { return Checkpoint{Ranges: []Range{{}}, Uploads: true} }

// Done says whether nothing is left to do.
func (c Checkpoint) Done() bool { return len(c.Ranges) == 0 && !c.Uploads }

// Range is a part of a listing: what comes after a place, begins with a prefix and comes before a key, or before a
// version of it; each may be empty.
//
// The version that After names is not deleted before the listing went on: not every server finds a place whose version
// is gone.
type Range struct {
	After        Marker
	Prefix       string `json:",omitempty"`
	Until        string `json:",omitempty"`
	UntilVersion string `json:",omitempty"`
}

// end is the first key behind the range, "" when it has no end.
func (g Range) end() string {
	if g.UntilVersion != "" {
		return g.Until + "\x00"
	}
	if g.Until != "" || g.Prefix == "" {
		return g.Until
	}
	return following(g.Prefix)
}

// listed is the part of a range that a page covers: up to the version that is held back.
func (g Range) listed(more bool, next Marker) Range {
	switch {
	case more && next.Version != "":
		g.Until, g.UntilVersion = next.Key, next.Version
	case more:
		g.Until, g.UntilVersion = next.Key+"\x00", ""
	}
	return g
}

// holds says whether a key with a version is in the range. Some servers list the key to begin after once more.
func (g Range) holds(v Version) bool {
	if v.Key == g.After.Key && (g.After.Version == "" || g.After.Version == v.ID) {
		return false
	}
	return v.Key >= g.After.Key && strings.HasPrefix(v.Key, g.Prefix) && !g.past(v)
}

func (g Range) past(v Version) bool {
	switch {
	case g.Until == "":
		return false
	case g.UntilVersion != "":
		return v.Key > g.Until || v == Version{Key: g.Until, ID: g.UntilVersion}
	}
	return v.Key >= g.Until
}

// following is the first cut behind all keys that begin with cut.
func following(cut string) string { return cut[:len(cut)-1] + string(rune(cut[len(cut)-1]+1)) }
