package eiowire

import (
	"bytes"
	"encoding/base64"
	"testing"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]Packet{
		"0{}":          {Type: Open, Data: []byte("{}")},
		"1":            {Type: Close},
		"2probe":       {Type: Ping, Data: []byte("probe")},
		"3":            {Type: Pong},
		"4hello":       {Type: Message, Data: []byte("hello")},
		"4":            {Type: Message},
		"4\u20ac":      {Type: Message, Data: []byte("\u20ac")},
		"5":            {Type: Upgrade},
		"6":            {Type: Noop},
		"b":            {Type: Message, Binary: true},
		"bAQIDBA==":    {Type: Message, Binary: true, Data: []byte{1, 2, 3, 4}},
		"bAQIDBA":      {Type: Message, Binary: true, Data: []byte{1, 2, 3, 4}},
		"b-_-_":        {Type: Message, Binary: true, Data: []byte{0xfb, 0xff, 0xbf}},
		"bA!Q\nI DBA=": {Type: Message, Binary: true, Data: []byte{1, 2, 3, 4}},
		"b====AQID":    {Type: Message, Binary: true},
	} {
		got, err := Parse([]byte(in))
		if err != nil || got.Type != want.Type || got.Binary != want.Binary || !bytes.Equal(got.Data, want.Data) {
			t.Errorf("Parse(%q) = %+v, %v; want %+v", in, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, in := range []string{"", "7", "abc", "/", "B", "\x00", "\x1e", "\xff", " 4"} {
		if p, err := Parse([]byte(in)); err != ErrPacket {
			t.Errorf("Parse(%q) = %+v, %v; want ErrPacket", in, p, err)
		}
	}
}

func TestAppend(t *testing.T) {
	if got := AppendText([]byte("x"), Message, []byte("hi")); string(got) != "x4hi" {
		t.Errorf("AppendText: %q", got)
	}
	for n := range 20 {
		data := bytes.Repeat([]byte{0xa5}, n)
		got := AppendBinary(nil, data)
		if want := "b" + base64.StdEncoding.EncodeToString(data); string(got) != want || len(got) != BinarySize(n) {
			t.Errorf("AppendBinary(%d bytes) = %q, BinarySize %d; want %q", n, got, BinarySize(n), want)
		}
	}
}

func TestAppendOpen(t *testing.T) {
	h := Handshake{SID: `a"b`, Upgrades: []string{"websocket", "x"}, PingInterval: 300, PingTimeout: 200, MaxPayload: 1e6}
	want := `0{"sid":"a\"b","upgrades":["websocket","x"],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}`
	if got := string(AppendOpen(nil, h)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	want = `0{"sid":"","upgrades":[],"pingInterval":0,"pingTimeout":0,"maxPayload":0}`
	if got := string(AppendOpen(nil, Handshake{})); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestCut(t *testing.T) {
	for in, want := range map[string][]string{
		"":                 {""},
		"4a":               {"4a"},
		"4a\x1e4b\x1ebAQ=": {"4a", "4b", "bAQ="},
		"4a\x1e":           {"4a", ""},
		"\x1e\x1e":         {"", "", ""},
	} {
		var got []string
		for p, rest, more := Cut([]byte(in)); ; p, rest, more = Cut(rest) {
			got = append(got, string(p))
			if !more {
				break
			}
		}
		if len(got) != len(want) {
			t.Errorf("Cut(%q): %q, want %q", in, got, want)
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("Cut(%q): %q, want %q", in, got, want)
			}
		}
	}
}

// TestSeparatorFlood walks a payload of nothing but separators without allocating.
func TestSeparatorFlood(t *testing.T) {
	flood := bytes.Repeat([]byte{Separator}, 1_000_000)
	packets := 0
	allocs := testing.AllocsPerRun(1, func() {
		packets = 0
		for _, rest, more := Cut(flood); more; _, rest, more = Cut(rest) {
			packets++
		}
	})
	if packets != len(flood) || allocs != 0 {
		t.Errorf("%d packets, %v allocations; want %d and 0", packets, allocs, len(flood))
	}
}

func TestParseDoesNotAllocate(t *testing.T) {
	text, binary := []byte("4hello"), []byte("bAQIDBAUG")
	if n := testing.AllocsPerRun(100, func() {
		if _, err := Parse(text); err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(binary); err != nil {
			t.Fatal(err)
		}
		copy(binary, "bAQIDBAUG")
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
