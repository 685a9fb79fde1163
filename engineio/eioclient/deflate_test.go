package eioclient_test

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"rightnow/engineio"
	"rightnow/engineio/eioclient"
)

// metered counts what is written to a connection.
type metered struct {
	net.Conn
	written *atomic.Int64
}

func (m metered) Write(p []byte) (int, error) {
	n, err := m.Conn.Write(p)
	m.written.Add(int64(n))
	return n, err
}

// meter counts what the rig's clients write from now on.
func (r *rig) meter() *atomic.Int64 {
	var written atomic.Int64
	r.through(func(c net.Conn) net.Conn { return metered{c, &written} })
	return &written
}

// Both sides have it: what they say is compressed, from their thresholds on, either way.
func TestDeflate(t *testing.T) {
	long := strings.Repeat("all work and no play ", 2000)
	for _, transports := range [][]eioclient.Transport{{eioclient.WebSocket}, nil} {
		r := serve(t, &engineio.Options{DeflateThreshold: 100})
		written := r.meter()
		p := r.dial(eioclient.Options{Transports: transports, DeflateThreshold: 100})
		if transports == nil {
			receive(t, p.upgraded)
		}
		before := written.Load()
		for i, m := range []eioclient.Message{text("short"), text(long), {Data: []byte(long), Binary: true}, text("short")} {
			if err := p.Send(m); err != nil {
				t.Fatal(err)
			}
			if got := receive(t, p.heard); string(got.Data) != string(m.Data) || got.Binary != m.Binary {
				t.Errorf("message %d came back as %d bytes, binary %v", i, len(got.Data), got.Binary)
			}
		}
		if n := written.Load() - before; n > int64(len(long)/10) {
			t.Errorf("%d bytes for two times %d that are compressible", n, len(long))
		}
		if n := r.server.Stats().Deflated; n != 2 {
			t.Errorf("the server compressed %d messages, not 2", n)
		}
	}
}

// One side has it: nothing is compressed, and all arrives.
func TestDeflateIsAgreedOn(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	for _, here := range []int{0, 100} {
		r := serve(t, &engineio.Options{DeflateThreshold: 100 - here})
		written := r.meter()
		p := r.dial(eioclient.Options{Transports: []eioclient.Transport{eioclient.WebSocket}, DeflateThreshold: here})
		before := written.Load()
		p.Send(text(long))
		if got := receive(t, p.heard); string(got.Data) != long {
			t.Errorf("%d bytes came back", len(got.Data))
		}
		if n := written.Load() - before; n < int64(len(long)) {
			t.Errorf("%d bytes for %d", n, len(long))
		}
		if n := r.server.Stats().Deflated; n != 0 {
			t.Errorf("the server compressed %d messages", n)
		}
	}
}

// The limit counts what is unpacked.
func TestDeflateBomb(t *testing.T) {
	r := serve(t, &engineio.Options{DeflateThreshold: 100})
	p := r.dial(eioclient.Options{Transports: []eioclient.Transport{eioclient.WebSocket}, DeflateThreshold: 100, MaxMessage: 10_000})
	s := receive(t, r.sessions)
	for _, size := range []int{9_000, 900_000} {
		if dirty, _ := s.Send(engineio.TextFrame([]byte(strings.Repeat("x", size)))); dirty {
			s.Flush()
		}
	}
	if got := receive(t, p.heard); len(got.Data) != 9_000 {
		t.Errorf("%d bytes came", len(got.Data))
	}
	if reason := receive(t, p.closed); reason != eioclient.ReasonTransportError {
		t.Errorf("ended with %s, %v", reason, p.Err())
	}
	if n := r.server.Stats().Deflated; n != 2 {
		t.Errorf("the server compressed %d messages, not 2", n)
	}
	select {
	case m := <-p.heard:
		t.Errorf("%d bytes came, which is over the limit", len(m.Data))
	default:
	}
}
