package page_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"example.com/sharedbucket/internal/sharetest"
)

// browser is a headless Chromium with the page open, and what it did besides.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	requests []string
	errors   []string
}

func openPage(t *testing.T) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("there is no Chromium on this machine, so the page is not tried in a browser; install chromium to try it")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1400, 1000),
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.WSURLReadTimeout(time.Minute))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	b := &browser{t: t, ctx: ctx}
	b.run() // opens the tab, so that nothing of it is missed
	sharetest.Must(t, chromedp.Listen(ctx, b.note))
	b.run(chromedp.Navigate(savePage(t)), chromedp.WaitReady(chromedp.CSS("#matrix")))
	return b
}

// note keeps what the page asked the network for, and its errors.
func (b *browser) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "file:") && !strings.HasPrefix(e.Request.URL, "data:") {
			b.requests = append(b.requests, e.Request.URL)
		}
	case *runtime.EventExceptionThrown:
		b.errors = append(b.errors, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.errors = append(b.errors, string(e.Type))
	}
}

// step is something that is done in the browser.
type step = chromedp.Action[chromedp.Void]

func (b *browser) run(actions ...step) {
	b.t.Helper()
	sharetest.Must(b.t, chromedp.Do(b.ctx, actions...))
}

// set fills in a field of the filters, as a hand would.
func (b *browser) set(field, value string) {
	b.t.Helper()
	b.run(chromedp.Evaluate[chromedp.Void](`{const f = document.forms.filters; f["` + field + `"].value = "` + value + `";
		f.dispatchEvent(new Event("input"))}`))
}

// prefer sets the colours that the page's reader prefers.
func (b *browser) prefer(scheme string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	sharetest.Must(b.t, err)
}

// evaluate is the value of an expression in the page.
func evaluate[T any](b *browser, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	sharetest.Must(b.t, err)
	return value
}

func (b *browser) want(expression, want string) {
	b.t.Helper()
	if got := evaluate[string](b, "String("+expression+")"); !strings.Contains(got, want) {
		b.t.Errorf("%s is %q, want %q", expression, got, want)
	}
}

const (
	shown   = `document.querySelectorAll("#matrix tbody tr:not([hidden])").length`
	bobGets = `[aria-label^="user/bob of 111111111111, GetObject, anywhere"]`
	active  = `document.activeElement.getAttribute("aria-label")`
)

// TestBrowser: filters, keyboard, the chain behind a cell with the deciding statement, light and dark, and no network.
func TestBrowser(t *testing.T) {
	b := openPage(t)
	all := evaluate[int](b, shown)

	t.Run("filters", func(t *testing.T) {
		b.t = t
		b.run(chromedp.SendKeys(chromedp.CSS(`[name=who]`), "user/ann"))
		b.want(shown, "2") // in the folder of others as well
		b.want(`document.querySelector("[name=count]").value`, "2 of ")
		b.set("who", "")
		b.run(chromedp.Click(chromedp.CSS(`[name=surprises]`)))
		if n := evaluate[int](b, shown); n == 0 || n >= all {
			t.Errorf("%d of %d rows are surprises", n, all)
		}
		b.run(chromedp.Click(chromedp.CSS(`[name=surprises]`)))
		b.set("operation", "DeleteObject")
		b.want(shown, "2") // the owner's administrator
		b.set("operation", "")
		if n := evaluate[int](b, shown); n != all {
			t.Errorf("%d of %d rows without a filter", n, all)
		}
	})
	t.Run("keyboard", func(t *testing.T) {
		b.t = t
		b.run(chromedp.Focus(chromedp.CSS(`[aria-label^="user/ann of 111111111111, ListObjectsV2, anywhere"]`)))
		for _, press := range []struct{ key, want string }{
			{key: kb.ArrowRight, want: "user/ann of 111111111111, GetBucketLocation, anywhere"},
			{key: kb.ArrowDown, want: "user/bob of 111111111111, ListObjectsV2, outbox/"}, // there is nothing below
			{key: kb.ArrowDown, want: "user/bob of 111111111111, ListObjectsV2, anywhere"},
			{key: kb.End, want: "user/bob of 111111111111, DeleteObjectVersion, anywhere"},
			{key: kb.Home, want: "user/bob of 111111111111, ListObjectsV2, anywhere"},
			{key: kb.ArrowRight, want: "user/bob of 111111111111, GetBucketLocation, anywhere"},
			{key: kb.ArrowRight, want: "user/bob of 111111111111, GetObject, anywhere"},
		} {
			b.run(chromedp.KeyEvent(press.key))
			b.want(active, press.want)
		}
		b.run(chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS("#detail")))
		const title = `document.getElementById("detail-title").textContent`
		b.want(title, "user/bob of 111111111111: GetObject, anywhere, refused")
		b.run(chromedp.KeyEvent(kb.Escape))
		b.want(`document.getElementById("detail").open`, "false")
		b.want(active, "user/bob of 111111111111, GetObject, anywhere")
		b.want(`document.querySelectorAll('#matrix [tabindex="0"]').length`, "1")
	})
	t.Run("the deciding statement is marked in its document", func(t *testing.T) {
		b.t = t
		b.run(chromedp.Click(chromedp.CSS(bobGets)), chromedp.WaitVisible(chromedp.CSS("#detail")))
		b.want(`document.querySelector("#detail .deciding").textContent`, `"Sid": "NoReads"`)
		b.want(`document.querySelector("#detail summary").textContent`, `<script>alert("boundary")</script>`)
		b.want(`document.querySelectorAll("script:not(#data)").length`, "1")
		b.run(chromedp.Click(chromedp.CSS("#detail .close")))
	})
	t.Run("a name and a role for everybody who only listens", func(t *testing.T) {
		b.t = t
		b.want(`[...document.querySelectorAll("button")]
			.filter(b => !(b.getAttribute("aria-label") || b.textContent).trim()).length`, "0")
		b.want(`[...document.querySelectorAll("input, select")].filter(i => !i.labels.length).length`, "0")
		b.want(`document.querySelector("svg desc").textContent`, "user/ann is a surprise")
		b.want(`document.querySelectorAll("table:not(:has(caption))").length`, "0")
	})
	t.Run("light and dark", func(t *testing.T) {
		b.t = t
		const contrast = `(() => { const s = getComputedStyle(document.body);
			const n = c => c.match(/\d+/g).slice(0, 3).map(Number);
			const l = c => n(c).map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 })
				.reduce((a, v, i) => a + v * [.2126, .7152, .0722][i], 0);
			const a = l(s.color), b = l(s.backgroundColor); return (Math.max(a, b) + .05) / (Math.min(a, b) + .05) })()`
		grounds := map[string]bool{}
		for _, scheme := range []string{"light", "dark"} {
			b.prefer(scheme)
			grounds[evaluate[string](b, `getComputedStyle(document.body).backgroundColor`)] = true
			if ratio := evaluate[float64](b, contrast); ratio < 7 {
				t.Errorf("%s: the contrast of the text is %.1f", scheme, ratio)
			}
			if folder := os.Getenv("SCREENSHOTS"); folder != "" {
				b.run(chromedp.Click(chromedp.CSS(bobGets)), chromedp.WaitVisible(chromedp.CSS("#detail")))
				picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
				sharetest.Must(t, err)
				sharetest.Must(t, os.WriteFile(folder+"/"+scheme+".png", picture, 0o600))
				b.run(chromedp.Click(chromedp.CSS("#detail .close")))
			}
		}
		if len(grounds) != 2 {
			t.Errorf("the grounds are %v", grounds)
		}
	})
	if len(b.requests) > 0 || len(b.errors) > 0 {
		t.Errorf("requests %v, errors %v", b.requests, b.errors)
	}
}
