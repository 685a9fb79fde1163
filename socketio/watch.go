package socketio

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"rightnow/hub"
)

// ActivityKind is what happened; see [Activity].
type ActivityKind uint8

// The kinds. A socket's ActivityConnect comes before everything else of it, its ActivityDisconnect in place of leaving
// its rooms; between the two each change of its rooms is told.
const (
	ActivityConnect    ActivityKind = iota + 1 // Socket has joined its namespace; Socket.Rooms tells its rooms
	ActivityDisconnect                         // Socket has left it, for Reason
	ActivityJoin                               // Socket is in Room
	ActivityLeave                              // Socket is not in Room any more
	ActivityData                               // Socket.SetData was called
	ActivityReceive                            // Event has come from Socket
	ActivitySend                               // Event has been emitted to Socket, alone or with others
)

// Activity is one thing that happened on a server.
type Activity struct {
	Kind   ActivityKind
	Time   time.Time
	Socket *Socket
	Room   string
	Reason Reason
	Event  *Event

	sent *hub.Message // of ActivitySend, before Event is made
}

// WatchOptions are those of a [Watch]. The zero value is good.
type WatchOptions struct {
	// Limit bounds the activities that wait for Take. When half as many wait, events are left out, and when all wait,
	// everything. 8,192.
	Limit int
	// EventBytes bounds the events among them in bytes. 4 MiB.
	EventBytes int
	// NoEventsOf are names of namespaces whose events are left out: that of who watches, for one.
	NoEventsOf []string
}

// Watch tells what happens on a server from its making until Stop, for tools that show it. It never makes the server
// wait: what its owner does not take in time is left out and counted. All methods may be called concurrently.
type Watch struct {
	srv  *Server
	opts WatchOptions

	crowded    atomic.Bool  // no event has room before the next Take
	lostEvents atomic.Int64 // counted without the lock: a busy server leaves out many

	mu      sync.Mutex // guards following; nothing else is taken while it is held
	queue   []Activity
	bytes   int // of the events in queue
	lost    int // changes
	stopped bool
	more    chan struct{} // room for one; closed when stopped
}

// Lost counts what a Watch has left out.
type Lost struct {
	Events  int // of ActivityReceive and ActivitySend
	Changes int // of all other kinds
}

// Watch begins to tell of what happens. While nobody watches, nothing of that costs anything.
func (s *Server) Watch(o *WatchOptions) *Watch {
	w := &Watch{srv: s, more: make(chan struct{}, 1)}
	if o != nil {
		w.opts = *o
	}
	setDefault(&w.opts.Limit, 8192)
	setDefault(&w.opts.EventBytes, 4<<20)
	w.opts.NoEventsOf = slices.Clone(w.opts.NoEventsOf)
	s.mu.Lock()
	defer s.mu.Unlock()
	var all watches
	if old := s.watched.Load(); old != nil {
		all = *old
	}
	all = append(slices.Clip(all), w)
	s.watched.Store(&all)
	for _, n := range s.namespaces {
		n.watchRoomsLocked()
	}
	return w
}

// Stop ends the watch and closes More. What waits can still be taken. It may be called again.
func (w *Watch) Stop() {
	if !w.stop() {
		return
	}
	s := w.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	left := slices.DeleteFunc(slices.Clone(*s.watched.Load()), func(x *Watch) bool { return x == w })
	if len(left) > 0 {
		s.watched.Store(&left)
		return
	}
	s.watched.Store(nil)
	for _, n := range s.namespaces {
		n.unwatchRoomsLocked()
	}
}

// stop reports false when it has been called before.
func (w *Watch) stop() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		return false
	}
	w.stopped = true
	close(w.more)
	return true
}

// More gives something when there may be activities to take.
//
//	for range w.More() {
//		activities, lost := w.Take()
//	}
func (w *Watch) More() <-chan struct{} { return w.more }

// Take returns what has happened since the last call, in order, and what of it was left out. It does not wait.
func (w *Watch) Take() ([]Activity, Lost) {
	w.mu.Lock()
	batch, lost := w.queue, Lost{Events: int(w.lostEvents.Swap(0)), Changes: w.lost}
	w.queue, w.bytes, w.lost = nil, 0, 0
	w.crowded.Store(false)
	w.mu.Unlock()
	for i := range batch {
		if a := &batch[i]; a.sent != nil {
			a.Event, a.sent = newOutgoing(a.Socket, a.sent), nil
		}
	}
	return batch, lost
}

// event queues an activity with an event of so many bytes, if there is room.
func (w *Watch) event(a Activity, size int) {
	if w.crowded.Load() {
		w.lostEvents.Add(1)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) >= w.opts.Limit/2 || len(w.queue) > 0 && w.bytes+size > w.opts.EventBytes {
		w.crowded.Store(true)
		w.lostEvents.Add(1)
		return
	}
	w.bytes += size
	w.pushLocked(a)
}

// change queues another activity, if there is room.
func (w *Watch) change(a Activity) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) >= w.opts.Limit {
		w.lost++
		return
	}
	w.pushLocked(a)
}

// pushLocked queues an activity of this moment. w.mu must be held.
func (w *Watch) pushLocked(a Activity) {
	if w.stopped {
		return
	}
	a.Time = time.Now()
	w.queue = append(w.queue, a)
	select {
	case w.more <- struct{}{}:
	default:
	}
}

// watches are all of a server, never none. It is immutable. Its methods may be called under any lock.
type watches []*Watch

// watching returns the watches of the server, nil while there are none.
func (s *Server) watching() *watches { return s.watched.Load() }

func (ws *watches) change(a Activity) {
	for _, w := range *ws {
		w.change(a)
	}
}

func (ws *watches) event(a Activity, size int) {
	for _, w := range *ws {
		if !slices.Contains(w.opts.NoEventsOf, a.Socket.nsp.name) {
			w.event(a, size)
		}
	}
}

func (ws *watches) received(e *Event) {
	ws.event(Activity{Kind: ActivityReceive, Socket: e.socket, Event: e}, e.size())
}

// sent tells of a message to a socket. It keeps m.
func (ws *watches) sent(s *Socket, m *hub.Message) {
	size := len(m.Args)
	for _, b := range m.Blobs {
		size += len(b)
	}
	ws.event(Activity{Kind: ActivitySend, Socket: s, sent: m}, size)
}

// sentAlone is sent for a message that is not on the heap.
func (ws *watches) sentAlone(s *Socket, m *hub.Message) {
	own := *m
	ws.sent(s, &own)
}

// watchRoomsLocked begins to tell the watches of the namespace's rooms, unless that is done already. srv.mu must be held.
func (n *Namespace) watchRoomsLocked() {
	if n.unwatch == nil {
		n.unwatch = n.hub.OnRoom(n.roomChanged)
	}
}

// unwatchRoomsLocked ends that. srv.mu must be held.
func (n *Namespace) unwatchRoomsLocked() {
	if n.unwatch != nil {
		n.unwatch()
		n.unwatch = nil
	}
}

// roomChanged tells of a socket that is there. Of one that has gone ActivityDisconnect does.
func (n *Namespace) roomChanged(ev hub.RoomEvent) {
	ws := n.srv.watching()
	if ws == nil || ev.Op != hub.RoomJoined && ev.Op != hub.RoomLeft {
		return
	}
	m, ok := n.hub.Member(ev.Member).(*member)
	if !ok || !(*Socket)(m).hasJoined() {
		return
	}
	kind := ActivityJoin
	if ev.Op == hub.RoomLeft {
		kind = ActivityLeave
	}
	ws.change(Activity{Kind: kind, Socket: (*Socket)(m), Room: ev.Room})
}
