// Command conformance is the server that foreign test suites and clients are pointed at. It stands on the library's public
// API alone, and has a face for each suite:
//
//	conformance      the project's own contract: every event, namespace and limit that a client can tell apart
//	engine-suite     what the official Engine.IO protocol suite expects
//	engine-suite-v3  the same, of protocol 3
//	socket-suite     what the official Socket.IO protocol suite expects
//	socket-client    what socket.io-client's own suite expects of its support server
//	engine-client    what engine.io-client's own suite expects of its
//	deflate          the project's own contract again, with every message compressed for who takes that
//	load             the project's own contract again, with the library's default times
//	bench            the library with its defaults, under load
//
// It listens on 127.0.0.1. When it does, it prints one line:
//
//	CONFORMANCE_READY {"main":"http://127.0.0.1:4000"}
//
// SIGTERM or SIGINT ends it, and SIGUSR2 makes it give memory back to the system.
package main
