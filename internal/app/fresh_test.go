package app

import (
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
)

// TestFreshConns closes what was silent, leaves what was in use, and takes
// nobody afterwards.
func TestFreshConns(t *testing.T) {
	var f freshConns
	open := func(states ...http.ConnState) net.Conn {
		server, client := net.Pipe()
		t.Cleanup(func() { server.Close(); client.Close() })
		for _, s := range states {
			f.state(server, s)
		}
		return client
	}
	silent := open(http.StateNew)
	active := open(http.StateNew, http.StateActive)
	f.close()
	late := open(http.StateNew)
	for name, c := range map[string]net.Conn{"silent": silent, "late": late} {
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if f.conns != nil {
		t.Error("connections are kept")
	}
	active.Close() // was open: a pipe's end can be closed once without an error from the other
}
