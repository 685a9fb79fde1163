package wikimedia

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"rightnow/feed"
)

const (
	// path has all streams in one connection: an address may have only two.
	path = "/v2/stream/recentchange,mediawiki.page-delete,mediawiki.revision-visibility-change"

	// maxEvent bounds an event in bytes.
	maxEvent = 128 << 10

	// longestGap is how much is made up for, so as to be kind to a small service.
	// After more than that the stream begins anew, and the hole is told.
	longestGap = 15 * time.Minute

	// cursorEvery is how often the position is told.
	cursorEvery = time.Second
)

// dialer connects on behalf of one Run. It belongs to the goroutine of the
// runner, or to its reader while there is a connection.
type dialer struct {
	o       *Options
	out     feed.Sink
	at      position
	decoder Decoder
}

// dial is feed.Runner.Dial.
func (d *dialer) dial(ctx context.Context, _ feed.Filter) (feed.Stream, error) {
	if d.o.Contact == "" {
		return nil, &feed.Fatal{Reason: "Wikimedia wants to know whom to write to: set a contact, a mail or web address."}
	}
	if now := time.Now(); len(d.at) > 0 && now.Sub(d.at.time()) > longestGap {
		d.forget(now)
	}
	resp, err := d.open(ctx)
	var status *feed.StatusError
	if errors.As(err, &status) && status.Status == http.StatusBadRequest && len(d.at) > 0 {
		d.forget(time.Now()) // it is the position that the service does not like
		resp, err = d.open(ctx)
	}
	if err != nil {
		return nil, err
	}
	return &stream{dialer: d, body: resp.Body, events: feed.NewSSE(resp.Body, maxEvent)}, nil
}

// forget gives the position up.
func (d *dialer) forget(now time.Time) {
	d.out.Gap(d.at.time(), now)
	d.at = nil
}

func (d *dialer) open(ctx context.Context) (*http.Response, error) {
	req, err := http.NewRequest(http.MethodGet, d.o.URL+path, nil)
	if err != nil {
		return nil, &feed.Fatal{Reason: "The address of Wikimedia's streams is not valid: " + d.o.URL}
	}
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("User-Agent", feed.UserAgent(d.o.Contact))
	if len(d.at) > 0 {
		req.Header.Set("Last-Event-ID", d.at.lastEventID())
	}
	resp, err := feed.Open(ctx, d.o.Client, req)
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// stream is one connection.
type stream struct {
	dialer *dialer // used by Next alone
	body   io.ReadCloser
	events *feed.SSE
	told   time.Time // when the position was told last
}

// Next implements [feed.Stream].
func (s *stream) Next() (event bool, err error) {
	out := s.dialer.out
	e, beat, err := s.events.Next()
	switch {
	case err == feed.ErrTooLong:
		out.Skip(feed.SkipMalformed)
		return false, nil
	case err != nil:
		s.tell()
		return false, err
	case beat:
		return false, nil
	case e.Type == "error":
		return false, fmt.Errorf("feed: the service reports: %.100q", e.Data)
	case e.Type != "message":
		out.Skip(feed.SkipUnknown)
		return false, nil
	}
	event, err = s.dialer.decoder.Decode(e.Data, out)
	s.advance(e.ID)
	return event, err
}

// advance moves the position past an event.
func (s *stream) advance(id string) {
	if p := parsePosition(id); p != nil {
		s.dialer.at = p
	}
	if time.Since(s.told) >= cursorEvery {
		s.tell()
	}
}

// tell passes the position on.
func (s *stream) tell() {
	if s.told = time.Now(); len(s.dialer.at) > 0 {
		s.dialer.out.Cursor(s.dialer.at.String())
	}
}

// Apply implements [feed.Stream]: words are matched here.
func (s *stream) Apply(feed.Filter) bool { return true }

// Close implements [feed.Stream].
func (s *stream) Close() error { return s.body.Close() }
