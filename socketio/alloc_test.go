package socketio_test

import (
	"runtime/debug"
	"sync/atomic"
	"testing"

	"rightnow/socketio"
)

// listeners are clients of a server that count the bytes they get.
type listeners struct {
	*harness
	n    int
	left atomic.Int64
	none chan bool // told when left is 0
}

// listen connects n clients on TCP. They leave when the test ends.
func listen(t *testing.T, n int) *listeners {
	l := &listeners{harness: serveTCP(t, nil), n: n, none: make(chan bool, 1)}
	for range n {
		w := l.rawWS(t)
		go l.count(w) // ends with the connection
		t.Cleanup(func() { w.Close() })
	}
	waitFor(t, func() bool { return l.io.SocketsCount() == n })
	l.io.SocketsJoin("room")
	return l
}

func (l *listeners) count(w *rawWS) {
	for {
		n, err := w.Read(w.buf)
		if err != nil {
			return
		}
		if l.left.Add(-int64(n)) == 0 {
			l.none <- true
		}
	}
}

// hear runs emit, which sends each client so many bytes, and waits until all have them, so that
// nothing of it is left in a kernel.
func (l *listeners) hear(size int, emit func()) {
	l.left.Add(int64(l.n * size))
	emit()
	receive(l.t, l.none)
}

// What one broadcast allocates does not depend on how many get it, from the event down to the
// bytes in the kernel.
func TestNoAllocationForEachRecipient(t *testing.T) {
	if raceBuild {
		return // the race detector allocates
	}
	// A collection would empty the pools, and what fills them again would be counted.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	const size = len(`xx42["message","hello"]`) // with a frame's header
	few, many := listen(t, 10), listen(t, 1000)
	for _, test := range []struct {
		name     string
		messages int
		emit     func(io *socketio.Server)
	}{
		{"everybody", 1, func(io *socketio.Server) { io.Emit("message", "hello") }},
		{"a room", 1, func(io *socketio.Server) { io.To("room").Emit("message", "hello") }},
		{"a burst", 10, func(io *socketio.Server) {
			io.Batch(func() {
				for range 10 {
					io.Emit("message", "hello")
				}
			})
		}},
	} {
		allocations := func(l *listeners) float64 {
			emit := func() { test.emit(l.io) }
			return testing.AllocsPerRun(20, func() { l.hear(test.messages*size, emit) })
		}
		// One for each recipient would be 990 more; a few may be the runtime's own, on a busy machine.
		if a, b := allocations(few), allocations(many); b > a+10 {
			t.Errorf("%s: %v allocations for 10 clients, %v for 1,000", test.name, a, b)
		}
	}
}
