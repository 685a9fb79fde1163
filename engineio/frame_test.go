package engineio

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"rightnow/engineio/internal/eiowire"
	"rightnow/internal/ws"
)

func TestFrame(t *testing.T) {
	for _, n := range []int{0, 1, 124, 125, 126, 200, 65534, 65535, 65536, 70000} {
		text := []byte(strings.Repeat("t", n))
		bins := [][]byte{bytes.Repeat([]byte{1}, n), {}, {2}}

		want := ws.AppendFrame(nil, ws.OpText, eiowire.AppendText(nil, eiowire.Message, text))
		f := TextFrame(bytes.Clone(text))
		check(t, f, want, "4"+string(text))
		if &f.polling()[0] != &f.ws[len(f.ws)-len(f.text)] {
			t.Errorf("%d bytes: the text stands twice in memory", n)
		}

		payload := "4" + string(text)
		for _, b := range bins {
			want = ws.AppendFrame(want, ws.OpBinary, b)
			payload += "\x1e" + string(eiowire.AppendBinary(nil, b))
		}
		check(t, TextFrame(text, bins...), want, payload)

		bin := bytes.Repeat([]byte{3}, n)
		check(t, BinaryFrame(bin), ws.AppendFrame(nil, ws.OpBinary, bin), string(eiowire.AppendBinary(nil, bin)))
	}
}

func check(t *testing.T, f *Frame, wire []byte, payload string) {
	t.Helper()
	if !bytes.Equal(f.ws, wire) || cap(f.ws) != len(wire) || f.Size() != len(wire) {
		t.Errorf("%d bytes on a WebSocket (room for %d, size %d), want %d: %.40q", len(f.ws), cap(f.ws), f.Size(), len(wire), f.ws)
	}
	if got := f.polling(); string(got) != payload {
		t.Errorf("payload %.100q, want %.100q", got, payload)
	}
	if a, b := f.polling(), f.polling(); len(a) > 0 && &a[0] != &b[0] {
		t.Error("encoded twice")
	}
}

// TestFrameShared encodes one frame from many goroutines, for the race detector.
func TestFrameShared(t *testing.T) {
	f := TextFrame([]byte("head"), []byte{1, 2, 3})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := string(f.polling()); got != "4head\x1ebAQID" {
				t.Error(got)
			}
		})
	}
	wg.Wait()
}

// TestFrameInOnePoll: one frame reaches many sessions of both kinds, whole.
func TestFrameInOnePoll(t *testing.T) {
	bubble(t, "shared", nil, func(r *rig) {
		f := TextFrame([]byte("head"), []byte{1}, []byte{2})
		var sids []string
		var clients []*wsClient
		for range 10 {
			_, sid := r.open()
			sids = append(sids, sid)
			_, w := r.openWS()
			clients = append(clients, w)
		}
		for _, p := range r.taps {
			p.say(f)
		}
		for i := range sids {
			r.poll(sids[i], "4head\x1ebAQ==\x1ebAg==")
			clients[i].want("4head", "0x01", "0x02")
		}
	})
}

func TestAcceptedEncoding(t *testing.T) {
	for accept, want := range map[string]string{
		"gzip;q=0.1, deflate;q=0.2": "deflate", "gzip ; q=1": "gzip", "gzip;q=2": "", "gzip;x=1": "gzip", ",": "", "*;q=0": "", "x, *;q=0.1": "gzip",
	} {
		if got := acceptedEncoding([]string{accept}); got != want {
			t.Errorf("%q: %q, want %q", accept, got, want)
		}
	}
	if got := acceptedEncoding([]string{"br", "deflate"}); got != "deflate" {
		t.Errorf("two headers: %q", got)
	}
}

func TestOptionsAreCopied(t *testing.T) {
	o := &Options{Origins: []string{"https://a.example"}, InitialPacket: []byte("hi"), Transports: []Transport{Polling}}
	s := New(o)
	o.Origins[0], o.InitialPacket[0], o.Transports[0] = "x", 'x', WebSocket
	if got := fmt.Sprintf("%s %s %s", s.opts.Origins, s.opts.InitialPacket, s.opts.Transports); got != "[https://a.example] hi [polling]" {
		t.Error(got)
	}
	if d := New(nil).opts; d.MaxPacketsPerPayload != 125_000 || d.QueueLimit != 1<<20 || d.CompressThreshold != 1024 {
		t.Errorf("%+v", d)
	}
}
