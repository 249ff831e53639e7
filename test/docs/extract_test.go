// Package docs holds README and docs/ against what is there: every command in them is run, or read by the parser of the
// program that it is for.
package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// block is a piece of a page that has commands.
type block struct {
	page, heading string
	text          string // the commands, without prompts and output
}

func (b block) key() string { return b.page + " › " + b.heading }

// pages are README, docs/ and the other pages that people read, by their paths.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "test/local/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		must(t, err)
		for _, path := range found {
			text, err := os.ReadFile(path)
			must(t, err)
			name, err := filepath.Rel(root, path)
			must(t, err)
			all[filepath.ToSlash(name)] = string(text)
		}
	}
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var (
	fence  = regexp.MustCompile("^```(\\S*)")
	title  = regexp.MustCompile(`^#+ (.*)`)
	prompt = regexp.MustCompile(`^\s*\$ (.*)`)
	// program begins a command; what begins otherwise is output, a file or a drawing.
	program = regexp.MustCompile(`^(aws|cdk|make|sharedbucket|go|git|npm|npx|jq|curl|sha256sum|export|docker|pip|python3?|sh|bash)( |$)|^\w+=\$\(`)
)

// blocks are the blocks of a page that have commands: fenced ones in sh, indented ones, and what stands behind a prompt.
func blocks(page, text string) (all []block) {
	heading, language, fenced := "", "", false
	var lines []string
	end := func() {
		if b, is := commands(language, lines); is {
			all = append(all, block{page: page, heading: heading, text: b})
		}
		lines = nil
	}
	before := ""
	for line := range strings.SplitSeq(text, "\n") {
		opening := fence.FindStringSubmatch(line)
		switch {
		case opening != nil:
			end()
			fenced, language = !fenced, opening[1]
		case fenced:
			lines = append(lines, line)
		case strings.HasPrefix(line, "    ") && (len(lines) > 0 || strings.TrimSpace(before) == ""):
			language = ""
			lines = append(lines, line[4:])
		case strings.TrimSpace(line) == "" && len(lines) > 0:
			lines = append(lines, "")
		default:
			end()
			if m := title.FindStringSubmatch(line); m != nil {
				heading = m[1]
			}
		}
		before = line
	}
	end()
	return all
}

// commands are those of a block, and whether it has any.
func commands(language string, lines []string) (string, bool) {
	if i := slices.IndexFunc(lines, prompt.MatchString); i >= 0 && language == "" {
		var given []string
		for _, line := range lines {
			if m := prompt.FindStringSubmatch(line); m != nil {
				given = append(given, m[1])
			}
		}
		return strings.Join(given, "\n"), true
	}
	is := language == "sh" || language == "" && slices.ContainsFunc(lines, program.MatchString)
	return strings.TrimSpace(strings.Join(lines, "\n")), is
}

// each splits a block into its commands: continued lines are one, comments and empty lines are none.
func each(text string) (all []string) {
	text = strings.ReplaceAll(text, "\\\n", " ")
	open := ""
	for line := range strings.SplitSeq(text, "\n") {
		if open == "" {
			line, _, _ = strings.Cut(" "+line, " # ")
		}
		line = open + strings.TrimSpace(line)
		open = ""
		switch {
		case strings.Count(line, "'")%2 == 1: // goes on in the next line
			open = line + " "
		case line != "":
			all = append(all, line)
		}
	}
	return all
}
