// Package hub holds rooms of members of any protocol and delivers messages to
// them, encoded once for each protocol.
//
// One [Hub] is one namespace. Its members are the connections of whatever
// protocols the application speaks (Socket.IO sockets, Faye and Action Cable
// sessions); the hub knows only that a [Member] has an id, an [Encoder] and a
// queue. A [Message] given to [Hub.Publish] is turned into a [Frame] once for
// each encoder key, and the same frame value is pushed to every member that
// the message addresses:
//
//	Publish(*Message) ─► relay to other nodes ─► Deliver
//	                                               │ under the order lock
//	                      rooms ∪ − except − sender │ encode once a key
//	                                               ▼
//	                              Push(frame) to each member's queue
//	                                               │ lock released
//	                                               ▼
//	                              dirty list ─► Flush of each, once
//
// # Order
//
// Everything a hub delivers is queued under one order lock, so all members see
// the messages of one hub in one order. Nothing under that lock waits, does
// I/O or runs code of the application.
//
// # Flush
//
// Pushing only queues. While a handler runs (between [Hub.Enter] and
// [Hub.Exit]) the members it touched are written to when the next handler
// ends, and a millisecond after the first of them was touched at the latest;
// otherwise Publish writes before it returns. So a burst leaves in few writes
// and a lone message at once.
package hub
