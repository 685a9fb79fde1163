// Package engineio is the server side of Engine.IO protocol 4: one client's session over transports that change
// underneath it.
//
//	browser ── GET, POST ─────► long-polling ────┐
//	        ── WebSocket ─────► internal/ws ─────┼─► Session ─► SessionHandler (yours)
//	        ── WebTransport ──► eiowebtransport ─┘
//
// A [Server] is an [net/http.Handler]. Each handshake makes a [Session]; a session that began with long-polling moves
// to a WebSocket or a WebTransport when the client upgrades it, and nothing is lost, repeated or reordered by that.
// WebTransports come from an HTTP/3 server by [Server.ServeWebTransport]; package eiowebtransport has one.
//
// What goes out is a [Frame]: an immutable group of messages, put into the form of a transport at most once and shared
// by any number of sessions. [Session.Send] queues and never blocks; [Session.Flush] hands what is queued to the
// transport. A client that does not take its bytes is closed with [ReasonSlowConsumer] when they exceed
// [Options.QueueLimit]; nobody else waits for it.
//
// Goroutines: a session on a WebSocket has the one that reads from it (on Linux only while something comes), a session on
// long-polling has none between its requests. A WebTransport has one that reads from it, and one that writes while
// something is queued. Heartbeats and all other timeouts are lists with one timer each for the whole server. The end of a session
// starts one that closes its connections and calls OnClose; [Server.Shutdown] waits for all of them.
//
// On Linux the polls of a session that goes on with long-polling pass net/http by: once a request has passed it, and the
// middleware in front of the server, one that repeats it byte for byte on the same connection (but for the parameter t)
// is answered without either, and waits without a goroutine. At the latest after [Options.PingInterval] a poll takes the
// whole way again, and so does at once whatever differs. [Options.PlainPolling] tells where all polls do.
//
// What comes in arrives at [SessionHandler.OnMessage], one message at a time, in order. While it blocks, nothing more
// is read from that client.
package engineio
