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

// Where bars end within each decade: 16 fine ones at most are drawn, or else the
// coarse ones.
var (
	fineSteps   = []int64{10, 12, 15, 20, 25, 30, 40, 50, 60, 80}
	coarseSteps = []int64{10, 20, 50}
)

const maxFine = 16

// Bars are the counts in ranges that grow with the latency, without the empty ones
// at both ends. They end at 1, 2, 5, 10, … of a unit, or at finer steps between
// these where all latencies are near each other.
func (h *Histogram) Bars() []Bar {
	if bars := h.bars(fineSteps); len(bars) <= maxFine {
		return bars
	}
	return h.bars(coarseSteps)
}

func (h *Histogram) bars(steps []int64) []Bar {
	var bars []Bar
	unit, step := int64(100), 0 // the first bar ends at 1 µs
	bar := Bar{To: time.Duration(unit * steps[step])}
	next := func() {
		if len(bars) > 0 || bar.Count > 0 {
			bars = append(bars, bar)
		}
		if step++; step == len(steps) {
			unit, step = 10*unit, 0
		}
		bar = Bar{From: bar.To, To: time.Duration(unit * steps[step])}
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
