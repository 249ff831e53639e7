package proof

import (
	"slices"
	"strings"

	"example.com/sharedbucket/internal/share"
)

// place is somewhere in the bucket that questions are about: a folder, or the bucket as a whole.
type place string

// anywhere is the bucket as a whole: an object in no declared folder, and a listing without any prefix.
const anywhere place = ""

// object is an object there.
func (p place) object() string {
	if p == anywhere {
		return "elsewhere/object"
	}
	return string(p) + "/object"
}

// String is the place for people.
func (p place) String() string {
	if p == anywhere {
		return "anywhere"
	}
	return string(p) + "/"
}

// in says whether a scope reaches a place.
func (p place) in(s share.Scope) bool {
	if len(s.Prefixes) == 0 {
		return true
	}
	return p != anywhere && slices.ContainsFunc(s.Prefixes, func(prefix string) bool {
		return string(p) == prefix || strings.HasPrefix(string(p), prefix+"/")
	})
}

// otherAccount is an account whose folder nobody who is asked about may use.
const otherAccount = "999999999995"

// inFolderOf is a folder with another account in place of one: the folder that a share has for that account.
func inFolderOf(folder, account, other string) string {
	segments := strings.Split(folder, "/")
	for i, s := range segments {
		if s == account {
			segments[i] = other
		}
	}
	return strings.Join(segments, "/")
}

// placesOf are the places that a subject is asked about: his own folders, with a sibling of each whose name begins
// alike, another account's folder, one folder of others, and the bucket as a whole. folders are those of the whole
// share.
func placesOf(s Subject, folders []string) []place {
	own := foldersOf(slices.Concat(s.Must, s.May))
	var all []place
	for _, f := range own {
		all = append(all, place(f), place(f+"-secret"))
		if next := inFolderOf(f, s.Account, otherAccount); next != f {
			all = append(all, place(next))
		}
	}
	for _, f := range folders {
		if foreign := place(f); !slices.Contains(all, foreign) {
			all = append(all, foreign)
			break
		}
	}
	return append(all, anywhere)
}

// foldersOf are all prefixes of scopes, sorted, each once.
func foldersOf(scopes []share.Scope) []string {
	var all []string
	for _, s := range scopes {
		all = append(all, s.Prefixes...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
