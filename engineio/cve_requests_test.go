package engineio

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestEngineIO667_EveryRequestIsAnswered: whatever is wrong with it, and though its body does not come. (A POST of a type
// that was refused was left open.) A poll and a POST that are in order are waited for, as long as their session lives; of
// anything else net/http reads the body, for bodyTimeout.
func TestEngineIO667_EveryRequestIsAnswered(t *testing.T) {
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "NONSENSE"} {
		bubble(t, method, nil, func(r *rig) {
			for _, query := range []string{
				"", "transport=polling", "transport=websocket", "transport=webtransport", "transport=nonsense",
				"EIO=4&transport=polling", "EIO=3&transport=polling", "transport=polling&sid=unknown", "its own", "its own, as a WebSocket",
			} {
				for _, kind := range []string{"", "application/octet-stream", "text/plain", "application/x-www-form-urlencoded", "; nonsense"} {
					p, session := r.open()
					target := strings.NewReplacer("its own, as a WebSocket", "transport=websocket&sid="+p.ID(), "its own", session).Replace(query)
					header := []string{"Content-Length: 100"}
					if kind != "" {
						header = append(header, "Content-Type: "+kind)
					}
					waits := strings.HasPrefix(query, "its own") && (method == "GET" || method == "POST" && kind != "application/octet-stream")
					start := time.Now()
					c, br := r.raw(rawRequest(method, target, header...) + "4xyz")
					res, err := http.ReadResponse(br, &http.Request{Method: method})
					switch waited := time.Since(start); {
					case err != nil:
						r.t.Errorf("%s of %q, %q: %v", query, kind, header, err)
					case waited > r.opts.PingInterval+r.opts.PingTimeout || waited > bodyTimeout && !waits:
						r.t.Errorf("%s of %q: %s after %v", query, kind, res.Status, waited)
					}
					c.Close()
					p.Close(ReasonForcedClose)
				}
			}
		})
	}
}

// TestEngineIO667_FailedHandshakes: a handshake that fails takes nobody's place, over any transport. (They were kept in
// the list of clients.)
func TestEngineIO667_FailedHandshakes(t *testing.T) {
	var refusing bool
	refuse := func() error {
		if refusing {
			return errors.New("no")
		}
		return nil
	}
	for name, o := range map[string]Options{
		"AllowRequest":     {AllowRequest: func(*http.Request) error { return refuse() }},
		"GenerateID":       {GenerateID: func(*http.Request) (string, error) { return fmt.Sprint(time.Now().UnixNano()), refuse() }},
		"a panic":          {GenerateID: func(*http.Request) (string, error) { return fmt.Sprint(time.Now().UnixNano()), panicking(refuse()) }},
		"HandshakeValue":   {HandshakeValue: func(*http.Request) any { return panicking(refuse()) }},
		"another protocol": {},
		"given up":         {},
	} {
		o.MaxSessions, o.MaxSessionsPerAddress, o.UpgradeTimeout = 1, 1, time.Second
		wtBubble(t, name, o, func(r *rig) {
			refusing = true
			protocol, givenUp := "4", name == "given up"
			if name == "another protocol" {
				protocol = "3"
			}
			for range 3 {
				c, br := r.raw(rawRequest("GET", "EIO="+protocol+"&transport=polling"))
				if !givenUp {
					if res, err := http.ReadResponse(br, nil); err != nil || res.StatusCode == 200 {
						r.t.Errorf("polling: %v", err)
					}
				}
				c.Close()
				c, br = r.raw(rawRequest("GET", "EIO="+protocol+"&transport=websocket", "Connection: Upgrade", "Upgrade: websocket",
					"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
				if !givenUp {
					if res, err := http.ReadResponse(br, nil); err != nil || res.StatusCode == 101 {
						r.t.Errorf("WebSocket: %v", err)
					}
				}
				c.Close()
				w := r.connectWT("EIO=" + protocol + "&transport=webtransport")
				if w.session != nil {
					w.stream(0)
					if givenUp {
						w.conn.Close()
					} else {
						w.text("0")
					}
				}
				<-w.done
			}
			refusing = false
			time.Sleep(2 * time.Minute) // virtual: what was given up is found out by its pings
			if len(r.sessions) != 0 || len(r.conns)+len(r.opening) != 0 {
				r.t.Errorf("%d sessions are kept, %d connections", len(r.sessions), len(r.conns)+len(r.opening))
			}
			p, _ := r.open()
			p.Close(ReasonForcedClose)
			p.ended(ReasonForcedClose)
			time.Sleep(time.Minute) // virtual: it was kept for its last poll
			p, w := r.openWS()
			w.Close()
			p.ended(ReasonTransportClose)
			r.openWT()
		})
	}
}

// panicking panics with an error.
func panicking(err error) error {
	if err != nil {
		panic(err)
	}
	return nil
}
