package ws

import (
	"io"
	"net"
	"runtime"
	"strings"
	"testing"

	"rightnow/internal/leaktest"
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

// TestIdleMemory wants an idle connection to hold no buffer and no more than a
// goroutine's first stack, before its first message and after it, with a
// handler that writes and so needs more stack. The client's end of each
// connection is counted too, at about 700 bytes.
func TestIdleMemory(t *testing.T) {
	if raceEnabled {
		t.Log("the race detector keeps memory of its own: only the traffic is tried")
	}
	// The runtime gives new goroutines stacks after the average of those it saw
	// in the last collection; in a program that serves, these are such readers.
	defer idle(t, 100)()
	const n = 400
	before := memory()
	stop := idle(t, n)
	check := func(when string) {
		now := memory()
		heap := (int(now.HeapAlloc) - int(before.HeapAlloc)) / n
		stack := (int(now.StackInuse) - int(before.StackInuse)) / n
		t.Logf("%s: %d bytes of heap, %d of stack", when, heap, stack)
		if !raceEnabled && (heap > 2300 || stack > 2600) {
			t.Errorf("%s: %d bytes of heap and %d of stack for a connection", when, heap, stack)
		}
	}
	check("after a message")
	stop()
}

// idle opens n connections, sends a message over each, and waits until they
// wait again.
func idle(t *testing.T, n int) (stop func()) {
	clients := make([]net.Conn, n)
	handlers := make([]*echoHandler, n)
	wire, answer := raw(0x81, "hello"), make([]byte, 7)
	for i := range n {
		server, other := tcpPair(t)
		h := &echoHandler{c: NewConn(server, nil, nil), ended: make(chan error, 1)}
		h.c.Serve(h)
		clients[i], handlers[i] = other, h
		other.Write(wire)
		if _, err := io.ReadFull(other, answer); err != nil {
			t.Fatal(err)
		}
	}
	if !eventually(func() bool { return parkedReaders() >= n }) {
		t.Fatal("the readers do not wait")
	}
	return func() {
		for i, h := range handlers {
			h.c.Abort(nil)
			<-h.ended
			clients[i].Close()
		}
	}
}

// parkedReaders counts the reading goroutines that wait for the network.
func parkedReaders() (n int) {
	for stack := range strings.SplitSeq(leaktest.Stacks(), "\n\n") {
		if strings.Contains(stack, "[IO wait") && strings.Contains(stack, "ws.(*reader).run") {
			n++
		}
	}
	return n
}

func memory() (m runtime.MemStats) {
	runtime.GC() // the second empties the pools
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m
}
