package socketio

import (
	"context"

	"rightnow/hub"
)

// WhenAsked has f run whenever n's recovery has looked up what a client missed. It is called before the first client.
func WhenAsked(n *Namespace, f func()) {
	n.recovery.journal = askedJournal{n.recovery.journal, f}
}

type askedJournal struct {
	hub.Journal
	asked func()
}

func (j askedJournal) After(ctx context.Context, offset string) ([]*hub.Message, error) {
	all, err := j.Journal.After(ctx, offset)
	j.asked()
	return all, err
}

// Expected is how many acknowledgements of s are waited for.
func Expected(s *Socket) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.acks)
}
