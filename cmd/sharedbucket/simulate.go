package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"example.com/sharedbucket/evaluator/scenario"
)

func simulateCommand() *cobra.Command {
	var s simulation
	command := &cobra.Command{
		Use:   "simulate FILE",
		Short: "Decide the requests of scenarios, offline",
		Long: `Simulate reads scenarios from a JSON Lines file, or from standard input when FILE is -, and writes a line with the
decisions and their reasons for each, in order. It calls nobody.

Lines that are not scenarios are reported with their numbers and left out; the exit code is then 2.`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			in := command.InOrStdin()
			if args[0] != "-" {
				file, err := os.Open(args[0])
				if err != nil {
					return fmt.Errorf("opening scenarios: %w", err)
				}
				defer file.Close()
				in = file
			}
			return s.run(in, command.OutOrStdout(), command.ErrOrStderr())
		},
	}
	command.Flags().BoolVar(&s.explain, "explain", false, "write for people instead of JSON")
	return command
}

// simulation answers a stream of scenarios.
type simulation struct{ explain bool }

// run keeps one line in memory at a time. It hands on what it has written before it waits for more input, so that
// whoever asks one line at a time gets each answer at once.
func (s simulation) run(in io.Reader, out, errs io.Writer) error {
	reader, writer := bufio.NewReaderSize(in, 1<<16), bufio.NewWriterSize(out, 1<<16)
	var line []byte
	bad := 0
	for number := 1; ; number++ {
		if err := flushBeforeWaiting(reader, writer); err != nil {
			return err
		}
		var end error
		if line, end = readLine(reader, line[:0]); end != nil && end != io.EOF {
			return errors.Join(fmt.Errorf("reading scenarios: %w", end), writer.Flush())
		}
		if len(bytes.TrimSpace(line)) > 0 {
			result, err := scenario.Run(line)
			if err != nil {
				bad++
				fmt.Fprintf(errs, "line %d: %v\n", number, err)
			} else if err := s.write(writer, result); err != nil {
				return fmt.Errorf("writing decisions: %w", err)
			}
		}
		if end == io.EOF {
			break
		}
	}
	if err := writer.Flush(); err != nil {
		return fmt.Errorf("writing decisions: %w", err)
	}
	if bad > 0 {
		return exitError{2, fmt.Sprintf("lines that are not scenarios: %d", bad)}
	}
	return nil
}

// flushBeforeWaiting flushes when no whole line is left to read without waiting.
func flushBeforeWaiting(reader *bufio.Reader, writer *bufio.Writer) error {
	waiting, _ := reader.Peek(reader.Buffered())
	if bytes.IndexByte(waiting, '\n') >= 0 {
		return nil
	}
	if err := writer.Flush(); err != nil {
		return fmt.Errorf("writing decisions: %w", err)
	}
	return nil
}

// readLine appends the next line, of any length, to line.
func readLine(reader *bufio.Reader, line []byte) ([]byte, error) {
	for {
		part, err := reader.ReadSlice('\n')
		line = append(line, part...)
		if err != bufio.ErrBufferFull {
			return line, err
		}
	}
}

func (s simulation) write(w io.Writer, result scenario.Result) error {
	if s.explain {
		return explain(w, result)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(result)
}

// explain writes a result as an outline.
func explain(w io.Writer, result scenario.Result) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n", result.ID)
	for i, d := range result.Decisions {
		q := result.Requests[i]
		fmt.Fprintf(&b, "  %s %s %s: %s (s3 %s, kms %s)\n", q.Requester.ARN, q.Operation, q.Key, d.Overall, d.S3, d.KMS)
		for _, r := range d.Reasons {
			fmt.Fprintf(&b, "    %s %s: %s\n", r.Service, r.Verdict, r.Text())
			for _, suggested := range r.Suggestion() {
				text, err := json.Marshal(suggested)
				if err != nil {
					return err
				}
				fmt.Fprintf(&b, "      enough in the layer %q: %s\n", r.Layer, text)
			}
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}
