// Package siotest has a network in memory for the tests of applications: a server
// and clients that are the real ones, connected by pipes. Inside of a
// testing/synctest bubble time is virtual, so that a test of a time-out, of
// heartbeats or of coming back takes no time.
//
//	synctest.Test(t, func(t *testing.T) {
//		n := siotest.New(t, server)
//		alice := n.Dial(nil, func(s *sioclient.Socket) {
//			s.On("news", func(text string) { … })
//		})
//		n.Cut()                         // as a network does
//		time.Sleep(2 * time.Second)     // virtual: the client has come back
//	})
package siotest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"rightnow/internal/memnet"
	"rightnow/socketio"
	"rightnow/socketio/sioclient"
)

// closeTime bounds the end of a test: clients that do not even look are cut off.
const closeTime = time.Second

// Network is a server and the connections to it. All methods may be called concurrently.
// It ends with the test, together with its clients and the server.
type Network struct {
	t    testing.TB
	dial func(ctx context.Context, network, address string) (net.Conn, error)

	mu    sync.Mutex // guards following
	conns map[*conn]struct{}
	down  bool
}

// New serves a server, at its usual path "/socket.io/". When the test ends, the clients are closed
// and the server is shut down.
func New(t testing.TB, server *socketio.Server) *Network {
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", server)
	return NewHandler(t, mux, server.Shutdown)
}

// NewHandler is New for a handler of which Socket.IO is a part. shutdown, if not nil, is called when the
// test ends, before the HTTP server does.
func NewHandler(t testing.TB, handler http.Handler, shutdown func(context.Context) error) *Network {
	l := memnet.Listen()
	n := &Network{t: t, dial: l.DialContext, conns: make(map[*conn]struct{})}
	web := &http.Server{Handler: handler}
	var served sync.WaitGroup
	served.Go(func() { web.Serve(l) }) // ends by Close
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), closeTime)
		defer cancel()
		if shutdown != nil {
			_ = shutdown(ctx) // what did not end in time is cut off
		}
		web.Close()
		served.Wait()
	})
	return n
}

// URL is the server's address, for clients with HTTPClient.
const URL = "http://siotest.example"

// HTTPClient returns a client of the network.
func (n *Network) HTTPClient() *http.Client {
	transport := &http.Transport{DialContext: n.connect}
	n.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// Client returns a client of the server, which connects when a socket of it does. nil options are the
// defaults; their HTTPClient is the network's.
func (n *Network) Client(o *sioclient.Options) *sioclient.Client {
	var own sioclient.Options
	if o != nil {
		own = *o
	}
	own.HTTPClient = n.HTTPClient()
	c := sioclient.New(URL, &own)
	n.t.Cleanup(c.Close)
	return c
}

// Dial returns a socket that has joined the namespace "/". The test fails when it is refused. setup is
// called with the socket before it connects: handlers that are registered there miss nothing, see
// [sioclient.Dial].
//
// Its connection may still be on its way from polling to WebSocket, which takes up to a tenth of a second, in virtual time too. What
// is emitted meanwhile waits for that: ask with EmitWithAck, or let time pass before synctest.Wait.
func (n *Network) Dial(o *sioclient.Options, setup ...func(*sioclient.Socket)) *sioclient.Socket {
	n.t.Helper()
	s := n.Client(o).Of("/")
	for _, f := range setup {
		f(s)
	}
	joined, failed := make(chan struct{}, 1), make(chan error, 1)
	offJoined := s.OnConnect(func() {
		select {
		case joined <- struct{}{}:
		default:
		}
	})
	offFailed := s.OnConnectError(func(err error) {
		select {
		case failed <- err:
		default:
		}
	})
	defer offJoined()
	defer offFailed()
	s.Connect()
	select {
	case <-joined:
	case err := <-failed:
		n.t.Fatalf("siotest: dial: %v", err)
	}
	return s
}
