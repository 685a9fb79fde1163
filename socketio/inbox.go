package socketio

// task is one thing for a socket's goroutine to do: an event to handle, or do to call.
type task struct {
	ev *Event
	do func()
}

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
	s.events++
	s.bytes += ev.size()
	s.postLocked(task{ev: ev})
	return true
}

func (s *Socket) fullLocked(size int) bool {
	o := &s.nsp.srv.opts
	return int(s.events) >= o.InboxEvents || s.events > 0 && s.bytes+size > o.InboxBytes
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
	s.tasks = append(s.tasks, t)
	if !s.running {
		s.running = true
		s.nsp.srv.work.Add()
		s.nsp.srv.workers.Go((*inbox)(s))
	}
}

// inbox is a Socket whose inbox is not empty, as work to be done.
type inbox Socket

// Run implements worker.Task: it works off the inbox, in order. For each socket one at most
// runs. It ends when the inbox is empty.
func (i *inbox) Run() {
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

// keepTasks is how much room for tasks an idle socket keeps.
const keepTasks = 4

// take removes the first task. When there is none, the goroutine that asked has to end.
func (s *Socket) take() (task, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == len(s.tasks) {
		s.running, s.next, s.tasks = false, 0, s.tasks[:0]
		if cap(s.tasks) > keepTasks || s.state == stateEnded {
			s.tasks = nil
		}
		if s.leaver {
			s.leaver = false
			s.conn.leaverDone()
		}
		return task{}, false
	}
	t := s.tasks[s.next]
	s.tasks[s.next] = task{}
	s.next++
	if s.next >= 32 && s.next*2 >= len(s.tasks) { // what is done makes way for what comes
		n := copy(s.tasks, s.tasks[s.next:])
		clear(s.tasks[n:])
		s.tasks, s.next = s.tasks[:n], 0
	}
	if t.ev != nil {
		s.events--
		s.bytes -= t.ev.size()
		s.wakeReaderLocked()
	}
	return t, true
}
