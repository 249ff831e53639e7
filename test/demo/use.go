package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// try is something that somebody does with the bucket, as words for the aws command.
type try struct {
	name  string
	words func(p person, w *fixture) []string
}

// The three things that the walkthrough is about.
var (
	put = try{"put", func(p person, w *fixture) []string {
		return []string{"s3", "cp", filepath.Join(w.folder, p.profile+".txt"),
			"s3://" + bucket + "/from-" + p.profile + ".txt"}
	}}
	get = try{"get", func(p person, w *fixture) []string {
		return []string{"s3api", "get-object", "--bucket", bucket, "--key", "from-ann.txt",
			filepath.Join(w.folder, "read-by-"+p.profile+".txt")}
	}}
	list  = try{"list", func(person, *fixture) []string { return []string{"s3", "ls", "s3://" + bucket} }}
	tries = []try{put, get, list}
)

// matrix lets everybody try everything, prints who could, and compares with what is expected: profile → words.
func (w *fixture) matrix(ctx context.Context, expected map[string]string) error {
	rows := [][]string{{"", "put", "get", "list", ""}}
	var reasons []string
	for _, p := range people {
		if err := os.WriteFile(filepath.Join(w.folder, p.profile+".txt"), []byte("written by "+p.profile+"\n"),
			0o644); err != nil {
			return err
		}
		row := []string{p.profile + " (" + p.why + ")"}
		told := false
		for _, t := range tries {
			can, reason, err := w.try(ctx, p, t)
			if err != nil {
				return err
			}
			row = append(row, mark(can))
			if could := w.could[p.profile+t.name]; !can && could != "no" && !told {
				reasons = append(reasons, p.profile+", "+t.name+": "+reason)
				told = true
			}
			w.could[p.profile+t.name] = mark(can)
			if err := w.check(p.profile+" can "+t.name, can, strings.Contains(expected[p.profile], t.name)); err != nil {
				return err
			}
		}
		rows = append(rows, append(row, "as declared"))
	}
	w.table(rows...)
	w.explain(reasons)
	return nil
}

// explain prints why somebody could not do what could still be done before: the first refusal of each person.
func (w *fixture) explain(reasons []string) {
	if len(reasons) > 0 {
		w.say("\n  What the refusals say:")
	}
	for _, r := range reasons {
		w.say("%s", "  - "+strings.TrimSpace(wrapped(r, "    ", 108)))
	}
}

func mark(can bool) string {
	if can {
		return "yes"
	}
	return "no"
}

// try lets somebody do something with the aws command. A refusal is an answer, with its reason; everything else that
// goes wrong is an error.
func (w *fixture) try(ctx context.Context, p person, t try) (can bool, reason string, err error) {
	words := append([]string{"--profile", p.profile}, t.words(p, w)...)
	output, err := w.run(ctx, w.cli, words...)
	if err == nil {
		return true, "", nil
	}
	for _, code := range []string{"(AccessDenied)", "(403)"} {
		if _, text, refused := strings.Cut(output, code); refused {
			_, text, _ = strings.Cut(text, "operation: ")
			return false, strings.TrimSpace(text), nil
		}
	}
	return false, "", fmt.Errorf("aws %s: %w\n%s", strings.Join(words, " "), err, lastLines(output, 10))
}

func (w *fixture) use(ctx context.Context) error {
	w.title("Who can use it, tried with the aws command")
	for _, t := range tries {
		w.command(append([]string{"aws", "--profile", "ann|dilip|mallory"},
			strings.Fields(strings.ReplaceAll(strings.Join(t.words(person{profile: "NAME"}, w), " "), w.folder+"/", ""))...)...)
	}
	w.say("")
	return w.matrix(ctx, map[string]string{"ann": "put get list", "dilip": "put get list"})
}

func (w *fixture) restrict(ctx context.Context) error {
	w.title("Dilip shall only read")
	text, err := os.ReadFile(w.share)
	if err != nil {
		return err
	}
	changed := strings.Replace(string(text), "- User: dilip", "- User: dilip\n      Access: Read", 1)
	if changed == string(text) {
		return fmt.Errorf("%s does not name dilip", w.share)
	}
	if err := os.WriteFile(w.share, []byte(changed), 0o644); err != nil {
		return err
	}
	w.say("In the share file, below dilip: Access: Read\n")
	if err := w.runCDK(ctx, admins[accountB], "deploy", "SharedBucketConsumer-"+bucket); err != nil {
		return err
	}
	w.say("")
	return w.matrix(ctx, map[string]string{"ann": "put get list", "dilip": "get list"})
}

func (w *fixture) destroy(ctx context.Context) error {
	w.title("Both sides go, the data stays (RemovalPolicy Retain)")
	if err := w.runCDK(ctx, admins[accountB], "destroy", "SharedBucketConsumer-"+bucket, "SharedBucketProvider"); err !=
		nil {
		return err
	}
	if err := w.runCDK(ctx, admins[accountA], "destroy", "SharedBucketOwner-"+bucket, "SharedBucketProvider"); err != nil {
		return err
	}
	w.say("")
	if err := w.matrix(ctx, nil); err != nil {
		return err
	}
	w.say("\nThe administrator of A still finds the data, under the same key:\n")
	output, err := w.run(ctx, w.cli, "--profile", admins[accountA], "s3", "cp", "s3://"+bucket+"/from-dilip.txt", "-")
	if err != nil {
		return fmt.Errorf("reading what is left: %w\n%s", err, lastLines(output, 10))
	}
	w.command("aws", "--profile", admins[accountA], "s3", "cp", "s3://"+bucket+"/from-dilip.txt", "-")
	w.say("    %s", strings.TrimSpace(output))
	if err := w.check("the object", strings.TrimSpace(output), "written by dilip"); err != nil {
		return err
	}
	return w.showWhatStays(ctx)
}
