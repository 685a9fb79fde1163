package engineio

import (
	"bufio"
	"bytes"
	"net/http"
	"reflect"
	"testing"
)

const someHead = "GET /engine.io/?EIO=4&transport=polling&t=Pxa.1-_~&sid=abc HTTP/1.1\r\nHost: mem\r\nCookie: t=1\r\n\r\n"

func TestHead(t *testing.T) {
	for _, test := range []struct {
		raw, other string
		matches    bool
	}{
		{someHead, someHead, true},
		{someHead, "GET /engine.io/?EIO=4&transport=polling&t=&sid=abc HTTP/1.1\r\nHost: mem\r\nCookie: t=1\r\n\r\n", true},
		{someHead, "GET /engine.io/?EIO=4&transport=polling&t=a%20b&sid=abc HTTP/1.1\r\nHost: mem\r\nCookie: t=1\r\n\r\n", false},
		{someHead, "GET /engine.io/?EIO=4&transport=polling&t=a&x=b&sid=abc HTTP/1.1\r\nHost: mem\r\nCookie: t=1\r\n\r\n", false},
		{someHead, "GET /engine.io/?EIO=4&transport=polling&t=a HTTP/1.1\r\n&sid=abc HTTP/1.1\r\nHost: mem\r\nCookie: t=1\r\n\r\n", false},
		{someHead, "GET /engine.io/?EIO=4&transport=polling&t=Pxa.1-_~&sid=abc HTTP/1.1\r\nHost: mem\r\nCookie: t=2\r\n\r\n", false},
		{someHead, someHead + "G", false},
		{someHead, someHead[:len(someHead)-1], false},
		{someHead, "", false},
		{"", "", false},
		{"GET /?sid=1 HTTP/1.1\r\nA: ?t=1\r\n\r\n", "GET /?sid=1 HTTP/1.1\r\nA: ?t=2\r\n\r\n", false},
		{"GET /?at=1 HTTP/1.1\r\n\r\n", "GET /?at=2 HTTP/1.1\r\n\r\n", false},
		{"GET /?t=1 HTTP/1.1\r\n\r\n", "GET /?t=22 HTTP/1.1\r\n\r\n", true},
		{"GET /?t=%41 HTTP/1.1\r\n\r\n", "GET /?t=%42 HTTP/1.1\r\n\r\n", false},
		{"GET /?t=%41&t=1 HTTP/1.1\r\n\r\n", "GET /?t=%41&t=2 HTTP/1.1\r\n\r\n", false},
	} {
		h := newHead([]byte(test.raw))
		if got := h.matches([]byte(test.other)); got != test.matches {
			t.Errorf("%q\n%q: %v", test.raw, test.other, got)
		}
	}
}

func TestAsksFor(t *testing.T) {
	for p, want := range map[string]bool{
		someHead:                                                   true,
		someHead[:len(someHead)-1]:                                 false,
		someHead + someHead:                                        false,
		"POST /?sid=abc HTTP/1.1\r\n\r\n":                          false,
		"GET /?sid=other HTTP/1.1\r\n\r\n":                         false,
		"GET /?sid=abc HTTP/1.1\r\n\r\n":                           true,
		"GET /?sid=abc HTTP/1.1\n\r\n\r\n":                         false,
		"GET /?sid=abc HTTP/1.1\r\nA: b\n\r\n":                     false,
		"GET /?sid=abc HTTP/1.1\r\nA: b\n\nGET / HTTP/1.1\r\n\r\n": false,
		"GET / HTTP/1.1\r\nA: abc\r\n\r\n":                         false,
		"":                                                         false,
	} {
		if got := asksFor([]byte(p), "abc"); got != want {
			t.Errorf("%q: %v", p, got)
		}
	}
}

// FuzzHead: what matches a head that net/http takes is one request to net/http too, the same but for t.
func FuzzHead(f *testing.F) {
	f.Add([]byte(someHead), []byte(someHead))
	f.Add([]byte("GET /?sid=abc&t=1 HTTP/1.1\r\nHost: a\r\n\r\n"), []byte("GET /?sid=abc&t=23 HTTP/1.1\r\nHost: a\r\n\r\n"))
	f.Add([]byte("GET /?t=1&sid=abc HTTP/1.1\r\nHost: a\r\n b\r\n\r\n"), []byte("GET /?t=&sid=abc HTTP/1.1\r\nHost: a\r\n b\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw, other []byte) {
		if !asksFor(raw, "abc") {
			return
		}
		r := bufio.NewReader(bytes.NewReader(raw))
		want, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		if want.ContentLength == 0 && r.Buffered() > 0 {
			t.Fatalf("%q is more than one head", raw)
		}
		h := newHead(raw)
		candidates := [][]byte{other}
		if h.from > 0 { // the other as the value of t
			candidates = append(candidates, bytes.Join([][]byte{raw[:h.from], other, raw[h.to:]}, nil))
		}
		for _, p := range candidates {
			if h.matches(p) {
				sameButT(t, want, p)
			}
		}
	})
}

func sameButT(t *testing.T, want *http.Request, p []byte) {
	r := bufio.NewReader(bytes.NewReader(p))
	got, err := http.ReadRequest(r)
	if err != nil {
		t.Fatalf("%q: %v", p, err)
	}
	q, wq := got.URL.Query(), want.URL.Query()
	if len(q["t"]) != len(wq["t"]) {
		t.Fatalf("%q", p)
	}
	q.Del("t")
	wq.Del("t")
	if !reflect.DeepEqual(q, wq) || got.URL.Path != want.URL.Path || got.Host != want.Host || got.Method != want.Method ||
		got.Proto != want.Proto || got.Close != want.Close || got.ContentLength != want.ContentLength ||
		!reflect.DeepEqual(got.Header, want.Header) || got.URL.Fragment != want.URL.Fragment {
		t.Fatalf("%+v\n%+v", got, want)
	}
}
