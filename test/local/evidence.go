package local

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// evidenceLimit bounds the time that a failed test waits for its evidence.
const evidenceLimit = 30 * time.Second

// KeepEvidence leaves what can tell why, should the test fail, in a folder that it names: build/evidence/<test>, with
// the API calls of the test's time and their ends, functions' invocations with what they wrote, and the server's log.
func (s *AWS) KeepEvidence(tb TB) {
	tb.Helper()
	began := time.Now()
	tb.Cleanup(func() {
		tb.Helper()
		if !tb.Failed() {
			return
		}
		folder, err := s.leaveEvidence(tb.Name(), began)
		if err != nil {
			tb.Logf("leaving evidence: %v", err)
			return
		}
		tb.Logf("evidence is in %s", folder)
	})
}

// evidenceIn are the folders that this process has left evidence in.
var evidenceIn sync.Map

func (s *AWS) leaveEvidence(test string, began time.Time) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(root, "build", "evidence", strings.Map(fileLetter, test))
	if _, another := evidenceIn.LoadOrStore(folder, s); another {
		folder += "-" + s.Endpoint[strings.LastIndexByte(s.Endpoint, ':')+1:] // a test with several servers
	}
	if err := os.RemoveAll(folder); err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(folder, "server.log"), s.log.bytes(), 0o644); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), evidenceLimit)
	defer cancel()
	start := url.Values{"start": {strconv.FormatFloat(float64(began.UnixNano())/1e9, 'f', 6, 64)}}.Encode()
	for _, name := range []string{"calls", "invocations"} {
		var found []json.RawMessage
		if err := s.control(ctx, http.MethodGet, name+"?"+start, nil, &found); err != nil {
			return "", err
		}
		if err := writeLines(filepath.Join(folder, name+".jsonl"), found); err != nil {
			return "", err
		}
	}
	return folder, nil
}

func writeLines(path string, lines []json.RawMessage) error {
	var text bytes.Buffer
	for _, line := range lines {
		fmt.Fprintf(&text, "%s\n", line)
	}
	return os.WriteFile(path, text.Bytes(), 0o644)
}

// fileLetter keeps what is good in a file's name: the names of subtests hold anything, and slashes make folders.
func fileLetter(letter rune) rune {
	if letter < ' ' || strings.ContainsRune(`\:*?"<>|`, letter) {
		return '_'
	}
	return letter
}
