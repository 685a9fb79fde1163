// Package eiowire is Engine.IO protocol 4 as bytes: packets, and the payloads of long-polling that join them. It does
// no I/O, keeps no state and allocates only where it appends.
//
//	packet   text:    type byte '0'..'6', then the data
//	         binary:  on a WebSocket the bare message data, no type byte
//	                  in a payload 'b', then the data in base64 (type message is implied)
//	payload  packet { 0x1e packet }
package eiowire
