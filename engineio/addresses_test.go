package engineio

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// from is the header of a request that a trusted proxy passes on.
func from(address string) string { return "X-Forwarded-For: " + address }

// anybody trusts every peer.
var anybody = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}

// TestSessionsPerAddress: a bound on the sessions of one address, whatever their transport; who leaves makes room.
func TestSessionsPerAddress(t *testing.T) {
	const polling, websocket = "EIO=4&transport=polling", "EIO=4&transport=websocket"
	r := func(t *testing.T, f func(r *rig)) {
		realtime(t, &Options{MaxSessionsPerAddress: 2, TrustedProxies: anybody}, f)
	}
	r(t, func(r *rig) {
		first, w := r.openWS(from("192.0.2.1"))
		_, sid := r.last2(r.get(polling, from("192.0.2.1")))
		r.wantCode(r.get(polling, from("192.0.2.1")), 429, CodeBadRequest, "Too many sessions")
		if w, res := r.tryWS(websocket, from("192.0.2.1")); w != nil || res.status != 429 {
			r.t.Errorf("%+v", res)
		}
		r.last2(r.get(polling, from("192.0.2.2")))
		r.post(sid, "1")
		r.last2(r.get(polling, from("192.0.2.1")))
		r.wantCode(r.get(polling, from("192.0.2.1")), 429, CodeBadRequest, "Too many sessions")
		w.Close()
		first.ended(ReasonTransportClose)
		r.last2(r.get(polling, from("192.0.2.1")))
		for i, ip := range []string{"2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::1"} { // one network
			if res := r.get(polling, from(ip)); (res.status == 200) != (i < 2) {
				r.t.Errorf("%s: %d", ip, res.status)
			}
		}
		r.last2(r.get(polling, from("2001:db8:0:1::1")))
		r.mu.Lock()
		for _, p := range r.taps {
			p.Close(ReasonForcedClose)
		}
		r.mu.Unlock()
		if n := len(r.addresses.of); n != 0 {
			r.t.Errorf("%d addresses are left", n)
		}
	})
}

// TestHandshakesPerMinute: as many at once as in a minute; the time gives them back.
func TestHandshakesPerMinute(t *testing.T) {
	bubble(t, "one address", &Options{HandshakesPerMinute: 6}, func(r *rig) {
		let := func(want int) {
			r.t.Helper()
			got := 0
			for range 20 {
				if res := r.get("EIO=4&transport=polling"); res.status == 200 {
					got++
				} else {
					r.wantCode(res, 429, CodeBadRequest, "Too many handshakes")
				}
			}
			if got != want {
				r.t.Errorf("%d were let in, want %d", got, want)
			}
		}
		let(6)
		time.Sleep(10 * time.Second)
		let(1)
		time.Sleep(time.Hour)
		let(6)
	})
}

// TestAddressesAreForgotten: those that say nothing any more make way.
func TestAddressesAreForgotten(t *testing.T) {
	bubble(t, "many", &Options{HandshakesPerMinute: 10}, func(r *rig) {
		for minute := range 5 {
			r.Server.mu.Lock()
			for i := range 3000 {
				address := fmt.Sprintf("10.%d.%d.%d", minute, i/250, i%250)
				if refusal := r.admitAddressLocked(address); refusal != nil {
					r.t.Error(refusal)
				}
				r.leaveAddressLocked(address)
			}
			n := len(r.addresses.of)
			r.Server.mu.Unlock()
			if n > 8000 {
				r.t.Errorf("%d addresses are kept", n)
			}
			time.Sleep(time.Minute)
		}
	})
}
