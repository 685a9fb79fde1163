package eioclient_test

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"

	"rightnow/engineio/eioclient"
	"rightnow/internal/memnet"
)

// byHand is a server over polling that waits for the test before it answers.
type byHand struct {
	t      testing.TB
	client *http.Client
	polls  chan chan<- string // each takes its answer
	posts  chan post
}

// post is what was posted; closing taken answers it.
type post struct {
	body  string
	taken chan struct{}
}

// servedByHand says in its handshake that it takes maxPayload bytes, unless that is 0.
func servedByHand(t testing.TB, maxPayload int) *byHand {
	h := &byHand{t: t, polls: make(chan chan<- string), posts: make(chan post)}
	limit := ""
	if maxPayload > 0 {
		limit = fmt.Sprintf(`,"maxPayload":%d`, maxPayload)
	}
	l := memnet.Listen()
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !r.URL.Query().Has("sid") {
			io.WriteString(w, `0{"sid":"s","upgrades":[],"pingInterval":60000,"pingTimeout":60000`+limit+`}`)
			return
		}
		h.serve(w, r)
	})}
	var served sync.WaitGroup
	served.Go(func() { web.Serve(l) })
	transport := &http.Transport{DialContext: l.DialContext}
	h.client = &http.Client{Transport: transport}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		web.Close()
		served.Wait()
	})
	return h
}

func (h *byHand) serve(w http.ResponseWriter, r *http.Request) {
	answer := make(chan string)
	if r.Method == http.MethodGet {
		select {
		case h.polls <- answer:
		case <-r.Context().Done():
			return
		}
		select {
		case text := <-answer:
			io.WriteString(w, text)
		case <-r.Context().Done():
		}
		return
	}
	body, _ := io.ReadAll(r.Body)
	own := post{string(body), make(chan struct{})}
	select {
	case h.posts <- own:
	case <-r.Context().Done():
		return
	}
	select {
	case <-own.taken:
		io.WriteString(w, "ok")
	case <-r.Context().Done():
	}
}

// dial returns a client of it.
func (h *byHand) dial() *peer {
	h.t.Helper()
	opts, p := (&rig{t: h.t, client: h.client}).options(eioclient.Options{Transports: []eioclient.Transport{eioclient.Polling}})
	conn, err := eioclient.Dial(h.t.Context(), "http://test", opts)
	if err != nil {
		h.t.Fatal(err)
	}
	p.Conn = conn
	return p
}

// answer answers the next poll.
func (h *byHand) answer(payload string) {
	h.t.Helper()
	receive(h.t, h.polls) <- payload
}

// take wants a POST, and answers it.
func (h *byHand) take(want string) {
	h.t.Helper()
	got := receive(h.t, h.posts)
	if got.body != want {
		h.t.Errorf("posted %q, want %q", got.body, want)
	}
	close(got.taken)
}
