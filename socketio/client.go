package socketio

import (
	"bytes"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"rightnow/engineio"
	"rightnow/internal/deadline"
	"rightnow/socketio/internal/siocall"
	"rightnow/socketio/internal/siowire"
)

// client is one connection and the sockets that share it.
//
// OnMessage and OnClose are the session's to call, one at a time. The other methods may be
// called concurrently.
type client struct {
	// Fixed at creation.
	srv  *Server
	sess *engineio.Session

	// Owned by the session's reader.
	partial *partial // a binary packet whose attachments are still to come
	decoder Decoder  // of Options.Parser, instead of all that; nil without

	joining atomic.Pointer[joinWait] // nil when a namespace has been joined, or the session is over

	ended   atomic.Bool // closed, or about to be: nothing it sends counts any more
	stalled atomic.Bool // the reader waits for room in an inbox: no acknowledgement can arrive

	mu      sync.Mutex // guards following
	sockets []*Socket  // joined or about to, each name once; nothing is added once ended
	left    []string   // namespaces that the server has left, and the client not joined since
	leavers *leavers   // nil while there are none
}

// leavers are the sockets that have ended and still work off their inboxes.
type leavers struct {
	count int
	fewer chan struct{} // closed when there are fewer; nil when the reader does not wait
}

// partial is a binary packet and those of its attachments that have come. While it waits for the
// next one, late runs.
type partial struct {
	siowire.Packet
	blobs  [][]byte
	client *client
	late   deadline.Entry
}

var _ engineio.SessionHandler = (*client)(nil)

// What a client did that the protocol forbids.
var (
	errAttachmentDue = errors.New("text where an attachment was due")
	errStrayBinary   = errors.New("binary where none was due")
	errNotJoined     = errors.New("packet for a namespace that is not joined")
	errJoinedTwice   = errors.New("CONNECT for a namespace that is joined, or about to be")
	errServersPacket = errors.New("CONNECT_ERROR is the server's to send")
	errLate          = errors.New("an attachment did not come in time")
)

func newClient(s *Server, sess *engineio.Session) *client {
	c := &client{srv: s, sess: sess}
	if s.opts.Parser != nil {
		c.decoder = s.opts.Parser.NewDecoder()
	}
	s.work.Add()
	j := &joinWait{client: c}
	c.joining.Store(j)
	s.joining.Start(&j.Entry, j)
	if c.old() {
		c.joinRoot()
	}
	return c
}

// OnMessage handles one message of the session.
func (c *client) OnMessage(data []byte, binary bool) {
	if c.ended.Load() {
		return
	}
	var nsp string
	var err error
	if c.decoder == nil {
		nsp, err = c.take(data, binary)
	} else {
		nsp, err = c.parse(data, binary)
	}
	if err != nil {
		c.violate(nsp, err)
	}
}

// OnClose ends the sockets of a session that has ended.
func (c *client) OnClose(reason engineio.Reason, err error) {
	c.joinDone()
	c.dropPartial()
	for _, s := range c.end() {
		s.end(Reason(reason), err)
	}
	c.srv.work.Done()
}

// end stops everything that may add a socket and returns those there are.
func (c *client) end() []*Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended.Store(true)
	sockets := c.sockets
	c.sockets = nil
	return sockets
}

// take takes a message apart. An error breaks the protocol; nsp is where, if that is known.
// data is the session's, valid only until take returns.
func (c *client) take(data []byte, binary bool) (nsp string, err error) {
	if binary {
		return c.takeAttachment(data)
	}
	if c.partial != nil {
		return c.partial.Namespace, errAttachmentDue
	}
	p, err := siowire.Decode(data, &c.srv.limits)
	if err != nil {
		return "", err
	}
	if p.Type == siowire.Connect {
		return p.Namespace, c.connectAs(p.Namespace, p.Data)
	}
	p.Namespace = c.nameOf(p.Namespace)
	s, err := c.addressed(p)
	if err != nil {
		return p.Namespace, err
	}
	p.Data = bytes.Clone(p.Data)
	if !p.Type.Binary() {
		c.deliver(s, p, nil)
		return "", nil
	}
	c.partial = &partial{Packet: p, client: c}
	c.srv.attachments.Start(&c.partial.late, c.partial)
	return "", nil
}

// takeAttachment adds one attachment to the packet that waits for it.
func (c *client) takeAttachment(data []byte) (nsp string, err error) {
	p := c.partial
	if p == nil {
		return "", errStrayBinary
	}
	p.blobs = append(p.blobs, bytes.Clone(data))
	if !c.srv.attachments.Stop(&p.late) {
		return "", nil // it was late
	}
	if len(p.blobs) < p.Attachments {
		c.srv.attachments.Start(&p.late, p)
		return "", nil
	}
	c.partial = nil
	s, err := c.addressed(p.Packet)
	if err != nil {
		return p.Namespace, err
	}
	c.deliver(s, p.Packet, p.blobs)
	return "", nil
}

// addressed returns the socket that a packet is for. It is nil, without an error, when the
// server has left the namespace: the client could not know that when it sent the packet.
func (c *client) addressed(p siowire.Packet) (*Socket, error) {
	if p.Type == siowire.ConnectError {
		return nil, errServersPacket
	}
	c.mu.Lock()
	s, left := c.findLocked(p.Namespace), slices.Contains(c.left, p.Namespace)
	c.mu.Unlock()
	switch {
	case s != nil && s.hasJoined():
		return s, nil
	case s == nil && left:
		return nil, nil
	}
	return nil, errNotJoined
}

// deliver gives a packet other than CONNECT to its socket. It owns the packet's bytes.
func (c *client) deliver(s *Socket, p siowire.Packet, blobs [][]byte) {
	if s == nil {
		return
	}
	switch p.Type {
	case siowire.Disconnect:
		if c.remove(s) {
			s.end(ReasonClientDisconnect, nil)
		}
	case siowire.Event, siowire.BinaryEvent:
		s.receive(newEvent(s, p, blobs))
	case siowire.Ack, siowire.BinaryAck:
		if p.HasAck {
			s.acknowledged(p.AckID, siocall.NewArgs(p.Data, blobs, 0))
		}
	}
}

// Expire implements deadline.Expirer.
func (p *partial) Expire(*deadline.Entry) { p.client.breakOff(p.Namespace, errLate) }

// dropPartial forgets a binary packet whose attachments will not come, on the session's reader.
func (c *client) dropPartial() {
	if c.partial != nil {
		c.srv.attachments.Stop(&c.partial.late)
		c.partial = nil
	}
}

// violate closes the connection of a client that broke the protocol, and tells why. It is called
// on the session's reader.
func (c *client) violate(nsp string, err error) {
	c.dropPartial()
	c.breakOff(nsp, err)
}

// breakOff is violate from anywhere.
func (c *client) breakOff(nsp string, err error) {
	c.ended.Store(true)
	err = &ProtocolError{Namespace: nsp, Err: err}
	told := false
	for _, s := range c.snapshot() {
		if s.hasJoined() {
			s.post(task{do: func() { s.report(err) }})
			told = true
		}
	}
	if !told {
		c.srv.report(nil, err)
	}
	c.sess.Close(engineio.ReasonForcedClose)
}

// joinWait is the time that a connection has to join a first namespace. It stands apart from
// the client because most of a connection's life is spent without it.
type joinWait struct {
	deadline.Entry
	client *client
}

// Expire implements deadline.Expirer.
func (j *joinWait) Expire(*deadline.Entry) { j.client.connectTimeout() }

// joinDone ends the wait for a first namespace.
func (c *client) joinDone() {
	if j := c.joining.Swap(nil); j != nil {
		c.srv.joining.Stop(&j.Entry)
	}
}

// connectTimeout closes a connection that has joined no namespace in time.
func (c *client) connectTimeout() {
	if slices.ContainsFunc(c.snapshot(), (*Socket).hasJoined) {
		return // at the last moment
	}
	c.ended.Store(true)
	c.srv.report(nil, ErrConnectTimeout)
	c.sess.Close(engineio.ReasonForcedClose)
}

// await has the reader wait for ready. It reports true when the session has ended.
func (c *client) await(ready <-chan struct{}) (over bool) {
	c.stall(true)
	defer c.stall(false)
	select {
	case <-ready:
		return false
	case <-c.sess.Done():
		return true
	}
}

// stall says that the reader has to wait, or no longer. Whoever waits for an acknowledgement
// is told at once: a handler that waits for one may be what the reader waits for.
func (c *client) stall(on bool) {
	c.stalled.Store(on)
	if on {
		for _, s := range c.snapshot() {
			s.failAcks(ErrBackpressure)
		}
	}
}

// awaitLeavers waits, on the session's reader, while as many sockets that have ended are still at work as there may be
// namespaces: a client that joins and leaves in a circle keeps no more waiting than one that stays. It reports false
// when the session has ended.
func (c *client) awaitLeavers() bool {
	for {
		fewer := c.tooManyLeavers()
		if fewer == nil {
			return true
		}
		if c.await(fewer) {
			return false
		}
	}
}

// tooManyLeavers returns what to wait for before the client may join again, nil when it may.
func (c *client) tooManyLeavers() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.leavers
	if l == nil || l.count < c.srv.opts.MaxNamespaces {
		return nil
	}
	if l.fewer == nil {
		l.fewer = make(chan struct{})
	}
	return l.fewer
}

// addLeaver counts a socket that ends before its work is done.
func (c *client) addLeaver() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leavers == nil {
		c.leavers = &leavers{}
	}
	c.leavers.count++
}

// leaverDone is the end of that.
func (c *client) leaverDone() {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.leavers
	if l.fewer != nil {
		close(l.fewer)
		l.fewer = nil
	}
	if l.count--; l.count == 0 {
		c.leavers = nil
	}
}

func (c *client) findLocked(name string) *Socket {
	for _, s := range c.sockets {
		if s.nsp.name == name {
			return s
		}
	}
	return nil
}

func (c *client) snapshot() []*Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.sockets)
}

// add lets s be found by its namespace's name. It reports false when the connection has ended.
func (c *client) add(s *Socket) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended.Load() {
		return false
	}
	c.sockets = append(c.sockets, s)
	c.left = slices.DeleteFunc(c.left, func(name string) bool { return name == s.nsp.name })
	return true
}

// replace puts s in the place of old. It reports false when old has no place any more.
func (c *client) replace(old, s *Socket) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.Index(c.sockets, old)
	if i < 0 {
		return false
	}
	c.sockets[i] = s
	return true
}

// remove makes the client forget s; false when it had already.
func (c *client) remove(s *Socket) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.removeLocked(s)
}

func (c *client) removeLocked(s *Socket) bool {
	i := slices.Index(c.sockets, s)
	if i < 0 {
		return false
	}
	c.sockets = slices.Delete(c.sockets, i, i+1)
	return true
}

// leave is remove for a namespace that the server leaves: what the client sends to it before it
// learns of that is ignored.
func (c *client) leave(s *Socket) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.removeLocked(s) {
		return false
	}
	c.left = append(c.left, s.nsp.name)
	if len(c.left) > c.srv.opts.MaxNamespaces {
		c.left = slices.Delete(c.left, 0, 1)
	}
	return true
}
