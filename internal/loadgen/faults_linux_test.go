package loadgen

import (
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// wantError wants an error of one line that contains all of parts.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than a line: %q", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q, want one with %q", err, part)
		}
	}
}

// TestFaultyHandshake: what a server may do to a client that connects, over either
// transport. The error says how many are served, which client saw what.
func TestFaultyHandshake(t *testing.T) {
	for name, test := range map[string]struct {
		script    func(*peer)
		webSocket []string // in the error
		polling   []string
	}{
		"closes at once": {func(*peer) {},
			[]string{"connecting: 0 of 20 clients served when client", "failed in its handshake", "the server "},
			[]string{"connecting: 0 of 20 clients served when client", "failed in its handshake", "the server "}},
		"closes after the request": {func(p *peer) { p.request() },
			[]string{"failed in its handshake: the server closed the connection"},
			[]string{"failed in its handshake: the server closed the connection"}},
		"speaks another protocol": {func(p *peer) { p.say("SSH-2.0-x\r\n"); p.drain() },
			[]string{`failed in its handshake: no HTTP/1.1, but "SSH-2.0-x\r\n"`},
			[]string{`failed in its handshake: no HTTP/1.1, but "SSH-2.0-x\r\n"`}},
		"says no": {func(p *peer) {
			p.request()
			p.say("HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno\r\n")
			p.drain()
		},
			[]string{`no WebSocket, but status 403: "no\r\n"`},
			[]string{`status 403: "no\r\n"`}},
		"accepts another key": {func(p *peer) {
			p.request()
			p.say("HTTP/1.1 101 x\r\nSec-WebSocket-Accept: x\r\n\r\n")
			p.drain()
		},
			[]string{`Sec-WebSocket-Accept "x"`}, []string{"status 101"}},
		"answers twice": {func(p *peer) { p.request(); p.say(answer(openPacket) + answer("6")); p.drain() },
			[]string{"status 200"}, []string{"more than one answer"}},
		"sends no session": {func(p *peer) { p.upgrade(); p.frame(text, "hello"); p.drain() },
			[]string{`no Engine.IO packet: "hello"`}, []string{"status 101"}},
		"opens without a sid": {func(p *peer) { p.request(); p.say(answer(`0{"sid":"a b"}`)); p.drain() },
			[]string{"status 200"}, []string{"an open packet without a good sid"}},
		"sends an empty message": {func(p *peer) { p.upgrade(); p.frame(text, ""); p.drain() },
			[]string{"an empty packet"}, []string{"status 101"}},
		"masks": {func(p *peer) { p.upgrade(); p.say("\x81\x81aaaa0"); p.drain() },
			[]string{"a WebSocket frame that is masked"}, []string{"status 101"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := run(t, startScript(t, test.script), Idle, nil)
			wantError(t, err, test.webSocket...)
			_, err = run(t, startScript(t, test.script), Polling, nil)
			wantError(t, err, test.polling...)
		})
	}
}

// TestFaultySession: what a server may do to a client that is served.
func TestFaultySession(t *testing.T) {
	const asked = `421["echo"`
	for name, test := range map[string]struct {
		after func(*peer) // of the first request of the client
		want  string
	}{
		"ends":                 {func(*peer) {}, "was lost: the server closed the connection"},
		"closes":               {func(p *peer) { p.frame(final|opClose, "\x03\xf0slow\n"); p.drain() }, `was lost: the server closed the WebSocket: 1008 "slow\n"`},
		"closes without words": {func(p *peer) { p.frame(final|opClose, ""); p.drain() }, "the server closed the WebSocket: without a reason"},
		"closes the session":   {func(p *peer) { p.frame(text, "1"); p.drain() }, "the server closed the session"},
		"disconnects":          {func(p *peer) { p.frame(text, "41"); p.drain() }, "the server disconnected it from the namespace"},
		"refuses":              {func(p *peer) { p.frame(text, `44{"message":"no"}`); p.drain() }, `the server refused it the namespace: "{\"message\":\"no\"}"`},
		"connects again":       {func(p *peer) { p.frame(text, `40{}`); p.drain() }, "a CONNECT that nobody asked for"},
		"opens again":          {func(p *peer) { p.frame(text, openPacket); p.drain() }, "a second session"},
		"acknowledges another": {func(p *peer) { p.frame(text, "432[]"); p.drain() }, `an acknowledgement that nobody waits for: "432[]"`},
		"acknowledges itself":  {func(p *peer) { p.frame(text, "43[]"); p.drain() }, `an acknowledgement that nobody waits for: "43[]"`},
		"sends half a packet":  {func(p *peer) { p.frame(text, "4"); p.drain() }, `no Socket.IO packet: "4"`},
		"mixes frames":         {func(p *peer) { p.frame(opText, "4"); p.frame(text, "42"); p.drain() }, "a WebSocket message within another's frames"},
		"continues nothing":    {func(p *peer) { p.frame(final|opContinuation, "4"); p.drain() }, "a WebSocket message within another's frames"},
		"sends without end": {func(p *peer) {
			p.frame(opText, "4")
			for range 17 {
				p.frame(opContinuation, strings.Repeat("x", 1<<20))
			}
			p.drain()
		}, "a WebSocket message of more than 16777216 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			url := startScript(t, func(p *peer) {
				if !p.serve() {
					return
				}
				if _, request, ok := p.next(); !ok || !strings.HasPrefix(request, asked) {
					return
				}
				test.after(p)
			})
			results, err := run(t, url, Echo, func(o *Options) { o.Connections = 1; o.Requests = 2 })
			wantError(t, err, "warming up: 0 of 1 requests acknowledged when client 0 ", test.want)
			wantCount(t, "results", len(results), 1)
		})
	}
}

// TestUnusualButGood: what a client has to bear.
func TestUnusualButGood(t *testing.T) {
	url := startScript(t, func(p *peer) {
		for request := range p.requests() {
			if !strings.HasPrefix(request, "42") || !strings.HasPrefix(request[3:], `["echo"`) {
				t.Errorf("the client sent %q", request)
				return
			}
			p.frame(final|opPing, "anybody there?")
			if op, payload, _ := p.next(); op != opPong || payload != "anybody there?" {
				t.Errorf("a ping is answered by opcode %d, %q", op, payload)
			}
			p.frame(text, "2")
			if op, payload, _ := p.next(); op != opText || payload != "3" {
				t.Errorf("a ping of Engine.IO is answered by opcode %d, %q", op, payload)
			}
			p.frame(final|opPong, "")
			p.frame(text, "6")
			p.frame(final|opBinary, "bytes")
			p.frame(opBinary, "by")
			p.frame(final|opContinuation, "tes")
			p.frame(text, `42["another event"]`)
			p.frame(opText, "4")
			p.frame(final|opPing, "")
			p.next()
			p.frame(opContinuation, "3"+request[2:3]+"[")
			p.frame(opContinuation, "")
			p.frame(final|opContinuation, "]")
		}
	})
	results, err := run(t, url, Echo, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantCount(t, "requests", only[*EchoResult](t, results).Requests, 100)
}

// TestSlowly: everything arrives a byte at a time.
func TestSlowly(t *testing.T) {
	long := strings.Repeat("x", 70_000)
	url := startScript(t, func(p *peer) {
		if !p.serve() {
			return
		}
		for id := byte('1'); ; id++ {
			if _, _, ok := p.next(); !ok {
				return
			}
			p.frame(text, `42["message","`+long+`"]`)
			for _, b := range serverFrame(text, "43"+string(id)+"[]") {
				p.say(string([]byte{b}))
			}
		}
	})
	if _, err := run(t, url, Echo, func(o *Options) { o.Connections = 1; o.Requests = 2 }); err != nil {
		t.Error(err)
	}
}

// TestTwice: the second acknowledgement of a request is not taken for the next one's.
func TestTwice(t *testing.T) {
	url := startScript(t, func(p *peer) {
		for request := range p.requests() {
			ack := serverFrame(text, "43"+request[2:3]+"[]")
			p.say(string(ack) + string(ack))
		}
	})
	_, err := run(t, url, Echo, func(o *Options) { o.Connections = 1 })
	wantError(t, err, "warming up: 1 of 10 requests acknowledged when client 0 was lost: an acknowledgement that nobody waits for")
}

// TestTooMany: a message that was not asked for is no delivery.
func TestTooMany(t *testing.T) {
	url := startScript(t, func(p *peer) {
		if !p.serve() {
			return
		}
		p.next()
		p.say(strings.Repeat(string(serverFrame(text, `42["message","x"]`)), 2)) // in one read
		p.drain()
	})
	_, err := run(t, url, Broadcast, func(o *Options) { o.Connections = 1 })
	wantError(t, err, "of 12 messages received when client 0 was lost: it received more than the ")
}

// TestSilent: a server that says nothing is given up.
func TestSilent(t *testing.T) {
	_, err := run(t, startScript(t, (*peer).drain), Idle, func(o *Options) { o.Limit = 50 * time.Millisecond })
	wantError(t, err, "connecting: 0 of 20 clients served when the limit was reached (--limit 50ms)")
	url := startScript(t, func(p *peer) { p.serve(); p.drain() })
	_, err = run(t, url, Echo, func(o *Options) { o.Limit = 200 * time.Millisecond })
	wantError(t, err, "warming up: 0 of 20 requests acknowledged when the limit was reached (--limit 200ms)")
}

func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	_, err = run(t, "http://"+listener.Addr().String(), Idle, nil)
	wantError(t, err, "connecting: 0 of 20 clients served when client 0 failed in its handshake: connection refused")
}

// TestServerGone: the process that --pid names is looked for.
func TestServerGone(t *testing.T) {
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	_, err := run(t, startTarget(t), Idle, func(o *Options) { o.PID = gone.Process.Pid })
	wantError(t, err, fmt.Sprintf("there is no process %d (--pid)", gone.Process.Pid))
}

// TestEpollClosed: each run closes its epoll instance, a failed one too. Servers
// under test have one of their own that may come or go meanwhile.
func TestEpollClosed(t *testing.T) {
	url := startScript(t, func(p *peer) { p.serve() })
	const runs = 5
	before := epolls(t)
	for range runs {
		_, err := run(t, url, Echo, nil)
		wantError(t, err)
	}
	if after := epolls(t); after >= before+runs {
		t.Errorf("%d epoll instances before, %d after", before, after)
	}
}

func TestTooManyFiles(t *testing.T) {
	_, err := run(t, "http://127.0.0.1:1", Idle, func(o *Options) { o.Connections = maxConnections })
	wantError(t, err, "1,000,000 connections need 1,000,016 open files, and `ulimit -n` allows ")
	var option *OptionError
	if errors.As(err, &option) {
		t.Error("that is no wrong usage")
	}
}
