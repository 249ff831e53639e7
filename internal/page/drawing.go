package page

import (
	"fmt"
	"html/template"
	"strings"

	"example.com/sharedbucket/internal/proof"
)

// The drawing's measures, in its own units.
const (
	lineHeight = 26
	boxWidth   = 460
	gap        = 18
	mostInBox  = 7 // principals of one account that are drawn
	farLeft    = 12
	farRight   = 640
	ownWidth   = 268
)

// party is an account with those who were asked about there.
type party struct {
	title string
	who   []person
	more  int
}

// person is a principal, and how the lines from it look.
type person struct{ name, class string }

// draw is a picture of accounts, principals, bucket and key: a line for everybody who gets in, or should.
func draw(r proof.Report) template.HTML {
	var b strings.Builder
	parties := parties(r)
	height := 20
	for _, p := range parties {
		height += boxHeight(p) + gap
	}
	height = max(height, 250)
	middle := height / 2
	var shapes, lines strings.Builder
	y := 10
	for _, p := range parties {
		drawParty(&shapes, &lines, p, y, middle)
		y += boxHeight(p) + gap
	}
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-labelledby="drawing-title drawing-text">`,
		farRight+ownWidth+farLeft, height)
	b.WriteString(`<title id="drawing-title">Accounts, principals, bucket and key</title>`)
	fmt.Fprintf(&b, `<desc id="drawing-text">%s</desc>`, escape(inWords(parties)))
	b.WriteString(lines.String() + shapes.String())
	drawOwner(&b, r, middle)
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

func boxHeight(p party) int {
	rows := len(p.who)
	if p.more > 0 {
		rows++
	}
	return 30 + rows*lineHeight
}

// parties are the accounts in the order in which they are asked about. Those whom nobody has are one party: the rest of
// the world.
func parties(r proof.Report) []party {
	var all []party
	index := map[string]int{}
	for i, s := range r.Subjects {
		key, title := s.Account, "account "+s.Account
		switch {
		case s.Account == r.World.Bucket.Owner:
			title += " (owner)"
		case s.Imagined && s.Role == proof.Stranger && s.Home != nil, s.Account == "":
			key, title = "others", "everybody else"
		case s.Home != nil:
			key, title = s.Label, s.Home.Organization
		}
		at, known := index[key]
		if !known {
			at = len(all)
			index[key] = at
			all = append(all, party{title: title})
		}
		class := classOf(r, i)
		if p := &all[at]; len(p.who) < mostInBox || class == "surprise" && len(p.who) < 2*mostInBox {
			p.who = append(p.who, person{short(s), class})
		} else {
			p.more++
		}
	}
	return all
}

// short is a label without the account, which the box says.
func short(s proof.Subject) string {
	text := strings.Replace(s.Label, " of "+s.Account, "", 1)
	text = strings.TrimPrefix(text, "account "+s.Account+", ")
	return cut(text, 62)
}

// classOf is how somebody stands to the bucket: in, partly in, out, surprise or unproven.
func classOf(r proof.Report, subject int) string {
	class := "out"
	for _, a := range r.Answers {
		if a.Subject != subject || a.Variant != "" {
			continue
		}
		switch {
		case surprise(a.Verdict):
			return "surprise"
		case a.Verdict == proof.Unproven && class != "in":
			class = "unproven"
		case a.Allowed() && a.Verdict != proof.Unproven:
			class = "in"
		}
	}
	return class
}

// marks say without colours how somebody stands to the bucket.
var marks = map[string]string{"in": "✓", "out": "✗", "surprise": "!", "unproven": "?"}

func drawParty(shapes, lines *strings.Builder, p party, y, middle int) {
	fmt.Fprintf(shapes, `<rect class="account" x="%d" y="%d" width="%d" height="%d" rx="8"/>`,
		farLeft, y, boxWidth, boxHeight(p))
	fmt.Fprintf(shapes, `<text class="title" x="%d" y="%d">%s</text>`, farLeft+12, y+20, escape(p.title))
	for i, who := range p.who {
		at := y + 42 + i*lineHeight
		fmt.Fprintf(shapes, `<text class="%s" x="%d" y="%d">%s %s</text>`,
			who.class, farLeft+16, at, marks[who.class], escape(who.name))
		if who.class != "out" {
			from, to := farLeft+boxWidth-6, farRight+20
			fmt.Fprintf(lines, `<path class="%s" d="M %d %d C %d %d, %d %d, %d %d"/>`, who.class,
				from, at-5, from+90, at-5, to-90, middle-52, to, middle-52)
		}
	}
	if p.more > 0 {
		fmt.Fprintf(shapes, `<text class="out" x="%d" y="%d">… and %d more</text>`,
			farLeft+16, y+42+len(p.who)*lineHeight, p.more)
	}
}

// drawOwner draws the bucket and the key behind it, in the owner's account.
func drawOwner(b *strings.Builder, r proof.Report, middle int) {
	w := r.World.Bucket
	fmt.Fprintf(b, `<rect class="account" x="%d" y="%d" width="%d" height="220" rx="8"/>`, farRight, middle-110, ownWidth)
	fmt.Fprintf(b, `<text class="title" x="%d" y="%d">account %s</text>`, farRight+12, middle-88, escape(w.Owner))
	part := func(y int, title, name string) {
		fmt.Fprintf(b, `<rect class="part" x="%d" y="%d" width="%d" height="52" rx="8"/>`, farRight+20, y, ownWidth-40)
		fmt.Fprintf(b, `<text x="%d" y="%d">%s</text><text class="title" x="%[1]d" y="%[4]d">%[5]s</text>`,
			farRight+32, y+21, title, y+40, escape(name))
	}
	part(middle-76, "bucket", cut(w.Name, 26))
	if w.Key == nil {
		return
	}
	fmt.Fprintf(b, `<path class="part" d="M %d %d V %d"/>`, farRight+ownWidth/2, middle-24, middle+14)
	fmt.Fprintf(b, `<text class="title" x="%d" y="%d">encrypts with</text>`, farRight+ownWidth/2+10, middle)
	part(middle+14, "key", cut(w.Key.ARN[strings.LastIndexByte(w.Key.ARN, '/')+1:], 26))
}

func cut(text string, most int) string {
	if letters := []rune(text); len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return text
}

// inWords is the drawing for those who cannot see it.
func inWords(parties []party) string {
	var all []string
	words := map[string]string{
		"in": "gets in", "out": "is kept out", "surprise": "is a surprise", "unproven": "could not be judged",
	}
	for _, p := range parties {
		for _, who := range p.who {
			all = append(all, p.title+": "+who.name+" "+words[who.class])
		}
	}
	return strings.Join(all, ". ") + "."
}

func escape(text string) string { return template.HTMLEscapeString(text) }
