package feed

import "time"

const (
	// rowLength is how many messages are handled at a time.
	rowLength = 32
	// rowPause is how long after that nothing is done. So at most rowLength a
	// rowPause are handled, 32,000 a second: no stream of posts is that fast.
	rowPause = time.Millisecond
)

// breather has a goroutine that handles one message after the other pause now and
// then. Go's scheduler looks at the network only when a processor has nothing to
// run: in a burst of posts a chat's message would wait for all that is there.
type breather struct{ handled int }

// next is called after each message.
func (b *breather) next() {
	if b.handled++; b.handled%rowLength == 0 {
		time.Sleep(rowPause)
	}
}
