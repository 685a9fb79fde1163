package engineio

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"rightnow/internal/leaktest"
	"rightnow/internal/memnet"
	"rightnow/internal/ws"
)

// leakOptions are those of a path: the timeouts it runs into are short, and no others.
func leakOptions(path string) *Options {
	o := &Options{QueueLimit: 1000}
	switch {
	case strings.HasPrefix(path, "ping timeout"):
		o.PingInterval, o.PingTimeout = 10*time.Millisecond, 10*time.Millisecond
	case path == "failed upgrade":
		o.UpgradeTimeout = 10 * time.Millisecond
	}
	return o
}

// closePaths are the ways in which a session, or the attempt at one, ends. Each returns when the client has seen the end.
var closePaths = map[string]func(c *cycler){
	"close frame": func(c *cycler) {
		w := c.openWS()
		w.frame(ws.OpClose, "\x03\xe8")
		w.drain()
	},
	"reset": func(c *cycler) {
		w := c.openWS()
		reset(w.Conn)
	},
	"cut in the middle of a message": func(c *cycler) {
		w := c.openWS()
		w.Write(ws.AppendMasked(nil, ws.OpText, make([]byte, 200), [4]byte{})[:50])
		w.Close()
	},
	"ping timeout over websocket": func(c *cycler) { c.openWS().drain() },
	"ping timeout over polling": func(c *cycler) {
		c.poll(c.open())
	},
	"aborted poll": func(c *cycler) {
		conn := c.send(rawRequest("GET", c.open()))
		conn.Close()
	},
	"aborted POST": func(c *cycler) {
		conn := c.send(rawRequest("POST", c.open(), "Content-Length: 10") + "4he")
		conn.Close()
	},
	"duplicate poll": func(c *cycler) {
		session := c.open()
		first := c.send(rawRequest("GET", session, "Connection: close"))
		c.poll(session)
		io.Copy(io.Discard, first)
		first.Close()
	},
	"parse error": func(c *cycler) { c.post(c.open(), "9") },
	"closed by the client over polling": func(c *cycler) {
		session := c.open()
		c.post(session, "1")
		c.poll(session)
	},
	"closed by the server": func(c *cycler) {
		w := c.openWS()
		w.text("4close")
		w.drain()
	},
	"closed by the server over polling": func(c *cycler) {
		session := c.open()
		c.post(session, "4close")
		c.poll(session)
	},
	"slow consumer": func(c *cycler) {
		w := c.openWS()
		w.text("4flood")
		w.drain()
	},
	"upgrade, then close frame": func(c *cycler) {
		w := c.upgrade(c.open(), "2probe", "5")
		w.frame(ws.OpClose, "")
		w.drain()
	},
	"failed upgrade": func(c *cycler) {
		session := c.open()
		c.upgrade(session, "4nonsense").drain()
		c.upgrade(session, "2probe").Close()
		c.upgrade(session, "2probe").drain() // its timeout
		c.post(session, "9")
	},
	// Over TCP the polls of these pass net/http by.
	"repeated polls, aborted": func(c *cycler) {
		session, conn, _ := c.pollOn()
		io.WriteString(conn, rawRequest("GET", session))
		conn.Close()
	},
	"repeated polls, left behind": func(c *cycler) {
		session, conn, _ := c.pollOn()
		c.post(session, "1")
		c.poll(session)
		conn.Close()
	},
	"repeated polls, closed by the server": func(c *cycler) {
		session, conn, answers := c.pollOn()
		c.post(session, "4close")
		for range 3 {
			io.WriteString(conn, rawRequest("GET", session))
			readAnswer(answers)
		}
		conn.Close()
	},
	"repeated polls, something else": func(c *cycler) {
		session, conn, answers := c.pollOn()
		io.WriteString(conn, rawRequest("POST", session, "Content-Length: 1")+"1")
		readAnswer(answers)
		io.WriteString(conn, rawRequest("GET", session, "Connection: close"))
		io.Copy(io.Discard, answers)
		conn.Close()
	},
	"repeated polls, upgrade": func(c *cycler) {
		session, conn, answers := c.pollOn()
		io.WriteString(conn, rawRequest("GET", session))
		w := c.upgrade(session, "2probe", "5")
		readAnswer(answers)
		w.frame(ws.OpClose, "")
		w.drain()
		conn.Close()
	},
	"refused handshake": func(c *cycler) {
		c.get("EIO=3&transport=polling")
		c.get("EIO=4&transport=nonsense")
		c.get("EIO=4&transport=polling&sid=nonsense")
		conn := c.send(rawRequest("GET", "EIO=4&transport=websocket", "Upgrade: websocket", "Connection: Upgrade"))
		io.Copy(io.Discard, conn)
		conn.Close()
	},
}

// TestNoLeaks ends sessions in every way, many times: goroutines and live heap objects return to the start.
func TestNoLeaks(t *testing.T) {
	cycles := 10_000
	if raced {
		cycles = 500
	}
	for name, path := range closePaths {
		t.Run("memory/"+name, func(t *testing.T) { leakTest(t, leakOptions(name), memnet.Listen(), cycles, path) })
	}
	for name, path := range closePaths {
		t.Run("TCP/"+name, func(t *testing.T) {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			leakTest(t, leakOptions(name), ln, 500, path)
		})
	}
}

// TestNoLeaksAtShutdown is the same for servers that are shut down under their sessions.
func TestNoLeaksAtShutdown(t *testing.T) {
	servers := 500 // of 20 sessions
	if raced {
		servers = 25
	}
	cycle := func() {
		r := newRig(t, nil, memnet.Listen())
		c := &cycler{r}
		for range 7 {
			c.openWS()
			c.open()
			c.upgrade(c.open(), "2probe")
		}
		if err := r.Shutdown(expired()); err == nil {
			t.Error("shutdown did not have to cut anything off")
		}
		if err := r.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		r.client.CloseIdleConnections()
		r.hs.Close()
	}
	before := settled(cycle)
	for range servers {
		cycle()
	}
	before.compare(t, servers*20)
}

// expired is a context that has ended.
func expired() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// leakTest runs the path in many goroutines and compares what lives before and after.
func leakTest(t *testing.T, opts *Options, ln net.Listener, cycles int, path func(c *cycler)) {
	opts.OnSession = func(s *Session) SessionHandler { return obedient{s} }
	opts.OnConnectionError = func(*ConnectionError) {}
	r := newRig(t, opts, ln)
	defer r.stop()
	run := func(n int) {
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				for range n / 50 {
					path(&cycler{r})
				}
			})
		}
		wg.Wait()
		if !eventually(func() bool {
			r.Server.mu.RLock()
			defer r.Server.mu.RUnlock()
			return len(r.sessions)+len(r.conns) == 0
		}) {
			t.Fatalf("%d sessions, %d connections are left", len(r.sessions), len(r.conns))
		}
		r.client.CloseIdleConnections()
	}
	before := settled(func() { run(500) })
	run(cycles)
	before.compare(t, cycles)
}

// obedient does what its client says.
type obedient struct{ s *Session }

func (o obedient) OnMessage(data []byte, _ bool) {
	switch string(data) {
	case "say":
		o.s.Send(TextFrame([]byte("hello")))
	case "close":
		o.s.Send(TextFrame([]byte("bye")))
		o.s.Close(ReasonForcedClose)
	case "flood":
		// Not by Send, which would offer what waits to a client that reads.
		o.s.mu.Lock()
		defer o.s.mu.Unlock()
		for frame := TextFrame(make([]byte, 100)); o.s.conn.Push(frame.ws) == nil; {
		}
		o.s.pushFailedLocked(ws.ErrQueueFull)
	}
}

func (o obedient) OnClose(Reason, error) {}

// living is what lived before.
type living leaktest.Living

// settled warms pools and tables up, and returns what lives then.
func settled(warmUp func()) living {
	warmUp()
	leaktest.ManyGoroutines()
	return living(leaktest.Live())
}

// compare wants nothing more to live than before. Of what a busier moment leaves for good (tables that have grown, the
// runtime's own records of goroutines) there are some hundreds; a session that leaks is several objects each time.
func (before living) compare(t *testing.T, cycles int) {
	t.Helper()
	var after leaktest.Living
	slack := uint64(cycles/4 + 500)
	if !eventually(func() bool {
		after = leaktest.Live()
		return after.Goroutines <= before.Goroutines+2 && after.Objects <= before.Objects+slack
	}) {
		t.Errorf("after %d cycles %d goroutines and %d objects live, before %d and %d",
			cycles, after.Goroutines, after.Objects, before.Goroutines, before.Objects)
	}
}

// cycler is a client of one cycle. It runs outside of the test's goroutine, and what fails shows in the counts.
type cycler struct{ r *rig }

func (c *cycler) get(query string) string {
	res, _ := c.r.try("GET", query, http.NoBody)
	return res.body
}

func (c *cycler) post(session, body string) { c.r.try("POST", session, strings.NewReader(body)) }

// open opens a session over long-polling.
func (c *cycler) open() string {
	open := c.get("EIO=4&transport=polling")
	_, sid, _ := strings.Cut(open, `"sid":"`)
	sid, _, ok := strings.Cut(sid, `"`)
	if !ok {
		c.r.t.Errorf("handshake: %q", open)
	}
	return "transport=polling&sid=" + sid
}

// poll polls until the session is unknown.
func (c *cycler) poll(session string) {
	for !strings.HasPrefix(c.get(session), "{") {
	}
}

// pollOn opens a session and polls it a few times on one connection.
func (c *cycler) pollOn() (session string, conn net.Conn, answers *bufio.Reader) {
	session = c.open()
	conn = c.r.dial()
	answers = bufio.NewReader(conn)
	for range firstPolls + 3 {
		c.post(session, "4say")
		io.WriteString(conn, rawRequest("GET", session))
		readAnswer(answers)
	}
	return session, conn, answers
}

// readAnswer reads a response to its end.
func readAnswer(r *bufio.Reader) {
	if res, err := http.ReadResponse(r, nil); err == nil {
		io.Copy(io.Discard, res.Body)
	}
}

func (c *cycler) send(request string) net.Conn {
	conn := c.r.dial()
	io.WriteString(conn, request)
	return conn
}

func (c *cycler) openWS() *wsClient {
	w := c.handshake("EIO=4&transport=websocket")
	if m, err := w.read(); err != nil || !strings.HasPrefix(m, "0{") {
		c.r.t.Errorf("open packet: %q, %v", m, err)
	}
	return w
}

// upgrade asks for a WebSocket for a session and says the words.
func (c *cycler) upgrade(session string, words ...string) *wsClient {
	w := c.handshake(strings.Replace(session, "polling", "websocket", 1))
	for _, word := range words {
		w.text(word)
	}
	return w
}

func (c *cycler) handshake(query string) *wsClient {
	w, res := c.r.tryWS(query)
	if w == nil {
		c.r.t.Errorf("handshake: %+v", res)
	}
	return w
}

// drain reads to the end, answers the close frame and closes.
func (w *wsClient) drain() {
	for {
		if _, err := w.read(); err != nil {
			if _, ok := err.(*closed); ok {
				w.frame(ws.OpClose, "")
			}
			break
		}
	}
	io.Copy(io.Discard, w.Conn)
	w.Close()
}

func reset(c net.Conn) {
	switch c := c.(type) {
	case *memnet.Conn:
		c.Reset()
	case *net.TCPConn:
		c.SetLinger(0)
		c.Close()
	default:
		panic(fmt.Sprintf("%T", c))
	}
}
