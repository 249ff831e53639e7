// Package threats keeps docs/threats.md true: what it calls tested is tested.
package threats

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// named is a test as docs/threats.md names it: its package's folder, a dot, its function.
var named = regexp.MustCompile("`([a-z0-9/]+)\\.(Test[A-Za-z0-9]+)`")

func TestEveryTestThatIsNamedExists(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "threats.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := named.FindAllStringSubmatch(string(text), -1)
	if mentions := strings.Count(string(text), ".Test"); mentions-1 != len(found) { // one says how they are written
		t.Errorf("%d of %d tests are written as `folder.Test`", len(found), mentions-1)
	}
	for _, m := range found {
		if !isTest(t, m[1], m[2]) {
			t.Errorf("there is no %s in %s", m[2], m[1])
		}
	}
}

func isTest(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(source), "\nfunc "+name+"(t *testing.T) {") {
			return true
		}
	}
	return false
}

// Each row is an attempt, an answer, and at least one test, or says itself that it is not stopped.
func TestEveryRowHasATest(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "threats.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || strings.HasPrefix(cells[0], " Could") {
			continue
		}
		rows++
		if len(cells) != 3 || strings.TrimSpace(cells[1]) == "" || !named.MatchString(cells[2]) {
			t.Errorf("a row without attempt, answer and test: %s", line)
		}
	}
	if rows < 20 {
		t.Errorf("only %d rows were found", rows)
	}
}
