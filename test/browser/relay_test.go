package browser

import (
	"net"
	"sync"
	"testing"
)

// relay is a TCP port in front of another that stands for the network between: it can be cut and restored. A browser's
// own offline mode is no such thing: it leaves open WebSockets alive. Methods may be called concurrently.
type relay struct {
	t      *testing.T
	addr   string // of the relay
	target string

	mu       sync.Mutex            // guards following
	listener net.Listener          // nil while the network is cut
	thaw     chan struct{}         // closed when bytes flow again; nil while they flow
	conns    map[net.Conn]struct{} // both ends of what is open
	wg       sync.WaitGroup        // goroutines
}

// newRelay begins to relay to target, until the end of the test.
func newRelay(t *testing.T, target string) *relay {
	t.Helper()
	r := &relay{t: t, addr: "127.0.0.1:0", target: target, conns: map[net.Conn]struct{}{}}
	r.restore()
	t.Cleanup(r.cut)
	return r
}

// url is where path of the target is served through the relay.
func (r *relay) url(path string) string { return "http://" + r.addr + path }

// restore lets connections through again.
func (r *relay) restore() {
	r.t.Helper()
	listener, err := net.Listen("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.addr = listener.Addr().String()
	r.mu.Lock()
	r.listener = listener
	r.mu.Unlock()
	r.wg.Go(func() { r.accept(listener) }) // ends when cut closes the listener
}

// cut refuses new connections, resets those there are, and returns when nothing is under way.
func (r *relay) cut() {
	r.flow()
	r.mu.Lock()
	if r.listener != nil {
		r.listener.Close()
		r.listener = nil
	}
	for conn := range r.conns {
		if tcp, ok := conn.(*net.TCPConn); ok {
			tcp.SetLinger(0) // a reset, not an orderly end
		}
		conn.Close()
	}
	r.mu.Unlock()
	r.wg.Wait()
}

// freeze keeps connections open and carries nothing more, as a network does whose other end has lost its power.
func (r *relay) freeze() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.thaw = make(chan struct{})
}

// flow ends what freeze began.
func (r *relay) flow() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.thaw != nil {
		close(r.thaw)
		r.thaw = nil
	}
}

// frozen returns what to wait for before bytes are passed on, nil for nothing.
func (r *relay) frozen() chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.thaw
}

func (r *relay) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", r.target)
		if err != nil {
			client.Close()
			continue
		}
		r.join(client, server)
	}
}

// join carries bytes both ways, unless the network was cut meanwhile.
func (r *relay) join(client, server net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.listener == nil {
		client.Close()
		server.Close()
		return
	}
	r.conns[client], r.conns[server] = struct{}{}, struct{}{}
	r.wg.Go(func() { r.carry(client, server) }) // both end with their connections
	r.wg.Go(func() { r.carry(server, client) })
}

func (r *relay) carry(to, from net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if thaw := r.frozen(); thaw != nil {
			<-thaw
		}
		if err != nil {
			break
		}
		if _, err = to.Write(buf[:n]); err != nil {
			break
		}
	}
	to.Close()
	from.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, to)
	delete(r.conns, from)
}
