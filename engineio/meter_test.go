package engineio

import (
	"testing"
	"testing/synctest"
)

func TestMeter(t *testing.T) {
	bubble(t, "both ways, on both transports", nil, func(r *rig) {
		r.onMessage = echo
		p, sid := r.open()
		r.post(sid, "4before")
		if got := r.Meter(); got.Traffic() != (Traffic{}) {
			r.t.Errorf("counted before it was made: %+v", got.Traffic())
		} else {
			got.Stop()
		}
		m := r.Meter()
		later := r.Meter()
		r.post(sid, "4four\x1ebAQID") // each comes back
		want := func(m *Meter, want Traffic) {
			r.t.Helper()
			synctest.Wait()
			if got := m.Traffic(); got != want {
				r.t.Errorf("%+v, want %+v", got, want)
			}
		}
		want(m, Traffic{MessagesIn: 2, MessagesOut: 2, BytesIn: 7, BytesOut: 7})
		w := r.upgraded(p) // carries what was queued: counted once
		want(m, Traffic{MessagesIn: 2, MessagesOut: 2, BytesIn: 7, BytesOut: 7})
		p.say(TextFrame([]byte("text"), []byte("1"), []byte("22")))
		want(m, Traffic{MessagesIn: 2, MessagesOut: 5, BytesIn: 7, BytesOut: 14})
		m.Stop()
		m.Stop()
		w.text("4x")
		want(later, Traffic{MessagesIn: 3, MessagesOut: 6, BytesIn: 8, BytesOut: 15})
		later.Stop()
		if r.metered.Load() != nil {
			r.t.Error("it is still counted")
		}
	})
}

func TestSessionsByTransportAndReason(t *testing.T) {
	bubble(t, "counts", nil, func(r *rig) {
		want := func(sessions, polling int) {
			r.t.Helper()
			synctest.Wait()
			if s := r.Stats(); s.Sessions != sessions || s.Polling != polling {
				r.t.Errorf("%d sessions, %d by polling, want %d and %d", s.Sessions, s.Polling, sessions, polling)
			}
		}
		polling, _ := r.open()
		upgrading, _ := r.open()
		socket, _ := r.openWS()
		want(3, 2)
		r.upgraded(upgrading)
		want(3, 1)
		polling.Close(ReasonForcedClose)
		want(2, 0)
		upgrading.Close(ReasonForcedClose)
		socket.Close("my own")
		want(0, 0)
		closed := r.ClosedSessions()
		if len(closed) != 2 || closed[ReasonForcedClose] != 2 || closed["my own"] != 1 {
			r.t.Errorf("closed: %v", closed)
		}
	})
}
