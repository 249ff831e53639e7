package fault

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// proxy stands between a function and AWS. It names every call, breaks the one it is told to, and reports what took
// effect, one after the other.
type proxy struct {
	URL string

	server *httptest.Server
	target *url.URL
	client *http.Client
	labels map[string]string // the names of this run → their labels
	// took is told of every call that AWS carried out, in order.
	took func(call, *http.Request, []byte, []byte)
	// kill ends the function's process.
	kill func()
	// again delivers the event that is being handled once more.
	again func()
	// hung is told of a call that hangs.
	hung func()
	// underWay is how many calls AWS is carrying out.
	underWay atomic.Int32

	mu     sync.Mutex
	seen   map[call]int
	calls  []call
	broken *injection
	hit    bool
	before map[string]answer // the last answer to each read
	// answers are how many of them CloudFormation took, by the URL that stands for the event.
	answers map[string]int
}

// injection is one call and how it breaks. The call is named, or it is the one that comes at a place.
type injection struct {
	Call  call
	At    int // from 1; 0 for a named call
	Fault fault
	// Lasts says that every call after it breaks in the same way, too, but not the answer: that goes to no API.
	Lasts bool
}

func (b *injection) meets(c call, at int) bool {
	if b.At > 0 {
		return b.At == at && b.Fault.appliesTo(c)
	}
	return b.Call == c
}

// callsAgain says whether Lambda may call the function again, although CloudFormation has its answer and goes on.
func (b *injection) callsAgain() bool {
	return b.Fault == killedBefore || b.Fault == killedAfter || b.Fault == hangs || b.Fault == twice ||
		b.Call.Operation == theAnswer
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

func newProxy(endpoint string) (*proxy, error) {
	target, err := url.Parse(endpoint)
	if err != nil {
		return nil, err
	}
	p := &proxy{
		target: target, client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 16}},
		seen: map[call]int{}, labels: map[string]string{},
		before: map[string]answer{}, answers: map[string]int{},
	}
	p.server = httptest.NewServer(p)
	p.URL = strings.Replace(p.server.URL, "127.0.0.1", "localhost", 1)
	return p, nil
}

func (p *proxy) close() {
	p.server.CloseClientConnections()
	p.server.Close()
	p.client.CloseIdleConnections()
}

// inject begins to count calls anew, and to wait for the one to break; nil breaks none.
func (p *proxy) inject(b *injection, labels map[string]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen, p.calls, p.broken, p.hit, p.labels = map[call]int{}, nil, b, false, labels
	p.before, p.answers = map[string]answer{}, map[string]int{}
}

// end ends the breaking, and says which calls there were and whether one was broken.
func (p *proxy) end() (calls []call, hit bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = nil
	return p.calls, p.hit
}

// mostAnswers is how many answers CloudFormation took to one event at the most.
func (p *proxy) mostAnswers() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, taken := range p.answers {
		n = max(n, taken)
	}
	return n
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	c, f := p.note(r, body)
	switch f {
	case throttled:
		status := http.StatusBadRequest
		if !c.jsonProtocol(r) {
			status = http.StatusServiceUnavailable
		}
		refuse(w, r, status, "SlowDown", "ThrottlingException")
	case internal:
		refuse(w, r, http.StatusInternalServerError, "InternalError", "InternalFailure")
	case denied, shutOut:
		status := http.StatusForbidden
		if c.jsonProtocol(r) {
			status = http.StatusBadRequest
		}
		refuse(w, r, status, "AccessDenied", "AccessDeniedException")
	case hangs:
		p.hung()
		<-r.Context().Done()
	case resetBefore:
		cut(w)
	case killedBefore:
		p.killAtRest()
		cut(w)
	case stale:
		p.fromBefore(w, r, body, c)
	case twice:
		if c.Operation != theAnswer {
			p.again()
		}
		p.pass(w, r, body, c, f)
		if c.Operation == theAnswer {
			p.again()
		}
	default:
		p.pass(w, r, body, c, f)
	}
}

// note counts a call and says how it breaks, "" when it does not.
func (p *proxy) note(r *http.Request, body []byte) (call, fault) {
	operation, on := nameOf(r, body)
	p.mu.Lock()
	defer p.mu.Unlock()
	if label, ok := p.labels[on]; ok {
		on = label
	}
	c := call{Operation: operation, On: on}
	p.seen[c]++
	c.Nth = p.seen[c]
	p.calls = append(p.calls, c)
	if p.broken == nil || !p.hit && !p.broken.meets(c, len(p.calls)) {
		return c, ""
	}
	if p.hit && (!p.broken.Lasts || c.Operation == theAnswer) {
		return c, ""
	}
	p.hit = true
	return c, p.broken.Fault
}

// pass lets AWS carry out a call, and answers unless the way back is broken.
func (p *proxy) pass(w http.ResponseWriter, r *http.Request, body []byte, c call, f fault) {
	a, err := p.forward(r, body, c)
	switch {
	case err != nil:
		cut(w)
	case f == resetAfter:
		cut(w)
	case f == killedAfter:
		p.killAtRest()
		cut(w)
	default:
		a.write(w)
	}
}

// fromBefore answers a read as before the last change that was seen, or as if there were nothing yet.
func (p *proxy) fromBefore(w http.ResponseWriter, r *http.Request, body []byte, c call) {
	p.mu.Lock()
	old, known := p.before[readName(r, body)]
	p.mu.Unlock()
	now, err := p.forward(r, body, c)
	switch {
	case err != nil:
		cut(w)
	case known && !bytes.Equal(old.body, now.body):
		old.write(w)
	case now.status/100 == 2:
		notThere(w, r, c)
	default:
		now.write(w)
	}
}

func readName(r *http.Request, body []byte) string {
	return r.Method + r.URL.RequestURI() + r.Header.Get("X-Amz-Target") + string(body)
}

// killAtRest ends the process when AWS has carried out what the process had asked for beside. In these tests it is
// tried again within a second, by Lambda after a minute, when no call of the one that died is still to take effect.
func (p *proxy) killAtRest() {
	for end := time.Now().Add(5 * time.Second); p.underWay.Load() > 0 && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	p.kill()
}

func (p *proxy) forward(r *http.Request, body []byte, c call) (answer, error) {
	p.underWay.Add(1)
	defer p.underWay.Add(-1)
	// Not with the client's context: what AWS has begun it finishes, whether or not somebody waits.
	out, err := http.NewRequest(r.Method, p.target.Scheme+"://"+p.target.Host+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	out.Header = r.Header.Clone()
	response, err := p.client.Do(out)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{response.StatusCode, response.Header, text}
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.reads() {
		p.before[readName(r, body)] = a
	}
	if c.Operation == theAnswer && a.status/100 == 2 {
		p.answers[r.URL.Path]++
	}
	if p.took != nil && a.status/100 == 2 {
		p.took(c, r, body, text)
	}
	return a, nil
}

func (a answer) write(w http.ResponseWriter) {
	for name, values := range a.header {
		if name != "Content-Length" && name != "Connection" && name != "Transfer-Encoding" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}
