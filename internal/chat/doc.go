// Package chat is the rules of a chat room: rooms, people, messages, presence
// and who may do what. It knows no protocol and no database: a [Store] keeps
// what must last, a [Broadcaster] brings events to those who watch a room.
package chat
