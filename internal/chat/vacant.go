package chat

import (
	"context"
	"time"
)

// A room is vacant when nothing was ever said in it and nobody is in it, not
// even by a nickname that is held for them. All that is lost with it is who
// opened it and in which spelling; its link opens it anew. Vacant rooms are
// removed after a while, and before it when another one needs the place, so
// that nobody can use up all rooms by opening them and going away.
//
// Nobody notices by the sequence: the room had none, so whoever remembers a
// number of it remembers 0, which is where the new one begins. A room whose
// messages were all forgotten is not vacant for this reason: pages remember its
// last number, and it goes on from there.
//
//	Enter ─► claim ─► stored? else opened ─► in its place ─► release
//	           │ waits while this very room is being removed
//	remover ─► EmptyRooms ─► condemn all without a claim or a place ─► RemoveRooms
//
// Say holds a claim too, since a person may be gone before their line is stored.

// vacantChunk is how many rooms one transaction removes, so that a message which
// comes meanwhile does not wait long.
const vacantChunk = 500

// removal is of the rooms that are being removed just now.
type removal struct {
	names map[string]struct{}
	done  chan struct{} // closed when they are gone, or stay after all
}

// claim keeps a room from being removed until release, whether it is there or
// not. When it is being removed, claim waits for the end of that, or of ctx.
func (s *Service) claim(ctx context.Context, name string) error {
	for {
		s.mu.Lock()
		r := s.removing
		if r == nil || !r.has(name) {
			s.claims[name]++
			s.mu.Unlock()
			return nil
		}
		s.mu.Unlock()
		select {
		case <-r.done:
		case <-ctx.Done():
			return Unavailable(context.Cause(ctx))
		}
	}
}

func (r *removal) has(name string) bool {
	_, ok := r.names[name]
	return ok
}

func (s *Service) release(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.claims[name]--; s.claims[name] == 0 {
		delete(s.claims, name)
	}
}

// removeVacant removes at most n rooms that have been vacant since before a
// time (zero: since whenever), those opened first before others. It removes
// none only when there is none. The rooms must be locked.
func (s *Service) removeVacant(ctx context.Context, since time.Time, n int) (removed int, err error) {
	for {
		limit := n + s.countSpared(since) // the oldest may all be among those
		names, err := s.opts.Store.EmptyRooms(ctx, since, limit)
		if err != nil {
			return 0, err
		}
		if chosen := s.condemn(names, since, n); len(chosen) > 0 {
			removed, err := s.opts.Store.RemoveRooms(ctx, chosen)
			if s.opts.Removed != nil && err == nil {
				s.opts.Removed(chosen)
			}
			s.endRemoval(chosen, err)
			s.counters.removed.Add(int64(removed))
			return removed, err
		}
		if len(names) < limit {
			return 0, nil
		}
		// People came into those that were named: there may be others behind them.
	}
}

// countSpared is how many rooms sparedLocked may be true of.
func (s *Service) countSpared(since time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.places) + len(s.claims)
	if !since.IsZero() {
		n += len(s.vacated)
	}
	return n
}

// condemn chooses at most n of the names; claim waits for these from now on.
func (s *Service) condemn(names []string, since time.Time, n int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	chosen := make([]string, 0, min(n, len(names)))
	set := make(map[string]struct{}, cap(chosen))
	for _, name := range names {
		if len(chosen) < n && !s.sparedLocked(name, since) {
			chosen = append(chosen, name)
			set[name] = struct{}{}
		}
	}
	if len(chosen) > 0 {
		s.removing = &removal{names: set, done: make(chan struct{})}
	}
	return chosen
}

func (s *Service) sparedLocked(name string, since time.Time) bool {
	_, claimed := s.claims[name]
	left, known := s.vacated[name]
	return claimed || s.places[name] != nil || !since.IsZero() && known && left.After(since)
}

func (s *Service) endRemoval(names []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.removing.done)
	s.removing = nil
	s.touchListLocked()
	if err != nil {
		return // some may be there still
	}
	for _, name := range names {
		delete(s.vacated, name)
	}
}

// vacateLocked takes down since when nobody is in a room. s.mu must be held.
func (s *Service) vacateLocked(p *place) {
	delete(s.places, p.room.Name)
	if s.opts.EmptyRoomTTL > 0 && p.room.LastSeq == 0 { // something may have been said since
		s.vacated[p.room.Name] = time.Now()
	}
}

// sweepVacant removes the rooms that have been vacant for the time that they
// are kept. That counts from the server's start at the earliest, so that those
// who were cut off by it find their room when they come back.
func (s *Service) sweepVacant() {
	since := time.Now().Add(-s.opts.EmptyRoomTTL)
	if s.started.After(since) {
		return
	}
	total := 0
	for {
		n, err := s.sweepChunk(since)
		total += n
		if err != nil && s.running.Err() == nil {
			s.opts.Logger.Error("chat: empty rooms not removed", "error", err)
		}
		if err != nil || n == 0 {
			break
		}
	}
	if total > 0 {
		s.opts.Logger.Info("chat: empty rooms removed", "count", total)
	}
	s.forgetVacated(since)
}

func (s *Service) sweepChunk(since time.Time) (removed int, err error) {
	ctx, cancel := s.storeContext(s.running)
	defer cancel()
	if err := s.lockRooms(ctx); err != nil {
		return 0, err
	}
	defer s.unlockRooms()
	return s.removeVacant(ctx, since, vacantChunk)
}

// forgetVacated drops what makes no difference to a sweep any more. What is
// left is of rooms in the store, so no more than these.
func (s *Service) forgetVacated(since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, left := range s.vacated {
		if !left.After(since) {
			delete(s.vacated, name)
		}
	}
}
