package feed

import (
	"maps"
	"time"
)

// meter counts what an owner was shown and not. It is guarded by the router's lock.
type meter struct {
	matched, shown uint64
	skipped        map[SkipReason]uint64

	// Posts that were looked at: those before the owner was active last, and what
	// the router had counted then.
	seenBefore, seenFrom uint64

	window Meta // of the last window: its rates and Busiest; totals at its end
}

func (m *meter) skip(reason SkipReason) {
	if m.skipped == nil {
		m.skipped = map[SkipReason]uint64{}
	}
	m.skipped[reason]++
}

// seen returns how many posts were looked at, of those that the router counts.
func (m *meter) seen(all uint64, active bool) uint64 {
	if !active {
		return m.seenBefore
	}
	return m.seenBefore + all - m.seenFrom
}

// totals returns the numbers up to now, with the rates of the last window.
func (m *meter) totals(seen uint64) Meta {
	t := m.window
	t.Seen, t.Matched, t.Shown = seen, m.matched, m.shown
	t.Skipped = maps.Clone(m.skipped)
	if t.Skipped == nil {
		t.Skipped = map[SkipReason]uint64{}
	}
	return t
}

// roll ends a window. It reports whether there is anything new to tell: numbers
// that changed, or rates that fell to zero.
func (m *meter) roll(seen uint64, busiest string, window time.Duration) bool {
	was := m.window
	per := func(now, before uint64) float64 { return float64(now-before) / window.Seconds() }
	m.window.Window = window
	m.window.PerSecond = Rates{per(seen, was.Seen), per(m.matched, was.Matched), per(m.shown, was.Shown)}
	m.window.Busiest = busiest
	m.window.Seen, m.window.Matched, m.window.Shown = seen, m.matched, m.shown
	return m.window.PerSecond != was.PerSecond || m.window.PerSecond != Rates{}
}
