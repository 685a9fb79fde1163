package rss

import (
	"context"
	"errors"
	"time"

	"rightnow/feed"
)

// longest is the longest time between two requests for a feed.
const longest = 24 * time.Hour

// poller asks for one feed. It belongs to one goroutine at a time.
type poller struct {
	*Source
	address string // as configured
	now     string // where it has moved to
	decoder Decoder
	gone    bool

	next           time.Time
	fails          int
	etag, modified string
	ttl            time.Duration // as the document has it
}

func newPoller(s *Source, address string) *poller {
	return &poller{Source: s, address: address, now: address, decoder: Decoder{Feed: address}}
}

// run asks again and again.
func (p *poller) run(ctx context.Context, b *board) {
	for !p.gone {
		timer := time.NewTimer(time.Until(p.next))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		err := p.ask(ctx, b.out)
		if ctx.Err() != nil {
			return // what went wrong did so because of that
		}
		p.settle(err)
		b.tell(p, err)
	}
}

// ask makes one request and hands over what it brings.
func (p *poller) ask(ctx context.Context, out feed.Sink) error {
	a, err := p.fetcher.fetch(ctx, p.now, p.etag, p.modified)
	if err != nil {
		return err
	}
	wait := p.ttl
	if a.body != nil {
		doc, err := parse(a.body)
		if err != nil {
			p.opts.Logger.Debug("feed cannot be read", "host", hostOf(p.address), "error", err)
			out.Skip(feed.SkipMalformed)
			return sentence("What comes is no feed that can be read.")
		}
		first := p.decoder.round == 0
		newest := maxItems
		if first {
			newest = p.opts.Newest
		}
		p.decoder.take(doc, out, newest)
		p.etag, p.modified, p.ttl = a.etag, a.modified, patience(doc)
		wait = p.ttl
	}
	if a.moved != "" {
		p.now = a.moved
	}
	p.fails = 0
	p.next = time.Now().Add(feed.Jitter(min(max(p.opts.Interval, wait, a.age), longest)))
	return nil
}

// settle sets the moment of the next request after a failure: twice as far away
// each time, and not before the server allows it.
func (p *poller) settle(err error) {
	if err == nil {
		return
	}
	if err == gone {
		p.gone = true
		return
	}
	rule := feed.Backoff{First: p.opts.Interval, Max: longest}
	wait := rule.After(p.fails)
	if status, ok := errors.AsType[*feed.StatusError](err); ok {
		wait = max(wait, time.Until(status.After))
	}
	p.fails++
	p.next = time.Now().Add(feed.Jitter(wait))
	p.opts.Logger.Debug("feed was not read", "host", hostOf(p.address), "reason", reasonOf(err), "next", p.next)
}
