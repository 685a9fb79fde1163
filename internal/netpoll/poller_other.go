//go:build !linux

package netpoll

// Watches tells whether a Poller can watch anything on this system.
const Watches = false

// Poller watches connections that wait for their peers on Linux; here each
// connection has a goroutine that waits.
type Poller struct{}

// Watched is what a Poller keeps in a Target.
type Watched struct{}

func (w *Watched) watched() *Watched { return w }

// Add reports that t cannot be watched.
func (*Poller) Add(Target) bool { return false }

// Watching is how many connections are watched.
func (*Poller) Watching() int { return 0 }

// Start is never called: nothing was added.
func (*Poller) Start(Target, bool) {}

// Wake is as Start.
func (*Poller) Wake(Target) {}

// Drain is as Start.
func (*Poller) Drain(Target) bool { return true }
