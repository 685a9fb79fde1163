package ws

import (
	"bytes"
	"compress/flate"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// The holes that other WebSocket servers had, each with no option set.

// TestCVE2026_48779_TinyFragments: a message in more fragments than a sane peer
// sends is refused when it has cost its bytes and no more, however small the
// fragments and whatever stands between them.
func TestCVE2026_48779_TinyFragments(t *testing.T) {
	one, none, ping := raw(0x00, "x"), raw(0x00, ""), raw(0x89, "")
	for name, flood := range map[string][]byte{
		"of a byte":       one,
		"empty":           none,
		"pings between":   join(one, ping),
		"pings and empty": join(none, ping, ping),
	} {
		t.Run(name, func(t *testing.T) {
			ps := newParser(defaultMaxMessage, defaultMaxFragments)
			tr := &transcript{}
			wire := join(raw(0x01, "x"), bytes.Repeat(flood, defaultMaxFragments-1))
			if err := ps.feed(bytes.Clone(wire), tr); err != nil {
				t.Fatalf("%d fragments: %v", defaultMaxFragments, err)
			}
			if cap(ps.msg) > 2*defaultMaxFragments || ps.ctl != nil {
				t.Errorf("%d bytes are held for %d fragments", cap(ps.msg), defaultMaxFragments)
			}
			vector{"", join(wire, bytes.Repeat(flood, 1000)), nil, 1008}.refused(t)
		})
	}
}

// refused is run for an end that comes after pongs.
func (v vector) refused(t *testing.T) {
	t.Helper()
	c, h := echoServer(t, nil)
	go c.send(v.send, 0) // ends when all is taken, or either end closed
	for {
		f, err := readFrame(c.r)
		if err != nil {
			t.Fatal(err)
		}
		if f.first == 0x88 {
			if got := closeCode(f.payload); got != v.code {
				t.Errorf("closed with %d, want %d", got, v.code)
			}
			break
		}
		if f != pong("") {
			t.Fatalf("got %v", f)
		}
	}
	c.Close()
	if rule, ok := (<-h.ended).(*ProtocolError); !ok || rule.Code != v.code {
		t.Errorf("ended by %v", rule)
	}
}

// TestCVE2016_10542_DefaultMessageLimit: a message of more than a million bytes
// is refused as soon as it is announced, in one frame or in several.
func TestCVE2016_10542_DefaultMessageLimit(t *testing.T) {
	most := strings.Repeat("x", defaultMaxMessage)
	for name, v := range map[string]vector{
		"the most":                {"", raw(0x82, most), []frame{bin(most)}, 0},
		"the most, in fragments":  {"", fragments(2, most, 1000), []frame{bin(most)}, 0},
		"one more":                {"", raw(0x82, most+"x")[:14], nil, 1009},
		"one more, in fragments":  {"", join(raw(0x02, most), raw(0x80, "x")[:6]), nil, 1009},
		"100 MB":                  {"", announce(0x82, 100<<20), nil, 1009},
		"again after the most":    {"", join(raw(0x82, most), announce(0x81, 100<<20)), []frame{bin(most)}, 1009},
		"after the first of many": {"", join(raw(0x01, "x"), announce(0x00, defaultMaxMessage)), nil, 1009},
	} {
		t.Run(name, func(t *testing.T) { v.runChopped(t, 0, &Options{QueueLimit: 4 << 20}) })
	}
}

// TestCVE2020_27813_LengthOverflow: lengths of which a signed or summed number
// would be negative are refused before anything is made for them.
func TestCVE2020_27813_LengthOverflow(t *testing.T) {
	for name, v := range map[string]vector{
		"2^31":                    {"", announce(0x82, 1<<31), nil, 1009},
		"2^63-1":                  {"", announce(0x82, 1<<63-1), nil, 1009},
		"2^63":                    {"", announce(0x82, 1<<63), nil, 1002},
		"2^64-1":                  {"", announce(0x82, 1<<64-1), nil, 1002},
		"2^63-1 after a fragment": {"", join(raw(0x02, "x"), announce(0x80, 1<<63-1)), nil, 1009},
		"2^63 after a fragment":   {"", join(raw(0x02, "x"), announce(0x00, 1<<63)), nil, 1002},
		"2^64-1 after a fragment": {"", join(raw(0x02, "x"), announce(0x80, 1<<64-1)), nil, 1002},
	} {
		v.name = name
		v.run(t)
	}
}

// TestCVE2026_1526_DeflateBomb: compression is agreed on with nobody, and what
// comes compressed all the same is refused, not inflated.
func TestCVE2026_1526_DeflateBomb(t *testing.T) {
	for _, offer := range []string{
		"permessage-deflate", "permessage-deflate; client_max_window_bits", "x-webkit-deflate-frame", "permessage-bzip2",
	} {
		r := asked("Sec-Websocket-Extensions", offer)
		if err := checkHandshake(r); err != nil {
			t.Errorf("%s: %v", offer, err)
		}
		if answer := string(handshakeAnswer(r, nil, &Options{})); strings.Contains(answer, "Extensions") {
			t.Errorf("%s was agreed on:\n%s", offer, answer)
		}
	}
	bomb := string(deflated(t, 1<<20)) // a thousandth of that
	vector{"one frame", raw(0x80|0x40|1, bomb), nil, 1002}.run(t)
	vector{"first fragment", raw(0x40|2, bomb[:100]), nil, 1002}.run(t)
	vector{"later fragment", join(raw(0x02, "x"), raw(0x80|0x40, bomb)), nil, 1002}.run(t)
	vector{"not told", raw(0x82, bomb), []frame{bin(bomb)}, 0}.run(t)
}

// TestCVE2021_32640_LongHeaders: lists of a megabyte, of the kinds that took
// others seconds or hours for some kilobytes, are read within this test's time,
// and with no memory to speak of.
func TestCVE2021_32640_LongHeaders(t *testing.T) {
	const size = 1 << 20
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for name, list := range map[string]string{
		"spaces":          "b" + fill(" ") + "x",
		"tabs and commas": fill("\t ,"),
		"names":           fill("constructor,__proto__,"),
		"parameters":      fill(`a; b; c="d", `),
		"unclosed quotes": `a; b="` + fill(`\"`),
		"backslashes":     `a; b="` + fill(`\`) + "c",
		"semicolons":      "a" + fill(";"),
		"one name":        fill("x"),
	} {
		for _, header := range []string{"Sec-Websocket-Protocol", "Sec-Websocket-Extensions", "Connection", "Upgrade"} {
			r := asked(header, list)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := checkHandshake(r)
			offered := Subprotocols(r)
			runtime.ReadMemStats(&after)
			if refused := err != nil; refused != (header == "Connection" || header == "Upgrade") {
				t.Errorf("%s of %s: %v", header, name, err)
			}
			if len(offered) > maxSubprotocols {
				t.Errorf("%s of %s: %d protocols", header, name, len(offered))
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > size/4 {
				t.Errorf("%s of %s: %d bytes", header, name, n)
			}
		}
	}
}

// TestCVE2024_37890_ManyHeaders: a handshake among thousands of lines is found,
// and one whose own lines come twice is none.
func TestCVE2024_37890_ManyHeaders(t *testing.T) {
	r := asked()
	for i := range 10_000 {
		r.Header.Add("X-Filler", strings.Repeat("x", i%50))
		r.Header.Add("Connection", "x")
		r.Header.Add("Sec-Websocket-Extensions", "y")
	}
	if err := checkHandshake(r); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"Sec-Websocket-Version", "Sec-Websocket-Key"} {
		r := asked()
		r.Header.Add(name, r.Header.Get(name))
		refused, ok := checkHandshake(r).(*HandshakeError)
		if !ok || refused.Status < http.StatusBadRequest {
			t.Errorf("%s twice: %v", name, refused)
		}
	}
}

// deflated is n zeros as permessage-deflate would send them.
func deflated(t *testing.T, n int) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(make([]byte, n))
	w.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte{0, 0, 0xff, 0xff})
}
