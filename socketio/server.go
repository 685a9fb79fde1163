package socketio

import (
	"context"
	"net/http"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"rightnow/engineio"
	"rightnow/internal/deadline"
	"rightnow/internal/inflight"
	"rightnow/internal/worker"
	"rightnow/socketio/internal/siocall"
	"rightnow/socketio/internal/siowire"
)

// Server is a Socket.IO server: an http.Handler, and the namespace "/". All methods may be
// called concurrently. It listens on nothing and starts nothing by itself; mount it with
//
//	http.Handle("/socket.io/", server)
type Server struct {
	// Fixed at creation.
	opts    Options
	limits  siowire.Limits
	engine  *engineio.Server
	root    *Namespace
	files   *clientFiles   // nil without Options.ClientFiles
	joining *deadline.List // connections that have joined no namespace yet

	attachments *deadline.List // packets whose next attachment is to come

	watched    atomic.Pointer[watches] // nil while there are none; written with mu held
	signatures sync.Map                // reflect.Type of a handler -> *siocall.Signature
	work       inflight.Count          // connections, and inboxes being worked off
	workers    worker.Pool             // of inboxes

	mu         sync.Mutex // guards following
	namespaces map[string]*Namespace
	parents    []*ParentNamespace      // in order of registration; copied on write
	children   int                     // namespaces that have a parent
	vacant     map[*Namespace]struct{} // children that may make way for others: nobody is in them, and the program knows nothing of them
}

// New returns a server. A nil o is the same as &Options{}.
func New(o *Options) *Server {
	s := &Server{opts: o.withDefaults(), namespaces: make(map[string]*Namespace), vacant: make(map[*Namespace]struct{})}
	s.limits = siowire.Limits{MaxAttachments: s.opts.MaxAttachments}
	s.joining = deadline.New(s.opts.ConnectTimeout)
	s.attachments = deadline.New(s.opts.AttachmentTimeout)
	if s.opts.ClientFiles != nil {
		s.files = &clientFiles{fsys: s.opts.ClientFiles}
	}
	e := s.opts.engine()
	e.OnSession = func(sess *engineio.Session) engineio.SessionHandler { return newClient(s, sess) }
	s.engine = engineio.New(&e)
	s.root = s.Of("/")
	return s
}

// ServeHTTP serves the protocol's requests and, with Options.ClientFiles, the client's bundles.
// Only the last element of the path is looked at: a server may be mounted anywhere, with the
// prefix of the path stripped or not.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.files != nil && s.files.has(r.URL.Path) {
		if !s.engine.Beside(w, r) {
			s.files.serve(w, r)
		}
		return
	}
	s.engine.ServeHTTP(w, r)
}

// Engine returns the layer of connections below.
func (s *Server) Engine() *engineio.Server { return s.engine }

// Batch runs f and sends what it emitted to whatever namespaces in as few writes as can be.
// Handlers need no Batch.
func (s *Server) Batch(f func()) {
	spaces := s.Namespaces()
	for _, n := range spaces {
		n.hub.Enter()
		defer n.hub.Exit()
	}
	f()
}

// Shutdown takes no more connections, closes those there are (never with a DISCONNECT packet:
// clients are to come back) and waits until all handlers and hooks have returned, or ctx ends.
// It may be called again; a handler must not call it.
func (s *Server) Shutdown(ctx context.Context) error {
	defer s.workers.Close()
	err := s.engine.Shutdown(ctx)
	for _, n := range s.Namespaces() {
		if n.recovery != nil {
			n.recovery.close()
		}
	}
	if idle := s.work.Wait(ctx); err == nil {
		err = idle
	}
	return err
}

// Drain is a Shutdown that closes the connections one after another, evenly over a time, so that
// the clients do not all come back at the same moment. Emit first what they should know.
func (s *Server) Drain(ctx context.Context, over time.Duration) error {
	s.engine.Drain(ctx, over)
	return s.Shutdown(ctx)
}

// signature returns what is known about a handler's type, found out once for each type. It
// panics when the type is none for a handler.
func (s *Server) signature(event string, t reflect.Type) *siocall.Signature {
	if known, ok := s.signatures.Load(t); ok {
		return known.(*siocall.Signature)
	}
	sig, err := newSignature(t)
	if err != nil {
		panic("socketio: handler of " + event + ": " + err.Error())
	}
	s.signatures.Store(t, sig)
	return sig
}
