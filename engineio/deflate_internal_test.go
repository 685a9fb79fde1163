package engineio

import (
	"strings"
	"testing"
	"testing/synctest"

	"rightnow/internal/ws"
)

const offersDeflate = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"

// However many sessions a frame is for, it is compressed once.
func TestAFrameIsDeflatedOnce(t *testing.T) {
	bubble(t, "for all sessions", &Options{DeflateThreshold: 100}, func(r *rig) {
		const sessions = 50
		var taps []*tap
		var conns []*wsClient
		for range sessions {
			p, w := r.openWS(offersDeflate)
			taps, conns = append(taps, p), append(conns, w)
		}
		other, plain := r.openWS() // offers nothing
		taps, conns = append(taps, other), append(conns, plain)
		old := r.ws("EIO=4&transport=websocket&b64=1", offersDeflate)
		sidOf(r.t, old.next())
		taps, conns = append(taps, r.last()), append(conns, old)
		text := strings.Repeat("hello ", 100)
		send := func(f *Frame, deflated uint64, form string) {
			r.t.Helper()
			for i, p := range taps {
				p.say(f)
				want := "4" + text
				if i < sessions {
					want = form + want
				}
				conns[i].want(want)
			}
			if got := r.Stats().Deflated; got != deflated {
				r.t.Errorf("%d frames were compressed, want %d", got, deflated)
			}
		}
		send(TextFrame([]byte(text)), 1, "deflated ")
		send(TextFrame([]byte(text)), 2, "deflated ")
		send(TextFrame([]byte(text)).Uncompressed(), 2, "")
		text = "short"
		send(TextFrame([]byte(text)), 2, "")
	})
}

// What is unpacked counts, not what was sent.
func TestDeflatedLimits(t *testing.T) {
	o := &Options{DeflateThreshold: 1, MaxPayload: 10_000}
	bubble(t, "exactly the limit", o, func(r *rig) {
		p, w := r.openWS(offersDeflate)
		w.zipped(ws.OpText, "4"+strings.Repeat("x", 9_999))
		w.zipped(ws.OpBinary, strings.Repeat("\x00", 10_000))
		w.text("4plain")
		synctest.Wait()
		p.heard(strings.Repeat("x", 9_999), "0x"+strings.Repeat("00", 10_000), "plain")
	})
	for name, size := range map[string]int{"a byte over it": 10_001, "a bomb": 8 << 20} {
		bubble(t, name, o, func(r *rig) {
			p, w := r.openWS(offersDeflate)
			w.zipped(ws.OpText, "4"+strings.Repeat("x", size-1))
			w.wantClose(1009)
			p.ended(ReasonTransportError)
			p.heard()
		})
	}
	bubble(t, "no deflate stream", o, func(r *rig) {
		p, w := r.openWS(offersDeflate)
		w.Write([]byte("\xc1\x83\x00\x00\x00\x00\xff\xff\xff"))
		w.wantClose(1002)
		p.ended(ReasonTransportError)
	})
	bubble(t, "no UTF-8", o, func(r *rig) {
		p, w := r.openWS(offersDeflate)
		w.zipped(ws.OpText, "4\xff")
		w.wantClose(1007)
		p.ended(ReasonTransportError)
	})
	bubble(t, "compressed where nothing was agreed", &Options{MaxPayload: 10_000}, func(r *rig) {
		p, w := r.openWS(offersDeflate)
		if got := w.header.Get("Sec-WebSocket-Extensions"); got != "" {
			r.t.Errorf("agreed to %q", got)
		}
		w.zipped(ws.OpText, "4x")
		w.wantClose(1002)
		p.ended(ReasonTransportError)
	})
}
