package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A row of a table says what each of its values is: nobody should have to count commas.
func TestTablesNameTheirFields(t *testing.T) {
	out, err := exec.Command("git", "-C", "../..", "ls-files", "-co", "--exclude-standard", "*_test.go").Output()
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	for _, name := range strings.Fields(string(out)) {
		file, err := parser.ParseFile(files, filepath.Join("../..", name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		structs := structsOf(file)
		ast.Inspect(file, func(n ast.Node) bool {
			table, ok := n.(*ast.CompositeLit)
			if !ok || !hasStructs(table.Type, structs) {
				return true
			}
			for _, element := range table.Elts {
				if row := rowOf(element); row != nil && byPosition(row) {
					t.Errorf("%s:%d: a row without the names of its fields", name, files.Position(row.Pos()).Line)
				}
			}
			return true
		})
	}
}

// structsOf are the names of the structs that a file declares.
func structsOf(file *ast.File) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			_, names[spec.Name.Name] = spec.Type.(*ast.StructType)
		}
		return true
	})
	return names
}

// hasStructs says whether a type is a list or a map of structs, declared in place or in the same file.
func hasStructs(table ast.Expr, structs map[string]bool) bool {
	var row ast.Expr
	switch table := table.(type) {
	case *ast.ArrayType:
		row = table.Elt
	case *ast.MapType:
		row = table.Value
	}
	switch row := row.(type) {
	case *ast.StructType:
		return true
	case *ast.Ident:
		return structs[row.Name]
	}
	return false
}

func rowOf(element ast.Expr) *ast.CompositeLit {
	if pair, ok := element.(*ast.KeyValueExpr); ok {
		element = pair.Value
	}
	row, _ := element.(*ast.CompositeLit)
	return row
}

func byPosition(row *ast.CompositeLit) bool {
	if len(row.Elts) < 2 {
		return false
	}
	_, named := row.Elts[0].(*ast.KeyValueExpr)
	return !named
}
