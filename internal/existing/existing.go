// Package existing says what an adopted bucket holds: its object versions by their encryption, which of them are to be
// put under the bucket's key, and what came of that.
package existing

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// encryption is how an object version is encrypted.
type encryption int

// The kinds of encryption, in the order of the text.
const (
	bucketKey   encryption = iota
	otherKey               // SSE-KMS with another key, such as aws/s3
	s3Managed              // SSE-S3
	dualLayer              // DSSE-KMS
	customerKey            // SSE-C: only whoever has the key can ask about it
	unreadable             // asking was refused
	kinds
)

var names = [kinds]string{
	"under the bucket's key", "under another KMS key", "under SSE-S3", "under DSSE-KMS", "under SSE-C", "not readable",
}

// Object is a version of an object.
type Object struct{ Key, Version string }

// MostCounted is how many object versions of an adopted bucket are looked at only to say what lies there: a page of a
// listing, and a call for each.
const MostCounted = 1000

// Found is what was found in a bucket.
type Found struct {
	By      [kinds]int // object versions by encryption
	More    bool       // there are more than was looked at
	Foreign []Object   // those that can be put under the bucket's key
	// Keys is how many of these are under which other KMS key.
	Keys map[string]int
}

// count counts an object version with its KMS key, if it has one.
func (f *Found) count(o Object, e encryption, keyARN string) {
	f.By[e]++
	if e == otherKey || e == s3Managed {
		f.Foreign = append(f.Foreign, o)
	}
	if e == otherKey {
		if f.Keys == nil {
			f.Keys = map[string]int{}
		}
		f.Keys[keyARN]++
	}
}

// Versions is how many object versions were looked at.
func (f Found) Versions() (n int) {
	for _, of := range f.By {
		n += of
	}
	return n
}

// Text says what was found, for people.
func (f Found) Text() string {
	text := fmt.Sprintf("%d object versions", f.Versions())
	if f.More {
		text = fmt.Sprintf("of more than %s, which were looked at", text)
	}
	var parts []string
	for e, n := range f.By {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, names[e]))
		}
	}
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return text
}

// Done is what came of putting object versions under the bucket's key.
type Done struct {
	Updated int
	Gone    int            // deleted meanwhile
	Refused map[string]int // by error code: retention and legal holds are AccessDenied
	First   []Object       // the first of the refused ones
	Left    int            // for which the time did not do
}

const firstRefused = 5

// refuse counts an object version that S3 does not update.
func (d *Done) refuse(o Object, code string) {
	if d.Refused == nil {
		d.Refused = map[string]int{}
	}
	d.Refused[code]++
	if len(d.First) < firstRefused {
		d.First = append(d.First, o)
	}
}

// Text says what came of it, for people.
func (d Done) Text() string {
	text := fmt.Sprintf("%d were put under the bucket's key", d.Updated)
	for _, code := range slices.Sorted(maps.Keys(d.Refused)) {
		text += fmt.Sprintf(", %d refused (%s)", d.Refused[code], code)
	}
	if d.Left > 0 {
		text += fmt.Sprintf(", %d left for want of time", d.Left)
	}
	return text
}
