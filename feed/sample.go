package feed

import (
	"math/rand/v2"
	"time"
)

const (
	sampleSeconds = 60 // that are known
	samplePosts   = 10 // that are kept of each
)

// sample knows some posts of each second of the last minute, chosen by lot,
// whether they matched or not. It is guarded by the router's lock.
type sample struct {
	seconds [sampleSeconds]sampleSecond
	since   int64 // the first second, 0: there was none
}

type sampleSecond struct {
	at    int64 // Unix
	seen  int
	posts []*Post
}

func (s *sample) add(p *Post, now time.Time) {
	at := now.Unix()
	if s.since == 0 {
		s.since = at
	}
	second := &s.seconds[at%sampleSeconds]
	if second.at != at {
		*second = sampleSecond{at: at}
	}
	second.seen++
	if len(second.posts) < samplePosts {
		second.posts = append(second.posts, p)
	} else if i := rand.IntN(second.seen); i < samplePosts {
		second.posts[i] = p
	}
}

// last returns a copy of what is known of the last minute, and how many seconds
// that is.
func (s *sample) last(now time.Time) (known []sampleSecond, seconds float64) {
	at := now.Unix()
	for _, second := range s.seconds {
		if second.seen > 0 && second.at > at-sampleSeconds {
			second.posts = append([]*Post(nil), second.posts...)
			known = append(known, second)
		}
	}
	return known, float64(min(at-s.since+1, sampleSeconds))
}

// forget drops what came more than a minute ago.
func (s *sample) forget(now time.Time) {
	for i := range s.seconds {
		if s.seconds[i].at <= now.Unix()-sampleSeconds {
			s.seconds[i] = sampleSecond{}
		}
	}
}

// rateOf returns how many posts a second had one of the phrases.
func rateOf(known []sampleSecond, seconds float64, phrases []Phrase) float64 {
	var d Doc
	total := 0.0
	for _, second := range known {
		met := 0
		for _, p := range second.posts {
			if d.Read(p); meetsAny(&d, phrases) {
				met++
			}
		}
		total += float64(met) / float64(len(second.posts)) * float64(second.seen)
	}
	return total / max(seconds, 1)
}

func meetsAny(d *Doc, phrases []Phrase) bool {
	for _, p := range phrases {
		if d.Meets(p) {
			return true
		}
	}
	return false
}
