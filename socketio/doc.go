// Package socketio is a Socket.IO server (protocol 5) that every official client of
// generation 3 and 4 can use unchanged, and with [Options].AllowEIO3 those of generation 2.
//
//	client ══ engineio.Session ══ client (one connection)
//	                                 ├── Socket in "/"       ── inbox ── handlers, in order
//	                                 └── Socket in "/chat"   ── inbox ── handlers, in order
//	Namespace "/"  ── hub.Hub: rooms, broadcasts encoded once
//
// A [Server] is an http.Handler. Handlers are registered for each [Socket] inside
// [Server.OnConnect]; they run one at a time and in the order in which the client sent its
// events, on a goroutine that exists only while there is something to do. A slow handler
// delays its own socket and nobody else; heartbeats and acknowledgements go on meanwhile, so a
// handler may wait for an acknowledgement of its own client.
//
// Everything a handler, a middleware or a hook may call is safe for concurrent use, and may
// also be called from any other goroutine. Emitting never waits for a client: what cannot be
// sent at once is queued, and a client that lets its queue overflow is disconnected.
package socketio
