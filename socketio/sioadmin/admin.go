package sioadmin

import (
	"slices"
	"sync"

	"rightnow/socketio"
)

// Admin is a server that admins may look at. All methods may be called concurrently.
type Admin struct {
	// Fixed at creation.
	io       *socketio.Server
	nsp      *socketio.Namespace
	opts     Options
	features []string
	checking chan struct{} // has room for the passwords that may be checked at a time

	attempts attempts

	mu       sync.Mutex // guards following
	admins   []*socketio.Socket
	reporter *reporter // nil while there are no admins
	closed   bool

	running sync.WaitGroup // reporters
}

// Instrument lets admins connect to a server. It should be called before the server has its first
// client, and once. The error is about the options.
func Instrument(io *socketio.Server, o *Options) (*Admin, error) {
	opts, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	a := &Admin{io: io, opts: opts, features: opts.features(), checking: make(chan struct{}, 1)}
	a.nsp = io.Of(opts.Namespace)
	a.nsp.Use(a.authenticate)
	a.nsp.OnConnect(a.connected)
	return a, nil
}

// features are what the UI is told that it may do, in Node's order.
func (o *Options) features() []string {
	var list []string
	if !o.ReadOnly {
		list = append(list, "EMIT", "JOIN", "LEAVE", "DISCONNECT", "MJOIN", "MLEAVE", "MDISCONNECT")
	}
	list = append(list, "AGGREGATED_EVENTS")
	if o.Mode == Development {
		list = append(list, "ALL_EVENTS")
	}
	return list
}

// connected welcomes an admin.
func (a *Admin) connected(s *socketio.Socket) {
	if l, ok := s.Data().(login); ok {
		s.SetData(nil)
		if l.session != "" {
			// Behind the answer to the CONNECT: the UI does not hear what comes ahead of it.
			a.tell(s, "session", l.session)
		}
	}
	if !a.opts.ReadOnly {
		a.obey(s)
	}
	a.tell(s, "config", map[string]any{"supportedFeatures": a.features})
	s.OnDisconnect(func(socketio.Reason) { a.left(s) })
	a.joined(s)
}

// tell emits to one admin. What cannot be sent any more is of no interest.
func (a *Admin) tell(s *socketio.Socket, event string, args ...any) { _ = s.Emit(event, args...) }

// joined has the reporter tell an admin; the first one starts it.
func (a *Admin) joined(s *socketio.Socket) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || !s.Connected() {
		return
	}
	a.admins = append(a.admins, s)
	if a.reporter == nil {
		a.reporter = a.startReporter()
	}
	a.reporter.come(s)
}

// left is the end of that. The last admin ends the reporter.
func (a *Admin) left(s *socketio.Socket) {
	a.mu.Lock()
	a.admins = slices.DeleteFunc(a.admins, func(x *socketio.Socket) bool { return x == s })
	r := a.reporter
	if len(a.admins) > 0 {
		r = nil
	}
	if r != nil {
		a.reporter = nil
	}
	a.mu.Unlock()
	if r != nil {
		r.stop()
	}
}

// Close disconnects the admins and lets nobody in any more. It waits until nothing of a runs.
func (a *Admin) Close() {
	a.mu.Lock()
	a.closed = true
	r := a.reporter
	a.reporter = nil
	admins := a.admins
	a.admins = nil
	a.mu.Unlock()
	for _, s := range admins {
		s.Disconnect(false)
	}
	if r != nil {
		r.stop()
	}
	a.running.Wait()
}

func (a *Admin) isClosed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.closed
}
