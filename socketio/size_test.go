package socketio

import (
	"testing"
	"unsafe"
)

// An idle connection is to be small; these are most of what this package adds to it.
func TestSizes(t *testing.T) {
	if n := unsafe.Sizeof(Socket{}); n > 256 {
		t.Errorf("a Socket has %d bytes", n)
	}
	if n := unsafe.Sizeof(client{}); n > 128 {
		t.Errorf("a client has %d bytes", n)
	}
}
