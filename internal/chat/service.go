package chat

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"rightnow/internal/limit"
)

// Service is the chat. All methods may be called concurrently.
//
// A connection (conn: its id, unique in the process) is what people call a tab;
// whoever calls must say Leave for each room a connection entered, when it is
// gone.
type Service struct {
	// Fixed at New.
	opts       Options
	key        []byte // of identities
	nicks      *nickReader
	commits    *committer
	sayRate    limit.Rate
	renameRate limit.Rate // a change of nickname sends the whole list to everybody
	typingRate limit.Rate
	openRate   limit.Rate // of rooms, for each network address
	started    time.Time  // when people could come first

	work    sync.WaitGroup     // the goroutines: keepTime, keepPruning, committer.run, tellList
	running context.Context    // ends with the first Close, and with it all but the committer
	quit    context.CancelFunc // ends running
	storing context.Context    // of the committer's calls to the store
	abort   context.CancelFunc // ends storing
	done    chan struct{}      // closed when all goroutines have ended

	emitting sync.Mutex // held while the outbox is emitted; taken before mu

	changing chan struct{} // capacity 1, full while rooms are made or removed in the store; taken before mu

	mu        sync.Mutex // guards all below; never held while waiting or emitting
	closed    bool
	places    map[string]*place    // rooms with people in them, by name
	spendings map[string]*spending // by Person.ID
	followers map[string]struct{}  // connections that hear the list of rooms
	openers   map[string]*opener   // by limit.Network of their address; at most OpenAddresses
	claims    map[string]int       // how many calls need a room to stay, by name; the lobby always does
	vacated   map[string]time.Time // when the last one left a room in which nothing may have been said; at most one for each room stored
	removing  *removal             // nil: none
	sched     schedule
	rev       int64   // of the last change of who is where, for all rooms
	outbox    []event // happened, not yet emitted
	list      listing

	counters counters
}

// event waits in the outbox.
type event struct {
	room, name string
	payload    any
}

// Stats are numbers of a Service for whoever watches it.
type Stats struct {
	Rooms       int // with people in them
	People      int // one in two rooms counts twice
	Connections int // likewise
	Waiting     int // messages in the committer's queue
	Stored      int64
	Failed      int64 // messages that could not be stored
	SlowedDown  int64 // refused for being too fast
	Removed     int64 // rooms that nobody was in and nothing was said in
	Openers     int   // network addresses that opened rooms a short while ago
}

type counters struct{ stored, failed, slowed, removed atomic.Int64 }

// New returns a running service. It reads the server's key from the store and
// makes the lobby. Close ends its goroutines.
func New(ctx context.Context, opts *Options) (*Service, error) {
	if opts == nil {
		opts = &Options{}
	}
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	key, err := o.Store.Key(ctx)
	if err != nil {
		return nil, fmt.Errorf("chat: read the server's key: %w", err)
	}
	if _, _, err := o.Store.OpenRoom(ctx, newRoom(Lobby, "Lobby", nil), o.MaxRooms); err != nil {
		return nil, fmt.Errorf("chat: open the lobby: %w", err)
	}
	s := &Service{
		opts:       o,
		key:        key,
		nicks:      newNickReader(),
		sayRate:    limit.Rate{Burst: o.SayBurst, Every: o.SayEvery},
		renameRate: limit.Rate{Burst: 3, Every: 10 * time.Second},
		typingRate: limit.Rate{Burst: 4, Every: 1500 * time.Millisecond},
		openRate:   limit.Rate{Burst: o.OpenBurst, Every: o.OpenEvery},
		started:    time.Now(),
		done:       make(chan struct{}),
		changing:   make(chan struct{}, 1),
		places:     make(map[string]*place),
		spendings:  make(map[string]*spending),
		followers:  make(map[string]struct{}),
		openers:    make(map[string]*opener),
		claims:     map[string]int{Lobby: 1},
		vacated:    make(map[string]time.Time),
		sched:      schedule{wake: make(chan struct{}, 1)},
	}
	s.running, s.quit = context.WithCancel(context.WithoutCancel(ctx))
	s.storing, s.abort = context.WithCancel(context.WithoutCancel(ctx))
	s.commits = newCommitter(&o, s.running.Done(), &s.counters, s.touchList)
	s.start()
	return s, nil
}

func (s *Service) start() {
	s.list.fire = s.tellListLocked
	s.work.Go(s.keepTime)                          // ends with running
	s.work.Go(func() { s.commits.run(s.storing) }) // ends with running, when its queue is empty
	if s.keepsLimited() || s.opts.EmptyRoomTTL > 0 {
		s.work.Go(s.keepPruning) // ends with running
	}
}

// Close refuses what comes from now on (CodeUnavailable), stores and emits what
// waits, and returns when all goroutines of the service have ended. When ctx
// ends first, the store's calls are cut short and its cause is returned. The
// store stays open. Nobody is told to have left.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		s.quit()
		go s.finish() // ends with the other goroutines
	}
	s.mu.Unlock()
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		s.abort()
		return context.Cause(ctx)
	}
}

func (s *Service) finish() {
	s.work.Wait()
	s.abort()
	close(s.done)
}

// Stats returns the numbers of this moment.
func (s *Service) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := Stats{
		Rooms:      len(s.places),
		Waiting:    len(s.commits.queue),
		Stored:     s.counters.stored.Load(),
		Failed:     s.counters.failed.Load(),
		SlowedDown: s.counters.slowed.Load(),
		Removed:    s.counters.removed.Load(),
		Openers:    len(s.openers),
	}
	for _, p := range s.places {
		stats.People += p.listed
		stats.Connections += len(p.conns)
	}
	return stats
}

// postLocked puts an event in line. Whoever calls it calls flush after
// unlocking mu. s.mu must be held.
func (s *Service) postLocked(room, name string, payload any) {
	s.outbox = append(s.outbox, event{room, name, payload})
}

// flush emits what is in line, in the order in which it happened. Whoever posted
// and finds the line taken by another flush need not wait; whoever finds their
// events in it waits for the other flush to end, so the line is never longer
// than what those who wait have put there.
func (s *Service) flush() {
	s.mu.Lock()
	empty := len(s.outbox) == 0
	s.mu.Unlock()
	if empty {
		return
	}
	s.emitting.Lock()
	defer s.emitting.Unlock()
	s.mu.Lock()
	line := s.outbox
	s.outbox = nil
	s.mu.Unlock()
	for _, e := range line {
		s.opts.Broadcaster.Emit(e.room, e.name, e.payload)
	}
}

// storeContext bounds one call to the store.
func (s *Service) storeContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.opts.StoreTimeout)
}
