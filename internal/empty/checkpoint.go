package empty

import "strings"

// Checkpoint is what is left to do when emptying stops early. It says where to go on and nothing else: whoever makes
// one up can have less deleted, never more. What was deleted, or could not be, counts once, however often it is written
// down; only of a key with thousands of versions some may count twice.
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
// version of it; each may be empty. A place is a version only among the many of one key. That version belongs to what
// comes after it: it is not deleted before the listing went on.
type Range struct {
	After        Marker
	Prefix       string `json:",omitempty"`
	Until        string `json:",omitempty"`
	UntilVersion string `json:",omitempty"`
}

// end is the first key behind the range, "" when it has no end.
func (g Range) end() string {
	end := g.Until
	if g.UntilVersion != "" {
		end += "\x00"
	}
	if g.Prefix == "" {
		return end
	}
	if behind := following(g.Prefix); end == "" || behind < end {
		return behind
	}
	return end
}

// upTo is the part of a range that ends where a listing of it goes on.
func (g Range) upTo(place Marker) Range {
	if place.Version != "" {
		g.Until, g.UntilVersion = place.Key, place.Version
	} else {
		g.Until, g.UntilVersion = place.Key+"\x00", ""
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
