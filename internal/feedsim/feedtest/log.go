package feedtest

import (
	"bytes"
	"log/slog"
	"sync"
)

// Log is what was logged. The zero Log is ready; all methods may be called
// concurrently.
type Log struct {
	mu sync.Mutex // guards following
	b  bytes.Buffer
}

// Write implements [io.Writer].
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Logger returns one that logs everything.
func (l *Log) Logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
