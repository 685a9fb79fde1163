package eioclient

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Transport names a way for packets to travel.
type Transport string

const (
	Polling   Transport = "polling"
	WebSocket Transport = "websocket"
)

// Message is one message.
type Message struct {
	Data   []byte
	Binary bool
}

// Options of a session. The zero value is good, nil too; Dial copies it.
type Options struct {
	// Path is where the server answers; a slash is added where it does not end in one. Default "/engine.io/".
	Path string
	// Transports are allowed; the session begins with the first. Default Polling and
	// WebSocket.
	Transports []Transport
	// DisableUpgrade keeps a session that began with polling on it.
	DisableUpgrade bool
	// Header goes with every request, Query into every URL.
	Header http.Header
	Query  url.Values
	// HTTPClient makes the requests: its Transport says about TLS, proxies and how to
	// dial, its Jar keeps cookies, its CheckRedirect where redirects may lead: without
	// one ten times at most, and neither to another host nor out of TLS, for Header and
	// Query are repeated there. Its Timeout is not used. Default: one like http.DefaultClient.
	HTTPClient *http.Client

	// MaxMessage bounds one message of the server, and one answer to a poll, in
	// bytes. Default 16 MiB.
	MaxMessage int64
	// DeflateThreshold is the size in bytes from which a message goes compressed over a WebSocket, if the server agrees to
	// permessage-deflate (RFC 7692), which is offered then: each message by itself, no window is kept. Messages of the
	// server may be compressed too, and MaxMessage counts what is unpacked. 0, the default, offers it to nobody. Answers
	// to polls come compressed as HTTPClient's Transport asks for.
	DeflateThreshold int
	// QueueLimit bounds what waits to be sent, in bytes. Default 1 MiB.
	QueueLimit int
	// RequestTimeout is how long a handshake, a POST, or a step of the upgrade may take.
	// Default 20 s.
	RequestTimeout time.Duration
	// CloseTimeout bounds how long Close waits for what is queued. Default 5 s.
	CloseTimeout time.Duration

	// OnMessage takes the messages, one at a time and in order. data is valid only
	// until it returns. While it blocks nothing is read, and pings are not answered.
	OnMessage func(data []byte, binary bool)
	// OnUpgrade is told when the session has moved to another transport.
	OnUpgrade func(Transport)
	// OnDrain is told when nothing waits to be sent any more. It must not wait.
	OnDrain func()
	// OnClose is called once, after the last OnMessage has returned.
	OnClose func(reason Reason, err error)
}

// withDefaults returns a copy with every field set.
func (o *Options) withDefaults() Options {
	var c Options
	if o != nil {
		c = *o
	}
	if c.Path == "" {
		c.Path = "/engine.io/"
	}
	if !strings.HasSuffix(c.Path, "/") {
		c.Path += "/"
	}
	if len(c.Transports) == 0 {
		c.Transports = []Transport{Polling, WebSocket}
	}
	c.Transports = slices.Clone(c.Transports)
	c.Header = c.Header.Clone()
	if c.HTTPClient == nil {
		c.HTTPClient = http.DefaultClient
	}
	untimed := *c.HTTPClient
	untimed.Timeout = 0 // it would end polls and WebSockets that are well
	if untimed.CheckRedirect == nil {
		untimed.CheckRedirect = stayOnHost
	}
	c.HTTPClient = &untimed
	c.MaxMessage = positive(c.MaxMessage, 16<<20)
	c.QueueLimit = positive(c.QueueLimit, 1<<20)
	c.RequestTimeout = positive(c.RequestTimeout, 20*time.Second)
	c.CloseTimeout = positive(c.CloseTimeout, 5*time.Second)
	if c.OnMessage == nil {
		c.OnMessage = func([]byte, bool) {}
	}
	if c.OnUpgrade == nil {
		c.OnUpgrade = func(Transport) {}
	}
	if c.OnDrain == nil {
		c.OnDrain = func() {}
	}
	if c.OnClose == nil {
		c.OnClose = func(Reason, error) {}
	}
	return c
}

// maxRedirects is how many redirects in a row are followed, as by package net/http.
const maxRedirects = 10

// stayOnHost is a CheckRedirect.
func stayOnHost(r *http.Request, via []*http.Request) error {
	if len(via) >= maxRedirects {
		return fmt.Errorf("eioclient: more than %d redirects", maxRedirects)
	}
	from := via[0].URL
	if !strings.EqualFold(r.URL.Hostname(), from.Hostname()) {
		return fmt.Errorf("eioclient: %s redirects to another host, %s", from.Hostname(), r.URL.Hostname())
	}
	if from.Scheme == "https" && r.URL.Scheme != "https" {
		return fmt.Errorf("eioclient: %s redirects from https to %s", from.Hostname(), r.URL.Scheme)
	}
	return nil
}

func positive[T int | int64 | time.Duration](v, otherwise T) T {
	if v > 0 {
		return v
	}
	return otherwise
}
