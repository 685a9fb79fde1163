package ws

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// vector is one case in the manner of the Autobahn test suite, and named as it
// is there: a client's bytes against an echo server.
type vector struct {
	name string
	send []byte
	want []frame // then
	code int     // the server closes with code; 0: it does nothing, and the client closes
}

// chops are the sizes of the pieces that a vector is sent in; 0 is one piece.
var chops = []int{0, 1, 7}

// run sends the vector in one piece and in small ones.
func (v vector) run(t *testing.T) {
	for _, chop := range chops {
		t.Run(fmt.Sprintf("%s/%d", v.name, chop), func(t *testing.T) { v.runChopped(t, chop, nil) })
	}
}

func (v vector) runChopped(t *testing.T, chop int, opts *Options) {
	c, h := echoServer(t, opts)
	sent := make(chan bool)
	go func() { c.send(v.send, chop); close(sent) }() // ends when all is taken, or either end closed
	c.want(v.want...)
	if v.code == 0 {
		<-sent
		c.send(closeFrame(1000, "bye"), 0)
		c.wantClose(1000)
	} else {
		c.wantClose(v.code)
	}
	c.wantEnd()
	c.Close()
	err := <-h.ended
	var closed *CloseError
	var rule *ProtocolError
	switch {
	case v.code == 0:
		if !errors.As(err, &closed) || *closed != (CloseError{1000, "bye"}) {
			t.Errorf("ended by %v", err)
		}
	case !errors.As(err, &rule) || rule.Code != v.code:
		t.Errorf("ended by %v, want a broken rule with %d", err, v.code)
	}
}

func runAll(t *testing.T, vectors []vector) {
	for _, v := range vectors {
		v.run(t)
	}
}

func TestAutobahn1Framing(t *testing.T) {
	for i, n := range []int{0, 125, 126, 127, 128, 65535, 65536} {
		p := strings.Repeat("*", n)
		vector{fmt.Sprintf("1.1.%d", i+1), raw(0x81, p), []frame{text(p)}, 0}.run(t)
		b := strings.Repeat("\xfe", n)
		vector{fmt.Sprintf("1.2.%d", i+1), raw(0x82, b), []frame{bin(b)}, 0}.run(t)
	}
	for _, op := range []byte{0x81, 0x82} {
		p := strings.Repeat("*", 65536)
		v := vector{"", raw(op, p), []frame{{op, p}}, 0}
		t.Run(fmt.Sprintf("1.%d.8", op&0x7f), func(t *testing.T) { v.runChopped(t, 997, nil) })
	}
}

func TestAutobahn2Pings(t *testing.T) {
	var pings []byte
	var pongs []frame
	for i := range 10 {
		p := fmt.Sprintf("payload-%d", i)
		pings, pongs = append(pings, raw(0x89, p)...), append(pongs, pong(p))
	}
	odd := "\x00\xff\xfe\xfd\xfc\xfb\x00\xff"
	full := strings.Repeat("\xfe", 125)
	runAll(t, []vector{
		{"2.1", raw(0x89, ""), []frame{pong("")}, 0},
		{"2.2", raw(0x89, "Hello, world!"), []frame{pong("Hello, world!")}, 0},
		{"2.3", raw(0x89, odd), []frame{pong(odd)}, 0},
		{"2.4, 2.6", raw(0x89, full), []frame{pong(full)}, 0},
		{"2.5", raw(0x89, full+"x"), nil, 1002},
		{"2.7", raw(0x8a, ""), nil, 0},
		{"2.8", raw(0x8a, "unsolicited"), nil, 0},
		{"2.9", join(raw(0x8a, "unsolicited"), raw(0x89, "ping")), []frame{pong("ping")}, 0},
		{"2.10, 2.11", pings, pongs, 0},
	})
}

func TestAutobahn3ReservedBits(t *testing.T) {
	small, echo := raw(0x81, "Hello, world!"), []frame{text("Hello, world!")}
	ping := raw(0x89, "")
	runAll(t, []vector{
		{"3.1", raw(0x81|0x10, "*"), nil, 1002},
		{"3.2", join(small, raw(0x81|0x20, "*"), ping), echo, 1002},
		{"3.3", join(small, raw(0x81|0x30, "*"), ping), echo, 1002},
		{"3.4", join(small, raw(0x81|0x40, "*"), ping), echo, 1002},
		{"3.5", raw(0x82|0x50, "*"), nil, 1002},
		{"3.6", raw(0x89|0x60, "*"), nil, 1002},
		{"3.7", raw(0x88|0x70, ""), nil, 1002},
	})
}

func TestAutobahn4Opcodes(t *testing.T) {
	small, echo := raw(0x81, "Hello, world!"), []frame{text("Hello, world!")}
	ping := raw(0x89, "")
	for group, first := range map[int]byte{1: 0x83, 2: 0x8b} {
		name := func(i int) string { return fmt.Sprintf("4.%d.%d", group, i) }
		runAll(t, []vector{
			{name(1), raw(first, ""), nil, 1002},
			{name(2), raw(first+1, "reserved"), nil, 1002},
			{name(3), join(small, raw(first+2, ""), ping), echo, 1002},
			{name(4), join(small, raw(first+3, "reserved"), ping), echo, 1002},
			{name(5), join(small, raw(first+4, "reserved"), ping), echo, 1002},
		})
	}
}

func TestAutobahn5Fragments(t *testing.T) {
	first, last := raw(0x01, "fragment1"), raw(0x80, "fragment2")
	both := []frame{text("fragment1fragment2")}
	whole := raw(0x81, "Hello, world!")
	ping := func(s string) []byte { return raw(0x89, s) }
	runAll(t, []vector{
		{"5.1", join(raw(0x09, "fragment1"), last), nil, 1002},
		{"5.2", join(raw(0x0a, "fragment1"), last), nil, 1002},
		{"5.3-5.5", join(first, last), both, 0},
		{"5.6-5.8", join(first, ping("between"), last), []frame{pong("between"), both[0]}, 0},
		{"5.9-5.11", join(raw(0x80, "non-continuation"), whole), nil, 1002},
		{"5.12-5.14", join(raw(0x00, "non-continuation"), whole), nil, 1002},
		{"5.15", join(first, last, raw(0x00, "fragment3"), raw(0x81, "fragment4")), both, 1002},
		{"5.16", join(raw(0x00, "fragment1"), raw(0x01, "fragment2"), raw(0x80, "fragment3")), nil, 1002},
		{"5.17", join(raw(0x80, "fragment1"), raw(0x01, "fragment2"), raw(0x80, "fragment3")), nil, 1002},
		{"5.18", join(first, raw(0x81, "fragment2")), nil, 1002},
		{"5.19-5.20", join(
			raw(0x01, "fragment1"), raw(0x00, "fragment2"), ping("pongme 1!"),
			raw(0x00, "fragment3"), ping("pongme 2!"), raw(0x00, "fragment4"), raw(0x80, "fragment5"),
		), []frame{pong("pongme 1!"), pong("pongme 2!"), text("fragment1fragment2fragment3fragment4fragment5")}, 0},
		{"binary", join(raw(0x02, "\xff"), raw(0x00, "\xfe"), raw(0x80, "")), []frame{bin("\xff\xfe")}, 0},
		{"new binary inside text", join(first, raw(0x82, "")), nil, 1002},
	})
}

func TestAutobahn7Close(t *testing.T) {
	first, last := raw(0x01, "fragment1"), raw(0x80, "fragment2")
	hello, bye := raw(0x81, "Hello World!"), closeFrame(1000, "")
	big := strings.Repeat("BAsd7&jh23", 26*1024)
	reason := strings.Repeat("*", 123)
	type closeVector struct {
		name string
		send []byte
		want []frame
		code int         // of the server's close frame
		end  *CloseError // nil: the client broke a rule
	}
	cases := []closeVector{
		{"7.1.1", join(hello, bye), []frame{text("Hello World!")}, 1000, &CloseError{1000, ""}},
		{"7.1.2", join(bye, bye), nil, 1000, &CloseError{1000, ""}},
		{"7.1.3", join(bye, raw(0x89, "")), nil, 1000, &CloseError{1000, ""}},
		{"7.1.4", join(bye, hello), nil, 1000, &CloseError{1000, ""}},
		{"7.1.5", join(first, bye, last), nil, 1000, &CloseError{1000, ""}},
		{"7.1.6", join(raw(0x81, big), hello, bye, raw(0x89, "")), []frame{text(big), text("Hello World!")}, 1000, &CloseError{1000, ""}},
		{"7.3.1", raw(0x88, ""), nil, 1005, &CloseError{1005, ""}},
		{"7.3.2", raw(0x88, "\x03"), nil, 1002, nil},
		{"7.3.3", bye, nil, 1000, &CloseError{1000, ""}},
		{"7.3.4", closeFrame(1000, "Hello World!"), nil, 1000, &CloseError{1000, "Hello World!"}},
		{"7.3.5", closeFrame(1000, reason), nil, 1000, &CloseError{1000, reason}},
		{"7.3.6", closeFrame(1000, reason+"*"), nil, 1002, nil},
		{"7.5.1", closeFrame(1000, "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"), nil, 1007, nil},
		{"fragmented close", join(raw(0x08, "\x03"), raw(0x80, "\xe8")), nil, 1002, nil},
	}
	for _, code := range []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999} {
		cases = append(cases, closeVector{fmt.Sprint("7.7 ", code), closeFrame(code, ""), nil, code, &CloseError{code, ""}})
	}
	for _, code := range []int{0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535} {
		cases = append(cases, closeVector{fmt.Sprint("7.9, 7.13 ", code), closeFrame(code, ""), nil, 1002, nil})
	}
	for _, v := range cases {
		for _, chop := range chops {
			t.Run(fmt.Sprintf("%s/%d", v.name, chop), func(t *testing.T) {
				c, h := echoServer(t, nil)
				go c.send(v.send, chop)
				c.want(v.want...)
				c.wantClose(v.code)
				c.wantEnd()
				c.Close()
				var closed *CloseError
				var rule *ProtocolError
				switch err := <-h.ended; {
				case v.end == nil:
					if !errors.As(err, &rule) || rule.Code != v.code {
						t.Errorf("ended by %v", err)
					}
				case !errors.As(err, &closed) || *closed != *v.end:
					t.Errorf("ended by %v, want %v", err, v.end)
				}
			})
		}
	}
}

// Large messages, whole, in fragments and in small writes.
func TestAutobahn9Limits(t *testing.T) {
	opts := &Options{MaxMessage: 16 << 20, MaxFragments: 1 << 16, QueueLimit: 32 << 20}
	sizes := []int{64 << 10, 256 << 10, 1 << 20, 4 << 20, 8 << 20, 16 << 20}
	for i, n := range sizes {
		for op, fill := range map[byte]string{1: "é", 2: "\xfe\xff"} {
			p := strings.Repeat(fill, n/2)
			v := vector{"", raw(0x80|op, p), []frame{{0x80 | op, p}}, 0}
			t.Run(fmt.Sprintf("9.%d.%d", op, i+1), func(t *testing.T) { v.runChopped(t, 0, opts) })
		}
	}
	p := strings.Repeat("€", 4<<20/3)
	if raceEnabled {
		p = p[:1<<20/3*3] // the detector makes it ten times slower
	}
	for i, size := range []int{64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20} {
		for op := byte(1); op <= 2; op++ {
			v := vector{"", fragments(op, p, size), []frame{{0x80 | op, p}}, 0}
			t.Run(fmt.Sprintf("9.%d.%d", op+2, i+1), func(t *testing.T) { v.runChopped(t, 0, opts) })
		}
	}
	p = p[:1<<20/3*3]
	for i, chop := range []int{64, 128, 256, 512, 1024, 2048} {
		for op := byte(1); op <= 2; op++ {
			v := vector{"", raw(0x80|op, p), []frame{{0x80 | op, p}}, 0}
			t.Run(fmt.Sprintf("9.%d.%d", op+4, i+1), func(t *testing.T) { v.runChopped(t, chop, opts) })
		}
	}
}

// Many echoes one after another, over the same connection: 9.7 with text, 9.8
// with binary messages.
func TestAutobahn9RoundTrips(t *testing.T) {
	c, _ := echoServer(t, nil)
	for _, n := range []int{0, 16, 64, 256, 1024, 4096, 16384, 65536} {
		for op, fill := range map[byte]string{0x81: "*", 0x82: "\xfe"} {
			p := strings.Repeat(fill, n)
			for range 50 {
				c.send(raw(op, p), 0)
				c.want(frame{op, p})
			}
		}
	}
}

func TestAutobahn10Fragments(t *testing.T) {
	p := strings.Repeat("*", 65536)
	vector{"10.1.1", fragments(1, p, 1300), []frame{text(p)}, 0}.run(t)
}

// fragments cuts a message into frames of size bytes.
func fragments(op byte, p string, size int) []byte {
	var b bytes.Buffer
	for first := op; ; first = 0 {
		n := min(size, len(p))
		if n == len(p) {
			first |= 0x80
		}
		b.Write(raw(first, p[:n]))
		if p = p[n:]; p == "" {
			return b.Bytes()
		}
	}
}
