// Package house has the rules of the code that no linter knows: no circle of files inside a package, no function longer
// than a screen, no line that has to be scrolled.
package house

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/tools/go/packages"
)

const (
	longestFunction = 50  // lines, its comment apart
	longestLine     = 120 // characters
)

func load(t *testing.T) []*packages.Package {
	t.Helper()
	config := &packages.Config{
		Dir: "../..",
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes |
			packages.NeedTypesInfo | packages.NeedImports | packages.NeedExportFile,
	}
	all, err := packages.Load(config, "./...")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		for _, e := range p.Errors {
			t.Fatalf("%s: %v", p.PkgPath, e)
		}
	}
	return all
}

// A file is a room of its own: two files that each need the other are one file, or three. What counts is what a file
// declares for its package; a method belongs to its type wherever it stands, so neither its receiver nor its call
// counts.
func TestNoCircleOfFiles(t *testing.T) {
	for _, p := range load(t) {
		if circle := shortestCircle(arrows(p)); circle != nil {
			t.Errorf("%s: %s", p.PkgPath, strings.Join(circle, " -> "))
		}
	}
}

// arrows are the files of a package, each with the files whose names it uses.
func arrows(p *packages.Package) map[string][]string {
	fileOf := func(pos token.Pos) string { return filepath.Base(p.Fset.Position(pos).Filename) }
	receivers := receiverTypes(p)
	to := map[string][]string{}
	for id, object := range p.TypesInfo.Uses {
		if object.Pkg() != p.Types || object.Parent() != p.Types.Scope() || receivers[id] {
			continue
		}
		from, at := fileOf(id.Pos()), fileOf(object.Pos())
		if from != at && !slices.Contains(to[from], at) {
			to[from] = append(to[from], at)
		}
	}
	return to
}

func receiverTypes(p *packages.Package) map[*ast.Ident]bool {
	all := map[*ast.Ident]bool{}
	for _, file := range p.Syntax {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
				ast.Inspect(f.Recv, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						all[id] = true
					}
					return true
				})
			}
		}
	}
	return all
}

// shortestCircle is a way along arrows back to where it began, with the fewest files, nil for none.
func shortestCircle(arrows map[string][]string) []string {
	var best []string
	for start := range arrows {
		if way := wayBack(arrows, start); way != nil && (best == nil || len(way) < len(best)) {
			best = way
		}
	}
	return best
}

func wayBack(arrows map[string][]string, start string) []string {
	seen := map[string]bool{}
	ways := [][]string{{start}}
	for len(ways) > 0 {
		way := ways[0]
		ways = ways[1:]
		for _, next := range arrows[way[len(way)-1]] {
			if next == start {
				return append(slices.Clone(way), start)
			}
			if !seen[next] {
				seen[next] = true
				ways = append(ways, append(slices.Clone(way), next))
			}
		}
	}
	return nil
}

func TestFunctionsFitAScreen(t *testing.T) {
	for _, p := range load(t) {
		for _, file := range p.Syntax {
			for _, d := range file.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok || f.Body == nil {
					continue
				}
				from, to := p.Fset.Position(f.Pos()), p.Fset.Position(f.End())
				if n := to.Line - from.Line + 1; n > longestFunction {
					t.Errorf("%s:%d: %s has %d lines", from.Filename, from.Line, f.Name.Name, n)
				}
			}
		}
	}
}

// Goldens may have lines of any length, and so may what cannot be broken without changing it: addresses, and text
// between backquotes.
func TestNoLineHasToBeScrolled(t *testing.T) {
	out, err := exec.Command("git", "-C", "../..", "ls-files", "-co", "--exclude-standard",
		"*.go", "*.py").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Fields(string(out)) {
		if strings.Contains(name, "testdata/") || strings.HasSuffix(name, "example_test.go") {
			continue // what an example prints stands in its lines as it is
		}
		quoted := false
		if err := eachLine(filepath.Join("../..", name), func(number int, line string) {
			inText := quoted || strings.Contains(line, "`")
			if strings.Count(line, "`")%2 == 1 {
				quoted = !quoted
			}
			if inText && strings.HasSuffix(name, ".go") || strings.Contains(line, "https://") {
				return
			}
			if n := utf8.RuneCountInString(line); n > longestLine {
				t.Errorf("%s:%d has %d characters", name, number, n)
			}
		}); err != nil && !os.IsNotExist(err) {
			t.Error(err)
		}
	}
}

func eachLine(path string, look func(int, string)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for number := 1; lines.Scan(); number++ {
		look(number, lines.Text())
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
