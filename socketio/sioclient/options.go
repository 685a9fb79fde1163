package sioclient

import (
	"context"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"time"

	"rightnow/engineio/eioclient"
	"rightnow/socketio/internal/siocodec"
	"rightnow/socketio/internal/siowire"
)

// Parser is how packets travel; server and client must have the same. A socketio.Parser is one.
type Parser = siocodec.Parser

// MessagePack returns the parser of socket.io-msgpack-parser.
func MessagePack() Parser { return siocodec.MessagePack() }

// Options of a [Client]. The zero value is good, nil too; New copies it.
type Options struct {
	// Path is where the server answers; a slash is added where it does not end in one. Default "/socket.io/".
	Path string
	// Transports are allowed, the first one begins. Default polling, then WebSocket.
	Transports []eioclient.Transport
	// DisableUpgrade keeps a connection that began with polling on it.
	DisableUpgrade bool
	// Header goes with every request, Query into every URL.
	Header http.Header
	Query  url.Values
	// HTTPClient makes the requests: TLS, proxies and dialling are its Transport's, cookies its Jar's,
	// redirects its CheckRedirect's, see [eioclient.Options]. Default: one like http.DefaultClient, with the
	// proxy of the environment. An HTTP proxy is asked for a tunnel (CONNECT) for each WebSocket, and polls
	// go through it as all requests do.
	HTTPClient *http.Client
	// Parser is how packets travel. Default: the JSON that servers speak unless told otherwise.
	Parser Parser

	// Auth gives what a socket brings to its namespace, at each connection anew: anything that
	// encoding/json makes an object of, nil for nothing. An error keeps the socket out. ctx ends with the
	// connection.
	Auth func(ctx context.Context, nsp string) (any, error)

	// DisableReconnect does not come back after a loss.
	DisableReconnect bool
	// ReconnectDelay is the pause before the first try to come back; each further one is twice as
	// long, at most ReconnectDelayMax. 1 s and 5 s.
	ReconnectDelay, ReconnectDelayMax time.Duration
	// RandomizationFactor makes each pause longer or shorter by at most that part of it, so that
	// many clients do not come back at once. Default 0.5; below 0 for none.
	RandomizationFactor float64
	// MaxReconnects bounds the tries in a row. 0 is no bound.
	MaxReconnects int
	// ConnectTimeout bounds one try to connect. 20 s.
	ConnectTimeout time.Duration

	// Retries, above 0, sends each event (but volatile ones) until the server has acknowledged it,
	// at most so many times more, one event at a time: they keep their order, and some may arrive
	// twice. The server must acknowledge every event. A try waits for the connection and for room in its
	// queue. An event that fits into no queue, or is more than the server takes, fails at once, and so does
	// one whose acknowledgement cannot be read: see ErrBackpressure.
	Retries int
	// AckTimeout is how long an acknowledgement is waited for where nobody says otherwise: with
	// Retries before the next try. 0 waits as long as the context does; with Retries 10 s.
	AckTimeout time.Duration

	// BufferEvents and BufferBytes bound what waits for the connection in one socket. 1,000 and
	// 1 MiB.
	BufferEvents, BufferBytes int
	// QueueBytes bounds what waits in the connection to be sent, of all sockets. 1 MiB.
	QueueBytes int
	// InboxEvents and InboxBytes bound the events of a socket that wait for its handlers. 1,000 and 1 MiB; one
	// event is always taken.
	//
	// When one is reached nothing more is read from the connection until a handler returns, whatever the
	// namespace: no events, no acknowledgements (see ErrBackpressure), no pings. Lasts that for longer than a
	// server waits for the answer to a ping, 20 s as a rule, the connection is lost and made anew, and what the
	// server had sent meanwhile is lost unless it keeps sessions. So a handler that takes its time hands its
	// work to a goroutine of the application's own, and who expects bursts sets larger bounds.
	InboxEvents, InboxBytes int
	// MaxMessage bounds one message of the server in bytes, MaxAttachments the binary values of
	// one packet. 16 MiB and 10.
	MaxMessage     int64
	MaxAttachments int
	// DeflateThreshold, above 0, agrees on permessage-deflate with servers that have it, and compresses messages of so
	// many bytes and more, see [eioclient.Options].
	DeflateThreshold int

	// OnError learns of everything that goes wrong and has no other place to go: a connection
	// that cannot be made, arguments that do not fit their handler, panics. It must not wait.
	OnError func(error)
	// OnReconnectAttempt and OnReconnect learn of the tries to come back, counted from 1, and of
	// the one that succeeded.
	OnReconnectAttempt, OnReconnect func(attempt int)
	// OnReconnectFailed is called when MaxReconnects tries have failed.
	OnReconnectFailed func()
	// OnUpgrade is told when the connection has moved to another transport.
	OnUpgrade func(eioclient.Transport)
	// Logger gets at debug level what OnError is told, and panics as errors. Default slog.Default().
	Logger *slog.Logger
}

// withDefaults returns a copy with every field set.
func (o *Options) withDefaults() Options {
	var c Options
	if o != nil {
		c = *o
	}
	c.Transports = slices.Clone(c.Transports)
	c.Header, c.Query = c.Header.Clone(), maps.Clone(c.Query)
	if c.Path == "" {
		c.Path = "/socket.io/"
	}
	setDefault(&c.ReconnectDelay, time.Second)
	setDefault(&c.ReconnectDelayMax, 5*time.Second)
	setDefault(&c.ConnectTimeout, 20*time.Second)
	setDefault(&c.BufferEvents, 1000)
	setDefault(&c.BufferBytes, 1<<20)
	setDefault(&c.QueueBytes, 1<<20)
	setDefault(&c.InboxEvents, 1000)
	setDefault(&c.InboxBytes, 1<<20)
	setDefault(&c.MaxAttachments, 10)
	if c.RandomizationFactor == 0 {
		c.RandomizationFactor = 0.5
	}
	if c.Retries > 0 {
		setDefault(&c.AckTimeout, 10*time.Second)
	}
	if c.Parser == nil {
		c.Parser = siocodec.JSON(&siowire.Limits{MaxAttachments: c.MaxAttachments})
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// setDefault replaces a zero (or negative) value.
func setDefault[T int | time.Duration](p *T, def T) {
	if *p <= 0 {
		*p = def
	}
}

// engine returns the part that is Engine.IO's.
func (o *Options) engine() *eioclient.Options {
	return &eioclient.Options{
		Path:             o.Path,
		Transports:       o.Transports,
		DisableUpgrade:   o.DisableUpgrade,
		Header:           o.Header,
		Query:            o.Query,
		HTTPClient:       o.HTTPClient,
		MaxMessage:       o.MaxMessage,
		DeflateThreshold: o.DeflateThreshold,
		QueueLimit:       o.QueueBytes,
		RequestTimeout:   o.ConnectTimeout,
	}
}

// pause is how long to wait before a try to come back, counted from 1.
func (o *Options) pause(attempt int) time.Duration {
	d := o.ReconnectDelay
	for ; attempt > 1 && d < o.ReconnectDelayMax; attempt-- {
		d *= 2
	}
	d = min(d, o.ReconnectDelayMax)
	if f := o.RandomizationFactor; f > 0 {
		d += time.Duration(float64(d) * min(f, 1) * (2*rand.Float64() - 1))
	}
	return d
}
