package feed

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// readLines reads all lines; one that is too long is "!".
func readLines(r io.Reader, limit int) (lines []string, end error) {
	l := NewLines(r, limit)
	for {
		line, err := l.Next()
		switch {
		case err == ErrTooLong:
			lines = append(lines, "!")
		case err != nil:
			return lines, err
		default:
			lines = append(lines, string(line))
		}
	}
}

func TestLines(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	for _, test := range []struct {
		in    string
		limit int
		want  string
		end   error
	}{
		{"", 9, "[]", io.EOF},
		{"a\nb\r\nc\rd\n", 9, `["a" "b" "c" "d"]`, io.EOF},
		{"\n\r\n\r\r\n\n", 9, `["" "" "" "" ""]`, io.EOF},
		{"whole\ndelete 1089143", 99, `["whole"]`, io.ErrUnexpectedEOF},
		{"a\r", 9, `["a"]`, io.EOF},
		{"123456789\n1234567890\nnext\n", 9, `["123456789" "!" "next"]`, io.EOF},
		{long + "\n" + long + "\r\nnext\n", 9999, `["!" "!" "next"]`, io.EOF},
		{long, 9, "[]", io.ErrUnexpectedEOF},
		{long + "\n", 10_000, fmt.Sprintf("[%q]", long), io.EOF},
	} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(test.in), "bytes": iotest.OneByteReader(strings.NewReader(test.in)),
			"late EOF": iotest.DataErrReader(strings.NewReader(test.in))} {
			lines, end := readLines(r, test.limit)
			if got := fmt.Sprintf("%q", lines); got != test.want || end != test.end {
				t.Errorf("%.20q, %s: %.60s, %v; want %.60s, %v", test.in, name, got, end, test.want, test.end)
			}
		}
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("a\r\nb\rc\n\nd"), 3, 2)
	f.Add([]byte(strings.Repeat("long", 20)+"\nx\n"), 50, 5)
	f.Fuzz(func(t *testing.T, in []byte, limit, piece int) {
		limit = min(max(limit, 1), 1<<16)
		got, end := readLines(&pieces{in, max(piece, 1)}, limit)
		// The model: both ends of lines become one, and what has none is nothing.
		text := strings.ReplaceAll(strings.ReplaceAll(string(in), "\r\n", "\n"), "\r", "\n")
		want := strings.Split(text, "\n")
		rest := want[len(want)-1]
		want = want[:len(want)-1]
		for i := range want {
			if len(want[i]) > limit {
				want[i] = "!"
			}
		}
		if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Errorf("%q, want %q", got, want)
		}
		if (end == io.EOF) != (rest == "") {
			t.Errorf("%v, with %q left", end, rest)
		}
	})
}

// pieces reads a few bytes at a time.
type pieces struct {
	left []byte
	size int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.left) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.left[:min(p.size, len(p.left))])
	p.left = p.left[n:]
	return n, nil
}

// readEvents reads all events in a short form: type:data#id, "·" for a beat and
// "!" for one that is too long.
func readEvents(r io.Reader, limit int) (events []string, end error) {
	s := NewSSE(r, limit)
	for {
		e, beat, err := s.Next()
		switch {
		case err == ErrTooLong:
			events = append(events, "!")
		case err != nil:
			return events, err
		case beat:
			events = append(events, "·")
		default:
			events = append(events, fmt.Sprintf("%s:%s#%s", e.Type, e.Data, e.ID))
		}
	}
}

func TestSSE(t *testing.T) {
	for _, test := range []struct {
		in   string
		want string
		end  error
	}{
		{"", "[]", io.EOF},
		{":ok\n\n", "[· ·]", io.EOF},
		{"data: a\n\n", "[message:a#]", io.EOF},
		{"\ufeffdata: a\n\n", "[message:a#]", io.EOF},
		{"\ufeff\ufeffdata: a\n\n", "[·]", io.EOF},
		{"event: update\ndata: a\nid: 1\n\ndata: b\n\n", "[update:a#1 message:b#1]", io.EOF},
		{"data:a\ndata:  b\ndata\n\n", "[message:a\n b\n#]", io.EOF},
		{"data: a\n:thump\ndata: b\n\n", "[· message:a\nb#]", io.EOF},
		{"data\n\n", "[message:#]", io.EOF},
		{"event: x\n\ndata: a\n\n", "[· message:a#]", io.EOF},
		{"id: 1\n\ndata: a\n\n", "[· message:a#1]", io.EOF},
		{"id: 1\ndata: a\n\nid\ndata: b\n\n", "[message:a#1 message:b#]", io.EOF},
		{"id: 1\x00\ndata: a\n\n", "[message:a#]", io.EOF},
		{"retry: 5\nfoo: bar\nDATA: x\ndata: a\n\n", "[message:a#]", io.EOF},
		{"data: a\r\n\r\ndata: b\r\rdata: c\n\n", "[message:a# message:b# message:c#]", io.EOF},
		// What is cut is discarded, with its id.
		{"data: a\n", "[]", io.ErrUnexpectedEOF},
		{"id: 7\ndata: 1089143", "[]", io.ErrUnexpectedEOF},
		{"event: delete\n", "[]", io.ErrUnexpectedEOF},
		{"data: " + strings.Repeat("x", 40) + "\n\ndata: b\n\n", "[! message:b#]", io.EOF},
		{strings.Repeat("data: 12345678\n", 5) + "\ndata: b\n\n", "[! message:b#]", io.EOF},
		{"id: 7\ndata: " + strings.Repeat("x", 40) + "\n\ndata: b\n\n", "[! message:b#]", io.EOF},
		{strings.Repeat("x", 40) + "\n", "[]", io.ErrUnexpectedEOF},
	} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(test.in), "bytes": iotest.OneByteReader(strings.NewReader(test.in))} {
			events, end := readEvents(r, 32)
			if got := fmt.Sprint(events); got != test.want || end != test.end {
				t.Errorf("%q, %s: %s, %v; want %s, %v", test.in, name, got, end, test.want, test.end)
			}
		}
	}
}

func TestSSELastID(t *testing.T) {
	s := NewSSE(strings.NewReader("retry: 1500\nid: 1\ndata: a\n\nid: 2\ndata: b\n"), 99)
	for {
		if _, _, err := s.Next(); err != nil {
			break
		}
	}
	if s.LastID() != "1" || s.Retry() != 1500*time.Millisecond {
		t.Errorf("id %q, retry %v", s.LastID(), s.Retry())
	}
}

func FuzzSSE(f *testing.F) {
	f.Add([]byte(":ok\n\nevent: message\nid: [1]\ndata: {\"a\":\ndata: 1}\n\n: thump\n\n"), 3)
	f.Add([]byte("\ufeffdata: x\r\rid\revent:e\rdata\r\r\n"), 1)
	f.Add([]byte("data: "+strings.Repeat("x", 300)+"\n\ndata: y\n\n"), 7)
	f.Fuzz(func(t *testing.T, in []byte, piece int) {
		const limit = 256
		whole, end := readEvents(bytes.NewReader(in), limit)
		parts, end2 := readEvents(&pieces{in, max(piece, 1)}, limit)
		if fmt.Sprint(whole) != fmt.Sprint(parts) || !errors.Is(end, end2) {
			t.Errorf("whole: %q, %v; in pieces: %q, %v", whole, end, parts, end2)
		}
		for _, e := range whole {
			if len(e) > 4*limit {
				t.Errorf("an event of %d bytes", len(e))
			}
		}
		// Nothing that follows a cut changes what came before it.
		cut, _ := readEvents(bytes.NewReader(in[:len(in)/2]), limit)
		if len(cut) > len(whole) || fmt.Sprint(cut) != fmt.Sprint(whole[:len(cut)]) {
			t.Errorf("cut: %q, whole: %q", cut, whole)
		}
	})
}
