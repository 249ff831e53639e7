package main

import (
	"context"
	"fmt"
	"io"

	"example.com/sharedbucket/internal/cloud"
	"example.com/sharedbucket/internal/existing"
	"example.com/sharedbucket/internal/proof"
	"example.com/sharedbucket/internal/share"
)

// existing says how what lies in an adopted bucket is encrypted, as far as it is looked at, and whether consumers can
// read it. It is "" for a bucket that is not adopted, or that nobody here may ask about.
func (in signedIn) existing(ctx context.Context, s share.Share, b proof.Bucket) string {
	config, known := in.configs[s.Env.Account]
	if !s.Adopt || b.Owner != s.Env.Account || !known {
		return ""
	}
	key := s.KeyARN
	if key == "" && b.Key != nil && !b.Key.AWSManaged { // the share makes a key in place of one of AWS
		key = b.Key.ARN
	}
	found, err := cloud.New(config, s.Env).Existing(ctx, ctx, s.Bucket, key, existing.MostCounted)
	if err != nil {
		return "not known: " + err.Error()
	}
	text := found.Text()
	if n := len(found.Foreign); n > 0 {
		text += fmt.Sprintf("; consumers cannot read %d of them", n)
		if s.ReEncrypt {
			return text + " until a deployment has put them under the bucket's key"
		}
		return text + ": Encryption.ExistingObjects: ReEncrypt puts them under the bucket's key"
	}
	return text
}

func writeExisting(w io.Writer, text string) {
	if text != "" {
		fmt.Fprintf(w, "\nWhat lies in the bucket\n- %s\n", text)
	}
}
