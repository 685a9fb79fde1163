package engineio_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"

	"rightnow/engineio"
)

// echo sends every message back. It copies what it keeps: data is valid only until OnMessage returns.
type echo struct{ session *engineio.Session }

func (e echo) OnMessage(data []byte, binary bool) {
	data = bytes.Clone(data)
	f := engineio.TextFrame(data)
	if binary {
		f = engineio.BinaryFrame(data)
	}
	if dirty, err := e.session.Send(f); err == nil && dirty {
		e.session.Flush()
	}
}

func (e echo) OnClose(reason engineio.Reason, _ error) {
	fmt.Println("closed:", reason)
}

// An echo server, and a client that speaks long-polling by hand.
func Example() {
	server := engineio.New(&engineio.Options{
		OnSession: func(s *engineio.Session) engineio.SessionHandler { return echo{s} },
	})
	mux := http.NewServeMux()
	mux.Handle("/engine.io/", server)
	hs := httptest.NewServer(mux)
	defer hs.Close()

	url := hs.URL + "/engine.io/?EIO=4&transport=polling"
	open := get(url)
	fmt.Println(strings.Contains(open, `"upgrades":["websocket"]`))

	_, sid, _ := strings.Cut(open, `"sid":"`)
	url += "&sid=" + sid[:20]
	fmt.Println(post(url, "4hello\x1ebAQID"))
	fmt.Printf("%q\n", get(url))
	fmt.Println(post(url, "1"))
	fmt.Println(get(url))
	// Unordered output:
	// true
	// ok
	// "4hello\x1ebAQID"
	// ok
	// closed: transport close
	// 6
}

// One frame for all: it is encoded once, and everybody gets the same bytes.
func ExampleFrame() {
	server := engineio.New(nil)
	hs := httptest.NewServer(server)
	defer hs.Close()
	for range 3 {
		get(hs.URL + "?EIO=4&transport=polling")
	}

	f := engineio.TextFrame([]byte(`2["news","something happened"]`))
	var dirty []*engineio.Session
	for s := range server.Sessions() {
		if first, err := s.Send(f); err == nil && first {
			dirty = append(dirty, s)
		}
	}
	for _, s := range dirty {
		s.Flush()
	}
	fmt.Println(len(dirty), "sessions,", f.Size(), "bytes each")
	// Output: 3 sessions, 33 bytes each
}

// A page of another origin is refused unless it is listed.
func ExampleOptions_origins() {
	server := engineio.New(&engineio.Options{Origins: []string{"https://*.example.com"}})
	for _, origin := range []string{"https://app.example.com", "https://example.org"} {
		r := httptest.NewRequest("GET", "/engine.io/?EIO=4&transport=polling", nil)
		r.Header.Set("Origin", origin)
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		fmt.Println(origin, w.Code)
	}
	// Output:
	// https://app.example.com 200
	// https://example.org 403
}

// Which origins may connect can be computed, too: here by a regular expression. Where "*" lets all in, the
// server's own has to pass as well.
func ExampleOptions_allowRequest() {
	ours := regexp.MustCompile(`^https://(pr-\d+\.)?example\.com$`)
	server := engineio.New(&engineio.Options{
		Origins: []string{"*"},
		AllowRequest: func(r *http.Request) error {
			if origin := r.Header.Get("Origin"); origin != "" && !ours.MatchString(origin) {
				return errors.New("a page of another origin")
			}
			return nil
		},
	})
	for _, origin := range []string{"https://example.com", "https://pr-7.example.com", "https://pr-x.example.com"} {
		r := httptest.NewRequest("GET", "/engine.io/?EIO=4&transport=polling", nil)
		r.Header.Set("Origin", origin)
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		fmt.Println(origin, w.Code)
	}
	// Output:
	// https://example.com 200
	// https://pr-7.example.com 200
	// https://pr-x.example.com 403
}

func get(url string) string {
	res, err := http.Get(url)
	return body(res, err)
}

func post(url, packets string) string {
	res, err := http.Post(url, "text/plain;charset=UTF-8", strings.NewReader(packets))
	return body(res, err)
}

func body(res *http.Response, err error) string {
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	if err != nil {
		return err.Error()
	}
	return string(all)
}
