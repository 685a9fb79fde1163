package replay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"rightnow/feed"
)

// Name is the source's name, and that of all its posts: they are not in the dress
// of another network.
const Name = "replay"

// Options configure a [Source]. Only Decoders is required.
type Options struct {
	// File is what is played; nil: the one that comes with the program.
	File *File
	// Decoders read the messages, by the names of their upstreams. They belong to
	// the source from now on. What has none is left out.
	Decoders map[string]feed.Decoder
	// Speed is how fast it is played; 0 means 1.
	Speed float64
	// Logger hears what decoders fail with; nil: nobody does.
	Logger *slog.Logger
}

// Source plays a file while something is wanted, and goes on where it was when
// something is wanted again. It implements [feed.Source].
type Source struct {
	file     *File
	decoders map[string]feed.Decoder
	speed    float64
	log      *slog.Logger

	reel *Reel // nil before the first Run; Run's
}

var _ feed.Source = (*Source)(nil)

// New returns a source. It fails when none of the decoders fits the file.
func New(o *Options) (*Source, error) {
	s := &Source{file: o.File, decoders: map[string]feed.Decoder{}, speed: o.Speed, log: o.Logger}
	if s.file == nil {
		s.file = Shipped()
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	for _, name := range s.file.Sources() {
		if d := o.Decoders[name]; d != nil {
			s.decoders[name] = d
		}
	}
	if len(s.decoders) == 0 {
		return nil, errors.New("replay: nothing in the file can be read with the decoders that there are")
	}
	return s, nil
}

// Name implements [feed.Source].
func (s *Source) Name() string { return Name }

// Title implements [feed.Source].
func (s *Source) Title() string { return "Replay (demo)" }

// Caps implements [feed.Source].
func (s *Source) Caps() feed.Caps { return feed.Caps{LiveFilter: true, Deletes: true} }

// Run implements [feed.Source].
func (s *Source) Run(ctx context.Context, want *feed.Want, out feed.Sink) error {
	p := play{Source: s, want: want, out: out, away: map[string]outage{}}
	paused := time.Now()
	for ctx.Err() == nil {
		filter, changed := want.Load()
		if filter.Empty() {
			p.tell(feed.State{Phase: feed.PhaseIdle})
			select {
			case <-changed:
			case <-ctx.Done():
			}
			continue
		}
		p.resume(time.Since(paused))
		p.play(ctx)
		paused = time.Now()
	}
	return nil
}

// play is one call of Run, in its goroutine.
type play struct {
	*Source
	want *feed.Want
	out  feed.Sink
	away map[string]outage // upstreams of which nothing comes
	told feed.State
}

// outage is a time in which nothing comes of an upstream.
type outage struct {
	do          Action
	from, until time.Time
}

// resume goes on after a pause.
func (p *play) resume(after time.Duration) {
	if p.reel == nil {
		p.reel = NewReel(p.file, time.Now(), p.speed)
		return
	}
	p.reel.Shift(after)
	for name, o := range p.away {
		o.until = o.until.Add(after)
		p.away[name] = o
	}
}

// play plays until ctx ends or nothing is wanted.
func (p *play) play(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		p.state()
		timer.Reset(time.Until(p.due()))
		filter, changed := p.want.Load()
		if filter.Empty() {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
			continue
		case <-timer.C:
		}
		p.comeBack(time.Now())
		if at, ok := p.reel.Next(); ok && !at.After(time.Now()) {
			p.take(p.reel.Take())
		}
	}
}

// due is when something happens next.
func (p *play) due() time.Time {
	at, ok := p.reel.Next()
	if !ok {
		at = time.Now().Add(time.Hour)
	}
	for _, o := range p.away {
		if o.until.Before(at) {
			at = o.until
		}
	}
	return at
}

// take plays what has come.
func (p *play) take(m Moment) {
	decoder := p.decoders[m.Source]
	_, away := p.away[m.Source]
	switch {
	case decoder == nil || away || m.Do == Beat:
	case m.Do != "":
		p.away[m.Source] = outage{m.Do, m.At, m.At.Add(m.For)}
	default:
		if _, err := decoder.Decode(m.Wire, &relabel{p.out, m.Source}); err != nil {
			p.log.Debug("replayed connection ended", "source", m.Source, "error", err)
			p.away[m.Source] = outage{Cut, m.At, m.At.Add(p.reel.scale(Cut.lasts()))}
		}
	}
}

// comeBack ends the outages that are over.
func (p *play) comeBack(now time.Time) {
	for name, o := range p.away {
		if now.Before(o.until) {
			continue
		}
		delete(p.away, name)
		if o.do != Quiet {
			p.out.Gap(o.from, o.until)
		}
	}
}

// state tells how the upstreams do: the worst of them, and of equals the one that
// is back last.
func (p *play) state() {
	state := feed.State{Phase: feed.PhaseLive}
	if _, ok := p.reel.Next(); !ok {
		state = feed.State{Phase: feed.PhaseIdle, Reason: "The replay is over."}
	}
	for name, o := range p.away {
		next := feed.State{Phase: feed.PhaseWaiting, Until: o.until}
		switch o.do {
		case Cut:
			next.Reason = fmt.Sprintf("The demo plays a cut connection (%s).", name)
		case TooMany:
			next.Reason = fmt.Sprintf("The demo plays a server that asks for patience (%s).", name)
		default:
			next = feed.State{Phase: feed.PhaseLive, Reason: fmt.Sprintf("The demo plays a quiet time (%s).", name)}
		}
		if worse(next, state) {
			state = next
		}
	}
	p.tell(state)
}

func worse(a, b feed.State) bool {
	if a.Phase != b.Phase {
		return a.Phase == feed.PhaseWaiting
	}
	return a.Until.After(b.Until) || a.Until.Equal(b.Until) && a.Reason > b.Reason
}

// tell passes a state on when it says something new.
func (p *play) tell(s feed.State) {
	if s != p.told {
		p.told = s
		p.out.State(s)
	}
}
