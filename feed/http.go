package feed

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"time"
)

// DialFunc connects as net.Dialer.DialContext does.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// NewClient returns a client for streams that last for days: it bounds all but
// the body, whose silence is for the [Runner] to judge. It speaks HTTP/1.1 with a
// connection for each request: over one that many share, and which a sleeping
// machine has lost, a new request would wait for nothing. It keeps nothing open.
// dial nil means the system's network, by way of its proxy.
func NewClient(dial DialFunc) *http.Client {
	proxy := http.ProxyFromEnvironment
	if dial != nil {
		proxy = nil
	} else {
		dial = (&net.Dialer{Timeout: 10 * time.Second}).DialContext
	}
	var http1 http.Protocols
	http1.SetHTTP1(true)
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  proxy,
			DialContext:            dial,
			TLSHandshakeTimeout:    10 * time.Second,
			ResponseHeaderTimeout:  20 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
			DisableCompression:     true, // it would hold back heartbeats
			DisableKeepAlives:      true,
			Protocols:              &http1,
		},
		CheckRedirect: redirect,
	}
}

// redirect follows three, and none from https to what can be read on the way.
func redirect(req *http.Request, via []*http.Request) error {
	if len(via) > 3 {
		return &StatusError{Status: http.StatusLoopDetected, Reason: "The server sends us from one address to another."}
	}
	if via[0].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return &StatusError{Status: http.StatusMisdirectedRequest, Reason: "The server sends us to an address that is not secure."}
	}
	return nil
}

// UserAgent is what Right Now calls itself, in the form that Wikimedia asks for.
// contact is an address of whoever runs it, and may be empty.
func UserAgent(contact string) string {
	if contact == "" {
		contact = "no contact given"
	}
	return fmt.Sprintf("RightNow/1 (%s) Go/%s", contact, strings.TrimPrefix(runtime.Version(), "go"))
}

// Open sends a request whose answer is a stream. ctx bounds it until the answer
// has begun, not the body, whose Close ends all. An answer other than success is
// the error of [StatusOf].
func Open(ctx context.Context, client *http.Client, req *http.Request) (*http.Response, error) {
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	resp, err := client.Do(req.WithContext(own))
	if err != nil {
		cancel()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	if !stop() {
		err = ctx.Err() // it ended just now
	} else {
		err = StatusOf(resp)
	}
	if err != nil {
		cancel()
		resp.Body.Close()
		return nil, err
	}
	resp.Body = &body{resp.Body, cancel}
	return resp, nil
}

// body ends its request when it is closed.
type body struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b *body) Close() error {
	b.cancel()
	return b.ReadCloser.Close()
}
