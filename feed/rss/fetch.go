package rss

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"rightnow/feed"
)

// What is asked of a server at most.
const (
	maxBytes     = 2 << 20 // of an answer, unpacked
	timeout      = 15 * time.Second
	maxRedirects = 3
)

// newDial connects to public addresses, or to all.
func newDial(private bool) feed.DialFunc {
	dialer := net.Dialer{Timeout: 10 * time.Second, Control: guard}
	if private {
		dialer.Control = nil
	}
	return dialer.DialContext
}

// newClient follows no redirects: fetch does. Behind a proxy nobody could say what
// address it connects to, so one is used only when all are allowed.
func newClient(dial feed.DialFunc, private bool) *http.Client {
	t := &http.Transport{
		DialContext:            dial,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		DisableKeepAlives:      true, // the next request is minutes away
	}
	if dial == nil {
		t.DialContext = newDial(private)
		if private {
			t.Proxy = http.ProxyFromEnvironment
		}
	}
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// answer is what a server said.
type answer struct {
	body  []byte // nil: nothing new
	moved string // where the feed is from now on; empty: where it was
	age   time.Duration
	// What to tell the next time.
	etag, modified string
}

// fetcher asks servers. All methods may be called concurrently.
type fetcher struct {
	client *http.Client
	agent  string
	hosts  hosts
}

// fetch asks for a feed. What it returns as an error is [*feed.StatusError],
// [*feed.Fatal], or the network's.
func (f *fetcher) fetch(ctx context.Context, address, etag, modified string) (*answer, error) {
	var a answer
	for hop, permanent := 0, true; ; hop++ {
		to, err := f.hop(ctx, &a, address, etag, modified)
		if err != nil || to == nil {
			return &a, err
		}
		if hop == maxRedirects {
			return nil, sentence("The server sends us from one address to another.")
		}
		address = to.url
		if permanent = permanent && to.permanent; permanent {
			a.moved = address
		}
	}
}

// redirect is where a server sends us.
type redirect struct {
	url       string
	permanent bool
}

// hop makes one request. At one host only one is made at a time.
func (f *fetcher) hop(ctx context.Context, a *answer, address, etag, modified string) (*redirect, error) {
	at, err := url.Parse(address)
	if err != nil {
		return nil, sentence("The address cannot be read.")
	}
	leave, err := f.hosts.enter(ctx, at.Host)
	if err != nil {
		return nil, err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, sentence("The address cannot be read.")
	}
	req.Header.Set("User-Agent", f.agent)
	req.Header.Set("Accept", "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1")
	set(req.Header, "If-None-Match", etag)
	set(req.Header, "If-Modified-Since", modified)
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return read(a, at, resp)
}

// set sets a header that has a value.
func set(h http.Header, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}

// read takes an answer, or finds out where it is.
func read(a *answer, at *url.URL, resp *http.Response) (*redirect, error) {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return follow(at, resp)
	case http.StatusNotModified:
		a.age = maxAge(resp.Header)
		return nil, nil
	}
	if resp.StatusCode == http.StatusGone {
		return nil, gone
	}
	if err := feed.StatusOf(resp); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBytes+1))
	switch {
	case err != nil:
		return nil, err
	case len(body) > maxBytes:
		return nil, sentence("The feed is too large: more than 2 MiB.")
	}
	a.body = body
	a.age = maxAge(resp.Header)
	a.etag, a.modified = short(resp.Header.Get("ETag")), short(resp.Header.Get("Last-Modified"))
	return nil, nil
}

// follow checks where a redirect leads. The address behind the name is checked
// when it is connected to.
func follow(at *url.URL, resp *http.Response) (*redirect, error) {
	to, err := at.Parse(resp.Header.Get("Location"))
	switch {
	case err != nil || resp.Header.Get("Location") == "":
		return nil, sentence("The server sends us to an address that cannot be read.")
	case checkAddress(to) != nil:
		return nil, sentence("The server sends us to an address that is none of the web.")
	case at.Scheme == "https" && to.Scheme != "https":
		return nil, sentence("The server sends us to an address that is not secure.")
	}
	to.Fragment = ""
	permanent := resp.StatusCode == http.StatusMovedPermanently || resp.StatusCode == http.StatusPermanentRedirect
	return &redirect{to.String(), permanent}, nil
}

// checkAddress wants an address of the web without keys in it.
func checkAddress(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return errors.New("write https://host/path")
	case u.User != nil:
		return errors.New("there is a user or a password in it")
	}
	return nil
}

// short is a value that is worth keeping.
func short(value string) string {
	if len(value) > 1024 {
		return ""
	}
	return value
}

// maxAge is how long an answer is good, by its Cache-Control.
func maxAge(h http.Header) time.Duration {
	for part := range strings.SplitSeq(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if seconds, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 31); err == nil && strings.EqualFold(name, "max-age") {
			return time.Duration(seconds) * time.Second
		}
	}
	return 0
}

// sentence is an error for people.
type sentence string

// gone is the only failure after which a feed is not asked for again.
const gone = sentence("The feed is gone for good (410).")

func (s sentence) Error() string { return "rss: " + string(s) }

// reasonOf says in a sentence for people what went wrong.
func reasonOf(err error) string {
	if s, ok := errors.AsType[sentence](err); ok {
		return string(s)
	}
	if s, ok := errors.AsType[*feed.StatusError](err); ok {
		return s.Reason
	}
	if f, ok := errors.AsType[*feed.Fatal](err); ok {
		return f.Reason
	}
	if _, ok := errors.AsType[*BlockedError](err); ok {
		return "It stands at an address that is not public; the setting rss-private allows those."
	}
	if d, ok := errors.AsType[*net.DNSError](err); ok && d.IsNotFound {
		return "There is no host of this name."
	}
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
		return fmt.Sprintf("The server does not answer within %d seconds.", timeout/time.Second)
	}
	return "The server cannot be reached."
}
