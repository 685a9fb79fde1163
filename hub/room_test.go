package hub

import (
	"math/rand/v2"
	"testing"
)

// TestRoomStaysSmall asserts that empty slots never outnumber members by much,
// so that a walk costs what the room has members, and that a room that was
// large gives its memory back.
func TestRoomStaysSmall(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var r room
	var in []uint64
	for i := range 20000 {
		if grow := i < 10000; len(in) == 0 || grow && rnd.IntN(3) > 0 || !grow && rnd.IntN(3) == 0 {
			in = append(in, r.add(&entry{}))
		} else {
			k := rnd.IntN(len(in))
			r.remove(in[k])
			in[k] = in[len(in)-1]
			in = in[:len(in)-1]
		}
		if r.live != len(in) || len(r.slots) > max(fewSlots, 2*r.live)+1 {
			t.Fatalf("%d members, %d live, %d slots", len(in), r.live, len(r.slots))
		}
	}
	for _, number := range in {
		r.remove(number)
	}
	if r.live != 0 || cap(r.slots) > 4*fewSlots {
		t.Errorf("%d live, room for %d slots", r.live, cap(r.slots))
	}
}
