package engineio

import (
	"net/http"
	"strconv"
	"time"
)

// originLogPause is the least time between two log lines about refused origins.
const originLogPause = 10 * time.Second

// Beside prepares the response of somebody else under the same roof: files beside the endpoint, for requests without a
// body. It applies the policy of Options.Origins: it sets the headers, and where the request is a preflight or comes from
// a refused origin it answers it and returns true. It also bounds the time for a body that comes all the same.
func (s *Server) Beside(w http.ResponseWriter, r *http.Request) (answered bool) {
	x := &exchange{srv: s, w: w, r: r}
	x.dropBody()
	refusal := s.checkOrigin(r, peerOf(r, s.opts.TrustedProxies))
	s.setCORS(w.Header(), r, refusal == nil)
	switch {
	case refusal != nil:
		x.refuse(refusal)
		return true
	case r.Method == http.MethodOptions && s.cors:
		preflight(w, r)
		return true
	}
	return false
}

// setCORS sets the headers with which a browser shows the response to a page of another origin. Without Origins in the
// options there are none.
func (s *Server) setCORS(h http.Header, r *http.Request, allowed bool) {
	if !s.cors {
		return
	}
	if s.origins.any && !s.opts.Credentials {
		h.Set("Access-Control-Allow-Origin", "*")
		return
	}
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if !allowed || origin == "" {
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	if s.opts.Credentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
}

// preflight answers the question that a browser asks before a request across origins.
func preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET,POST")
	h.Add("Vary", "Access-Control-Request-Headers")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		h.Set("Access-Control-Allow-Headers", asked)
	}
	h.Set("Content-Length", "0")
	w.WriteHeader(http.StatusNoContent)
}

// foreignOrigin is the refusal of a page of another origin. It names the option, for whoever reads the browser's
// console or the log.
func (s *Server) foreignOrigin(origin string) *ConnectionError {
	now := int64(s.now())
	if last := s.originLogged.Load(); last == 0 || now-last >= int64(originLogPause) {
		if s.originLogged.CompareAndSwap(last, max(now, 1)) {
			s.opts.Logger.Warn("engineio: refused a page of another origin; list it in Options.Origins if it is yours", "origin", origin)
		}
	}
	return &ConnectionError{
		status:  http.StatusForbidden,
		Code:    CodeForbidden,
		Message: "Origin " + strconv.Quote(origin) + " is not allowed: see the server's option Origins",
		Context: map[string]any{"origin": origin},
	}
}
