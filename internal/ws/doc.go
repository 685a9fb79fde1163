// Package ws is the server side of RFC 6455: frames, one connection, its
// byte-bounded queue and its flush. It knows nothing of what travels in the
// messages.
//
//	            reading goroutine                    any goroutine
//	socket ──► pooled buffer ──► parser ──► Handler   Push ──► queue
//	  ▲        (only while readable)                             │
//	  └────────────── one joined, non-blocking write ◄── Flush ──┘
//	                  (a goroutine only while the kernel is full)
//
// An idle connection costs one parked goroutine with a small stack and no
// buffer. A broadcast frames its bytes once, with [AppendFrame], and pushes
// the same slice to every connection.
package ws
