package feed

import (
	"slices"
	"time"
)

// lagOf is of how many posts a lag is the median.
const lagOf = 31

// lag is how old the posts of a source are when they come. The zero lag knows none.
type lag struct {
	last  [lagOf]time.Duration // a ring
	count int
}

// add counts a clean post. One that says the moment of its coming says nothing: it
// had no time, or one in the future.
func (l *lag) add(p *Post) {
	if age := p.ReceivedAt.Sub(p.CreatedAt); age > 0 {
		l.last[l.count%lagOf] = age
		l.count++
	}
}

// typical is the median: a post that is found late, or edited, does not move it.
func (l *lag) typical() time.Duration {
	known := slices.Clone(l.last[:min(l.count, lagOf)])
	if len(known) == 0 {
		return 0
	}
	slices.Sort(known)
	return known[len(known)/2]
}

// differs tells whether people would say another number.
func differs(a, b time.Duration) bool {
	return max(a, b)-min(a, b) > max(500*time.Millisecond, min(a, b)/4)
}
