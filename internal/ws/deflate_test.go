package ws

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestOffersOfDeflate(t *testing.T) {
	for offer, want := range map[string]bool{
		"":                   false,
		"permessage-deflate": true,
		"permessage-deflate; client_max_window_bits":                                 true, // browsers
		"PerMessage-Deflate; server_no_context_takeover; client_no_context_takeover": true,
		"permessage-deflate; client_max_window_bits=8; server_max_window_bits=15":    true,
		`permessage-deflate; client_max_window_bits="10"`:                            true,
		"permessage-deflate; server_max_window_bits=10":                              false,
		"permessage-deflate; server_max_window_bits=10, permessage-deflate":          true,
		"permessage-deflate; server_max_window_bits":                                 false,
		"permessage-deflate; client_max_window_bits=7":                               false,
		"permessage-deflate; server_no_context_takeover=1":                           false,
		"permessage-deflate; client_max_window_bits; client_max_window_bits":         false,
		"permessage-deflate; unknown":                                                false,
		"permessage-bzip2":                                                           false,
		strings.Repeat("x, ", 20) + "permessage-deflate":                             false, // behind more than is looked at
	} {
		if got := offersDeflate([]string{offer}); got != want {
			t.Errorf("%q: %v", offer, got)
		}
	}
}

// unzipped parses frames of ours, as a client would, and returns what they say.
func unzipped(t *testing.T, wire []byte) (first byte, message string) {
	t.Helper()
	f, err := readFrame(bytes.NewReader(wire))
	if err != nil {
		t.Fatal(err)
	}
	if f.first&bitRSV1 == 0 {
		return f.first, f.payload
	}
	err = inflate([]byte(f.payload), 1<<20, func(b []byte) error {
		message = string(b)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return f.first, message
}

func TestDeflatedFrames(t *testing.T) {
	for _, text := range []string{strings.Repeat("hello ", 100), strings.Repeat("x", 100_000), "x", ""} {
		for range 3 { // the deflaters are used again
			first, got := unzipped(t, AppendDeflated(nil, OpText, []byte(text)))
			if got != text {
				t.Fatalf("%.20q came back as %.20q", text, got)
			}
			if zipped := first&bitRSV1 != 0; zipped != (len(text) > 1) {
				t.Errorf("%.20q: compressed %v", text, zipped)
			}
		}
	}
}

// zip compresses a payload as clients do.
func zip(t testing.TB, payload string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 9)
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte(payload))
	w.Flush()
	return strings.TrimSuffix(b.String(), deflateTail)
}

func TestCompressedMessages(t *testing.T) {
	hello := strings.Repeat("hello ", 50)
	zipped := zip(t, hello)
	bomb := zip(t, strings.Repeat("\x00", 1_000_000))
	for name, c := range map[string]struct {
		wire []byte
		want string // the end of the transcript
	}{
		"whole":             {raw(0xc1, zipped), fmt.Sprintf("message 1 %q", hello)},
		"binary":            {raw(0xc2, zipped), fmt.Sprintf("message 2 %q", hello)},
		"in fragments":      {join(raw(0x41, zipped[:5]), raw(0x00, zipped[5:7]), raw(0x89, ""), raw(0x80, zipped[7:])), fmt.Sprintf("message 1 %q", hello)},
		"empty":             {raw(0xc1, "\x00"), `message 1 ""`},
		"beside plain ones": {join(raw(0xc1, zipped), raw(0x81, "plain")), `message 1 "plain"`},
		"a bomb":            {raw(0xc2, bomb), (&ProtocolError{codeTooBig, "message too big"}).Error()},
		"no deflate":        {raw(0xc2, "\xff\xff\xff"), broken("bad compression").Error()},
		"cut":               {raw(0xc1, zipped[:len(zipped)-3]), ""},
		"no UTF-8":          {raw(0xc1, zip(t, "\xff\xfe")), errNotUTF8().Error()},
		"on a continuation": {join(raw(0x01, "a"), raw(0xc0, "b")), broken("reserved bits set").Error()},
		"on a control":      {raw(0xc9, "a"), broken("reserved bits set").Error()},
		"another bit":       {raw(0xe1, zipped), broken("reserved bits set").Error()},
	} {
		t.Run(name, func(t *testing.T) {
			for cut := range min(len(c.wire), 60) {
				ps := newParser(1000, 10)
				ps.deflate = true
				tr := parse(ps, c.wire, cut)
				last := tr.events[len(tr.events)-1]
				if c.want == "" && tr.err == nil || c.want != "" && last != c.want {
					t.Fatalf("cut at %d: %.100q", cut, tr.events)
				}
			}
		})
	}
	if tr := parse(newParser(1000, 10), raw(0xc1, zipped)); tr.err == nil {
		t.Error("compressed where nothing was agreed")
	}
}

func TestInflateStopsAtTheLimit(t *testing.T) {
	bomb := []byte(zip(t, strings.Repeat("x", 10<<20)))
	var big *ProtocolError
	if err := inflate(bomb, 1000, func([]byte) error { return errors.New("delivered") }); !errors.As(err, &big) || big.Code != codeTooBig {
		t.Errorf("got %v", err)
	}
	if err := inflate([]byte(zip(t, strings.Repeat("x", 1000))), 1000, func([]byte) error { return nil }); err != nil {
		t.Errorf("exactly the limit: %v", err)
	}
}

// FuzzInflate: whatever is unpacked is packed again and comes back; nothing is over the limit.
func FuzzInflate(f *testing.F) {
	f.Add([]byte(zip(f, "hello hello hello")))
	f.Add([]byte("\x00"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		var message []byte
		if inflate(data, 5000, func(b []byte) error { message = bytes.Clone(b); return nil }) != nil {
			return
		}
		if len(message) > 5000 {
			t.Fatalf("%d bytes", len(message))
		}
		if _, again := unzipped(t, AppendDeflated(nil, OpBinary, message)); again != string(message) {
			t.Fatal("another message came back")
		}
	})
}

func BenchmarkAppendDeflated(b *testing.B) {
	payload := []byte(strings.Repeat(`{"user":"ann","text":"Hello, world!"}`, 100))
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	var dst []byte
	for b.Loop() {
		dst = AppendDeflated(dst[:0], OpText, payload)
	}
}
