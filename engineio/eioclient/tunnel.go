package eioclient

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

var errHandshakeTimeout = errors.New("TLS handshake timeout") // in net/http's words

// maxTunnelHead bounds what a proxy may answer to CONNECT, in bytes.
const maxTunnelHead = 64 << 10

// tunnelled is the client for a WebSocket over plain http: where client's Transport would hand the request to an HTTP proxy,
// which knows nothing of WebSockets, it asks that proxy for a tunnel instead (RFC 6455 section 4.1). For https and by
// SOCKS package net/http does so itself.
func tunnelled(client *http.Client, target *url.URL, header http.Header) (*http.Client, error) {
	transport := transportOf(client)
	if transport == nil || transport.Proxy == nil || target.Scheme != "http" {
		return client, nil
	}
	proxy, err := transport.Proxy(&http.Request{Method: http.MethodGet, URL: target, Host: target.Host, Header: header})
	if err != nil || proxy == nil || proxy.Scheme != "http" && proxy.Scheme != "https" {
		return client, err
	}
	own := transport.Clone()
	own.Proxy = nil
	own.DisableKeepAlives = true // nothing of it may be left
	own.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialProxy(ctx, transport, network, proxy)
		if err != nil {
			return nil, &net.OpError{Op: "proxyconnect", Net: network, Err: err}
		}
		if err := connect(ctx, transport, conn, proxy, address); err != nil {
			_ = conn.Close()
			return nil, &net.OpError{Op: "proxyconnect", Net: network, Err: err}
		}
		return conn, nil
	}
	c := *client
	c.Transport = own
	return &c, nil
}

// transportOf is what makes the client's requests, nil if it is not of net/http.
func transportOf(client *http.Client) *http.Transport {
	if client.Transport == nil {
		t, _ := http.DefaultTransport.(*http.Transport)
		return t
	}
	t, _ := client.Transport.(*http.Transport)
	return t
}

// dialProxy connects to the proxy as t would, but for its Dial and DialTLS, which package net/http has given up.
func dialProxy(ctx context.Context, t *http.Transport, network string, proxy *url.URL) (net.Conn, error) {
	port := proxy.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[proxy.Scheme]
	}
	address := net.JoinHostPort(proxy.Hostname(), port)
	if proxy.Scheme == "https" && t.DialTLSContext != nil {
		return t.DialTLSContext(ctx, network, address)
	}
	dial := t.DialContext
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	conn, err := dial(ctx, network, address)
	if err != nil || proxy.Scheme == "http" {
		return conn, err
	}
	secured, err := secure(ctx, t, conn, proxy)
	if err != nil {
		_ = conn.Close()
	}
	return secured, err
}

// secure speaks TLS with the proxy. The caller closes conn if that fails.
func secure(ctx context.Context, t *http.Transport, conn net.Conn, proxy *url.URL) (net.Conn, error) {
	config := &tls.Config{}
	if t.TLSClientConfig != nil {
		config = t.TLSClientConfig.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = proxy.Hostname()
	}
	config.NextProtos = nil
	if d := t.TLSHandshakeTimeout; d > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, d, errHandshakeTimeout)
		defer cancel()
	}
	secured := tls.Client(conn, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return nil, err
	}
	return secured, nil
}

// connect asks the proxy for a tunnel to an address (RFC 9110 section 9.3.6).
func connect(ctx context.Context, t *http.Transport, conn net.Conn, proxy *url.URL, address string) error {
	header := t.ProxyConnectHeader.Clone()
	if t.GetProxyConnectHeader != nil {
		own, err := t.GetProxyConnectHeader(ctx, proxy, address)
		if err != nil {
			return err
		}
		header = own.Clone()
	}
	if header == nil {
		header = http.Header{}
	}
	if user := proxy.User; user != nil && header.Get("Proxy-Authorization") == "" {
		password, _ := user.Password()
		header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)))
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	r := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address, Header: header}
	in := bufio.NewReader(io.LimitReader(conn, maxTunnelHead))
	err := r.Write(conn)
	var answer *http.Response
	if err == nil {
		answer, err = http.ReadResponse(in, r)
	}
	switch {
	case !stop():
		return context.Cause(ctx)
	case err != nil:
		return err
	}
	if t.OnProxyConnectResponse != nil {
		if err := t.OnProxyConnectResponse(ctx, proxy, r, answer); err != nil {
			return err
		}
	}
	switch {
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("the proxy says %q", answer.Status)
	case in.Buffered() > 0:
		return fmt.Errorf("the proxy says more than is asked")
	}
	return nil
}
