package loadgen

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"rightnow/internal/loadgen/target"
)

// patience is how long a test waits for something that is sure to come.
const patience = 30 * time.Second

// startTarget serves the contract until the test ends, and returns its URL.
func startTarget(t *testing.T) string {
	t.Helper()
	io := target.New()
	server := httptest.NewServer(http.HandlerFunc(io.ServeHTTP))
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := io.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
	})
	return server.URL
}

// startScript serves each connection with script until the test ends; script has
// to return when its connection is closed.
func startScript(t *testing.T, script func(*peer)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex // guards conns
	var conns []net.Conn
	all.Go(func() { // ends when the listener is closed
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			all.Go(func() {
				defer conn.Close()
				script(&peer{conn, bufio.NewReader(conn)})
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		mu.Lock()
		for _, conn := range conns {
			conn.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return "http://" + listener.Addr().String()
}

// peer is a client as a scripted server sees it.
type peer struct {
	net.Conn
	r *bufio.Reader
}

// request reads one HTTP request. ok is false when the client is gone.
func (p *peer) request() (method, body string, ok bool) {
	r, err := http.ReadRequest(p.r)
	if err != nil {
		return "", "", false
	}
	text, err := io.ReadAll(r.Body)
	return r.Method, string(text), err == nil
}

func (p *peer) say(text string) { _, _ = io.WriteString(p, text) } // the client may be gone

// answer is an HTTP answer.
func answer(body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// frame sends a WebSocket frame.
func (p *peer) frame(first byte, payload string) { p.say(string(serverFrame(first, payload))) }

// next reads a frame of the client, all of which are short here.
func (p *peer) next() (op byte, payload string, ok bool) {
	head := make([]byte, 2)
	if _, err := io.ReadFull(p.r, head); err != nil {
		return 0, "", false
	}
	rest := make([]byte, 4+int(head[1]&0x7f))
	if _, err := io.ReadFull(p.r, rest); err != nil {
		return 0, "", false
	}
	return head[0] & 0x0f, string(unmask(rest)), true
}

const openPacket = `0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`

// upgrade serves the handshake of a WebSocket client.
func (p *peer) upgrade() bool {
	_, _, ok := p.request()
	p.say("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: " + handshakeAccept + "\r\n\r\n")
	return ok
}

// serve serves a WebSocket client until its CONNECT is answered.
func (p *peer) serve() bool {
	if !p.upgrade() {
		return false
	}
	p.frame(text, openPacket)
	_, connect, ok := p.next()
	if !ok || connect != "40" {
		return false
	}
	p.frame(text, `40{"sid":"x"}`)
	return true
}

// requests serves a client and yields what it sends then, until it is gone.
func (p *peer) requests() iter.Seq[string] {
	return func(yield func(string) bool) {
		if !p.serve() {
			return
		}
		for {
			_, request, ok := p.next()
			if !ok || !yield(request) {
				return
			}
		}
	}
}

// drain reads until the client is gone.
func (p *peer) drain() { _, _ = io.Copy(io.Discard, p.r) }

// run runs the load generator on 20 clients without rest, but for what change
// makes of it, and returns the results.
func run(t *testing.T, url string, mode Mode, change func(*Options)) ([]Result, error) {
	t.Helper()
	return runUntil(t.Context(), t, url, mode, change)
}

// runUntil is run, until ctx ends.
func runUntil(ctx context.Context, t *testing.T, url string, mode Mode, change func(*Options)) ([]Result, error) {
	t.Helper()
	var results []Result
	o := Options{
		Mode: mode, URL: url, Path: "/socket.io/", Connections: 20, AtOnce: 10, Source: 2, Limit: patience,
		Messages: 12, Bytes: 100, Bursts: []int{1, 5}, Requests: 100, Event: "echo", Room: 5, Say: 20, Duration: 200 * time.Millisecond,
		OnResult: func(r Result) { results = append(results, r) },
	}
	if change != nil {
		change(&o)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := Run(ctx, o)
	if n := clientSockets(t, url); n > 0 {
		t.Errorf("%d sockets are left", n)
	}
	return results, err
}

// epolls is how many epoll instances this process has open.
func epolls(t *testing.T) (n int) {
	t.Helper()
	for _, file := range openFiles(t) {
		if file == "anon_inode:[eventpoll]" {
			n++
		}
	}
	return n
}

// clientSockets is how many sockets of this process are connected to the server at
// url. Others do not count: a port may have been another server's a moment ago, and
// the kernel remembers its connections for a minute.
func clientSockets(t *testing.T, url string) (n int) {
	t.Helper()
	o := Options{URL: url, Path: "/"}
	u, err := o.base()
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile("/proc/self/net/tcp")
	if err != nil {
		t.Fatal(err)
	}
	open := openFiles(t)
	for line := range strings.Lines(string(table)) { // sl local remote state queues timer retransmits uid timeout inode …
		f := strings.Fields(line)
		if len(f) > 9 && strings.HasSuffix(f[2], fmt.Sprintf(":%04X", port)) && slices.Contains(open, "socket:["+f[9]+"]") {
			n++
		}
	}
	return n
}

// openFiles is what the descriptors of this process refer to.
func openFiles(t *testing.T) (names []string) {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name, err := os.Readlink("/proc/self/fd/" + file.Name()); err == nil { // else closed since
			names = append(names, name)
		}
	}
	return names
}
