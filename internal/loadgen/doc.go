// Package loadgen is the load generator of `rightnow bench`: many lean Socket.IO
// clients (protocol 5 over Engine.IO protocol 4), driven by one epoll loop in one
// goroutine, against any server that speaks plain HTTP.
//
//	Run ── connects, and then one phase after another
//	 │
//	swarm    the clients, and what the phase under way counts
//	 │        client    one Socket.IO session
//	 │         conn     one non-blocking socket: the WebSocket, or one of two that poll
//	loop     the epoll instance, the shared buffer that all reads go to
//
// A client is a few hundred bytes and no goroutine. A message costs it one
// read(2) into the shared buffer and nothing on the heap; requests are framed
// before the phase begins. So the server, and not the generator, is what a run
// measures: look at [Traffic.LoadBusy] to be sure. Nearly all that it uses is the
// kernel's, for reading and for the acknowledgements of TCP.
//
// What the server's process uses is read from /proc, so that needs a server on
// this machine. It runs on Linux only.
package loadgen
