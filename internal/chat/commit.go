package chat

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"time"
)

// committer makes messages durable, many in one transaction, and tells of them
// in the order of their sequence. Only its own goroutine calls Store.Append and
// emits EventMessage; that is why the order holds.
//
//	say ─► queue ─► run: takes all that wait ─► Append (one fsync) ─► Emit, Emit, … ─► ack, ack, …
type committer struct {
	store   Store
	to      Broadcaster
	log     *slog.Logger
	batch   int
	rooms   int // that the store has at most
	timeout time.Duration
	count   *counters
	changed func() // called after each transaction that added something

	queue   chan *saying    // bounded; say sends, run receives; never closed
	quit    <-chan struct{} // closed: take nothing more
	stopped chan struct{}   // closed by run at its end

	// Owned by run.
	told map[string]int64 // room → the last seq emitted, or in the store before the first; at most one a room
}

// saying is a message on its way and the one who waits for it.
type saying struct {
	draft  Draft
	result chan outcome // capacity 1, written once
}

type outcome struct {
	receipt Receipt
	err     error
}

func newCommitter(o *Options, quit <-chan struct{}, count *counters, changed func()) *committer {
	return &committer{
		store:   o.Store,
		to:      o.Broadcaster,
		log:     o.Logger,
		batch:   o.CommitBatch,
		rooms:   o.MaxRooms,
		timeout: o.StoreTimeout,
		count:   count,
		changed: changed,
		queue:   make(chan *saying, o.CommitQueue),
		quit:    quit,
		stopped: make(chan struct{}),
		told:    make(map[string]int64),
	}
}

// say waits until the draft is durable. When ctx ends first, the message may be
// stored all the same.
func (c *committer) say(ctx context.Context, d Draft) (Receipt, error) {
	s := &saying{draft: d, result: make(chan outcome, 1)}
	select {
	case <-c.quit:
		return Receipt{}, closing()
	case <-ctx.Done():
		return Receipt{}, context.Cause(ctx)
	case c.queue <- s:
	}
	select {
	case o := <-s.result:
		return o.receipt, o.err
	case <-ctx.Done():
		return Receipt{}, context.Cause(ctx)
	case <-c.stopped:
	}
	select {
	case o := <-s.result:
		return o.receipt, o.err
	default: // it came into the queue after run had seen it empty
		return Receipt{}, closing()
	}
}

// run commits until quit is closed and the queue is empty. ctx cuts its calls
// to the store short.
func (c *committer) run(ctx context.Context) {
	defer close(c.stopped)
	for {
		select {
		case s := <-c.queue:
			c.commit(ctx, c.gather(s))
		case <-c.quit:
			for len(c.queue) > 0 {
				c.commit(ctx, c.gather(<-c.queue))
			}
			return
		}
	}
}

// gather adds to the first all that wait, without waiting for more: while one
// transaction runs, the next one's messages come together.
func (c *committer) gather(first *saying) []*saying {
	batch := append(make([]*saying, 0, min(c.batch, 1+len(c.queue))), first)
	for len(batch) < c.batch {
		select {
		case s := <-c.queue:
			batch = append(batch, s)
		default:
			return batch
		}
	}
	return batch
}

func (c *committer) commit(ctx context.Context, batch []*saying) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	fates, err := c.append(ctx, batch)
	if err != nil {
		c.count.failed.Add(int64(len(batch)))
		c.log.Error("chat: messages not stored", "count", len(batch), "error", err)
		for _, s := range batch {
			s.result <- outcome{err: Unavailable(err)}
		}
		return
	}
	added := countNew(fates)
	c.count.stored.Add(added)
	for i, s := range batch {
		c.tell(ctx, s.draft, fates[i])
	}
	// The acks come last: what is told and the sender's ack leave together, when
	// the sender's handler ends.
	for i, s := range batch {
		s.result <- outcomeOf(s.draft, fates[i])
	}
	if added > 0 {
		c.changed()
	}
}

func outcomeOf(d Draft, fate Stored) outcome {
	if fate.Err != nil {
		return outcome{err: Unavailable(fate.Err)}
	}
	return outcome{receipt: Receipt{Seq: fate.Seq, At: fate.At, ID: d.ID}}
}

func (c *committer) append(ctx context.Context, batch []*saying) ([]Stored, error) {
	now := time.Now().UnixMilli()
	drafts := make([]Draft, len(batch))
	for i, s := range batch {
		s.draft.At = now
		drafts[i] = s.draft
		if err := c.learn(ctx, s.draft.Room); err != nil {
			return nil, err
		}
	}
	fates, err := c.store.Append(ctx, drafts)
	if err == nil && len(fates) != len(drafts) {
		err = errors.New("chat: the store did not tell the fate of every message")
	}
	return fates, err
}

// learn makes sure that told has the room, so that nothing which gets into the
// store from now on is left untold.
func (c *committer) learn(ctx context.Context, room string) error {
	if _, ok := c.told[room]; ok {
		return nil
	}
	if len(c.told) >= c.rooms {
		// The zeros may be of rooms that are gone since. A room that has a message
		// stays, and one that is opened anew begins with none again.
		maps.DeleteFunc(c.told, func(_ string, seq int64) bool { return seq == 0 })
	}
	r, err := c.store.Room(ctx, room)
	switch {
	case errors.Is(err, ErrNoRoom):
		return nil
	case err != nil:
		return err
	}
	c.told[room] = r.LastSeq
	return nil
}

// tell emits a message that is new.
func (c *committer) tell(ctx context.Context, d Draft, fate Stored) {
	last := c.told[d.Room]
	switch {
	case fate.Err != nil, fate.Seq <= last: // a repeat, told long ago
	case fate.Seq > last+1, fate.Repeat:
		c.catchUp(ctx, d.Room, fate.Seq)
	default:
		c.emit(message(d, fate))
	}
}

// catchUp tells what is in the store up to a seq and was never told: messages
// of a transaction whose commit went through although Append failed.
func (c *committer) catchUp(ctx context.Context, room string, to int64) {
	for c.told[room] < to {
		messages, err := c.store.After(ctx, room, c.told[room], c.batch)
		if err != nil || len(messages) == 0 {
			// The page sees the gap at the next message and asks for what is missing.
			c.log.Error("chat: messages not told", "room", room, "after", c.told[room], "to", to, "error", err)
			c.told[room] = to
			return
		}
		for _, m := range messages {
			c.emit(m)
		}
	}
}

func (c *committer) emit(m Message) {
	c.told[m.Room] = m.Seq
	c.to.Emit(m.Room, EventMessage, m)
}

func countNew(fates []Stored) int64 {
	added := int64(0)
	for _, f := range fates {
		if f.Err == nil && !f.Repeat {
			added++
		}
	}
	return added
}

func message(d Draft, fate Stored) Message {
	return Message{
		Room: d.Room, Seq: fate.Seq, ID: d.ID, Person: d.Person,
		Nick: d.Nick, Text: d.Text, At: fate.At, Quote: d.Quote,
	}
}

// Unavailable refuses what the store did not do; the cause is for the log.
func Unavailable(cause error) *Error {
	return &Error{Code: CodeUnavailable, Message: "The chat's memory cannot be reached just now. Please try again.", cause: cause}
}

func closing() *Error {
	return refuse(CodeUnavailable, "The server is going down. Please try again in a moment.")
}
