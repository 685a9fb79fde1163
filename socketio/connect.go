package socketio

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"

	"rightnow/socketio/internal/sioargs"
	"rightnow/socketio/internal/siowire"
)

// newID returns 20 characters that cannot be guessed.
func newID() string {
	var b [15]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Why a CONNECT is refused, in words for the client.
var (
	errNoNamespace       = ConnectError{Message: "Invalid namespace"}
	errTooManyNamespaces = ConnectError{Message: "Too many namespaces"}
)

// connect handles a CONNECT packet, on the session's reader. An error breaks the protocol.
func (c *client) connect(name string, auth []byte) error {
	if !c.awaitLeavers() {
		return nil
	}
	c.mu.Lock()
	joined, count := c.findLocked(name), len(c.sockets)
	c.mu.Unlock()
	if joined != nil {
		return errJoinedTwice
	}
	if count >= c.srv.opts.MaxNamespaces {
		c.refuse(name, errTooManyNamespaces)
		return nil
	}
	s := &Socket{sess: c.sess, conn: c, auth: Auth(bytes.Clone(auth))}
	n, parents := c.srv.known(name)
	if n == nil && hasFunc(parents) {
		s.nsp = &Namespace{srv: c.srv, name: name}
		if c.add(s) {
			c.srv.work.Add()
			go s.resolve(parents) // ends with the functions it asks
		}
		return nil
	}
	var parent *ParentNamespace
	if n != nil {
		parent = n.parent
	} else {
		parent = matching(parents, name)
	}
	if n = c.srv.acquire(name, parent); n == nil {
		c.refuse(name, errNoNamespace)
		return nil
	}
	s.begin(n, c.add)
	return nil
}

func hasFunc(parents []*ParentNamespace) bool {
	for _, p := range parents {
		if p.allow != nil {
			return true
		}
	}
	return false
}

// resolve asks the parents, in their order, whether one makes the namespace of a socket that
// has only its name so far, and then puts a socket of the real namespace in its place.
func (s *Socket) resolve(parents []*ParentNamespace) {
	defer s.conn.srv.work.Done()
	n := s.conn.srv.acquire(s.nsp.name, s.firstAllowing(parents))
	if n == nil {
		if s.conn.remove(s) {
			s.end(ReasonServerDisconnect, nil)
			s.conn.refuse(s.nsp.name, errNoNamespace)
		}
		return
	}
	real := &Socket{sess: s.sess, conn: s.conn, auth: s.auth}
	s.mu.Lock()
	real.ctx, real.cancel = s.ctx, s.cancel
	s.mu.Unlock()
	real.begin(n, func(real *Socket) bool { return s.conn.replace(s, real) })
}

func (s *Socket) firstAllowing(parents []*ParentNamespace) *ParentNamespace {
	for _, p := range parents {
		if p.pattern != nil && p.pattern.MatchString(s.nsp.name) || p.allow != nil && s.allowedBy(p) {
			return p
		}
	}
	return nil
}

func (s *Socket) allowedBy(p *ParentNamespace) (ok bool) {
	err := s.guard("a namespace's function", func() error {
		ok = p.allow(s.Context(), s.nsp.name, s.auth)
		return nil
	})
	if err != nil {
		s.conn.srv.report(nil, err)
	}
	return ok && err == nil
}

// begin makes s a socket of n, which was acquired for it, and starts to join. place puts s
// where its client finds it.
func (s *Socket) begin(n *Namespace, place func(*Socket) bool) {
	s.id, s.nsp = s.conn.newID(n), n
	var back *claim
	if n.recovery != nil && !s.conn.old() {
		if back = n.recovery.claim(s); back != nil {
			s.restore(back)
		} else {
			s.session = n.recovery.newSession(s)
		}
	}
	if !place(s) {
		if back != nil {
			n.recovery.putBack(back.session)
		}
		n.srv.release(n)
		return
	}
	s.post(task{do: s.join})
}

// join runs the middlewares, tells the client, and calls the namespace's functions: the first
// that the goroutine of a socket does.
func (s *Socket) join() {
	n := s.nsp
	if err := s.guard("the hooks of a namespace", func() error { n.prepare(); return nil }); err != nil {
		s.report(err)
	}
	<-n.ready
	if !s.back || !n.recovery.opts.SkipMiddlewares {
		if err := s.runMiddlewares(); err != nil {
			s.reject(err)
			return
		}
	}
	if !s.admit() {
		return
	}
	s.conn.joinDone()
	for _, f := range n.onConnectSnapshot() {
		if err := s.guard("OnConnect", func() error { f(s); return nil }); err != nil {
			s.report(err)
		}
	}
}

func (s *Socket) runMiddlewares() error {
	for _, f := range s.nsp.middlewareSnapshot() {
		if err := s.guard("Use", func() error { return f(s.Context(), s) }); err != nil {
			return err
		}
		if s.isEnding() {
			return nil
		}
	}
	return nil
}

// reject answers a CONNECT that a middleware refused.
func (s *Socket) reject(err error) {
	refusal, made := asConnectError(err)
	if !made {
		s.report(err)
	}
	if s.conn.remove(s) {
		s.end(ReasonServerDisconnect, nil)
		s.conn.refuse(s.nsp.name, refusal)
	}
}

// asConnectError returns what the client is told of err, and whether err was made for it.
func asConnectError(err error) (ConnectError, bool) {
	var refusal ConnectError
	if errors.As(err, &refusal) {
		return refusal, true
	}
	if e, ok := asClientError(err); ok {
		return ConnectError(e), true
	}
	return ConnectError{Message: internalError}, false
}

// refuse sends a CONNECT_ERROR. The connection stays, and its deadline for joining runs on.
func (c *client) refuse(name string, refusal ConnectError) {
	if c.old() && refusal != errNoNamespace {
		c.refuseOld(name, refusal)
		return
	}
	data := append([]byte(`{"message":`), siowire.AppendString(nil, refusal.Message)...)
	if refusal.Data != nil {
		raw, blobs, err := sioargs.EncodeArgs([]any{refusal.Data})
		switch {
		case err != nil:
			c.srv.report(nil, err)
		case len(blobs) > 0:
			c.srv.report(nil, errBinaryRefusal)
		default:
			data = append(data, `,"data":`...)
			data = append(data, raw[1:len(raw)-1]...)
		}
	}
	data = append(data, '}')
	if c.sendControl(siowire.ConnectError, name, data) {
		c.sess.Flush()
	}
}

var errIDTaken = errors.New("socketio: a member of the namespace's hub has this socket's id")

var errBinaryRefusal = errors.New("socketio: the data of a ConnectError cannot be binary")
