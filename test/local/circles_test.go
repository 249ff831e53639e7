package local_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.com/sharedbucket/test/local"
)

// circles is what circles.py says of a package.
func circles(t *testing.T, folder string) string {
	t.Helper()
	python, err := local.Tool(t.Context(), "python")
	if err != nil {
		t.Fatal(err)
	}
	output, _ := exec.CommandContext(t.Context(), python, "circles.py", folder).CombinedOutput()
	return string(output)
}

func TestNoCircleOfImports(t *testing.T) {
	if found := circles(t, "localaws"); found != "" {
		t.Errorf("the server's modules:\n%s", found)
	}
	for _, test := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{
			name:  "one after the other",
			files: map[string]string{"a.py": "from . import b\n", "b.py": "from .c import x\n", "c.py": "x = 1\n"},
		},
		{
			name:  "a circle",
			files: map[string]string{"a.py": "from . import b\n", "b.py": "from .c import x\n", "c.py": "from .a import y\n"},
			want:  "a circle: p.a, p.b, p.c",
		},
		{
			name:  "hidden in a function",
			files: map[string]string{"a.py": "from . import b\n", "b.py": "def f():\n    from . import a\n"},
			want:  "a circle: p.a, p.b",
		},
		{
			name:  "hidden for type checkers",
			files: map[string]string{"a.py": "from .b import x\n", "b.py": "if TYPE_CHECKING:\n    from .a import y\n"},
			want:  "imports p.a inside",
		},
		{
			name: "through a package's own module",
			files: map[string]string{
				"a.py": "from .q import b\n", "q/__init__.py": "from .b import x\n", "q/b.py": "from .. import a\n",
			},
			want: "a circle: p.a, p.q.b",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "p")
			for name, text := range test.files {
				path := filepath.Join(folder, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			got := circles(t, folder)
			if (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("it says %q, want %q", got, test.want)
			}
		})
	}
}
