package socketio

import "sync"

// task is one thing for a socket's goroutine to do: an event to handle, or do to call.
type task struct {
	ev *Event
	do func()
}

// inbox is what waits for a socket's goroutine. A socket has one while there is something in it.
type inbox struct {
	tasks  []task
	next   int // tasks[next:] wait
	events int // how many of them are events
	bytes  int // the size of the events
}

// keepTasks is how much room for tasks an inbox keeps for the next socket that needs one.
const keepTasks = 32

var inboxes = sync.Pool{New: func() any { return new(inbox) }}

// receive puts an event into the inbox, on the session's reader. While the inbox is full it
// waits: then nothing is read from this client, the client feels that, and acknowledgements
// cannot arrive. It gives up waiting when the session ends; the event is handled all the same.
func (s *Socket) receive(ev *Event) {
	for !s.offer(ev, false) {
		if s.awaitRoom() {
			s.offer(ev, true)
			return
		}
	}
}

// offer puts the event into the inbox if there is room, or force. It reports false, and the
// socket has a room channel, when there is none. A socket that has ended swallows events.
func (s *Socket) offer(ev *Event, force bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == stateEnded {
		return true
	}
	if !force && s.fullLocked(ev.size()) {
		if s.room == nil {
			s.room = make(chan struct{})
		}
		return false
	}
	s.postLocked(task{ev: ev})
	return true
}

func (s *Socket) fullLocked(size int) bool {
	o, in := &s.nsp.srv.opts, s.inbox
	return in != nil && (in.events >= o.InboxEvents || in.events > 0 && in.bytes+size > o.InboxBytes)
}

// awaitRoom waits until the inbox may have room. It reports true when the session has ended.
func (s *Socket) awaitRoom() (over bool) {
	s.mu.Lock()
	room := s.room
	s.mu.Unlock()
	if room == nil {
		return false
	}
	return s.conn.await(room)
}

func (s *Socket) wakeReaderLocked() {
	if s.room != nil {
		close(s.room)
		s.room = nil
	}
}

// post lets the socket's goroutine do t, behind what waits already.
func (s *Socket) post(t task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.postLocked(t)
}

func (s *Socket) postLocked(t task) {
	if s.inbox == nil {
		s.inbox = inboxes.Get().(*inbox)
	}
	s.inbox.push(t)
	if !s.running {
		s.running = true
		s.nsp.srv.work.Add()
		s.nsp.srv.workers.Go((*handling)(s))
	}
}

// handling is a Socket whose inbox is not empty, as work to be done.
type handling Socket

// Run implements worker.Task: it works off the inbox, in order. For each socket one at most
// runs. It ends when the inbox is empty.
func (i *handling) Run() {
	s := (*Socket)(i)
	s.nsp.hub.Enter()
	finished := false
	defer func() {
		s.nsp.hub.Exit()
		if finished {
			s.nsp.srv.work.Done()
			return
		}
		s.nsp.srv.workers.Go(i) // a handler has ended its goroutine by runtime.Goexit
	}()
	for {
		t, ok := s.take()
		switch {
		case !ok:
			finished = true
			return
		case t.ev != nil:
			s.dispatch(t.ev)
		default:
			t.do()
		}
	}
}

// take removes the first task. When there is none, the goroutine that asked has to end.
func (s *Socket) take() (task, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.inbox
	if in == nil || in.next == len(in.tasks) {
		s.running, s.inbox = false, nil
		in.giveBack()
		if s.leaver {
			s.leaver = false
			s.conn.leaverDone()
		}
		return task{}, false
	}
	t := in.pop()
	if t.ev != nil {
		s.wakeReaderLocked()
	}
	return t, true
}

func (in *inbox) push(t task) {
	in.tasks = append(in.tasks, t)
	if t.ev != nil {
		in.events++
		in.bytes += t.ev.size()
	}
}

func (in *inbox) pop() task {
	t := in.tasks[in.next]
	in.tasks[in.next] = task{}
	in.next++
	if in.next >= 32 && in.next*2 >= len(in.tasks) { // what is done makes way for what comes
		n := copy(in.tasks, in.tasks[in.next:])
		clear(in.tasks[n:])
		in.tasks, in.next = in.tasks[:n], 0
	}
	if t.ev != nil {
		in.events--
		in.bytes -= t.ev.size()
	}
	return t
}

// giveBack leaves an inbox, which is empty or nil, to others.
func (in *inbox) giveBack() {
	if in == nil {
		return
	}
	in.tasks, in.next = in.tasks[:0], 0
	if cap(in.tasks) > keepTasks {
		in.tasks = nil
	}
	inboxes.Put(in)
}
