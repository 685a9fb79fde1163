package feedsim

import (
	"encoding/json"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	"rightnow/feed/replay"
)

// Stage is fakes at one address, playing a file; see [Stage.Sources]. Like the real ones they do
// not wait for anybody: whoever connects gets what comes from then on.
type Stage struct {
	http.Handler

	file  *replay.File
	start time.Time
	speed float64
}

// The keys that a stage takes, and no others.
const (
	MastodonToken = "feedsim-mastodon"
	XToken        = "feedsim-x"
)

// FeedPath is where the stage's feed is.
const FeedPath = RSSPath + "replay.xml"

// NewStage returns a stage that begins now. speed 0 means 1.
func NewStage(f *replay.File, speed float64) *Stage {
	s := &Stage{file: f, start: time.Now(), speed: speed}
	bluesky := NewJetstream(Play(s, "bluesky"))
	bluesky.Profile = s.profile
	mastodon := NewMastodon(Play(s, "mastodon"))
	mastodon.Token = MastodonToken
	mastodon.Statuses = func() []string { return s.statuses(time.Now()) }
	x := NewX(Play(s, "x"))
	x.Match, x.Token = true, XToken
	feeds := NewRSS(func(int, *http.Request) iter.Seq[Step] {
		return func(yield func(Step) bool) { yield(Send(s.document(time.Now()))) }
	})
	s.Handler = Mux(bluesky, NewWikimedia(Play(s, "wikimedia")), mastodon, x, feeds)
	return s
}

// Sources are the names of the sources that find their upstream here.
func (s *Stage) Sources() []string { return []string{"bluesky", "wikimedia", "mastodon", "rss", "x"} }

// reel is the file as it stands at a moment.
func (s *Stage) reel(at time.Time) *replay.Reel {
	r := replay.NewReel(s.file, s.start, s.speed)
	r.Seek(at)
	return r
}

// Steps implements [Player].
func (s *Stage) Steps(source string) iter.Seq[Step] {
	return func(yield func(Step) bool) {
		now := time.Now()
		if until := s.refused(source, now); until.After(now) {
			yield(Refuse(http.StatusTooManyRequests, "Too many requests", "Retry-After", strconv.Itoa(int(until.Sub(now).Seconds())+1)))
			return
		}
		s.play(source, s.reel(now), yield)
	}
}

func (s *Stage) play(source string, r *replay.Reel, yield func(Step) bool) {
	for {
		at, ok := r.Next()
		if !ok {
			return
		}
		m := r.Take()
		if m.Source != source || m.Do == replay.Quiet {
			continue
		}
		if wait := time.Until(at); wait > 0 && !yield(Sleep(wait)) {
			return
		}
		step := Send(string(m.Wire))
		switch m.Do {
		case replay.Beat:
			step = Beat()
		case replay.Cut, replay.TooMany:
			step = Cut()
		}
		if !yield(step) {
			return
		}
	}
}

// refused is until when connections are refused.
func (s *Stage) refused(source string, now time.Time) (until time.Time) {
	r := s.reel(now.Add(-time.Minute))
	for at, ok := r.Next(); ok && !at.After(now); at, ok = r.Next() {
		if m := r.Take(); m.Source == source && m.Do == replay.TooMany {
			until = at.Add(m.For)
		}
	}
	return until
}

// maxEntries is how many entries the stage's feed has.
const maxEntries = 15

// document is the feed at a moment: the entries of the documents that the file has
// had until then, the newest first.
func (s *Stage) document(now time.Time) string {
	r := s.reel(now.Add(-2 * s.file.Span))
	var head, tail string
	var entries []string
	for at, ok := r.Next(); ok && !at.After(now); at, ok = r.Next() {
		m := r.Take()
		before, rest, has := strings.Cut(string(m.Wire), "<entry>")
		end := strings.LastIndex(rest, "</entry>")
		if m.Source != "rss" || !has || end < 0 {
			continue
		}
		end += len("</entry>")
		head, tail = before, rest[end:]
		entries = append([]string{"<entry>" + rest[:end]}, entries...)
	}
	if head == "" {
		return `<feed xmlns="http://www.w3.org/2005/Atom"><title>Nothing yet</title></feed>`
	}
	return head + strings.Join(entries[:min(len(entries), maxEntries)], "") + tail
}

// profile is who somebody in the file is.
func (s *Stage) profile(did string) (Profile, bool) {
	p, ok := s.file.People[did]
	return Profile{Handle: p.Handle, Name: p.Name}, ok
}

// statuses are the posts that Mastodon has at a moment, the oldest first: those of
// the file until then, but for what was edited or deleted.
func (s *Stage) statuses(now time.Time) []string {
	r := s.reel(now.Add(-s.file.Span))
	var order []string
	posts := map[string]string{}
	for at, ok := r.Next(); ok && !at.After(now); at, ok = r.Next() {
		m := r.Take()
		var e struct{ Event, Payload string }
		if m.Source != "mastodon" || json.Unmarshal(m.Wire, &e) != nil {
			continue
		}
		var head statusHead
		switch {
		case e.Event == "delete":
			delete(posts, e.Payload)
		case json.Unmarshal([]byte(e.Payload), &head) == nil && head.ID != "":
			if posts[head.ID] == "" {
				order = append(order, head.ID)
			}
			posts[head.ID] = e.Payload
		}
	}
	var all []string
	for _, id := range order {
		if posts[id] != "" {
			all = append(all, posts[id])
		}
	}
	return all
}
