// Package sioadmin lets the official Socket.IO Admin UI (npm's @socket.io/admin-ui) look at a
// server and take a hand in it: the counterpart of instrument(io, {...}) of that package.
//
//	admin, err := sioadmin.Instrument(io, &sioadmin.Options{
//		Username:     "admin",
//		PasswordHash: hash, // of HashPassword, or any bcrypt hash
//	})
//
// The UI connects to the namespace "/admin", signs in, and from then on is told of servers,
// namespaces, rooms, clients and events. Unless it is ReadOnly it may emit, let sockets join and
// leave rooms, and disconnect them.
//
//	socketio.Watch ──┐
//	engineio counts ─┤► reporter: one goroutine, there while an admin is ──► each admin's socket
//	an admin comes ──┘
//
// While no admin is there, none of this costs the server anything. While one is, what happens on the
// server waits in a bounded queue and is sent to the admin at a bounded rate: the server never waits
// for an admin. In [Production] nothing is told of single sockets and events, and nothing happens for
// each event but the counting of messages and bytes.
//
// What admins are shown is theirs to keep to themselves, but passwords, tokens and cookies are hidden
// from them: what a client gave as auth is never shown, and headers, keys of queries and of objects
// in events whose name says that they hold a secret are shown without their value.
//
// Each server tells of itself: with several nodes, an admin sees the one that it is connected to.
package sioadmin
