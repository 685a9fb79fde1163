package main

import (
	"sync"

	"rightnow/socketio"
)

// departure is how a socket went.
type departure struct {
	Reason socketio.Reason `json:"reason"`
	Rooms  []string        `json:"rooms"`
}

// ledger remembers the last departures. Its methods may be called concurrently.
type ledger struct {
	mu      sync.Mutex // guards the following
	entries map[string]departure
	order   []string // ids, the oldest at next once the ledger is full
	next    int
}

// ledgerSize bounds what is remembered.
const ledgerSize = 10_000

func newLedger() *ledger { return &ledger{entries: map[string]departure{}} }

func (l *ledger) put(sid string, d departure) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.order) < ledgerSize {
		l.order = append(l.order, sid)
	} else {
		delete(l.entries, l.order[l.next])
		l.order[l.next] = sid
		l.next = (l.next + 1) % ledgerSize
	}
	l.entries[sid] = d
}

// get returns nil for a socket that is still there or was never known.
func (l *ledger) get(sid string) any {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d, ok := l.entries[sid]; ok {
		return d
	}
	return nil
}
