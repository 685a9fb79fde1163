package eiowire

import (
	"bytes"
	"errors"
	"testing"
)

// The bytes are those of engine.io-parser 2, with which clients of protocol 3 speak.
func TestPayload3(t *testing.T) {
	for name, c := range map[string]struct {
		got  []byte
		want string
	}{
		"text":            {AppendText3(nil, Message, []byte("hello")), "6:4hello"},
		"ping":            {AppendText3(nil, Ping, nil), "1:2"},
		"utf-8":           {AppendText3(nil, Message, []byte("\u20ac")), "2:4\u20ac"},
		"astral":          {AppendText3(nil, Message, []byte("😀")), "3:4😀"},
		"binary in text":  {AppendBinary3(nil, []byte{1, 2, 3, 4}), "10:b4AQIDBA=="},
		"text in binary":  {AppendTextFrame3(nil, Message, []byte("\u20ac")), "\x00\x04\xff4\u20ac"},
		"binary":          {AppendBinaryFrame3(nil, []byte{1, 2}), "\x01\x03\xff\x04\x01\x02"},
		"length in bytes": {AppendBinaryFrame3(nil, make([]byte, 11)), "\x01\x01\x02\xff\x04" + string(make([]byte, 11))},
	} {
		if string(c.got) != c.want {
			t.Errorf("%s: %q, not %q", name, c.got, c.want)
		}
	}
}

func TestCut3(t *testing.T) {
	packet, rest, err := Cut3([]byte("3:4😀1:2x"))
	if err != nil || string(packet) != "4😀" || string(rest) != "1:2x" {
		t.Errorf("%q, %q, %v", packet, rest, err)
	}
	for _, bad := range []string{"", ":", "1", "1:", "2:4", "x:4", "-1:4", "1:😀", "99999999999:4", "1;4"} {
		if packet, _, err := Cut3([]byte(bad)); !errors.Is(err, ErrPacket) {
			t.Errorf("%q: %q, %v", bad, packet, err)
		}
	}
	if packet, rest, err := Cut3([]byte("0:1:2")); err != nil || len(packet) != 0 || string(rest) != "1:2" {
		t.Errorf("an empty one: %q, %q, %v", packet, rest, err)
	}
}

func TestParse3(t *testing.T) {
	for in, want := range map[string]Packet{
		"4hi":        {Type: Message, Data: []byte("hi")},
		"b4AQIDBA==": {Type: Message, Binary: true, Data: []byte{1, 2, 3, 4}},
		"2probe":     {Type: Ping, Data: []byte("probe")},
	} {
		got, err := Parse3([]byte(in))
		if err != nil || got.Type != want.Type || got.Binary != want.Binary || !bytes.Equal(got.Data, want.Data) {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
	}
	for _, bad := range []string{"", "b", "bAQID", "b2", "7"} {
		if p, err := Parse3([]byte(bad)); err != ErrPacket {
			t.Errorf("%q: %+v, %v", bad, p, err)
		}
	}
}

func TestCutFrame3(t *testing.T) {
	p, rest, err := CutFrame3([]byte("\x01\x03\xff\x04\x01\x02rest"))
	if err != nil || !p.Binary || string(p.Data) != "\x01\x02" || string(rest) != "rest" {
		t.Errorf("%+v, %q, %v", p, rest, err)
	}
	for _, bad := range []string{"", "\x00", "\x00\x01\xff", "\x02\x01\xff4", "\x00\xff4", "\x00\x0a\xff4", "\x00\x00\xff", "\x01\x01\xff\x03", "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x00\x01\xff4"} {
		if p, _, err := CutFrame3([]byte(bad)); err != ErrPacket {
			t.Errorf("%q: %+v, %v", bad, p, err)
		}
	}
}

// FuzzPayload3 walks any payload: no panic, and what is read is written again as it was.
func FuzzPayload3(f *testing.F) {
	for _, s := range []string{"6:4hello1:2", "10:b4AQIDBA==", "3:4😀", "\x00\x04\xff4\u20ac\x01\x03\xff\x04\x01\x02", "0:", "1:\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		for rest := bytes.Clone(payload); len(rest) > 0; {
			packet, left, err := Cut3(rest)
			if err != nil {
				break
			}
			if len(left) >= len(rest) {
				t.Fatalf("%q leaves %q", rest, left)
			}
			rest = left
			if p, err := Parse3(bytes.Clone(packet)); err == nil && !p.Binary && bytes.Equal(bytes.ToValidUTF8(packet, nil), packet) {
				again, end, err := Cut3(AppendText3(nil, p.Type, p.Data))
				if err != nil || !bytes.Equal(again, packet) || len(end) > 0 {
					t.Fatalf("%q became %q", packet, again)
				}
			}
		}
		for rest := bytes.Clone(payload); len(rest) > 0; {
			p, left, err := CutFrame3(rest)
			if err != nil {
				return
			}
			frame := AppendTextFrame3(nil, p.Type, p.Data)
			if p.Binary {
				frame = AppendBinaryFrame3(nil, p.Data)
			}
			if q, end, err := CutFrame3(frame); err != nil || q.Type != p.Type || q.Binary != p.Binary || !bytes.Equal(q.Data, p.Data) || len(end) > 0 {
				t.Fatalf("%+v became %+v, %v", p, q, err)
			}
			rest = left
		}
	})
}
