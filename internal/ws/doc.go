// Package ws is the server side of RFC 6455: frames, one connection, its
// byte-bounded queue and its flush. It knows nothing of what travels in the
// messages.
//
//	                 a worker                       any goroutine
//	socket ──► pooled buffer ──► parser ──► Handler   Push ──► queue
//	  ▲  │     (only while there are bytes)                      │
//	  │  └─ watched by a Poller meanwhile                        │
//	  └────────────── one joined, non-blocking write ◄── Flush ──┘
//	                  (a goroutine only while the kernel is full)
//
// An idle connection costs neither a goroutine nor a buffer. Where there is no
// [netpoll.Poller], it costs one parked goroutine with a small stack. A
// broadcast frames its bytes once, with [AppendFrame], and pushes the same slice
// to every connection.
package ws
