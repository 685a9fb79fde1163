// Package sioclient is a client of Socket.IO servers, protocol 5, this module's or
// Node's:
//
//	Client ── one connection, kept up ──► server
//	   ├─ Socket "/"       events both ways, acknowledgements
//	   └─ Socket "/chat"   …
//
// A [Client] connects when its first [Socket] wants to, comes back after a loss with
// growing pauses, and ends its connection with the last Socket. What is emitted
// meanwhile waits, within limits, and leaves in its order. Handlers of one Socket run
// one after the other, on a goroutine of its own, in the order in which the events
// came; so a handler may wait for an acknowledgement of the server. They are registered
// before the Socket connects, in the function that [Dial] is given or before
// [Socket.Connect], to miss nothing. A handler that takes long holds up the connection
// when too much waits for it: see Options.InboxEvents.
package sioclient
