// Package page writes a proof as one HTML page that needs nothing else: no network, no server. The matrix is there
// without scripts; with them it can be filtered, and each of its cells opens the chain of layers behind it.
package page

import (
	_ "embed"
	"html/template"
	"io"

	"example.com/sharedbucket/internal/proof"
)

var (
	//go:embed page.html
	markup string
	//go:embed page.css
	style string
	//go:embed page.js
	script string
)

var page = template.Must(template.New("page").Parse(markup))

// content is what the page is made from.
type content struct {
	Title, Conclusion string
	Badge             string
	Verified          proof.Verified
	Bucket            proof.Bucket
	Operations        []string
	Rows              []row
	Others            []other
	Findings          []proof.Finding
	Unread            []proof.Unread
	Roles, Places     []string
	Drawing           template.HTML
	Data              data
	Style             template.CSS
	Script            template.JS
}

// Write writes the page of a report; conclusion is the report in a sentence.
func Write(w io.Writer, r proof.Report, conclusion string) error {
	b := newBuilder(r)
	c := content{
		Badge: map[proof.Verified]string{
			proof.True: "as declared", proof.Partly: "not all is proven", proof.False: "not as declared",
		}[r.Verified()],
		Title: "Who can do what with " + r.World.Bucket.Name, Conclusion: conclusion, Verified: r.Verified(),
		Bucket: r.World.Bucket, Operations: proof.OperationNames(), Findings: r.Findings(), Unread: r.World.Unread,
		Drawing: draw(r), Style: template.CSS(style), Script: template.JS(script),
	}
	c.Rows, c.Others = b.rows()
	c.Roles, c.Places = b.roles, b.places
	c.Data = b.data
	return page.Execute(w, c)
}
