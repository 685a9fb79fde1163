package socketio_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/memnet"
	"rightnow/socketio"
)

// Clients that read nothing sit among many that do. The many get every broadcast, whole and in
// order, each before the next one is emitted: while the writes to those few are stuck, when they
// are ended as slow consumers, and afterwards. Emitting waits for nobody. One that reads late
// has missed nothing.
func TestDeadReadersHoldUpNobody(t *testing.T) {
	t.Run("tcp", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		a := &arena{n: 200, limit: 256 << 10, size: 8 << 10}
		a.harness = serveOn(t, a.options(), tightListener{l}, (&net.Dialer{}).DialContext)
		a.perform(t)
	})
	t.Run("memory", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a := &arena{n: 5000, limit: 64 << 10, size: 2 << 10}
			if raceBuild {
				a.n = 1000
			}
			l := memnet.Listen()
			a.harness = serveOn(t, a.options(), l, l.DialContext)
			start := time.Now()
			a.perform(t)
			// Time stands still in here unless everybody waits.
			if waited := time.Since(start); waited != 0 {
				t.Errorf("somebody waited for %v", waited)
			}
		})
	})
}

// tightListener gives each connection a small buffer in the kernel.
type tightListener struct{ net.Listener }

func (l tightListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		err = c.(*net.TCPConn).SetWriteBuffer(64 << 10)
	}
	return c, err
}

// arena is a server with an audience of n that reads at once, and others.
type arena struct {
	*harness
	n, limit, size int // of the audience, of a queue and of a message in bytes

	left atomic.Int64 // how many of the audience have not got the message of the moment
	all  chan bool    // told when none is left
}

func (a *arena) options() *socketio.Options {
	a.all = make(chan bool, 1)
	return &socketio.Options{QueueLimit: a.limit, PingInterval: time.Hour}
}

// text is what message number i says, and frame how it comes over a WebSocket.
func (a *arena) text(i int) string { return fmt.Sprintf("%06d%s", i, strings.Repeat("x", a.size)) }

func (a *arena) frame(i int) []byte {
	packet := fmt.Sprintf(`42["news",%q]`, a.text(i))
	return append([]byte{0x81, 126, byte(len(packet) >> 8), byte(len(packet))}, packet...)
}

// read reads every message, checks it and tells so, up to the end of the connection.
func (a *arena) read(w *rawWS, got func()) {
	want := a.frame(0)
	digits := bytes.Index(want, []byte("000000"))
	have := make([]byte, len(want))
	for i := 0; ; i++ {
		if _, err := io.ReadFull(w, have); err != nil {
			return
		}
		copy(want[digits:], fmt.Appendf(nil, "%06d", i))
		if !bytes.Equal(have, want) {
			a.t.Errorf("message %d begins with %.40q", i, have)
			return
		}
		got()
	}
}

// arrive connects a client that reads nothing yet.
func (a *arena) arrive() (*rawWS, *socketio.Socket) {
	known := a.io.SocketsCount()
	w := a.rawWS(a.t)
	a.t.Cleanup(func() { w.Close() })
	waitFor(a.t, func() bool { return a.io.SocketsCount() > known })
	return w, a.io.Sockets()[known]
}

// sit lets n clients of the audience come.
func (a *arena) sit(n int) {
	for range n {
		w := a.rawWS(a.t)
		a.t.Cleanup(func() { w.Close() })
		go a.read(w, func() { // ends with the connection
			if a.left.Add(-1) == 0 {
				a.all <- true
			}
		})
	}
}

// tell emits message number i, and returns when the whole audience has it.
func (a *arena) tell(i int) {
	a.left.Store(int64(a.n))
	emit := func() {
		if err := a.io.Emit("news", a.text(i)); err != nil {
			a.t.Error(err)
		}
	}
	if i%2 == 0 {
		emit() // flushed at once
	} else {
		a.io.Batch(emit)
	}
	receive(a.t, a.all)
}

// deadReader is a client that reads nothing.
type deadReader struct {
	*socketio.Socket
	ended chan socketio.Reason
	stuck int // messages emitted while something waited for it
}

func (a *arena) dies(s *socketio.Socket) *deadReader {
	d := &deadReader{Socket: s, ended: make(chan socketio.Reason, 1)}
	s.OnDisconnect(func(r socketio.Reason) { d.ended <- r })
	return d
}

// look notes the state of the client after a message.
func (d *deadReader) look(a *arena) {
	const slack = 4096 // engineio's, for packets of its own
	switch n := d.Session().Buffered(); {
	case n > a.limit+slack:
		a.t.Errorf("%d bytes wait for a client", n)
	case n > 0:
		d.stuck++
	}
}

func (a *arena) perform(t *testing.T) {
	_, first := a.arrive()
	polling, poller := a.joined((*harness).polling)
	defer polling.cut()
	a.sit(a.n / 2)
	_, amid := a.arrive()
	late, lateSocket := a.arrive()
	a.sit(a.n - a.n/2)
	waitFor(t, func() bool { return a.io.SocketsCount() == a.n+4 })

	const most = 1000
	told, caughtUp := 0, 0
	lateGot := make(chan bool, most)
	dead := []*deadReader{a.dies(first), a.dies(poller), a.dies(amid)}
	for anyConnected(dead) && told < most/2 {
		a.tell(told)
		told++
		for _, d := range dead {
			d.look(a)
		}
		if caughtUp == 0 && lateSocket.Session().Buffered() > a.limit/2 {
			go a.read(late, func() { lateGot <- true }) // ends with the connection
			for ; caughtUp < told; caughtUp++ {
				receive(t, lateGot)
			}
		}
	}
	for range 20 {
		a.tell(told)
		told++
	}
	for ; caughtUp < told; caughtUp++ {
		receive(t, lateGot)
	}

	for i, d := range dead {
		if least := a.limit/a.size - 2; d.stuck < least {
			t.Errorf("dead reader %d: %d messages were emitted while its write was stuck, want %d", i, d.stuck, least)
		}
		if r := receive(t, d.ended); r != socketio.ReasonSlowConsumer {
			t.Errorf("dead reader %d: ended with %q", i, r)
		}
	}
	if n := a.io.SocketsCount(); n != a.n+1 {
		t.Errorf("%d are left, want %d", n, a.n+1)
	}
	if n := a.io.Engine().Stats().SlowConsumers; n != uint64(len(dead)) {
		t.Errorf("%d slow consumers, want %d", n, len(dead))
	}
}

func anyConnected(dead []*deadReader) bool {
	return slices.ContainsFunc(dead, func(d *deadReader) bool { return d.Connected() })
}
