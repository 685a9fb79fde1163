package engineio

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// wire is a client that sees the very bytes of one connection.
type wire struct {
	t testing.TB
	net.Conn
	r *bufio.Reader
}

func (r *rig) wire() *wire {
	c := r.dial()
	r.t.Cleanup(func() { c.Close() })
	return &wire{r.t, c, bufio.NewReader(c)}
}

func (w *wire) send(text string) {
	w.t.Helper()
	if _, err := io.WriteString(w.Conn, text); err != nil {
		w.t.Fatal(err)
	}
}

// answer reads one response as it is, but for the date.
func (w *wire) answer() (head, body string) {
	w.t.Helper()
	length := 0
	for {
		line, err := w.r.ReadString('\n')
		if err != nil {
			w.t.Fatalf("head %q: %v", head, err)
		}
		head += line
		if value, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			length, _ = strconv.Atoi(strings.TrimSpace(value))
		}
		if line == "\r\n" {
			break
		}
	}
	b := make([]byte, length)
	if _, err := io.ReadFull(w.r, b); err != nil {
		w.t.Fatalf("body after %q: %v", head, err)
	}
	return date.ReplaceAllString(head, "Date: now\r\n"), string(b)
}

var date = regexp.MustCompile(`Date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n`)

// want reads a response of that status and body.
func (w *wire) want(status int, body string) {
	w.t.Helper()
	head, got := w.answer()
	if !strings.HasPrefix(head, fmt.Sprintf("HTTP/1.1 %d ", status)) || got != body {
		w.t.Fatalf("got %q %.200q, want %d %.200q", head, got, status, body)
	}
}

// wantEnd wants the server to close the connection.
func (w *wire) wantEnd() {
	w.t.Helper()
	if b, err := w.r.ReadByte(); err == nil {
		w.t.Fatalf("byte %q, want the end", b)
	}
}

// getHead is a poll as a request.
func getHead(session string, header ...string) string {
	return rawRequest("GET", session, header...)
}

// theLane returns the only lane once it is free or waits as wanted, with the polls it has served.
func (r *rig) theLane() (l *lane, served int) {
	r.t.Helper()
	if !eventually(func() bool {
		lanes := r.openLanes()
		if len(lanes) != 1 {
			return false
		}
		l = lanes[0]
		l.mu.Lock()
		defer l.mu.Unlock()
		served = l.served
		return len(l.head.raw) > 0
	}) {
		r.t.Fatalf("lanes: %d", len(r.openLanes()))
	}
	return l, served
}

// noLane wants every connection to be net/http's.
func (r *rig) noLane() {
	r.t.Helper()
	if !eventually(func() bool { return len(r.openLanes()) == 0 }) {
		r.t.Fatalf("%d lanes are left", len(r.openLanes()))
	}
}

// onLane opens a session and polls it on one connection until its polls pass net/http by.
func (r *rig) onLane(header ...string) (p *tap, session string, w *wire) {
	r.t.Helper()
	p, session = r.open()
	w = r.wire()
	for range firstPolls + 1 {
		r.pass(p, session, w, header...)
	}
	r.theLane()
	return p, session, w
}

// pass has one message go over a poll.
func (r *rig) pass(p *tap, session string, w *wire, header ...string) {
	r.t.Helper()
	p.say(TextFrame([]byte("x")))
	w.send(getHead(session, header...))
	w.want(200, "4x")
}

// waits lets the lane's poll wait.
func (r *rig) waits(p *tap, session string, w *wire) {
	r.t.Helper()
	w.send(getHead(session))
	if !eventually(p.waiting) {
		r.t.Fatal("no poll waits")
	}
}
