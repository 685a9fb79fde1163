// Package eiowire is Engine.IO protocol 4 as bytes: packets, the payloads of long-polling that join them, and the stream of a
// WebTransport. It does no I/O, keeps no state but in a [StreamReader], and allocates only there and where it appends.
//
//	packet   text:    type byte '0'..'6', then the data
//	         binary:  on a WebSocket the bare message data, no type byte
//	                  in a payload 'b', then the data in base64 (type message is implied)
//	payload  packet { 0x1e packet }
//	stream   { header packet }, see [AppendStreamFrame]
package eiowire
