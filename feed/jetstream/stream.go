package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"rightnow/feed"
	"rightnow/feed/internal/wsdial"
)

const (
	path = "/xrpc/network.bsky.jetstream.subscribeEvents"

	// maxMessage is what we ask to be spared beyond; the limit of what is read
	// lies above it.
	maxMessage = 64 << 10
	readLimit  = 128 << 10

	// ping keeps a connection alive on which nothing needs to come: its pongs are
	// more frequent than the stall timer is long.
	ping = 20 * time.Second

	// maxDIDs is how many authors are asked for by name: their list stands in the
	// address. Beyond it all posts are read.
	maxDIDs = 200

	// tries is after how many failures the next host gets its turn.
	tries = 3

	// longestGap is how much is made up for. After more than that the stream
	// begins anew, and the hole is told.
	longestGap = time.Hour

	// cursorEvery is how often the position is told.
	cursorEvery = time.Second
)

// dialer connects on behalf of one Run. It belongs to the goroutine of the
// runner, or to its reader while there is a connection.
type dialer struct {
	o     *Options
	names *names
	out   feed.Sink

	host   int // index of Options.Hosts
	failed int // tries at it since the last event
	at     position
}

// dial is feed.Runner.Dial.
func (d *dialer) dial(ctx context.Context, f feed.Filter) (feed.Stream, error) {
	if d.failed >= tries {
		d.host = (d.host + 1) % len(d.o.Hosts)
		d.failed = 0
	}
	d.failed++
	if now := time.Now(); !d.at.isZero() && now.Sub(d.at.time) > longestGap {
		d.out.Gap(d.at.time, now)
		d.at = position{}
	}
	dids := authors(f)
	conn, err := d.connect(ctx, dids)
	if !d.at.isZero() && badCursor(err) {
		d.out.Gap(d.at.time, time.Now())
		d.at = position{}
		conn, err = d.connect(ctx, dids)
	}
	if err != nil {
		return nil, err
	}
	s := &stream{conn: conn, dialer: d, all: len(dids) == 0}
	s.decoder.names = d.names
	s.decoder.at = d.at
	s.decoder.at.host = d.o.Hosts[d.host]
	s.decoder.resumed = !d.at.isZero() && d.at.host == d.o.Hosts[d.host]
	return s, nil
}

func (d *dialer) connect(ctx context.Context, dids []string) (*wsdial.Conn, error) {
	return wsdial.Dial(ctx, d.address(dids), &wsdial.Options{
		Client:       d.o.Client,
		Header:       http.Header{"User-Agent": {feed.UserAgent(d.o.Contact)}},
		Subprotocols: []string{"xrpc.v1.json"},
		Limit:        readLimit,
		Ping:         ping,
	})
}

// address is what to connect to.
func (d *dialer) address(dids []string) string {
	query := url.Values{
		"kinds":               {"commit", "account"},
		"collections":         {collection},
		"maxMessageSizeBytes": {strconv.Itoa(maxMessage)},
	}
	if len(dids) > 0 {
		query["dids"] = dids
	}
	host := d.o.Hosts[d.host]
	if !d.at.isZero() {
		query.Set("cursor", d.at.cursor(host))
	}
	return strings.TrimSuffix(host, "/") + path + "?" + query.Encode()
}

// authors are the DIDs to ask for; none when words are wanted too, of whomever.
func authors(f feed.Filter) []string {
	if len(f.Words) > 0 || len(f.Authors) > maxDIDs {
		return nil
	}
	var dids []string
	for _, author := range f.Authors {
		if did := strings.TrimPrefix(author, Name+":"); isDID(did) {
			dids = append(dids, did)
		}
	}
	return dids
}

// badCursor tells whether the host refuses our position, or anything we ask.
func badCursor(err error) bool {
	var refused *wsdial.Refused
	var status *feed.StatusError
	if !errors.As(err, &refused) || !errors.As(err, &status) || status.Status != http.StatusBadRequest {
		return false
	}
	var body struct {
		Error string `json:"error"`
	}
	return json.Unmarshal([]byte(refused.Body), &body) == nil && (body.Error == "CursorTooOld" || body.Error == "InvalidRequest")
}

// stream is one connection.
type stream struct {
	conn    *wsdial.Conn
	dialer  *dialer // used by Next alone
	all     bool    // reads everybody's posts: never silent
	decoder Decoder
	told    time.Time // when the position was told last
}

// Next implements [feed.Stream]. Pings count only where silence is possible.
func (s *stream) Next() (event bool, err error) {
	for {
		message, err := s.conn.Next()
		switch {
		case err == feed.ErrTooLong:
			s.dialer.out.Skip(feed.SkipMalformed)
			return false, nil
		case err != nil:
			s.tell()
			return false, err
		case message == nil && s.all:
			continue
		case message == nil:
			return false, nil
		}
		return s.decode(message)
	}
}

func (s *stream) decode(message []byte) (event bool, err error) {
	event, err = s.decoder.Decode(message, s.dialer.out)
	if event {
		s.dialer.failed = 0
		s.dialer.at = s.decoder.at
		if time.Since(s.told) >= cursorEvery {
			s.tell()
		}
	}
	return event, err
}

// tell passes the position on.
func (s *stream) tell() {
	if s.told = time.Now(); !s.dialer.at.isZero() {
		s.dialer.out.Cursor(s.dialer.at.String())
	}
}

// Apply implements [feed.Stream]. Words are matched here: only a change of the
// authors that are asked for by name needs another connection.
func (s *stream) Apply(f feed.Filter) bool { return s.all && len(authors(f)) == 0 }

// Close implements [feed.Stream].
func (s *stream) Close() error { return s.conn.Close() }
