package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"rightnow/engineio"
	"rightnow/hub"
	"rightnow/internal/deadline"
)

// RecoveryOptions configure the recovery of a connection's state: a client whose connection was
// lost, and that comes back in time, has its socket again, with its id, rooms and data, and is
// given the events it missed. Zero fields mean their defaults.
//
// Each namespace keeps its sessions and its latest events in memory. Events that are volatile or
// want an acknowledgement are not kept. Who has missed more than half of Options.QueueLimit is not recovered,
// of which OnError learns.
type RecoveryOptions struct {
	// MaxDisconnectionDuration is how long a client may stay away, and how long events are kept.
	// 2 min.
	MaxDisconnectionDuration time.Duration
	// SkipMiddlewares lets a client that comes back in without asking the namespace's middlewares
	// again, as Node does by default.
	SkipMiddlewares bool
	// MaxSessions bounds the clients of a namespace that are away; further ones that go are not
	// kept. 10,000.
	MaxSessions int
	// MaxEvents and MaxBytes bound the events kept for a namespace, the oldest go first.
	// 10,000 and 16 MiB.
	MaxEvents, MaxBytes int
}

func (o RecoveryOptions) withDefaults() RecoveryOptions {
	setDefault(&o.MaxDisconnectionDuration, 2*time.Minute)
	setDefault(&o.MaxSessions, 10_000)
	setDefault(&o.MaxEvents, 10_000)
	setDefault(&o.MaxBytes, 16<<20)
	return o
}

// recovery keeps the sessions of one namespace. Its methods may be called concurrently, claim not under
// a socket's lock, and none of them under the hub's.
type recovery struct {
	// Fixed at creation.
	opts    RecoveryOptions
	nsp     *Namespace
	journal hub.Journal
	expiry  *deadline.List // of the sessions whose client is away

	mu       sync.Mutex // guards following, and what sessions say of it
	sessions map[string]*session
	away     int
	closed   bool // nothing is kept any more
}

// session is what a client has again when it comes back. It is known under its secret private
// id from the moment at which its socket has joined.
type session struct {
	deadline.Entry
	recovery *recovery

	// Fixed at creation.
	pid, sid string

	start string // the journal's head when it joined; fixed then
	stays stays

	// Guarded by recovery.mu.
	socket  *Socket       // the one that has it, nil while the client is away
	left    chan struct{} // closed when that socket has left it
	claimed bool          // that socket is about to join
	rooms   []string
	data    any
}

// claim is a session that a socket takes over, from where on it needs events.
type claim struct {
	*session
	offset string
}

func newRecovery(n *Namespace, o RecoveryOptions) *recovery {
	return &recovery{
		opts: o,
		nsp:  n,
		journal: hub.NewLog(&hub.LogOptions{
			MaxAge: o.MaxDisconnectionDuration, MaxMessages: o.MaxEvents, MaxBytes: o.MaxBytes,
		}),
		expiry:   deadline.New(o.MaxDisconnectionDuration),
		sessions: make(map[string]*session),
	}
}

// newSession makes a session for a socket that is to join.
func (r *recovery) newSession(s *Socket) *session {
	return &session{recovery: r, pid: newID(), sid: s.id}
}

// open begins the session of a socket that has joined behind head.
func (r *recovery) open(k *session, s *Socket, head string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k.start, k.socket, k.left = head, s, make(chan struct{})
	if !r.closed {
		r.sessions[k.pid] = k
	}
}

// claim takes, for a socket that is to join, the session that its client asks for with its CONNECT. It is nil
// when there is none, or not everything that was missed is there. A socket that has the session still is one
// whose connection is dead, and ends.
func (r *recovery) claim(s *Socket) *claim {
	pid, offset := asked(s.auth)
	if pid == nil {
		return nil
	}
	r.mu.Lock()
	k := r.sessions[*pid]
	r.mu.Unlock()
	if k == nil || !r.evict(k) || !r.take(k, s) {
		return nil
	}
	c := &claim{session: k, offset: k.start}
	if offset != nil {
		c.offset = *offset
	}
	if _, err := c.missed(r.journal.Head(), k.rooms); err != nil {
		r.drop(k)
		if errors.Is(err, errMissedTooMuch) {
			r.nsp.srv.report(nil, fmt.Errorf("socketio: socket %s is not recovered: %w", k.sid, err))
		}
		return nil
	}
	return c
}

// asked returns what a client that comes back says: the members "pid" and "offset" of its auth, where the names of others,
// its own, may differ by capitals alone.
func asked(auth Auth) (pid, offset *string) {
	var members map[string]json.RawMessage
	if auth.Decode(&members) != nil || json.Unmarshal(members["pid"], &pid) != nil {
		return nil, nil
	}
	if raw, ok := members["offset"]; ok && json.Unmarshal(raw, &offset) != nil {
		return nil, nil
	}
	return pid, offset
}

// evict ends the socket that has a session, if there is one. It reports false when that cannot be: the socket is just
// beginning to join.
func (r *recovery) evict(k *session) bool {
	r.mu.Lock()
	old, left, claimed := k.socket, k.left, k.claimed
	r.mu.Unlock()
	if old == nil {
		return true
	}
	if old.conn.remove(old) {
		old.end(ReasonTransportClose, errComesAgain)
		old.sess.Close(engineio.ReasonForcedClose)
	} else if claimed && !old.isEnding() {
		return false
	}
	<-left // it may have been ending already; nothing of that waits
	return true
}

// take gives a session whose client is away to a socket that is to join, or to nobody any more because the client does not
// come back.
func (r *recovery) take(k *session, s *Socket) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sessions[k.pid] != k || k.socket != nil {
		return false
	}
	r.expiry.Stop(&k.Entry)
	r.away--
	if s == nil {
		delete(r.sessions, k.pid)
		return true
	}
	k.socket, k.left, k.claimed = s, make(chan struct{}), true
	return true
}

// keeps reports whether what is sent to a session's client reaches it: now, or when it comes back.
func (r *recovery) keeps(k *session) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sessions[k.pid] == k
}

// resume says that the socket that has claimed a session has joined with it and is in rooms. Whoever calls it then releases the
// namespace, which was held for the client that was away.
func (r *recovery) resume(k *session, rooms []string) {
	k.stays.forgetAllBut(rooms)
	r.mu.Lock()
	defer r.mu.Unlock()
	k.claimed, k.rooms, k.data = false, nil, nil
}

// leave keeps the session of a socket that has ended until its client comes back.
func (r *recovery) leave(k *session, rooms []string, data any) {
	r.nsp.srv.hold(r.nsp) // not under r.mu, which is taken under the locks of sockets
	if !r.keep(k, rooms, data) {
		r.nsp.srv.release(r.nsp)
	}
}

// keep reports whether there is room for it.
func (r *recovery) keep(k *session, rooms []string, data any) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer close(k.left)
	if r.closed || r.away >= r.opts.MaxSessions || r.sessions[k.pid] != k {
		k.socket = nil
		delete(r.sessions, k.pid)
		return false
	}
	k.rooms, k.data = rooms, data
	r.awayLocked(k)
	return true
}

// putBack undoes take, for a client whose connection was lost again before it had joined.
func (r *recovery) putBack(k *session) {
	r.mu.Lock()
	if r.closed || r.away >= r.opts.MaxSessions {
		r.mu.Unlock()
		r.drop(k)
		return
	}
	defer r.mu.Unlock()
	close(k.left)
	r.awayLocked(k)
}

// awayLocked starts the time for a client to come back. r.mu must be held.
func (r *recovery) awayLocked(k *session) {
	k.socket, k.claimed = nil, false
	r.away++
	r.expiry.Start(&k.Entry, k)
}

// Expire implements deadline.Expirer: the client has stayed away too long.
func (k *session) Expire(*deadline.Entry) {
	if k.recovery.take(k, nil) {
		k.recovery.drop(k)
	}
}

// drop ends a session that was taken.
func (r *recovery) drop(k *session) {
	r.mu.Lock()
	if k.claimed {
		k.socket, k.claimed = nil, false
		delete(r.sessions, k.pid)
		close(k.left)
	}
	r.mu.Unlock()
	r.nsp.srv.release(r.nsp)
}

// forget ends the session of a socket that may not come back.
func (r *recovery) forget(k *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k.socket = nil
	delete(r.sessions, k.pid)
	close(k.left)
}

// close forgets everybody.
func (r *recovery) close() {
	r.mu.Lock()
	r.closed = true
	sessions := r.sessions
	r.sessions = make(map[string]*session)
	var gone []*session
	for _, k := range sessions {
		if k.socket == nil {
			r.expiry.Stop(&k.Entry)
			gone = append(gone, k)
		}
	}
	r.away = 0
	r.mu.Unlock()
	for _, k := range gone {
		r.drop(k)
	}
}

// missed returns what the client, who is in rooms, has missed up to head. It fails when that is not kept any
// more, or so much that the client would be cut off as too slow.
func (c *claim) missed(head string, rooms []string) ([]*hub.Message, error) {
	past, open := c.stays.all(rooms)
	all, err := c.recovery.journal.After(context.Background(), c.offset)
	if err != nil {
		return nil, err
	}
	if c.offset == head {
		return nil, nil
	}
	meant := audienceOf(c.session, past, open, all)
	var missed []*hub.Message
	size, limit := 0, c.recovery.nsp.srv.opts.QueueLimit/2
	for i, m := range all {
		if meant.has(i, m) {
			missed = append(missed, m)
			size += queueSize(m)
		}
		if m.Offset == head {
			break
		}
	}
	if size > limit {
		return nil, errMissedTooMuch
	}
	return missed, nil
}

// recoverable reports whether a client whose socket ended for this reason may want to come back.
func recoverable(reason Reason) bool {
	switch reason {
	case ReasonClientDisconnect, ReasonServerDisconnect, ReasonParseError:
		return false
	}
	return true
}

var (
	errComesAgain    = errors.New("its client came again over another connection")
	errMissedTooMuch = errors.New("its client has missed more than half of QueueLimit")
)
