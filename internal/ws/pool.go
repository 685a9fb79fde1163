package ws

import "sync"

const (
	// readSize is what one read takes at most. A connection holds such a
	// buffer only from a successful read until its messages are handled.
	readSize = 16 << 10
	// joinSize is what one write joins at most. The buffer is held for the
	// write only.
	joinSize = 64 << 10
)

type (
	readBuffer [readSize]byte
	joinBuffer [joinSize]byte
)

// The pools are caches without state; whatever comes out of them is overwritten
// before it is read, and only the part that was written is used.
var (
	readBuffers = sync.Pool{New: func() any { return new(readBuffer) }}
	joinBuffers = sync.Pool{New: func() any { return new(joinBuffer) }}
	chunks      = sync.Pool{New: func() any { return new(chunk) }}
)
