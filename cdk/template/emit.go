package template

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// Notes are comments by the Sid of the policy statement that they stand above.
type Notes map[string]string

// width is where comments are wrapped.
const width = 118

// emitter writes lines, each indented by so many columns.
type emitter struct {
	text  strings.Builder
	notes Notes
}

// step is by how many columns what is in something stands behind it: for people two, and one in a template that another
// one has in it, as CloudFormation counts the bytes.
func (e *emitter) step() int {
	if e.notes == nil {
		return 1
	}
	return 2
}

func (e *emitter) line(indent int, text string) {
	if text != "" {
		e.text.WriteString(strings.Repeat(" ", indent))
	}
	e.text.WriteString(text + "\n")
}

func (e *emitter) comment(text string, indent int) {
	line := "#"
	for _, word := range strings.Fields(text) {
		if indent+len(line)+1+len(word) > width && line != "#" {
			e.line(indent, line)
			line = "#"
		}
		line += " " + word
	}
	if line != "#" {
		e.line(indent, line)
	}
}

// section writes a top-level section; the entries of long ones stand apart.
func (e *emitter) section(name string, value any) {
	entries, ok := value.(*object)
	if !ok {
		e.entry(name, value, 0)
		return
	}
	e.line(0, name+":")
	for i, id := range entries.keys {
		if i > 0 && (name == "Parameters" || name == "Resources" || name == "Outputs") {
			e.line(0, "")
		}
		e.entry(id, entries.values[id], e.step())
	}
}

// entry writes key: value.
func (e *emitter) entry(key string, value any, indent int) {
	e.value(scalar(key)+":", value, indent)
}

// value writes value after lead, which ends in a colon, a hyphen or a function's tag.
func (e *emitter) value(lead string, value any, indent int) {
	switch v := value.(type) {
	case *object:
		if text, ok := flow(v); ok && indent+len(lead)+len(text) < width {
			e.line(indent, lead+" "+text)
			return
		}
		if text, ok := braces(v); ok && e.notes == nil && len(v.keys) > 0 && indent+len(lead)+len(text) < width {
			e.line(indent, lead+" "+text)
			return
		}
		if f, ok := asFunction(v); ok {
			e.value(lead+" "+f.tag, f.arg, indent)
			return
		}
		if len(v.keys) == 0 {
			e.line(indent, lead+" {}")
			return
		}
		e.object(lead, v, indent)
	case []any:
		if len(v) == 0 {
			e.line(indent, lead+" []")
			return
		}
		if words, ok := asWords(v); ok && e.notes == nil {
			e.words(lead, words, indent)
			return
		}
		e.list(lead, v, indent)
	case string:
		if strings.Contains(v, "\n") && !edgeSpace.MatchString(v) {
			e.block(lead, v, indent)
			return
		}
		e.line(indent, lead+" "+scalarAfter(lead, v))
	case nil:
		e.line(indent, lead+" null")
	case json.Number:
		e.line(indent, lead+" "+v.String())
	default:
		e.line(indent, lead+" "+fmt.Sprint(v))
	}
}

// item writes an entry of a list; the first key of an object stands beside its hyphen.
func (e *emitter) item(value any, indent int) {
	o, ok := value.(*object)
	if !ok {
		e.value("-", value, indent)
		return
	}
	if sid, ok := o.values["Sid"].(string); ok {
		e.comment(e.notes[sid], indent)
	}
	e.value("-", value, indent)
}

func (e *emitter) object(lead string, o *object, indent int) {
	e.below(lead, indent, e.step(), func(e *emitter, indent int) {
		for _, key := range o.keys {
			e.entry(key, o.values[key], indent)
		}
	})
}

// list writes a list. YAML lets its hyphens stand right below its key, but not below another hyphen.
func (e *emitter) list(lead string, list []any, indent int) {
	step := e.step()
	if e.notes == nil && !strings.HasPrefix(lead, "-") {
		step = 0
	}
	e.below(lead, indent, step, func(e *emitter, indent int) {
		for _, one := range list {
			e.item(one, indent)
		}
	})
}

// asWords are the elements of a list that need no quotes in brackets.
func asWords(list []any) ([]string, bool) {
	var words []string
	for _, one := range list {
		text, is := one.(string)
		quoted := is && strings.HasPrefix(scalar(text), `"`) && len(list) == 2
		if !is || !quoted && (!word.MatchString(text) || meaning.MatchString(text)) {
			return nil, false
		}
		words = append(words, scalar(text))
	}
	return words, true
}

// words writes a list in brackets: a template without notes is not for people, and the larger for each line of its own.
func (e *emitter) words(lead string, words []string, indent int) {
	line := lead + " ["
	for i, w := range words {
		if i < len(words)-1 {
			w += ","
		} else {
			w += "]"
		}
		switch {
		case strings.HasSuffix(line, "["):
			line += w
		case indent+len(line)+1+len(w) > width:
			e.line(indent, line)
			line = "  " + w
		default:
			line += " " + w
		}
	}
	e.line(indent, line)
}

// below writes what is a step deeper than lead; after a hyphen it begins on the hyphen's own line.
func (e *emitter) below(lead string, indent, step int, write func(e *emitter, indent int)) {
	if lead != "-" {
		e.line(indent, lead)
		write(e, indent+step)
		return
	}
	rest := emitter{notes: e.notes}
	write(&rest, indent+len("- "))
	prefix := strings.Repeat(" ", indent)
	e.text.WriteString(prefix + "- " + strings.TrimPrefix(rest.text.String(), prefix+"  "))
}

// block writes text of several lines as it is, one space deeper than lead: YAML asks for no more, and the
// organization's template, which has the others in it, is near to what CloudFormation takes.
func (e *emitter) block(lead, text string, indent int) {
	indicator := "|"
	if !strings.HasSuffix(text, "\n") {
		indicator = "|-"
	}
	e.line(indent, lead+" "+indicator)
	for line := range strings.Lines(text) {
		if line = strings.TrimSuffix(line, "\n"); line != "" {
			line = " " + line
		}
		e.line(indent, line)
	}
}

// edgeSpace is white space that readers of a block disagree about.
var edgeSpace = regexp.MustCompile(`^\s|[ \t](\n|$)|\n\n$`)
