package build

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// File is a file in a zip.
type File struct {
	Name string
	Mode fs.FileMode
	Data []byte
}

// The modes of files in zips.
const (
	Executable fs.FileMode = 0o755
	Plain      fs.FileMode = 0o644
)

// SortByName brings files into the order of their names.
func SortByName(files []File) {
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
}

// Zip packs files, in their order. The same files give the same bytes.
func Zip(files ...File) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		header := &zip.FileHeader{
			Name: f.Name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC),
		}
		header.SetMode(f.Mode)
		to, err := w.CreateHeader(header)
		if err == nil {
			_, err = to.Write(f.Data)
		}
		if err != nil {
			return nil, fmt.Errorf("packing %s: %w", f.Name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// FunctionZip is the provider's program as Lambda takes it.
func FunctionZip(bootstrap []byte) ([]byte, error) {
	return Zip(File{"bootstrap", Executable, bootstrap})
}

// Digest is a file's SHA-256 as it stands in names and lists of sums.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
