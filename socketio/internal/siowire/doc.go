// Package siowire is the grammar of Socket.IO packets, protocol 5, JSON form:
//
//	<type>[<attachments>-][<namespace>,][<ack id>]<JSON>
//
//	40/chat,{"token":"x"}             CONNECT to /chat
//	42["message",{"text":"hi"}]       EVENT to /
//	42/chat,7["message","hi"]         the same with ack id 7
//	43/chat,7[{"ok":true}]            ACK
//	451-["image",{"_placeholder":true,"num":0}]   BINARY_EVENT, one message of bytes follows
//
// (the leading 4 belongs to Engine.IO and is gone before a packet comes here).
//
// Everything is pure: bytes in, bytes out, no I/O, no goroutine, no state.
// Bytes that a function returns alias those it was given, so they live as long
// as the caller's buffer does.
package siowire
