package fault

import (
	"fmt"
	"net"
	"net/http"
	"strings"
)

// fault is a way in which a call breaks, once.
type fault string

const (
	throttled    fault = "throttled"
	internal     fault = "answered 500"
	denied       fault = "denied"
	resetBefore  fault = "reset before it took effect"
	resetAfter   fault = "reset after it took effect"
	stale        fault = "answered from before" // reads alone
	hangs        fault = "hangs until the deadline"
	killedBefore fault = "process killed before it"
	killedAfter  fault = "process killed after it"
	// The second time when the call comes; at PutAnswer, once the first was answered.
	twice fault = "event delivered twice"
	// The way back is shut as well: until the stack rests, nothing is allowed any more.
	shutOut fault = "denied from then on"
)

var faults = []fault{
	throttled, internal, denied, resetBefore, resetAfter, stale, hangs, killedBefore, killedAfter, twice, shutOut,
}

// appliesTo says whether a call can break in this way.
func (f fault) appliesTo(c call) bool {
	switch f {
	case stale:
		return c.reads()
	case shutOut: // a canary that is refused is tried for too long
		return !c.reads() && c.Operation != theAnswer && !strings.HasSuffix(c.Operation, "Object")
	}
	return true
}

// refuse answers with the service's own error.
func refuse(w http.ResponseWriter, r *http.Request, status int, s3Code, jsonCode string) {
	if (call{}).jsonProtocol(r) {
		w.Header().Set("X-Amzn-ErrorType", jsonCode)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"__type":%q,"message":"broken on purpose"}`, jsonCode)
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	text := fmt.Sprintf("<Error><Code>%s</Code><Message>broken on purpose</Message></Error>", s3Code)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		text = "<ErrorResponse>" + text + "</ErrorResponse>"
	}
	if r.Method != http.MethodHead {
		fmt.Fprint(w, text)
	}
}

// notThere is how a service says that it has not seen a thing yet.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
func notThere(w http.ResponseWriter, r *http.Request, c call) {
	switch {
	case c.Operation == "GetResources" || c.Operation == "ListAliases":
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		fmt.Fprint(w, `{"ResourceTagMappingList": [], "Aliases": []}`)
	case c.Operation == "GetParameter":
		refuse(w, r, http.StatusBadRequest, "", "ParameterNotFound")
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		refuse(w, r, http.StatusNotFound, "NoSuchEntity", "")
	case strings.HasPrefix(r.URL.Path, "/v20180820/"):
		refuse(w, r, http.StatusNotFound, "NoSuchResource", "")
	default:
		refuse(w, r, http.StatusNotFound, "NoSuchBucket", "NotFoundException")
	}
}

// cut ends the connection in the middle: the client sees a reset.
func cut(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}
