package sioclient

import (
	"context"
	"errors"
	"slices"
)

// waiting waits for one acknowledgement.
type waiting struct {
	result chan result // of capacity 1
}

type result struct {
	args Args
	err  error
}

func newWaiting() *waiting { return &waiting{make(chan result, 1)} }

// answer and fail end the wait; the first call counts.
func (w *waiting) answer(args Args) { w.tell(result{args: args}) }
func (w *waiting) fail(err error)   { w.tell(result{err: err}) }

func (w *waiting) tell(r result) {
	select {
	case w.result <- r:
	default:
	}
}

// await waits for the acknowledgement; giveUp is called when ctx ends first.
func (w *waiting) await(ctx context.Context, giveUp func()) (Args, error) {
	select {
	case r := <-w.result:
		return r.args, r.err
	case <-ctx.Done():
		giveUp()
		select {
		case r := <-w.result: // it came at the same moment
			return r.args, r.err
		default:
			return Args{}, ended(ctx)
		}
	}
}

// ended says why a wait ended with ctx.
func ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ErrTimeout
	}
	return context.Cause(ctx)
}

// acknowledged handles an acknowledgement of the server. One that nobody waits for is ignored.
func (s *Socket) acknowledged(id uint64, args Args) {
	s.mu.Lock()
	w := s.acks[id]
	delete(s.acks, id)
	s.mu.Unlock()
	if w != nil {
		w.answer(args)
	}
}

// forget ends the wait for an acknowledgement. An event that still waits for the connection is not sent
// any more: who emitted it believes that it has failed.
func (s *Socket) forget(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.acks, id)
	i := slices.IndexFunc(s.buffer, func(out outgoing) bool { return out.packet.HasID && out.packet.ID == id })
	if i >= 0 {
		s.buffered -= s.buffer[i].size
		s.buffer = slices.Delete(slices.Clone(s.buffer), i, i+1)
	}
}

// failAll ends all waiting, and drops what waits for a connection that will not come.
func (s *Socket) failAll(err error) {
	s.mu.Lock()
	acks := s.acks
	s.acks = make(map[uint64]*waiting)
	s.buffer, s.buffered = nil, 0
	s.mu.Unlock()
	for _, w := range acks {
		w.fail(err)
	}
}

// takeAcksLocked returns all who wait for an acknowledgement of something that has been sent. s.mu
// must be held.
func (s *Socket) takeAcksLocked() (taken []*waiting) {
	unsent := make(map[uint64]bool)
	for _, out := range s.buffer {
		if out.packet.HasID {
			unsent[out.packet.ID] = true
		}
	}
	for id, w := range s.acks {
		if !unsent[id] {
			taken = append(taken, w)
			delete(s.acks, id)
		}
	}
	return taken
}
