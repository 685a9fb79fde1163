// Package chat is the rules of a chat room: rooms, people, messages, presence
// and who may do what. It knows no protocol and no database: a [Store] keeps
// what must last, a [Broadcaster] brings events to those who watch a room.
//
//	        Enter, Leave, Type                      Say
//	               │                                 │ May, rate limit
//	               ▼                                 ▼
//	who is where, under one lock              bounded queue
//	    │            ▲                               │
//	    │ outbox     │ deadlines: grace,             ▼
//	    │            │ held nicknames,     committer: all that wait in
//	    │            │ typing              one transaction ─► Store.Append
//	    ▼            │                               │ in sequence
//	Broadcaster.Emit: joined, left,                  ▼
//	people, typing, rooms               Broadcaster.Emit: message; then the acks
//
// What happens to people is emitted in the order in which it happened, each
// change with a number (Rev) that a [Snapshot] has too. Messages are emitted in
// the order of their sequence, which the store gives without a gap. Between
// the two there is no order.
//
// One function, [May], decides everything that anyone may do.
//
// A person is whoever knows a secret; a browser makes one and keeps it. The
// server keeps what is derived from it with the server's key: a public id, and
// a proof. Nicknames are unique in a room by what they look like, not by how
// they are spelled.
//
// Goroutines of a [Service], which all end with Close: one keeps the deadlines,
// one commits, one forgets old messages when there is an option for it, and one
// at a time reads the list of rooms for those who follow it.
package chat
