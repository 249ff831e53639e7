// Package render writes a share as files, for those who want to see or run everything themselves: its documents
// (documents.go), the aws commands that make it (awscli.go), and templates without a custom resource
// (cloudformation.go). It is a pure function of the declaration.
package render

import (
	"strings"

	"example.com/sharedbucket/internal/share"
)

// File is one file of a rendering.
type File struct {
	Name string // with slashes
	Text string
}

// Ends is a share from both ends: the owner's side and that of every account with grantees.
type Ends struct {
	Share share.Share
	Sides []share.Access
}

// keyARN is the key as documents name it before it is there.
func (e Ends) keyARN() string {
	if e.Share.KeyARN != "" {
		return e.Share.KeyARN
	}
	return e.Share.Env.PendingKeyARN()
}

// fileName is an identity as a part of a file's name: IAM's names may have characters that file systems do not take.
func fileName(id share.Identity) string {
	return strings.NewReplacer("/", "-", ":", "-").Replace(strings.ToLower(string(id.Kind)) + "-" + id.Name)
}
