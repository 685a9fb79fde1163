package socketio

import (
	"context"
	"errors"
	"sync"
	"time"

	"rightnow/hub"
)

// ackSink takes what becomes of one acknowledgement that is waited for: exactly one of the two,
// once for each client. Neither may wait.
type ackSink interface {
	answer(Args)
	fail(error)
}

// expectLocked has the acknowledgement of that id delivered to sink.
func (s *Socket) expectLocked(id uint64, sink ackSink) {
	if s.acks == nil {
		s.acks = make(map[uint64]ackSink, 1)
	}
	s.acks[id] = sink
}

// forget takes back expectLocked. Who gets nil has lost against an answer or a failure.
func (s *Socket) forget(id uint64) ackSink {
	s.mu.Lock()
	defer s.mu.Unlock()
	sink := s.acks[id]
	if sink != nil {
		delete(s.acks, id)
	}
	if len(s.acks) == 0 {
		s.acks = nil
	}
	return sink
}

// acknowledged handles an acknowledgement from the client. One that nobody waits for, or not any
// more, is ignored.
func (s *Socket) acknowledged(id uint64, args Args) {
	if sink := s.forget(id); sink != nil {
		sink.answer(args)
	}
}

// failAcks ends all waiting for acknowledgements of this client.
func (s *Socket) failAcks(err error) {
	s.mu.Lock()
	acks := s.acks
	s.acks = nil
	s.mu.Unlock()
	for _, sink := range acks {
		sink.fail(err)
	}
}

// nextAck returns an id that no other emit of the namespace has.
func (n *Namespace) nextAck() uint64 { return n.acks.Add(1) - 1 }

// single waits for one client.
type single chan ackResult // of capacity 1

type ackResult struct {
	args Args
	err  error
}

func (w single) answer(a Args)  { w <- ackResult{args: a} }
func (w single) fail(err error) { w <- ackResult{err: err} }

// gather collects the acknowledgements of one broadcast, or of one for each of several
// namespaces. It is complete when it is sealed and no client is left to answer.
type gather struct {
	complete chan struct{}

	mu      sync.Mutex // guards following
	sealed  bool       // everybody has been handed the event but those about to join
	over    bool       // it is complete, or nobody waits for it any more
	clients []*Socket
	left    int
	answers []Args
	err     error // the first failure
}

// expect adds a client. It reports false when it is too late for that.
func (g *gather) expect(s *Socket) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return false
	}
	g.clients = append(g.clients, s)
	g.left++
	return true
}

// abandon ends it before it is complete. It returns all clients, those that have answered too.
func (g *gather) abandon() []*Socket {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over = true
	return g.clients
}

func (g *gather) answer(a Args) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answers = append(g.answers, a)
	g.left--
	g.checkLocked()
}

func (g *gather) fail(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err == nil {
		g.err = err
	}
	g.left--
	g.checkLocked()
}

func (g *gather) seal() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sealed = true
	g.checkLocked()
}

func (g *gather) checkLocked() {
	if g.sealed && g.left == 0 && !g.over {
		close(g.complete)
		g.over = true
	}
}

// result returns the answers so far and why there are not more.
func (g *gather) result(err error) ([]Args, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err == nil {
		err = g.err
	}
	return g.answers[:len(g.answers):len(g.answers)], err
}

// gatheringFor returns what collects the acknowledgements of a broadcast that is being handed out, nil
// when that is not done on this node.
func (n *Namespace) gatheringFor(m *hub.Message) *gather {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.gathering[m]
}

// gather publishes m, and has the clients that get it meanwhile added to g.
func (n *Namespace) gather(m *hub.Message, g *gather) error {
	n.mu.Lock()
	if n.gathering == nil {
		n.gathering = make(map[*hub.Message]*gather)
	}
	n.gathering[m] = g
	n.mu.Unlock()
	defer func() {
		n.mu.Lock()
		delete(n.gathering, m)
		n.mu.Unlock()
	}()
	_, err := n.hub.Publish(m)
	return err
}

// withTimeout bounds ctx by d, if that is not 0.
func withTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, d, ErrTimeout)
}

// ended says why a wait ended with ctx.
func ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ErrTimeout
	}
	return context.Cause(ctx)
}
