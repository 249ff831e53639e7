package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"example.com/sharedbucket/evaluator/scenario"
)

// simulation answers a stream of scenarios: one goroutine reads batches of lines, several decide them, and the caller
// writes the answers in the order of the lines.
type simulation struct{ explain, all bool }

// batchSize is how many bytes of lines are decided together: enough that handing over costs nothing beside deciding.
const batchSize = 1 << 17

// batch is some lines and what becomes of them.
type batch struct {
	text    []byte
	ends    []int // of the lines in text
	first   int   // number of the first line
	out     []byte
	notes   []note
	tally   tally
	decided chan struct{}
}

// batches are those that were written, whose memory the next ones use.
var batches = sync.Pool{New: func() any { return new(batch) }}

func newBatch(first int) *batch {
	b := batches.Get().(*batch)
	*b = batch{first: first, decided: make(chan struct{}), text: b.text[:0], ends: b.ends[:0], out: b.out[:0]}
	return b
}

// note is something to say about a line.
type note struct {
	line    int
	text    string
	warning bool
}

// tally counts what the exit code depends on.
type tally struct{ decisions, expected, unexpected, undecided, notScenarios int }

func (t *tally) add(more tally) {
	t.decisions += more.decisions
	t.expected += more.expected
	t.unexpected += more.unexpected
	t.undecided += more.undecided
	t.notScenarios += more.notScenarios
}

func (s simulation) run(in io.Reader, out, errs io.Writer) error {
	workers := runtime.GOMAXPROCS(0)
	var (
		work    = make(chan *batch, workers)
		ordered = make(chan *batch, 2*workers) // how many batches are in memory
		stop    = make(chan struct{})
		readErr error
		running sync.WaitGroup
	)
	defer running.Wait()
	defer close(stop)
	decider := scenario.NewDecider()
	for range workers {
		running.Go(func() {
			for b := range work {
				s.decide(decider, b)
				close(b.decided)
			}
		})
	}
	running.Go(func() {
		defer close(ordered)
		defer close(work)
		readErr = readBatches(in, func(b *batch) bool {
			select {
			case ordered <- b:
				work <- b
				return true
			case <-stop:
				return false
			}
		})
	})
	total, err := write(ordered, out, errs)
	if err != nil {
		return err
	}
	if readErr != nil {
		return exitError{2, fmt.Sprintf("reading scenarios: %v", readErr)}
	}
	return total.verdict()
}

// readBatches reads lines and hands them on in batches: when there are enough, and before it waits for more, so that
// whoever asks one line at a time gets each answer at once.
func readBatches(in io.Reader, send func(*batch) bool) error {
	reader := bufio.NewReaderSize(in, batchSize)
	for number := 1; ; {
		b := newBatch(number)
		var err error
		for err == nil && (len(b.ends) == 0 || len(b.text) < batchSize && lineWaits(reader)) {
			b.text, err = appendLine(b.text, reader)
			b.ends = append(b.ends, len(b.text))
		}
		number += len(b.ends)
		if !send(b) {
			return nil
		}
		switch err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}

// lineWaits says whether a whole line can be read without waiting.
func lineWaits(reader *bufio.Reader) bool {
	waiting, _ := reader.Peek(reader.Buffered())
	return bytes.IndexByte(waiting, '\n') >= 0
}

// appendLine appends the next line, of any length.
func appendLine(text []byte, reader *bufio.Reader) ([]byte, error) {
	for {
		part, err := reader.ReadSlice('\n')
		text = append(text, part...)
		if err != bufio.ErrBufferFull {
			return text, err
		}
	}
}

// byteOrderMark is what some editors begin a file with.
var byteOrderMark = []byte("\xef\xbb\xbf")

// decide answers the lines of a batch.
func (s simulation) decide(decider *scenario.Decider, b *batch) {
	start := 0
	for i, end := range b.ends {
		line := bytes.TrimSpace(bytes.TrimPrefix(b.text[start:end], byteOrderMark))
		start = end
		if len(line) == 0 {
			continue
		}
		result, err := decider.Decide(line)
		if err != nil {
			b.tally.notScenarios++
			b.notes = append(b.notes, note{line: b.first + i, text: err.Error() + firstLineHint(line, b.first+i)})
			continue
		}
		b.count(b.first+i, result)
		if s.explain {
			b.out = explanation{result, s.all}.append(b.out)
		} else {
			b.out = append(result.AppendJSON(b.out), '\n')
		}
	}
}

// firstLineHint says what a file probably is whose first line is no scenario.
func firstLineHint(line []byte, number int) string {
	switch {
	case number > 1:
		return ""
	case len(line) < 3 && (line[0] == '{' || line[0] == '['):
		return "; one scenario stands on one line: try jq -c"
	case line[0] != '{':
		return "\n" + whatSimulateReads
	}
	return ""
}

// count tallies a result and notes what is to be said about it.
func (b *batch) count(line int, r scenario.Result) {
	for _, w := range r.Warnings {
		b.notes = append(b.notes, note{line, w, true})
	}
	for i, d := range r.Decisions {
		b.tally.decisions++
		if d.Overall == scenario.Undecided {
			b.tally.undecided++
		}
		if d.Expect != nil {
			b.tally.expected++
		}
		switch {
		case d.Err != nil && d.Overall != scenario.Undecided: // what is expected could not be read
			b.tally.expected++
			b.tally.unexpected++
			fallthrough
		case d.Err != nil:
			b.notes = append(b.notes, note{line: line, text: fmt.Sprintf("scenario %s: requests[%d]: %v", r.ID, i, d.Err)})
		case d.Unexpected():
			b.tally.unexpected++
			text := fmt.Sprintf("scenario %s: requests[%d]: %s %s %s is %s (s3 %s, kms %s), expected %s",
				r.ID, i, short(d.Principal), d.Operation, d.Key, d.Overall, d.S3, d.KMS, d.Expect)
			b.notes = append(b.notes, note{line: line, text: text})
		}
	}
}

// write writes batches in order, and what is to be said about them. It hands on what it has written when there is no
// more to write yet. The same warning is said once.
func write(ordered <-chan *batch, out, errs io.Writer) (total tally, err error) {
	writer := bufio.NewWriterSize(out, batchSize)
	warned := make(map[string]struct{})
	for b := range ordered {
		<-b.decided
		total.add(b.tally)
		_, err := writer.Write(b.out)
		if err == nil && len(ordered) == 0 {
			err = writer.Flush()
		}
		if err != nil {
			return total, fmt.Errorf("writing decisions: %w", err)
		}
		for _, n := range b.notes {
			_, again := warned[n.text]
			switch {
			case !n.warning:
				fmt.Fprintf(errs, "line %d: %s\n", n.line, n.text)
			case !again && len(warned) < mostWarnings:
				warned[n.text] = struct{}{}
				fmt.Fprintf(errs, "line %d: %s (said once)\n", n.line, n.text)
			}
		}
		batches.Put(b)
	}
	return total, wrapWriting(writer.Flush())
}

// mostWarnings is how many different warnings are said, so that memory stays what it is.
const mostWarnings = 100

func wrapWriting(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("writing decisions: %w", err)
}

// verdict is the error of a run that is not as it should be, with its exit code.
func (t tally) verdict() error {
	var texts []error
	code := 0
	if t.unexpected > 0 {
		code = 1
		texts = append(texts, fmt.Errorf("expectations that do not hold: %d of %d", t.unexpected, t.expected))
	}
	if t.undecided > 0 {
		code = 2
		texts = append(texts, fmt.Errorf("requests that could not be decided: %d of %d", t.undecided, t.decisions))
	}
	if t.notScenarios > 0 {
		code = 2
		texts = append(texts, fmt.Errorf("lines that are not scenarios: %d", t.notScenarios))
	}
	if code == 0 {
		return nil
	}
	return exitError{code, errors.Join(texts...).Error()}
}

const whatSimulateReads = "simulate reads scenarios, one JSON object a line, from FILE or from standard input " +
	"when it is -.\n" +
	"Try: sharedbucket simulate examples/simulate/walkthrough.jsonl --explain\n" +
	"docs/simulate.md describes the format."
