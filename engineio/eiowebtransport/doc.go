// Package eiowebtransport serves Engine.IO, and with it Socket.IO, over WebTransport: an HTTP/3 server of quic-go that gives
// the sessions it accepts to an [rightnow/engineio.Server], beside the HTTP server that serves long-polling and WebSockets.
//
//	browser ── HTTP, WebSocket (TCP) ──► http.Server ──────────────► engineio.Server
//	        ── WebTransport (UDP) ─────► http3.Server ─► Server ──────────┘
//
// A client begins on WebTransport or is moved there from long-polling; limits, checks, heartbeat, close reasons and shutdown
// are those of every other transport. Browsers want a certificate that they trust, or one of ECDSA that is valid for at most
// two weeks and whose SHA-256 they are told:
//
//	io("https://example.com", {
//		transports: ["polling", "webtransport"],
//		transportOptions: { webtransport: { serverCertificateHashes: [{ algorithm: "sha-256", value: hash }] } },
//	});
//
// The package is on its own because it is the only one that needs quic-go.
package eiowebtransport
