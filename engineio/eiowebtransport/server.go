package eiowebtransport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"github.com/quic-go/webtransport-go"

	"rightnow/engineio"
)

// What a QUIC connection may take, where H3 has no QUICConfig.
const (
	// maxStreams is how many streams a client may have open: of a WebTransport there are two.
	maxStreams = 32
	// maxUnread bounds the bytes that a client sends and that are not read, because a handler blocks.
	maxUnread = 1 << 20
	// keepAlive is how often a quiet connection shows that it lives: the memory of routers for UDP is short.
	keepAlive = 15 * time.Second
)

// Server gives the WebTransports that come to an HTTP/3 server to an Engine.IO server. It is an [http.Handler], to be used
// in the handler of H3, and serves H3 too. All methods may be called concurrently; the fields may not be changed once one
// has been called.
type Server struct {
	// Engine takes the WebTransports; engineio.WebTransport must be one of its Options.Transports. It checks the Origin and
	// all else that it checks for other transports.
	Engine *engineio.Server
	// H3 is the HTTP/3 server, with address and TLS configuration. It belongs to this Server, which completes it: without
	// a Handler it gets the Server itself, on every path; without a QUICConfig one with limits that suit Engine.IO. A
	// QUICConfig that is there should bound what a client may send unread (MaxConnectionReceiveWindow, which is 15 MB
	// otherwise).
	H3 *http3.Server
	// Next answers the requests that ask for no WebTransport. Nil: Engine, which serves long-polling over HTTP/3.
	Next http.Handler

	once sync.Once
	wt   webtransport.Server
}

// init completes H3, once.
func (s *Server) init() {
	s.once.Do(func() {
		if s.H3.Handler == nil {
			s.H3.Handler = s
		}
		if s.H3.QUICConfig == nil {
			s.H3.QUICConfig = &quic.Config{
				MaxIncomingStreams:         maxStreams,
				MaxIncomingUniStreams:      maxStreams,
				MaxStreamReceiveWindow:     maxUnread,
				MaxConnectionReceiveWindow: maxUnread,
				KeepAlivePeriod:            keepAlive,
			}
		}
		if s.H3.TLSConfig != nil {
			s.H3.TLSConfig = http3.ConfigureTLSConfig(s.H3.TLSConfig)
		}
		s.wt.H3 = s.H3
		s.wt.CheckOrigin = func(*http.Request) bool { return true } // Engine does
		webtransport.ConfigureHTTP3Server(s.H3)
	})
}

// ServeHTTP answers a request of H3. For a WebTransport it returns when that has ended.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.init()
	switch {
	case r.Method == http.MethodConnect && strings.HasPrefix(r.Proto, "webtransport"):
		s.Engine.ServeWebTransport(w, r, func() (engineio.WebTransportSession, error) { return s.accept(w, r) })
	case s.Next != nil:
		s.Next.ServeHTTP(w, r)
	default:
		s.Engine.ServeHTTP(w, r)
	}
}

// accept answers a CONNECT.
func (s *Server) accept(w http.ResponseWriter, r *http.Request) (engineio.WebTransportSession, error) {
	inner, err := s.wt.Upgrade(w, r)
	if err != nil {
		return nil, err
	}
	return &session{inner: inner}, nil
}

// ListenAndServe serves H3 on its UDP address until Close; the error is http.ErrServerClosed then. H3.TLSConfig must have
// a certificate.
func (s *Server) ListenAndServe() error {
	s.init()
	return closed(s.wt.ListenAndServe())
}

// ListenAndServeTLS is ListenAndServe with the certificate of two files.
func (s *Server) ListenAndServeTLS(certFile, keyFile string) error {
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return err
	}
	if s.H3.TLSConfig == nil {
		s.H3.TLSConfig = new(tls.Config)
	}
	s.H3.TLSConfig.Certificates = []tls.Certificate{cert}
	return s.ListenAndServe()
}

// Serve serves H3 on a UDP socket until Close, as ListenAndServe does. The socket is left open.
func (s *Server) Serve(conn net.PacketConn) error {
	s.init()
	return closed(s.wt.Serve(conn))
}

// Close ends H3 and all its connections. Shut Engine down first: it lets its clients have what is queued for them.
func (s *Server) Close() error {
	s.init()
	return s.wt.Close()
}

// closed names the end of a server as net/http does.
func closed(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, quic.ErrServerClosed) {
		return http.ErrServerClosed
	}
	return err
}

// session is a WebTransport as engineio wants it. All methods may be called concurrently.
type session struct {
	inner *webtransport.Session
	ended atomic.Pointer[webtransport.Stream] // whose sending side was closed
}

var _ engineio.WebTransportSession = (*session)(nil)

// AcceptStream implements engineio.WebTransportSession.
func (s *session) AcceptStream(ctx context.Context) (engineio.WebTransportStream, error) {
	inner, err := s.inner.AcceptStream(ctx)
	if err != nil {
		return nil, err
	}
	return stream{inner, s}, nil
}

// Context implements engineio.WebTransportSession.
func (s *session) Context() context.Context { return s.inner.Context() }

// Close implements engineio.WebTransportSession. A stream that has said all is taken off the session: what it has not sent
// yet, or has to send again, still goes out.
func (s *session) Close(code uint32, reason string) {
	if st := s.ended.Load(); st != nil {
		st.CancelRead(0)
	}
	s.inner.CloseWithError(webtransport.SessionErrorCode(code), reason) // never fails
}

// stream is a stream of it.
type stream struct {
	*webtransport.Stream
	of *session
}

// Close implements engineio.WebTransportStream.
func (s stream) Close() error {
	err := s.Stream.Close()
	s.of.ended.Store(s.Stream)
	return err
}
