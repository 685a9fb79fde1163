// Package eioclient is the dialling side of Engine.IO, protocol 4: one session
// with a server, over long-polling, a WebSocket, or the first and then the other.
//
//	Dial ──► open ──► polling: one GET waits, POSTs carry what is sent
//	                     │ 2probe, 3probe on a WebSocket beside it; the GET and the POST end; 5
//	                     ▼
//	                  websocket: one message a packet
//
// Messages arrive in the order in which the server sent them, and leave in the
// order in which they were sent, also across the change of transports.
package eioclient
