package loadgen

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// A swarm is all clients and what the phase under way counts. It belongs to one
// goroutine.
type swarm struct {
	ctx     context.Context
	o       *Options
	loop    *loop
	host    string         // of the URL
	server  netip.AddrPort // its address
	hello   []byte         // the first request of a client
	clients []client       // the dead ones last
	live    []client       // the others
	scratch []byte         // what is being framed
	saying  packet         // of chat

	served   int   // clients in stateServed
	received int64 // when the bytes that are being handled were read; loop.now
	fault    error // the first failure of a client
	goal     goal

	// What the phase does with what clients receive. None is nil.
	onServed  func(*client)
	onMessage func(*client, []byte) // the packet 42["message",…]; valid for the call
	onAck     func(*client, []byte) // the packet 43ID[…]; valid for the call
}

// A goal is what a phase counts until it is done.
type goal struct {
	phase string
	noun  string
	have  *int
	total int

	begun, limit int64 // loop.now
	told         int64 // when progress was last reported
}

func newSwarm(ctx context.Context, o *Options, server netip.AddrPort, host string) (*swarm, error) {
	l, err := newLoop()
	if err != nil {
		return nil, err
	}
	s := &swarm{ctx: ctx, o: o, loop: l, host: host, server: server, clients: make([]client, o.Connections+o.Dead)}
	s.live = s.clients[:o.Connections]
	s.hello = upgradeRequest(host, o.Path)
	if o.Mode == Polling {
		s.hello = openRequest(host, o.Path)
	}
	for i := range s.clients {
		c := &s.clients[i]
		c.index, c.dead = int32(i), i >= o.Connections
		c.main.token = int32(i) << 1
		if o.Mode == Polling {
			c.poll = &poll{posts: conn{token: int32(i)<<1 | 1}}
		}
	}
	s.ignore()
	return s, nil
}

// ignore has the clients count nothing.
func (s *swarm) ignore() {
	s.onServed = func(*client) {}
	s.onMessage = func(*client, []byte) {}
	s.onAck = func(*client, []byte) {}
}

func (s *swarm) close() {
	for i := range s.clients {
		s.cut(&s.clients[i])
	}
	s.loop.close()
}

// cut closes the connections of a client, which may come back.
func (s *swarm) cut(c *client) {
	c.main.close(s.loop)
	if c.poll != nil {
		c.poll.posts.close(s.loop)
	}
	if c.state == stateServed {
		s.served--
	}
	c.state, c.upgraded, c.message = stateGone, false, nil
}

// fail ends a client, and with it the phase.
func (s *swarm) fail(c *client, err error) {
	if s.fault == nil {
		s.fault = fmt.Errorf("client %d %s: %w", c.index, stateWords[c.state], err)
	}
	s.cut(c)
}

var stateWords = [...]string{
	stateGone: "could not connect", stateOpening: "failed in its handshake", stateJoining: "failed in its CONNECT", stateServed: "was lost",
}

// open connects a client, which has to be gone.
func (s *swarm) open(c *client) {
	c.state = stateOpening
	s.dial(c, &c.main, s.hello)
}

// dial opens a connection of a client and sends the first bytes on it.
func (s *swarm) dial(c *client, k *conn, first []byte) {
	r := route{to: s.server, slow: c.dead}
	if s.server.Addr().Is4() && s.server.Addr().IsLoopback() {
		r.from = netip.AddrFrom4([4]byte{127, 0, 0, byte(s.o.Source + int(c.index)/perSource)})
	}
	if err := k.dial(s.loop, r, first); err != nil {
		s.fail(c, err)
	}
}

// send sends a packet as text, over either transport.
func (s *swarm) send(c *client, p packet) {
	if c.poll != nil {
		s.sendPost(c, p.text)
		return
	}
	s.write(c, p.framed)
}

// write sends bytes on the main connection.
func (s *swarm) write(c *client, b []byte) {
	if err := c.main.write(b); err != nil {
		s.fail(c, err)
	}
}

// begin starts to count for a phase; limit is set anew.
func (s *swarm) begin(g goal) {
	s.goal = g
	s.goal.begun = s.loop.now()
	s.goal.limit = s.goal.begun + int64(s.o.Limit)
}

// await lets the clients work until the goal's count has reached target.
func (s *swarm) await(target int) error {
	for *s.goal.have < target {
		if err := s.step(50 * time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// rest lets the clients answer pings for d, which the limit does not count.
func (s *swarm) rest(d time.Duration) error {
	s.goal.limit += int64(d)
	for end := s.loop.now() + int64(d); ; {
		left := time.Duration(end - s.loop.now())
		if left <= 0 {
			return nil
		}
		if err := s.step(min(left+time.Millisecond, 50*time.Millisecond)); err != nil {
			return err
		}
	}
}

var errInterrupted = errors.New("it was interrupted")

// step waits for events, for d at most, handles them, and looks whether the phase
// may go on.
func (s *swarm) step(d time.Duration) error {
	if err := s.poll(d); err != nil {
		return s.stopped(err)
	}
	now := s.loop.now()
	switch {
	case s.fault != nil:
		return s.stopped(s.fault)
	case s.ctx.Err() != nil:
		return s.stopped(errInterrupted)
	case now > s.goal.limit:
		return s.stopped(fmt.Errorf("the limit was reached (--limit %v)", s.o.Limit))
	}
	s.progress(now)
	return nil
}

// stopped says how far the phase has come.
func (s *swarm) stopped(err error) error {
	g := &s.goal
	return fmt.Errorf("%s: %s of %s %s when %w", g.phase, grouped(*g.have), grouped(g.total), g.noun, err)
}

func (s *swarm) progress(now int64) {
	const every = int64(100 * time.Millisecond)
	if g := &s.goal; s.o.OnProgress != nil && now-g.told >= every {
		g.told = now
		s.o.OnProgress(Progress{g.phase, g.noun, *g.have, g.total, time.Duration(now - g.begun)})
	}
}

// poll waits for events, for d at most, and handles them.
func (s *swarm) poll(d time.Duration) error {
	events, err := s.loop.wait(d)
	if err != nil {
		return err
	}
	for i := range events {
		s.handle(&events[i])
	}
	return nil
}

func (s *swarm) handle(event *unix.EpollEvent) {
	c := &s.clients[event.Fd>>1]
	k, read := &c.main, s.readWebSocket
	switch {
	case event.Fd&1 != 0:
		k, read = &c.poll.posts, s.readPosts
	case c.poll != nil:
		read = s.readPoll
	}
	if !k.open || k.turn != event.Pad {
		return // of a connection that was closed after the event
	}
	if err := k.flush(); err != nil {
		s.fail(c, err)
		return
	}
	if event.Events&^unix.EPOLLOUT == 0 {
		return
	}
	k.ended = event.Events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0
	for again := true; again; again = k.more && k.open && k.turn == event.Pad {
		read(c)
	}
}
