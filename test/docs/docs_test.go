package docs

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// played are the blocks that are run, in this order, against the local AWS: a share's life, by templates and by the
// command.
var played = []string{
	"docs/deploy.md › With templates",
	"README.md › Who can do what, proven from the policies that are there",
	"docs/verify.md › plan: what a share file would change",
	"docs/verify.md › verify: whether it does what it says",
	"docs/verify.md › collect: real policies in a CI",
	"docs/deploy.md › Limits",
	"docs/upgrade.md › Upgrading",
	"docs/upgrade.md › Before",
	"docs/upgrade.md › After",
	"docs/uninstall.md › Go on by hand with what is there",
	"README.md › Who can do what, offline",
	"docs/simulate.md › `sharedbucket simulate`: who can do what, offline",
	"docs/uninstall.md › An account",
	"docs/uninstall.md › One share",
}

// parsed are the blocks that are not run as they are, each with the reason. Every command in them goes to the parser of
// its program: the aws command's, up to the connection; cdk's list of the stacks; make's
// targets; the flags of sharedbucket.
var parsed = map[string]string{
	"docs/troubleshooting.md › Drift":                    "the end-to-end tests of the look send it to the function",
	"docs/operate.md › Which shares there are":           "how it is called",
	"README.md › Try it":                                 "TestDemo plays the demo, and this is one of the tests",
	"README.md › Deploy for real":                        "TestDemo plays bootstrap and deployments, which take a minute",
	"CONTRIBUTING.md › Contributing":                     "everything",
	"docs/adopt.md › You already share a bucket by hand": "TestAdopt does it, with a bucket made by hand",
	"docs/deploy.md › With cdk: two profiles":            "as README",
	"docs/emptying.md › When an hour is not enough":      "for a bucket that a lifecycle rule has emptied",
	"docs/organization.md › The zips":                    "as deploy.md, which is played",
	"docs/organization.md › The roll-out":                "TestOrganization plays it, with five accounts",
	"docs/organization.md › Look, and try again":         "TestOrganization plays it",
	"docs/organization.md › Upgrade":                     "TestOrganization plays it",
	"docs/organization.md › Accounts that leave":         "TestOrganization plays it",
	"docs/troubleshooting.md › A roll-back that fails":   "needs a stack that failed twice",
	"docs/verify.md › render: what a share is made of":   "TestRenderedCommands runs what it renders",
	"test/local/README.md › By hand":                     "starts a server that does not end",

	"docs/organization.md › What the management account needs": "TestOrganization does it through the SDK",
	"docs/troubleshooting.md › An answer that never came":      "test/fault.TestAnswerByHand runs it, word by word",
}

// found are the blocks of all pages, by their keys.
func found(t *testing.T) map[string][]block {
	t.Helper()
	all := map[string][]block{}
	for page, text := range pages(t) {
		for _, b := range blocks(page, text) {
			all[b.key()] = append(all[b.key()], b)
		}
	}
	return all
}

// Every command of the pages is run or read. Whoever writes a new one says here which, and why not the former.
func TestEveryBlockIsPlayedOrParsed(t *testing.T) {
	all := found(t)
	for key, of := range all {
		if _, isParsed := parsed[key]; slices.Contains(played, key) == isParsed {
			t.Errorf("%q is in neither or both of played and parsed:\n%s", key, of[0].text)
		}
	}
	for _, key := range slices.Concat(played, slices.Collect(maps.Keys(parsed))) {
		if all[key] == nil {
			t.Errorf("%q is no block any more", key)
		}
	}
}

func TestCommandsOfThePages(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no local AWS")
	}
	all := found(t)
	s := newFixture(t)
	t.Run("parsed", func(t *testing.T) {
		for key, found := range all {
			if _, is := parsed[key]; is {
				t.Run(key, func(t *testing.T) { s.parse(t, found) })
			}
		}
	})
	t.Run("in sentences", func(t *testing.T) {
		for page, text := range pages(t) {
			s.sentences(t, page, text)
		}
	})
	must(t, os.RemoveAll(filepath.Join(s.folder, "build", "lambda")))
	for _, key := range played {
		if t.Failed() {
			t.Fatal("what comes after a failure would fail too")
		}
		t.Run(key, func(t *testing.T) { s.play(t, all[key]) })
	}
}
