// Package wikimedia reads what is being written on Wikipedia and its sister
// projects from EventStreams, without a key: server-sent events with a JSON
// object for each change of a page.
//
// The service cuts each connection every fifteen minutes; the source goes on where
// it was. It wants to know whom to write to: without [Options.Contact] nothing
// comes.
package wikimedia
