package engineio

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestUnwantedBody: a body that nobody reads and that never ends keeps neither the answer nor the connection for long.
func TestUnwantedBody(t *testing.T) {
	const length = "Content-Length: 100"
	for name, request := range map[string]func(r *rig) string{
		"handshake":    func(*rig) string { return rawRequest("GET", "EIO=4&transport=polling", length) },
		"no session":   func(*rig) string { return rawRequest("POST", "EIO=4&transport=polling", length) },
		"foreign id":   func(*rig) string { return rawRequest("POST", "transport=polling&sid=x", length) },
		"other method": func(r *rig) string { _, sid := r.open(); return rawRequest("PUT", sid, length) },
		"octet stream": func(r *rig) string { return r.postOf(length, "Content-Type: application/octet-stream") },
		"too big": func(r *rig) string {
			return r.postOf("Transfer-Encoding: chunked") + "ff\r\nx" + string(make([]byte, 100))
		},
		"after the last": func(r *rig) string {
			_, sid := r.open()
			r.last().Close(ReasonForcedClose)
			return rawRequest("POST", sid, length) + "4"
		},
		"waiting poll": func(r *rig) string { _, sid := r.open(); return rawRequest("GET", sid, length) },
	} {
		bubble(t, name, &Options{MaxPayload: 50}, func(r *rig) {
			c, br := r.raw(request(r))
			defer c.Close()
			start := time.Now()
			for { // all that comes, up to the end of the connection
				res, err := http.ReadResponse(br, nil)
				if err != nil {
					break
				}
				io.Copy(io.Discard, res.Body)
			}
			if took := time.Since(start); took > defaultPingInterval+defaultPingTimeout {
				r.t.Errorf("the connection was kept for %v", took)
			}
		})
	}
	bubble(t, "one that comes in time", nil, func(r *rig) {
		c, br := r.raw(rawRequest("POST", "transport=polling&sid=x", "Content-Length: 1"))
		defer c.Close()
		for range 2 {
			time.Sleep(bodyTimeout / 2)
			io.WriteString(c, "4")
			wantStatus(r, br, 400)
			time.Sleep(2 * bodyTimeout) // what was set for the body does not count for the next request
			io.WriteString(c, rawRequest("POST", "transport=polling&sid=x", "Content-Length: 1"))
		}
	})
}

// postOf is a POST to a new session.
func (r *rig) postOf(header ...string) string {
	_, sid := r.open()
	return rawRequest("POST", sid, header...)
}

func wantStatus(r *rig, br *bufio.Reader, status int) {
	r.t.Helper()
	res, err := http.ReadResponse(br, nil)
	if err != nil || res.StatusCode != status {
		r.t.Fatalf("%+v, %v", res, err)
	}
	io.Copy(io.Discard, res.Body)
}

// TestCutWhileTheHandlerBlocks: the session ends although nobody reads from its connection.
func TestCutWhileTheHandlerBlocks(t *testing.T) {
	bubble(t, "websocket", nil, func(r *rig) {
		r.onMessage = func(p *tap, _ []byte, _ bool) { <-p.Done() }
		p, w := r.openWS()
		w.text("4x")
		synctest.Wait()
		w.Close()
		start := time.Now()
		<-p.closed
		p.ended(ReasonTransportClose)
		if took := time.Since(start); took > defaultPingInterval+2*defaultPingTimeout {
			r.t.Errorf("after %v", took)
		}
	})
}

// TestShutdownAfterAClose: a client that is not coming for the rest is not waited for once more.
func TestShutdownAfterAClose(t *testing.T) {
	bubble(t, "polling", nil, func(r *rig) {
		p, _ := r.open()
		p.Send(TextFrame([]byte("rest")))
		p.Close(ReasonForcedClose)
		q, _ := r.open()
		q.Close(ReasonForcedClose)
		start := time.Now()
		if err := r.Shutdown(context.Background()); err != nil || time.Since(start) != pollGrace {
			r.t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}
