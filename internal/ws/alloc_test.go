package ws

import (
	"io"
	"testing"
)

// TestAllocations wants a shared frame to be sent, and a message to be read,
// without any allocation, and a burst with none for each frame.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Log("the race detector empties pools at random: only the sending is tried")
	}
	server, other := tcpPair(t)
	defer other.Close()
	c := NewConn(server, nil, nil)
	defer c.Abort(nil)
	frame := AppendFrame(nil, OpText, make([]byte, 100))
	sunk := make([]byte, 50*len(frame))
	for _, burst := range []int{1, 2, 50} {
		allocs := testing.AllocsPerRun(200, func() {
			for range burst {
				if err := c.Push(frame); err != nil {
					t.Fatal(err)
				}
			}
			c.Flush()
			if _, err := io.ReadFull(other, sunk[:burst*len(frame)]); err != nil {
				t.Fatal(err)
			}
		})
		if allocs > 0 && !raceEnabled {
			t.Errorf("a burst of %d: %v allocations", burst, allocs)
		}
	}
}

func TestReadAllocations(t *testing.T) {
	server, other := tcpPair(t)
	defer other.Close()
	c := NewConn(server, nil, nil)
	got := make(chan bool)
	h := newRecorder(func(Opcode, []byte) { got <- true })
	c.Serve(h)
	wire := raw(0x81, "hello")
	allocs := testing.AllocsPerRun(200, func() {
		other.Write(wire)
		<-got
	})
	if allocs > 0 && !raceEnabled {
		t.Errorf("%v allocations for a message", allocs)
	}
	c.Abort(nil)
	<-h.ended
}
