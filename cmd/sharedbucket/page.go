package main

import (
	"errors"
	"fmt"
	"os"

	"example.com/sharedbucket/internal/matrix"
	"example.com/sharedbucket/internal/page"
	"example.com/sharedbucket/internal/proof"
)

// writePage writes a report as one HTML page. Policies are nobody else's business, so only its owner can read the file.
func writePage(path string, r proof.Report) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	err = page.Write(file, r, matrix.Conclusion(r, matrix.Style{}))
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("writing the page %s: %w", path, err)
	}
	return nil
}
