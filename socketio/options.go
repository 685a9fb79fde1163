package socketio

import (
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"rightnow/engineio"
	"rightnow/hub"
)

// Options configures a Server. The zero value is good for production behind the same origin;
// each zero field means its default. New copies it.
type Options struct {
	// PingInterval and PingTimeout: a client that has not answered a ping, sent each
	// PingInterval, within PingTimeout is gone. 25 s and 20 s.
	PingInterval, PingTimeout time.Duration
	// UpgradeTimeout bounds a change of transport. 10 s.
	UpgradeTimeout time.Duration
	// ConnectTimeout closes a connection that has joined no namespace by then. 45 s.
	ConnectTimeout time.Duration

	// Parser is how packets travel; clients must have the same. nil is the JSON that clients speak
	// by default.
	Parser Parser

	// MaxPayload bounds one message, or one POST body, of a client in bytes. Within it, a packet has at most
	// 4,095 arguments, nested 512 levels deep. 1,000,000.
	MaxPayload int64
	// MaxAttachments bounds the binary values of one packet, both ways: the official clients
	// refuse more than 10 as well. 10.
	MaxAttachments int
	// AttachmentTimeout is how long a client may take from one part of a binary packet to the next:
	// what has come of it, MaxAttachments times MaxPayload at most, is kept until then. 45 s.
	AttachmentTimeout time.Duration
	// MaxPacketsPerPayload bounds the packets in one POST body. Engine.IO's default.
	MaxPacketsPerPayload int
	// QueueLimit bounds what may wait for one client, in bytes; more disconnects it as a slow
	// consumer. An event that alone is larger is not sent: ErrTooBig. Who emits more than that at a time, a
	// history or a file in parts, waits for acknowledgements in between, or raises the limit. 1 MiB.
	QueueLimit int
	// InboxEvents and InboxBytes bound the events of one socket that wait for its handlers.
	// When they are reached nothing more is read from that client until there is room.
	// 1,000 events, 1 MiB.
	InboxEvents, InboxBytes int
	// MaxNamespaces bounds the namespaces that one connection may have joined at a time. While as
	// many that it has left still work off their events, nothing more is read from it when it
	// wants to join another. 100.
	MaxNamespaces int
	// MaxChildNamespaces bounds the dynamic namespaces of the server. At the bound one makes way for a new one:
	// one that nobody is in, that the program has not asked for by Of, and to which it has attached nothing but
	// in OnNamespace. With OnHub none does. 10,000.
	MaxChildNamespaces int
	// MaxRooms bounds the rooms of one socket. 1,000.
	MaxRooms int
	// MaxSessions bounds the connections of the server, and MaxSessionsPerAddress those of one network
	// address; see [engineio.Options]. 0 is no bound.
	MaxSessions, MaxSessionsPerAddress int
	// HandshakesPerMinute bounds the new connections of one network address. 0 is no bound.
	HandshakesPerMinute int

	// Transports that are allowed. Polling and WebSocket. WebTransport needs an HTTP/3 server too, which
	// package eiowebtransport has.
	Transports []engineio.Transport
	// AllowEIO3 serves the clients of Socket.IO 2 and older as well. They join "/" without asking, say
	// what they bring to another namespace in its query ("/admin?token=…"), and their sockets' ids are
	// made of the id of the connection, which for the others is a secret. Their state is not recovered.
	// Of Socket.IO 1 only ASCII passes over long-polling, see [engineio.Options].
	AllowEIO3 bool
	// DisableUpgrades neither offers nor accepts a change from polling to another transport.
	DisableUpgrades bool
	// Origins that browsers may connect from besides the server's own: exact origins, "*", or
	// "https://*.example.com". Empty: the same origin only, for polling and WebSocket alike.
	Origins []string
	// Credentials lets those origins send cookies.
	Credentials bool
	// TrustedProxies are the peers whose X-Forwarded-* headers count.
	TrustedProxies []netip.Prefix
	// AllowRequest refuses a handshake by returning an error. The client is told the message of
	// a [ClientError], and "Forbidden" for any other.
	AllowRequest func(*http.Request) error
	// HandshakeValue picks what [Handshake].Value keeps of the request that opens a connection, after
	// AllowRequest: the user whom a middleware of net/http put into its context, say, or the certificate in
	// its TLS. The request itself must not be kept.
	HandshakeValue func(*http.Request) any
	// InitialPacket is a message of Engine.IO sent right behind a connection's handshake.
	InitialPacket []byte
	// Headers may add to the headers of each answer; initial is true for the handshake's.
	Headers func(h http.Header, r *http.Request, initial bool)
	// Cookie, when set, is a template for a cookie with the session's id as its value.
	Cookie *http.Cookie
	// CompressThreshold: polling answers of at least so many bytes are compressed. 0 is 1,024,
	// below 0 none.
	CompressThreshold int
	// PlainPolling leaves every poll to net/http, see [engineio.Options].
	PlainPolling bool
	// DeflateThreshold: WebSocket messages of at least so many bytes are compressed for clients that
	// offer permessage-deflate, a broadcast once for all. 0 is never.
	DeflateThreshold int
	// GenerateID makes the ids of connections (not those of sockets).
	GenerateID func(*http.Request) (string, error)

	// ConnectionStateRecovery, when set, lets clients that were cut off come back as they were.
	ConnectionStateRecovery *RecoveryOptions

	// CleanupEmptyChildNamespaces removes a dynamic namespace when its last socket has left, unless the program has
	// attached something to it (a middleware, say) but in OnNamespace.
	CleanupEmptyChildNamespaces bool
	// ClientFiles holds the bundles of the official client (socket.io.js, socket.io.min.js,
	// …, and their maps), served beside the protocol's own requests. nil serves none.
	ClientFiles fs.FS

	// OnHub is called once for each namespace's hub, before the first socket joins it. The
	// place to attach a cluster, or other protocols, to the namespace.
	OnHub func(nsp string, h *hub.Hub)
	// OnNamespace is called once for each namespace but "/", dynamic ones included, before the
	// first socket joins it.
	OnNamespace func(*Namespace)
	// OnError learns of everything that goes wrong on behalf of a client: protocol violations,
	// arguments that do not fit their handler, errors of middlewares and handlers, panics. The
	// socket is nil when there is none. It may be called from several goroutines at a time and
	// must not wait.
	OnError func(*Socket, error)
	// OnUpgrade learns of each connection that has changed its transport.
	OnUpgrade func(*engineio.Session, engineio.Transport)
	// OnConnectionError learns of each refused handshake.
	OnConnectionError func(*engineio.ConnectionError)
	// Logger gets panics as errors and the rest of what OnError is told at debug level. nil is
	// slog.Default().
	Logger *slog.Logger
}

// withDefaults returns a copy without zero fields.
func (o *Options) withDefaults() Options {
	var c Options
	if o != nil {
		c = *o
	}
	setDefault(&c.ConnectTimeout, 45*time.Second)
	setDefault(&c.MaxAttachments, 10)
	setDefault(&c.AttachmentTimeout, 45*time.Second)
	setDefault(&c.QueueLimit, 1<<20)
	setDefault(&c.InboxEvents, 1000)
	setDefault(&c.InboxBytes, 1<<20)
	setDefault(&c.MaxNamespaces, 100)
	setDefault(&c.MaxChildNamespaces, 10_000)
	setDefault(&c.MaxRooms, 1000)
	if c.ConnectionStateRecovery != nil {
		r := c.ConnectionStateRecovery.withDefaults()
		c.ConnectionStateRecovery = &r
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// setDefault replaces a zero (or negative) value.
func setDefault[T int | int64 | time.Duration](p *T, def T) {
	if *p <= 0 {
		*p = def
	}
}

// engine returns the part that is Engine.IO's.
func (o *Options) engine() engineio.Options {
	return engineio.Options{
		PingInterval:          o.PingInterval,
		PingTimeout:           o.PingTimeout,
		UpgradeTimeout:        o.UpgradeTimeout,
		MaxPayload:            o.MaxPayload,
		QueueLimit:            o.QueueLimit,
		MaxPacketsPerPayload:  o.MaxPacketsPerPayload,
		Transports:            o.Transports,
		AllowEIO3:             o.AllowEIO3,
		DisableUpgrades:       o.DisableUpgrades,
		Origins:               o.Origins,
		Credentials:           o.Credentials,
		TrustedProxies:        o.TrustedProxies,
		AllowRequest:          o.allowRequest(),
		HandshakeValue:        o.HandshakeValue,
		InitialPacket:         o.InitialPacket,
		Headers:               o.Headers,
		Cookie:                o.Cookie,
		CompressThreshold:     o.CompressThreshold,
		DeflateThreshold:      o.DeflateThreshold,
		MaxSessions:           o.MaxSessions,
		MaxSessionsPerAddress: o.MaxSessionsPerAddress,
		HandshakesPerMinute:   o.HandshakesPerMinute,
		PlainPolling:          o.PlainPolling,
		GenerateID:            o.GenerateID,
		OnUpgrade:             o.OnUpgrade,
		OnConnectionError:     o.OnConnectionError,
		Logger:                o.Logger,
	}
}

// allowRequest is AllowRequest with errors as Engine.IO has them.
func (o *Options) allowRequest() func(*http.Request) error {
	if o.AllowRequest == nil {
		return nil
	}
	return func(r *http.Request) error {
		err := o.AllowRequest(r)
		if e, ok := asClientError(err); ok {
			return &engineio.Refusal{Message: e.Message}
		}
		return err
	}
}
