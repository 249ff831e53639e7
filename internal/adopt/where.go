package adopt

import (
	"slices"
	"strings"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// where are the folders that a statement is about, in a share's words.
type where struct {
	folders  []string
	names    bool // it names the bucket, and not only all of them
	problems []string
}

// whereOf reads resources and conditions on s3:prefix.
func whereOf(bucketARN string, s policy.Statement) where {
	var w where
	if len(s.NotResource) > 0 {
		w.problems = append(w.problems, "NotResource means everything else")
	}
	for _, r := range s.Resource {
		key, inside := strings.CutPrefix(r, bucketARN+"/")
		switch {
		case r == bucketARN, inside && key == "*":
			w.names = true
		case inside:
			w.names = true
			w.folder(key, r)
		case strings.HasPrefix(r, bucketARN+"*"):
			w.names = true
			w.problems = append(w.problems, r+" is also other buckets whose names begin alike")
		}
	}
	for _, operator := range []string{"StringEquals", "StringLike"} {
		for _, prefix := range valuesOf(s.Condition, operator, "s3:prefix") {
			if prefix != "" {
				w.folder(prefix, "s3:prefix "+prefix)
			}
		}
	}
	slices.Sort(w.folders)
	w.folders = slices.Compact(w.folders)
	return w
}

// folder reads folder/* in a resource, or folder, folder/ and folder/* in a condition.
func (w *where) folder(pattern, as string) {
	text := strings.ReplaceAll(pattern, document.AccountVariable, share.AccountFolder)
	name := strings.TrimSuffix(text, "*")
	ofCondition := strings.HasPrefix(as, "s3:prefix ")
	switch {
	case name == "" && ofCondition:
		return // any listing
	case strings.ContainsAny(name, "*?$") || strings.Contains(strings.ReplaceAll(name, share.AccountFolder, ""), "{"):
		w.problems = append(w.problems, as+" is a pattern, not a folder")
	case strings.HasSuffix(text, "*") && !strings.HasSuffix(name, "/"):
		w.problems = append(w.problems, as+" is also what merely begins alike; a share gives the folder "+name+"/ alone")
		w.folders = append(w.folders, name)
	case !strings.HasSuffix(text, "*") && !ofCondition:
		w.problems = append(w.problems, as+" is a single object")
	default:
		w.folders = append(w.folders, strings.TrimRight(name, "/"))
	}
}
