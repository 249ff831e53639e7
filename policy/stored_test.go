package policy

import (
	"slices"
	"testing"
)

// TestStored: a document that somebody else wrote is read once and answers everything from then on.
func TestStored(t *testing.T) {
	const theirs = `{"Sid":"Theirs","Effect":"Deny","Principal":"*","Action":"s3:DeleteBucket","Resource":"*",` +
		`"Unknown":{"x":1}}`
	const old = `{"Sid":"OursOld","Effect":"Allow","Principal":"*","Action":["s3:getobject"],"Resource":["*"]}`
	d, err := ReadStored(document(theirs + "," + old + `,5,{"Effect":"Allow"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := d.Sids(), []string{"Theirs", "OursOld", "", ""}; !slices.Equal(got, want) {
		t.Errorf("Sids %q, want %q", got, want)
	}
	if !d.Says(mine[0]) {
		t.Error("it has a statement of the same meaning under another Sid, and Says does not find it")
	}
	other := mine[0]
	other.Effect = Deny
	if d.Says(other) {
		t.Error("Says finds a statement that is not there")
	}
	if got, want := d.Merge(nil, ours).Text(), document(theirs+`,5,{"Effect":"Allow"}`); got != want {
		t.Errorf("without ours:\n%s\nwant\n%s", got, want)
	}
	same, err := ReadStored(Indent(d.Text()))
	if err != nil || !d.Equal(same) {
		t.Errorf("not equal to itself indented: %v", err)
	}
	if without, _ := ReadStored(document(theirs)); d.Equal(without) {
		t.Error("equal to a document that lacks a statement")
	}
}

// TestStoredNone: the zero value is no document.
func TestStoredNone(t *testing.T) {
	none, err := ReadStored("")
	if err != nil || none.Text() != "" || len(none.Sids()) > 0 || none.Says(mine[0]) ||
		none.Merge(nil, ours).Text() != "" {
		t.Errorf("%+v, %v", none, err)
	}
	if !none.Equal(Stored{}) {
		t.Error("no document is not equal to no document")
	}
	if got := none.Merge(mine, ours).Text(); got != (Document{Version: Version, Statements: mine}).Text() {
		t.Errorf("a document of ours alone is %s", got)
	}
}

// TestStoredNotADocument: what is no policy's JSON is an error at once.
func TestStoredNotADocument(t *testing.T) {
	for _, text := range []string{`{`, `[]`, `"x"`, `{"Version": 5}`, `{"Statement": [}`, `{} {}`} {
		if _, err := ReadStored(text); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
}

func TestStoredReplace(t *testing.T) {
	d, err := ReadStored(`{"Statement":{"Sid":"A","Effect":"Allow","Action":"kms:*","Resource":"later"}}`)
	if err != nil {
		t.Fatal(err)
	}
	want, err := ReadStored(`{"Statement":{"Sid":"A","Effect":"Allow","Action":"kms:*","Resource":"arn:aws:kms"}}`)
	if got := d.Replace("later", "arn:aws:kms"); err != nil || !got.Equal(want) || got.Text() != want.Text() {
		t.Errorf("got %s (%v)", got.Text(), err)
	}
	if got := d.Replace("never", "x"); !got.Equal(d) {
		t.Errorf("what is not there was replaced: %s", got.Text())
	}
	if got := (Stored{}).Replace("a", "b"); got.Text() != "" {
		t.Errorf("no document became %s", got.Text())
	}
}
