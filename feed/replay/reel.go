package replay

import (
	"sort"
	"time"
)

// Reel is how far a file has been played: all reels of a file that have the same
// start and speed show the same. It belongs to one goroutine.
type Reel struct {
	file  *File
	start time.Time // of the first round
	speed float64
	seq   int64 // of the first event

	loop, next int
}

// Moment is an event that has come.
type Moment struct {
	At     time.Time
	Source string
	Do     Action
	For    time.Duration // in the time in which it is played
	Wire   []byte        // when Do is empty; the caller's
}

// NewReel returns a reel at its beginning. speed 0 means 1; at 2 all goes twice as fast.
func NewReel(f *File, start time.Time, speed float64) *Reel {
	if speed <= 0 {
		speed = 1
	}
	// A stream that starts later has higher numbers, if it is slower than ten
	// thousand events a second.
	return &Reel{file: f, start: start, speed: speed, seq: max(start.Unix(), 0) * 10_000}
}

// Next tells when the next event comes; false: the file is at its end.
func (r *Reel) Next() (time.Time, bool) {
	if r.next == len(r.file.Events) {
		if !r.file.Loop {
			return time.Time{}, false
		}
		r.loop++
		r.next = 0
	}
	at := time.Duration(r.loop)*r.file.Span + r.file.Events[r.next].At
	return r.start.Add(r.scale(at)), true
}

// scale turns time of the file into time in which it is played.
func (r *Reel) scale(d time.Duration) time.Duration { return time.Duration(float64(d) / r.speed) }

// Take returns the next event, whether or not its time has come. There has to be one.
func (r *Reel) Take() Moment {
	at, ok := r.Next()
	if !ok {
		panic("replay: Take at the end")
	}
	e := &r.file.Events[r.next]
	m := Moment{At: at, Source: e.Source, Do: e.Do, For: r.scale(e.For)}
	if e.Do == "" {
		seq := r.seq + int64(r.loop)*int64(len(r.file.Events)) + int64(r.next) + 1
		m.Wire = e.Wire.AppendTo(nil, Fill{Now: at, Seq: seq, Loop: r.loop})
	}
	r.next++
	return m
}

// Seek goes to the first event that does not come before a moment.
func (r *Reel) Seek(to time.Time) {
	into := max(time.Duration(float64(to.Sub(r.start))*r.speed), 0)
	r.loop = 0
	if r.file.Loop {
		r.loop, into = int(into/r.file.Span), into%r.file.Span
	}
	r.next = sort.Search(len(r.file.Events), func(i int) bool { return r.file.Events[i].At >= into })
}

// Shift has all that is still to come come later.
func (r *Reel) Shift(d time.Duration) { r.start = r.start.Add(d) }
