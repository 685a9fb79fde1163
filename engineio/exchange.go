package engineio

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// exchange is one request and its response. It belongs to the goroutine of the request.
type exchange struct {
	srv  *Server
	w    http.ResponseWriter
	r    *http.Request
	from peer

	transport Transport
	sid       string
	protocol  string
	upgrade   bool // the request asks for a WebSocket, which the server offers
	hooked    bool // Options.Headers has been called

	base64 bool    // the client takes no bytes: base64 stands for them, on a WebSocket too
	script *string // the answer is to be a script that calls the function of that number; nil: it is not
}

// newExchange reads what the request says about itself.
func newExchange(s *Server, w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{srv: s, w: w, r: r, from: peerOf(r, s.opts.TrustedProxies)}
	for pairs := r.URL.RawQuery; pairs != ""; {
		var pair string
		pair, pairs, _ = strings.Cut(pairs, "&")
		key, value, _ := strings.Cut(pair, "=")
		switch key { // the last value of a repeated key counts
		case "transport":
			x.transport = Transport(unescape(value))
		case "sid":
			x.sid = unescape(value)
		case "EIO":
			x.protocol = unescape(value)
		case "b64":
			x.base64 = value != "" && value != "0"
		case "j":
			if s.opts.AllowEIO3 {
				x.script = digitsOf(unescape(value))
			}
		}
	}
	x.upgrade = s.offers(WebSocket) && hasToken(r.Header["Upgrade"], "websocket") && hasToken(r.Header["Connection"], "upgrade")
	return x
}

// unescape decodes a query value; one that is badly escaped stays as it is, and then means nothing to anybody.
func unescape(v string) string {
	if u, err := url.QueryUnescape(v); err == nil {
		return u
	}
	return v
}

// hasToken reports whether a list header has a token, in any case.
func hasToken(values []string, token string) bool {
	for _, v := range values {
		for v != "" {
			var t string
			t, v, _ = strings.Cut(v, ",")
			if strings.EqualFold(strings.TrimSpace(t), token) {
				return true
			}
		}
	}
	return false
}

// header returns the header of the response, with what the application adds to it. The first call says whether the
// response opens a session.
func (x *exchange) header(initial bool) http.Header {
	h := x.w.Header()
	if hook := x.srv.opts.Headers; hook != nil && !x.hooked {
		x.hooked = true
		x.srv.protect("Headers", func() { hook(h, x.r, initial) })
	}
	return h
}

// empty answers with a status and nothing else.
func (x *exchange) empty(status int) {
	x.header(false).Set("Content-Length", "0")
	x.w.WriteHeader(status)
}

// dropBody bounds the time for a body that nobody reads: net/http reads it in our stead, to keep the connection, and
// would wait for it for ever.
func (x *exchange) dropBody() {
	if x.r.ContentLength != 0 {
		http.NewResponseController(x.w).SetReadDeadline(time.Now().Add(bodyTimeout)) // where there are deadlines
	}
}

// hangUp answers like empty and closes the connection.
func (x *exchange) hangUp(status int) {
	x.w.Header().Set("Connection", "close")
	x.empty(status)
}

// ok answers a POST.
func (x *exchange) ok() {
	h := x.header(false)
	h.Set("Content-Type", "text/html")
	h.Set("Content-Length", "2")
	h.Set("Cache-Control", "no-store")
	x.w.Write([]byte("ok")) // whether the client hears of it changes nothing
}

// refuse tells the application of a refused request, and the client: in JSON, or in plain text with status 400 when it
// asked for a WebSocket, as Node does.
func (x *exchange) refuse(e *ConnectionError) {
	x.dropBody()
	x.srv.refused(e, x.r)
	h, status, body := x.header(false), http.StatusBadRequest, []byte(e.Message)
	if x.upgrade {
		h.Set("Content-Type", "text/plain; charset=UTF-8")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Connection", "close")
		if e.status >= 500 || e.status == http.StatusTooManyRequests {
			status = e.status
		}
	} else {
		h.Set("Content-Type", "application/json")
		body = errorBody(e)
		if e.status != 0 {
			status = e.status
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	x.w.WriteHeader(status)
	x.w.Write(body)
}

// refused counts a refusal and tells the application.
func (s *Server) refused(e *ConnectionError, r *http.Request) {
	e.Request = r
	s.count.refused.Add(1)
	if hook := s.opts.OnConnectionError; hook != nil {
		s.protect("OnConnectionError", func() { hook(e) })
	}
}

// errorBody is the JSON of a refusal, as JavaScript writes it.
func errorBody(e *ConnectionError) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}{e.Code, e.Message})
	if err != nil {
		panic(err) // an integer and a string always encode
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
