package limit

import (
	"testing"
	"time"
)

func TestBucket(t *testing.T) {
	r := Rate{Burst: 3, Every: time.Second}
	now := time.Unix(1000, 0)
	var b Bucket
	for range 3 {
		if wait := b.Take(now, 1, r); wait != 0 {
			t.Errorf("within the burst: wait %v", wait)
		}
	}
	for range 2 { // refusing costs nothing
		if wait := b.Take(now.Add(200*time.Millisecond), 1, r); wait != 800*time.Millisecond {
			t.Errorf("after the burst: wait %v, want 800ms", wait)
		}
	}
	if wait := b.Take(now.Add(time.Second), 1, r); wait != 0 {
		t.Errorf("after a second: wait %v", wait)
	}
	if wait := b.Take(now.Add(time.Second), 1, r); wait != time.Second {
		t.Errorf("one a second: wait %v", wait)
	}
	now = now.Add(time.Hour)
	for i := range 4 {
		if wait := b.Take(now, 1, r); (wait > 0) != (i == 3) {
			t.Errorf("rested, take %d: wait %v", i, wait)
		}
	}
	for range 100 {
		if wait := b.Take(now, 1, Rate{Burst: 1, Every: -1}); wait != 0 {
			t.Errorf("without a limit: wait %v", wait)
		}
	}
}
