package mastodon

import (
	"context"
	"sync"
	"time"

	"rightnow/feed"
	"rightnow/feed/internal/wsdial"
)

const (
	// maxMessage bounds a message in bytes.
	maxMessage = 512 << 10

	// tries is after how many failures the server is asked again where it streams.
	tries = 3

	// quiet is after how long without a post people are told: a stream can be
	// alive and mute, and there is nothing to be done about it from here.
	quiet = 10 * time.Minute
)

// dialer connects on behalf of one Run. It belongs to the goroutine of the
// runner, or to its reader while there is a connection.
type dialer struct {
	o     *Options
	api   api
	shown *shown
	out   feed.Sink

	instance *instance // nil: to be asked
	failed   int       // tries since the last message
	decoder  Decoder   // guarded by stream.mu while there is a connection
	heard    time.Time // when the last message or ping came; zero: none did
	noted    bool      // people read a note of ours
}

// dial is feed.Runner.Dial.
func (d *dialer) dial(ctx context.Context, f feed.Filter) (feed.Stream, error) {
	if d.instance == nil || d.failed >= tries {
		i, err := d.api.instance(ctx)
		if err != nil {
			return nil, err
		}
		d.instance, d.failed, d.decoder.Domain = i, 0, i.Domain
	}
	d.failed++
	conn, err := wsdial.Dial(ctx, d.instance.Configuration.URLs.Streaming+"/api/v1/streaming", &wsdial.Options{
		Client: d.o.Client, Header: d.o.header(), Limit: maxMessage,
	})
	if err != nil {
		return nil, err
	}
	s := &stream{conn: conn, dialer: d, have: map[subscription]bool{}, posted: time.Now()}
	d.decoder.refused = ""
	if !s.Apply(f) {
		s.Close()
		return nil, errNotSent
	}
	s.begin()
	return s, nil
}

// stream is one connection.
type stream struct {
	conn   *wsdial.Conn
	dialer *dialer
	have   map[subscription]bool // Apply's

	mu    sync.Mutex // guards the dialer's decoder and following
	lacks string     // what the server does not give, for people

	// Next's.
	heard  bool      // something
	posted time.Time // when the last post came

	cancel context.CancelFunc
	asking sync.WaitGroup // catchUp
}

// begin asks for what was missed, beside the reader.
func (s *stream) begin() {
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	if d := s.dialer; !d.heard.IsZero() {
		c := catchUp{api: &d.api, out: d.out, stream: s, from: d.heard, since: d.decoder.last, shown: d.shown.all()}
		for sub := range s.have {
			c.streams = append(c.streams, sub)
		}
		s.asking.Go(func() { c.run(ctx) }) // ends with Close
	}
}

// Next implements [feed.Stream].
func (s *stream) Next() (event bool, err error) {
	message, err := s.conn.Next()
	switch {
	case err == feed.ErrTooLong:
		s.dialer.out.Skip(feed.SkipMalformed)
		err = nil
	case err != nil:
		return false, err
	case message != nil:
		s.mu.Lock()
		event, err = s.dialer.decoder.Decode(message, s.dialer.out)
		s.mu.Unlock()
	}
	s.dialer.heard = time.Now()
	if event {
		s.posted, s.dialer.failed = time.Now(), 0
	}
	s.note()
	s.heard = true
	return event, err
}

// note tells people what the state alone does not say. The first message is the
// runner's to tell of.
func (s *stream) note() {
	if !s.heard {
		return
	}
	reason := s.reason()
	if (reason != "") == s.dialer.noted {
		return
	}
	s.dialer.noted = reason != ""
	s.dialer.out.State(feed.State{Phase: feed.PhaseLive, Reason: reason})
}

func (s *stream) reason() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.lacks != "":
		return s.lacks
	case s.dialer.decoder.refused != "":
		return s.dialer.decoder.refused
	case time.Since(s.posted) >= quiet:
		return "No post has come for ten minutes, though the connection is alive."
	}
	return ""
}

// Apply implements [feed.Stream]: hashtags come and go on the same connection.
func (s *stream) Apply(f feed.Filter) bool {
	want, lacks := s.dialer.o.subscriptions(f, s.dialer.instance)
	s.mu.Lock()
	s.lacks = lacks
	s.mu.Unlock()
	for sub := range want {
		if !s.have[sub] && s.conn.Write(sub.frame("subscribe")) != nil {
			return false
		}
		s.have[sub] = true
	}
	for sub := range s.have {
		if want[sub] {
			continue
		}
		if s.conn.Write(sub.frame("unsubscribe")) != nil {
			return false
		}
		delete(s.have, sub)
	}
	return true
}

// Close implements [feed.Stream].
func (s *stream) Close() error {
	if s.cancel != nil {
		s.cancel()
	}
	err := s.conn.Close()
	s.asking.Wait()
	return err
}
