package netpoll

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
)

// ear is a Target that tells what it reads.
type ear struct {
	Watched
	p     *Poller
	nc    net.Conn
	raw   syscall.RawConn
	sock  Socket
	got   chan string
	ended chan error // by what; nil when it was told to let go
	fed   func(string) bool
	stop  atomic.Bool
	cause error
}

func (e *ear) Raw() syscall.RawConn { return e.raw }

func (e *ear) TryRead(p []byte) (int, bool, error) { return e.sock.TryRead(e.nc, p) }

func (e *ear) Begin() bool { return !e.stop.Load() }

func (e *ear) Run() {
	if e.p.Drain(e) {
		e.ended <- e.cause
	}
}

func (e *ear) Step(p []byte, err error) bool {
	if err != nil {
		e.cause = err
		return false
	}
	e.got <- string(p)
	return e.fed == nil || e.fed(string(p))
}

// listen has p watch one end of a new connection, and returns the other.
func listen(t *testing.T, p *Poller) (*ear, net.Conn) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	other, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	nc, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close(); other.Close() })
	e := &ear{p: p, nc: nc, raw: Raw(nc), got: make(chan string, 10), ended: make(chan error, 1)}
	if err := e.sock.Set(e.raw); err != nil {
		t.Fatal(err)
	}
	if !p.Add(e) {
		t.Fatal("cannot be watched")
	}
	return e, other
}

func (e *ear) want(t *testing.T, text string) {
	t.Helper()
	if got := <-e.got; got != text {
		t.Errorf("read %q, not %q", got, text)
	}
}

// TestReads: what comes before Start, after it, and the end.
func TestReads(t *testing.T) {
	p := new(Poller)
	e, other := listen(t, p)
	io.WriteString(other, "early")
	p.Start(e, false)
	e.want(t, "early")
	io.WriteString(other, "late")
	e.want(t, "late")
	other.Close()
	if err := <-e.ended; err != io.EOF {
		t.Errorf("ended by %v", err)
	}
	if n := p.Watching(); n != 0 || p.file != nil {
		t.Errorf("%d are watched, epoll %v", n, p.file)
	}
}

// TestLetsGo: a socket whose watch ended is somebody else's, and can be watched anew.
func TestLetsGo(t *testing.T) {
	p := new(Poller)
	keep, _ := listen(t, p) // so that the epoll stays
	p.Start(keep, false)
	e, other := listen(t, p)
	e.fed = func(string) bool { return false }
	p.Start(e, false)
	io.WriteString(other, "one")
	if err := <-e.ended; err != nil {
		t.Errorf("ended by %v", err)
	}
	io.WriteString(other, "two")
	buf := make([]byte, 10)
	if n, err := e.nc.Read(buf); string(buf[:n]) != "two" {
		t.Errorf("read %q, %v", buf[:n], err)
	}
	heir := &ear{p: p, nc: e.nc, raw: e.raw, got: make(chan string, 10), ended: make(chan error, 1)}
	if heir.sock.Set(heir.raw) != nil || !p.Add(heir) {
		t.Fatal("cannot be watched again")
	}
	p.Start(heir, false)
	io.WriteString(other, "three")
	heir.want(t, "three")
	heir.stop.Store(true)
	p.Wake(heir)
	if err := <-heir.ended; err != nil {
		t.Errorf("ended by %v", err)
	}
	p.Wake(heir) // too late for anything
	if n := p.Watching(); n != 1 {
		t.Errorf("%d are watched", n)
	}
	keep.sock.Shut(keep.nc)
	p.Wake(keep)
	if err := <-keep.ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("ended by %v", err)
	}
}

// TestStale has events of a closed connection arrive when its place belongs to another.
func TestStale(t *testing.T) {
	p := new(Poller)
	keep, keepOther := listen(t, p)
	p.Start(keep, false)
	old, other := listen(t, p)
	p.Start(old, false)
	p.mu.Lock()
	event := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLRDHUP, Fd: old.slot, Pad: p.slots[old.slot].gen}
	p.mu.Unlock()
	other.Close()
	<-old.ended
	heir, heirOther := listen(t, p)
	p.Start(heir, false)
	if heir.slot != old.slot {
		t.Fatal("the place was not used again")
	}
	p.dispatch([]syscall.EpollEvent{event, {Fd: 1 << 20}})
	if heir.state.Load() != idle || heir.hungUp.Load() {
		t.Error("an old event woke the new target")
	}
	io.WriteString(heirOther, "x")
	heir.want(t, "x")
	heirOther.Close()
	keepOther.Close()
	<-heir.ended
	<-keep.ended
	if !eventually(func() bool { return p.Watching() == 0 }) {
		t.Error("still watched")
	}
}

// TestNowhere: what cannot be watched.
func TestNowhere(t *testing.T) {
	p := new(Poller)
	e, _ := listen(t, p)
	e.sock.Shut(e.nc)
	if p.Add(&ear{p: p, raw: e.raw}) {
		t.Error("a closed socket is watched")
	}
	pipe, _ := net.Pipe()
	if Raw(pipe) != nil {
		t.Error("a pipe has a socket")
	}
	p.Start(e, true)
	<-e.ended
}
