package loadgen

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The latencies that a Histogram tells apart, to three digits.
const (
	shortest = 100 // ns
	longest  = int64(time.Hour)
)

// A Histogram counts latencies. It keeps three digits of each, in 220 KB however
// many there are.
type Histogram struct{ counts *hdrhistogram.Histogram }

// NewHistogram returns an empty one.
func NewHistogram() *Histogram {
	return &Histogram{hdrhistogram.New(shortest, longest, 3)}
}

// Add counts one latency in nanoseconds. What is longer than an hour counts as
// an hour.
func (h *Histogram) Add(ns int64) {
	_ = h.counts.RecordValue(min(max(ns, 0), longest)) // fails only outside of its range
}

// Count is how many were counted.
func (h *Histogram) Count() int64 { return h.counts.TotalCount() }

// Percentile is the latency that p percent do not exceed, 0 if there is none.
func (h *Histogram) Percentile(p float64) time.Duration {
	if h.Count() == 0 {
		return 0
	}
	return time.Duration(h.counts.ValueAtPercentile(p))
}

// A Bar is a range of latencies, From excluded, and how many lie in it.
type Bar struct {
	From, To time.Duration
	Count    int64
}

// Bars are the counts between 1, 2, 5, 10, 20, 50, … of a unit, without the empty
// ones at both ends.
func (h *Histogram) Bars() []Bar {
	var bars []Bar
	bar := Bar{To: time.Microsecond}
	next := func() {
		if len(bars) > 0 || bar.Count > 0 {
			bars = append(bars, bar)
		}
		bar = Bar{From: bar.To, To: step(bar.To)}
	}
	for _, c := range h.counts.Distribution() {
		if c.Count == 0 {
			continue
		}
		for time.Duration(c.To) > bar.To {
			next()
		}
		bar.Count += c.Count
	}
	next()
	return bars
}

// step is what follows d in 1, 2, 5, 10, 20, 50, …
func step(d time.Duration) time.Duration {
	first := d
	for first >= 10 {
		first /= 10
	}
	if first == 2 {
		return d * 5 / 2
	}
	return 2 * d
}
