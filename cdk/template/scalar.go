package template

import (
	"regexp"
	"strconv"
	"strings"
)

// scalarAfter quotes nothing in the short form of GetAtt and Ref, whose arguments are names.
func scalarAfter(lead, text string) string {
	if strings.HasSuffix(lead, "!Ref") || strings.HasSuffix(lead, "!GetAtt") || strings.HasSuffix(lead, "!Condition") {
		return text
	}
	return scalar(text)
}

// scalar is a string as YAML has it, in quotes only where it needs them.
func scalar(text string) string {
	if plain.MatchString(text) && !meaning.MatchString(text) &&
		!strings.Contains(text, ": ") && !strings.HasSuffix(text, ":") &&
		!strings.HasSuffix(text, " ") && !strings.Contains(text, " #") {
		return text
	}
	if strings.ContainsAny(text, "\"\\") && !strings.ContainsAny(text, "'\n") {
		return "'" + text + "'"
	}
	return strconv.Quote(text)
}

var (
	plain = regexp.MustCompile(`^[A-Za-z0-9_./$(<=^][^#\n"]*$`)
	// meaning is what a YAML reader would not take for a string.
	meaning = regexp.MustCompile(`^(?i:true|false|yes|no|on|off|null|~|y|n)$|^[-+.0-9][0-9_.,:eExXoOa-fA-F+-]*$`)
)

// word is a text that needs no quotes between brackets, unless it has a meaning of its own.
var word = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9:/.*-]*[A-Za-z0-9*]$`)
