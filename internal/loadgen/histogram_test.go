package loadgen

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestPercentiles compares with a sorted list: three digits are to be right, and
// what is below 0.1 µs to 0.1 µs.
func TestPercentiles(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, next := range map[string]func() int64{
		"even":        func() int64 { return random.Int64N(int64(time.Second)) },
		"long tailed": func() int64 { return int64(50_000 / (0.0001 + random.Float64())) },
		"alike":       func() int64 { return int64(17 * time.Millisecond) },
		"tiny":        func() int64 { return random.Int64N(300) },
	} {
		t.Run(name, func(t *testing.T) {
			h, sorted := NewHistogram(), make([]int64, 10_001)
			for i := range sorted {
				sorted[i] = next()
				h.Add(sorted[i])
			}
			slices.Sort(sorted)
			for _, p := range []float64{1, 50, 90, 99, 99.9, 100} {
				want := sorted[int(math.Round(p/100*float64(len(sorted))))-1]
				got := int64(h.Percentile(p))
				if got < want-shortest || float64(got) > 1.001*float64(want)+shortest {
					t.Errorf("%v %%: %d, want %d", p, got, want)
				}
			}
			if h.Count() != int64(len(sorted)) {
				t.Errorf("%d counted", h.Count())
			}
		})
	}
}

func TestHistogramBounds(t *testing.T) {
	h := NewHistogram()
	if h.Percentile(50) != 0 || h.Bars() != nil {
		t.Errorf("an empty one has %v and %v", h.Percentile(50), h.Bars())
	}
	h.Add(-5)
	h.Add(int64(100 * time.Hour))
	if h.Count() != 2 {
		t.Errorf("%d of 2 counted", h.Count())
	}
	if most := h.Percentile(100); most < time.Hour || most > time.Hour*1001/1000 {
		t.Errorf("100 hours count as %v", most)
	}
}

func TestBars(t *testing.T) {
	h := NewHistogram()
	for _, us := range []int64{15, 15, 16, 45, 190, 1100} { // too far from each other for fine bars
		h.Add(us * int64(time.Microsecond))
	}
	us := time.Microsecond
	want := []Bar{{10 * us, 20 * us, 3}, {20 * us, 50 * us, 1}, {50 * us, 100 * us, 0}, {100 * us, 200 * us, 1},
		{200 * us, 500 * us, 0}, {500 * us, 1000 * us, 0}, {1000 * us, 2000 * us, 1}}
	if got := h.Bars(); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	var b strings.Builder
	if err := WriteHistogram(&b, h, 6); err != nil {
		t.Fatal(err)
	}
	const drawn = `    to 20 µs              3   50.00 %  ██████
    to 50 µs              1   66.67 %  ██
   to 100 µs              0   66.67 %  
   to 200 µs              1   83.33 %  ██
   to 500 µs              0   83.33 %  
     to 1 ms              0   83.33 %  
     to 2 ms              1  100.00 %  ██
`
	if b.String() != drawn {
		t.Errorf("drawn\n%s\nwant\n%s", &b, drawn)
	}
}

func TestFineBars(t *testing.T) {
	h := NewHistogram()
	for _, us := range []int64{70, 101, 119, 140, 149} {
		h.Add(us * int64(time.Microsecond))
	}
	us := time.Microsecond
	want := []Bar{{60 * us, 80 * us, 1}, {80 * us, 100 * us, 0}, {100 * us, 120 * us, 2}, {120 * us, 150 * us, 2}}
	if got := h.Bars(); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
