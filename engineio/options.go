package engineio

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"time"
)

// Transport names a way for packets to travel.
type Transport string

const (
	Polling      Transport = "polling"
	WebSocket    Transport = "websocket"
	WebTransport Transport = "webtransport" // comes by Server.ServeWebTransport
)

// Options of a [Server]. The zero value is good, nil too; New copies them.
type Options struct {
	// PingInterval is the time from the handshake, or from the client's last answer, to the next ping. Default 25 s.
	PingInterval time.Duration
	// PingTimeout is how long the client may take to answer a ping. Default 20 s.
	PingTimeout time.Duration
	// UpgradeTimeout is how long a WebSocket or WebTransport may take to finish the upgrade of a session, and a
	// WebTransport to say what it is for. Default 10 s.
	UpgradeTimeout time.Duration

	// MaxPayload bounds one POST body, one WebSocket message and one frame of a WebTransport, in bytes. Default 1,000,000.
	MaxPayload int64
	// MaxPacketsPerPayload bounds the packets of one POST body; more close the session. Default MaxPayload/8, at
	// least 10,000: the smallest Socket.IO event takes eight bytes.
	MaxPacketsPerPayload int
	// QueueLimit bounds the bytes waiting for one session, on any transport; a frame that would exceed it closes the
	// session with ReasonSlowConsumer. The frames are bounded too, by 64 and one for every 32 bytes of the limit.
	// Default 1 MiB.
	QueueLimit int
	// MaxSessions bounds the sessions of the server; more handshakes are refused with 503. 0: no bound.
	MaxSessions int
	// MaxSessionsPerAddress bounds the sessions of one network address: an IPv4 address, or the first 64 bits of an
	// IPv6 address. More handshakes are refused with 429. 0: no bound. Behind a proxy, see TrustedProxies.
	MaxSessionsPerAddress int
	// HandshakesPerMinute bounds the handshakes of one such address: as many at once, and over time as many a minute.
	// More are refused with 429. 0: no bound.
	HandshakesPerMinute int

	// Transports lists what is offered. Default Polling and WebSocket. WebTransport needs an HTTP/3 server too, see
	// package eiowebtransport.
	Transports []Transport
	// AllowEIO3 serves clients that speak protocol 3 as well: those of Socket.IO 2 and older, with JSONP. (A version
	// that is missing or unknown counts as 3 then.) In their namespace "/" the id of the session is the public id of
	// the socket: what else knows it can take part in the session. Clients of Socket.IO 1 encode texts twice over
	// long-polling and cannot be told from those of 2: there they have ASCII only.
	AllowEIO3 bool
	// DisableUpgrades keeps sessions on the transport they began with.
	DisableUpgrades bool

	// Origins lists the foreign origins whose pages may connect, by any transport: an exact origin
	// ("https://app.example.com"), a pattern for subdomains ("https://*.example.com"), or "*" for any. Empty: only
	// pages of the server's own origin. Requests without an Origin header (not browsers) always pass.
	Origins []string
	// Credentials lets browsers send cookies with requests from the foreign origins that Origins allows.
	Credentials bool
	// TrustedProxies are the peers whose X-Forwarded-For, -Host and -Proto headers count.
	TrustedProxies []netip.Prefix

	// AllowRequest decides over each handshake. An error refuses it with code 4; the client is shown the message of a
	// *Refusal, and "Forbidden" for any other error.
	AllowRequest func(*http.Request) error
	// HandshakeValue picks what Handshake.Value keeps of the request that opens a session, after AllowRequest: the user whom
	// a middleware put into its context, say, or the certificate in its TLS. The request itself must not be kept.
	HandshakeValue func(*http.Request) any
	// InitialPacket is a message sent right behind the handshake.
	InitialPacket []byte
	// Headers may add to the header of each response, the one that answers a WebSocket handshake included. initial
	// tells that the response is the one that opens a session.
	Headers func(h http.Header, r *http.Request, initial bool)
	// Cookie, when set, is sent on long-polling handshakes, with the session id as its value. Path "/" and SameSite
	// lax are filled in where they are zero; without a Name it is called "io" and is HttpOnly.
	Cookie *http.Cookie
	// CompressThreshold is the size in bytes from which a long-polling response is compressed when the client
	// accepts gzip or deflate. 0: 1024. Negative: never.
	CompressThreshold int
	// PlainPolling leaves every poll to net/http. Otherwise, on Linux, a poll that repeats a request of its session byte for
	// byte on the same plain TCP connection, but for the query parameter t, is answered without passing net/http, and so
	// the middleware in front of the server, again. After PingInterval, or when anything else comes on that connection, a
	// request goes the whole way once more: what middleware checks is so old at most, and what it sets in the header of
	// the response is repeated as long. Where middleware wraps the ResponseWriter, over TLS and HTTP/2, with Headers, and
	// under an http.Server with BaseContext or ConnContext all polls take the whole way. An http.Server's ConnState sees
	// such a connection as hijacked, and when it comes back as new; SetKeepAlivesEnabled acts when it comes back.
	PlainPolling bool
	// DeflateThreshold is the size in bytes from which a WebSocket message is compressed for clients that offer
	// permessage-deflate; they may then send compressed messages too, of MaxPayload bytes at most when they are
	// unpacked. 0: never. A broadcast is compressed once, but that is done while nothing else is sent. Clients of
	// protocol 3 are not offered it.
	DeflateThreshold int
	// GenerateID makes session ids. They must be unguessable and unique. Default: 120 random bits in 20 characters.
	GenerateID func(*http.Request) (string, error)

	// OnSession is called once for each session, before any of its input is read, and returns what handles it. A nil
	// result ignores all input. It may Send; the session's ID is known, its transport the one of the handshake.
	OnSession func(*Session) SessionHandler
	// OnUpgrade is called when a session has moved to another transport.
	OnUpgrade func(*Session, Transport)
	// OnConnectionError is told of each request that is refused before it reaches a session.
	OnConnectionError func(*ConnectionError)

	// Logger takes panics of callbacks and refused origins. Default slog.Default().
	Logger *slog.Logger
}

// Defaults, and the times that are no option.
const (
	defaultPingInterval      = 25 * time.Second
	defaultPingTimeout       = 20 * time.Second
	defaultUpgradeTimeout    = 10 * time.Second
	defaultMaxPayload        = 1_000_000
	defaultQueueLimit        = 1 << 20
	defaultCompressThreshold = 1024
	minPacketsPerPayload     = 10_000

	// noopDelay is how long a poll that could hold up an upgrade is left alone.
	noopDelay = 100 * time.Millisecond
	// laneIdle is how long a connection whose polls pass net/http by may be unused where the http.Server has no time-out
	// for that; such a one is closed between once and twice that time.
	laneIdle = 2 * time.Minute
	// staleDelay is how much later than the end of the upgrade the poll that waited through it is refused.
	staleDelay = 20 * time.Millisecond
	// pollGrace is how long a session that its client has closed answers the poll that was under way meanwhile, and how
	// long a shutdown waits for the next poll of a client.
	pollGrace = 500 * time.Millisecond
	// closeGrace is how long a session closed by the server waits for the poll that takes the rest of its queue.
	closeGrace = 30 * time.Second
	// bodyTimeout is how long a body may take that nobody wants.
	bodyTimeout = 10 * time.Second
	// writeTimeout is how long a client may take nothing of a response.
	writeTimeout = 30 * time.Second
)

// withDefaults copies o and fills in what is zero.
func (o *Options) withDefaults() Options {
	var c Options
	if o != nil {
		c = *o
	}
	c.PingInterval = positive(c.PingInterval, defaultPingInterval)
	c.PingTimeout = positive(c.PingTimeout, defaultPingTimeout)
	c.UpgradeTimeout = positive(c.UpgradeTimeout, defaultUpgradeTimeout)
	c.MaxPayload = positive(c.MaxPayload, defaultMaxPayload)
	c.QueueLimit = positive(c.QueueLimit, defaultQueueLimit)
	c.MaxPacketsPerPayload = positive(c.MaxPacketsPerPayload, max(int(c.MaxPayload/8), minPacketsPerPayload))
	if c.CompressThreshold == 0 {
		c.CompressThreshold = defaultCompressThreshold
	}
	if len(c.Transports) == 0 {
		c.Transports = []Transport{Polling, WebSocket}
	}
	c.Transports = slices.Clone(c.Transports)
	c.Origins = slices.Clone(c.Origins)
	c.TrustedProxies = slices.Clone(c.TrustedProxies)
	c.InitialPacket = bytes.Clone(c.InitialPacket)
	if c.Cookie != nil {
		c.Cookie = withCookieDefaults(*c.Cookie)
	}
	if c.GenerateID == nil {
		c.GenerateID = func(*http.Request) (string, error) { return randomID(), nil }
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

func positive[T int | int64 | time.Duration](v, otherwise T) T {
	if v > 0 {
		return v
	}
	return otherwise
}

func withCookieDefaults(c http.Cookie) *http.Cookie {
	if c.Name == "" {
		c.Name, c.HttpOnly = "io", true
	}
	if c.Path == "" {
		c.Path = "/"
	}
	if c.SameSite == 0 {
		c.SameSite = http.SameSiteLaxMode
	}
	return &c
}

// randomID returns 120 random bits in 20 characters that are safe in a URL.
func randomID() string {
	var b [15]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}
