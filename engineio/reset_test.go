package engineio

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/memnet"
	"rightnow/internal/ws"
)

// TestCVE2022_41940_CutAnywhere cuts connections at every step of handshake, traffic and upgrade, politely and by reset: everything is
// back afterwards, and nobody else was disturbed.
func TestCVE2022_41940_CutAnywhere(t *testing.T) {
	const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
	upgrade := []string{"Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", key}
	masked := func(op ws.Opcode, s string) string {
		return string(ws.AppendMasked(nil, op, []byte(s), [4]byte{9, 8, 7, 6}))
	}
	// What a client sends, cut into steps. SID stands for the id of a fresh long-polling session.
	steps := map[string][]string{
		"polling handshake": {"GET /engine", ".io/?EIO=4&transport=polling HTTP/1.1\r\n", "Host: mem\r\n", "\r\n"},
		"poll":              {rawRequest("GET", "transport=polling&sid=SID"), "GET"},
		"post": {
			"POST /engine.io/?transport=polling&sid=SID HTTP/1.1\r\nHost: mem\r\nContent-Length: 13\r\n", "\r\n", "4he", "llo\x1e4wor", "ld",
		},
		"websocket handshake": {
			"GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: mem\r\n", strings.Join(upgrade, "\r\n"), "\r\n\r\n",
			"\x81", masked(ws.OpText, "4hello")[1:5], masked(ws.OpText, "4hello")[5:], masked(ws.OpClose, "")[:1], masked(ws.OpClose, "")[1:],
		},
		"upgrade": {
			rawRequest("GET", "EIO=4&transport=websocket&sid=SID", upgrade...), masked(ws.OpText, "2probe")[:5],
			masked(ws.OpText, "2probe")[5:], masked(ws.OpText, "5")[:3], masked(ws.OpText, "5")[3:], masked(ws.OpText, "4hello"),
		},
	}
	cuts := map[string]func(c *memnet.Conn){
		"close":      func(c *memnet.Conn) { c.Close() },
		"reset":      func(c *memnet.Conn) { c.Reset() },
		"half close": func(c *memnet.Conn) { c.CloseWrite(); io.Copy(io.Discard, c); c.Close() },
		"silence":    func(c *memnet.Conn) { time.Sleep(2 * time.Minute); c.Close() },
	}
	for name, script := range steps {
		for how, cut := range cuts {
			for n := range len(script) + 1 {
				bubble(t, fmt.Sprintf("%s, %s after step %d", name, how, n), nil, func(r *rig) {
					r.onMessage = echo
					other, w := r.openWS()
					p, _ := r.open()
					c := r.dial().(*memnet.Conn)
					for _, step := range script[:n] {
						io.WriteString(c, strings.ReplaceAll(step, "SID", p.ID()))
						synctest.Wait()
					}
					go cut(c)     // ends when the server has had enough
					for range 6 { // the sessions that are left run into their timeouts
						w.want("2")
						w.text("3")
					}
					other.alive()
					w.text("4still")
					w.want("4still")
					if n := r.ClientsCount(); n != 1 {
						r.t.Errorf("%d clients are left", n)
					}
					if len(r.conns) != 1 || len(r.sessions) != 1 {
						r.t.Errorf("%d connections, %d sessions", len(r.conns), len(r.sessions))
					}
				})
			}
		}
	}
}
