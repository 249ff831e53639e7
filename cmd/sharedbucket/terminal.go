package main

import (
	"io"
	"os"

	"example.com/sharedbucket/internal/matrix"
)

// styleOf is how to write to w: with colours on a terminal, unless somebody does not want them.
// https://no-color.org
func styleOf(w io.Writer) matrix.Style {
	file, is := w.(*os.File)
	if !is || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return matrix.Style{}
	}
	info, err := file.Stat()
	return matrix.Style{Colours: err == nil && info.Mode()&os.ModeCharDevice != 0}
}
