package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestColours: on a terminal and nowhere else, and not where somebody does not want them.
func TestColours(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	must(t, err)
	defer file.Close()
	if styleOf(&bytes.Buffer{}).Colours || styleOf(file).Colours {
		t.Error("colours without a terminal")
	}
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no terminal to be had: %v", err)
	}
	defer terminal.Close()
	if !styleOf(terminal).Colours {
		t.Error("no colours on a terminal")
	}
	for name, value := range map[string]string{"NO_COLOR": "1", "TERM": "dumb"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			if styleOf(terminal).Colours {
				t.Error("colours all the same")
			}
		})
	}
}
