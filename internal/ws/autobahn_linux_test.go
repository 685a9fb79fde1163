package ws

import (
	"net"
	"os"
	"syscall"
	"testing"
)

// TestAutobahnOverSockets runs most of the cases once more where bytes come from
// a socket: to a goroutine that waits for them, and to a poller's workers.
func TestAutobahnOverSockets(t *testing.T) {
	pair, sizes := echoPair, chops
	echoPair, chops = socketPair, []int{0, 7} // each piece is a write, and a read
	defer func() { echoPair, chops = pair, sizes }()
	for how, prepare := range map[string]func(*testing.T){
		"waiting": func(*testing.T) {},
		"polled":  func(t *testing.T) { withPoller(t) },
	} {
		t.Run(how, func(t *testing.T) {
			prepare(t)
			TestAutobahn1Framing(t)
			TestAutobahn2Pings(t)
			TestAutobahn3ReservedBits(t)
			TestAutobahn4Opcodes(t)
			TestAutobahn5Fragments(t)
			TestAutobahn6Text(t)
			TestAutobahn6FailFast(t)
			TestAutobahn7Close(t)
			TestAutobahn9RoundTrips(t)
			TestAutobahn10Fragments(t)
		})
	}
}

// socketPair is a pair of Unix sockets, which is made sooner than one of TCP.
func socketPair(t testing.TB) (server, other net.Conn) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	var conns [2]net.Conn
	for i, fd := range fds {
		f := os.NewFile(uintptr(fd), "socket")
		defer f.Close() // FileConn has a copy
		if conns[i], err = net.FileConn(f); err != nil {
			t.Fatal(err)
		}
	}
	return conns[0], conns[1]
}
