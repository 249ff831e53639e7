package render

import (
	"fmt"
	"strings"

	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// script is a shell script of aws commands of one account.
type script struct {
	strings.Builder
	env share.Env
	// pending is the key's ARN in documents, in whose place the script has its own.
	pending string
}

func (b *script) text(line string) { b.WriteString(line + "\n") }

func (b *script) head(who, account string) {
	b.text("#!/bin/sh")
	b.text("# For " + who + ". The profile needs an administrator's credentials of this account.")
	b.text("set -eu")
	fmt.Fprintf(b, "export AWS_REGION=%s AWS_DEFAULT_REGION=%[1]s\n", b.env.Region)
	fmt.Fprintf(b, "profile=${PROFILE_%s:-account-%s}\n\n", account, account)
}

func (b *script) run(words ...string) {
	b.text("aws --profile \"$profile\" " + b.line(words) + "\n")
}

// capture runs a command for its output.
func (b *script) capture(variable string, words ...string) {
	b.text(variable + "=$(aws --profile \"$profile\" " + b.line(words) + ")\n")
}

// line is a command's words, an option to a line, with the key's ARN from the variable.
func (b *script) line(words []string) string {
	var line strings.Builder
	for i, w := range words {
		switch {
		case i == 0:
		case strings.HasPrefix(w, "--"):
			line.WriteString(" \\\n  ")
		default:
			line.WriteString(" ")
		}
		line.WriteString(b.quote(w))
	}
	return line.String()
}

func (b *script) quote(word string) string {
	if word == b.pending {
		return `"$KEY_ARN"`
	}
	if strings.HasPrefix(word, "{") {
		word = strings.TrimSpace(policy.Indent(word))
	}
	return strings.ReplaceAll(quote(word), b.pending, `'"$KEY_ARN"'`)
}

// quote is a word as a POSIX shell reads it back.
func quote(word string) string {
	plain := func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz"+
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=,./:@+", r)
	}
	if word != "" && !strings.ContainsFunc(word, plain) && !strings.HasPrefix(word, "arn:") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
