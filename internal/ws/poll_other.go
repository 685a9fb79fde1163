//go:build !linux

package ws

// Poller watches connections that wait for their peers on Linux; here each
// connection has a goroutine that waits.
type Poller struct{}

func (*Poller) add(*reader) bool { return false }

// watched is the part of a reader that a Poller needs.
type watched struct{}

func (r *reader) start() {}
func (r *reader) wake()  {}
