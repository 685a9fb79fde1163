package replay_test

import (
	"strings"
	"testing"
	"time"

	"rightnow/feed/replay"
)

const three = header +
	`{"t":1000,"src":"x","wire":{"id":"a{{loop}}","n":"{{seq}}"}}` + "\n" +
	`{"t":1000,"src":"x","wire":{"id":"b{{loop}}","n":"{{seq}}"}}` + "\n" +
	`{"t":9000,"src":"x","do":"cut"}` + "\n"

var t0 = time.Unix(1_700_000_000, 0)

func take(r *replay.Reel, n int) string {
	var all []string
	for range n {
		if _, ok := r.Next(); !ok {
			return strings.Join(append(all, "end"), " ")
		}
		m := r.Take()
		all = append(all, m.At.Sub(t0).String()+" "+string(m.Do)+string(m.Wire))
	}
	return strings.Join(all, "\n")
}

func TestReelLoops(t *testing.T) {
	got := take(replay.NewReel(mustRead(t, three), t0, 0), 6)
	want := `1s {"id":"a","n":17000000000001}
1s {"id":"b","n":17000000000002}
9s cut
11s {"id":"a1","n":17000000000004}
11s {"id":"b1","n":17000000000005}
19s cut`
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestReelEnds(t *testing.T) {
	f := mustRead(t, strings.Replace(three, `"loop":true`, `"loop":false`, 1))
	if got := take(replay.NewReel(f, t0, 1), 9); !strings.HasSuffix(got, "9s cut end") {
		t.Error(got)
	}
	r := replay.NewReel(f, t0, 1)
	r.Seek(t0.Add(time.Hour))
	if _, ok := r.Next(); ok {
		t.Error("something comes after the end")
	}
}

func TestReelSpeed(t *testing.T) {
	got := take(replay.NewReel(mustRead(t, three), t0, 10), 3)
	if !strings.HasPrefix(got, "100ms ") || !strings.HasSuffix(got, "900ms cut") {
		t.Error(got)
	}
}

// Who comes later sees what those see who were there.
func TestReelSeek(t *testing.T) {
	f := mustRead(t, three)
	for _, speed := range []float64{1, 4} {
		for _, into := range []time.Duration{-5, 0, 1, time.Second, time.Second + 1, 9 * time.Second, 10 * time.Second, 11*time.Second + 1, 39 * time.Second, time.Hour} {
			a, b := replay.NewReel(f, t0, speed), replay.NewReel(f, t0, speed)
			to := t0.Add(into)
			for at, _ := a.Next(); at.Before(to); at, _ = a.Next() {
				a.Take()
			}
			b.Seek(to)
			if x, y := take(a, 7), take(b, 7); x != y {
				t.Errorf("at %v, speed %v:\n%s\nand\n%s", into, speed, x, y)
			}
		}
	}
}

func TestReelShift(t *testing.T) {
	r := replay.NewReel(mustRead(t, three), t0, 1)
	r.Take()
	r.Shift(time.Minute)
	if got := take(r, 2); !strings.HasPrefix(got, `1m1s {"id":"b",`) || !strings.HasSuffix(got, "1m9s cut") {
		t.Error(got)
	}
}
