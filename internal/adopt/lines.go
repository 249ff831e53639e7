package adopt

import (
	"fmt"
	"strings"

	"example.com/sharedbucket/internal/proof"
)

// oneLine is a text without anything that could end a line, whatever somebody named a statement.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, text)
}

func unsaidLines(all []Unsaid) []string {
	var lines []string
	for _, u := range all {
		lines = append(lines, u.What+": "+strings.Join(u.Why, "; "))
	}
	return lines
}

func whatOf(c proof.Change) string {
	return fmt.Sprintf("%s (%s)", strings.Join(c.Operations, ", "), strings.Join(c.Places, ", "))
}

func changeLines(all []proof.Change) []string {
	var lines []string
	for _, c := range all {
		lines = append(lines, c.Who+": "+whatOf(c))
	}
	return lines
}

func unreadLines(a Adoption) []string {
	var lines []string
	for _, u := range a.World.Unread {
		lines = append(lines, u.String())
	}
	return lines
}

// lostLines have the reason as well.
func lostLines(all []proof.Change) []string {
	var lines []string
	for _, c := range all {
		lines = append(lines, c.String())
	}
	return lines
}
