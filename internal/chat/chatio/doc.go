// Package chatio is the chat spoken as events {event, args, ack} of any door.
//
// # From the client
//
// Every event takes one object and wants an ack. The ack is one object: the
// result, or
//
//	{"error": {"code": "nick_taken", "message": "Somebody here is called …", "suggestion": "ann2"}}
//
// with a code (see [chat.Code]), a sentence to show, and for nick_taken a
// suggestion that is free, for slow_down retry_ms.
//
//	watch  {"room": "lobby"}
//	    -> {"room": "lobby", "title": "Lobby", "rev": 17,
//	        "people":   [{"id": "p…", "nick": "ann", "moderator": true}],
//	        "messages": [{"room": "lobby", "seq": 41, "id": "c1", "person": "p…", "nick": "ann",
//	                      "text": "hello", "at": 1767225600000}],
//	        "last": 41, "more": true,
//	        "limits": {"nick": 24, "text": 2000, "id": 64, "people": 500, "typing_ms": 6000}}
//	    A look without a nickname; from now on the connection hears the room.
//	    messages are the last 50, ascending; more: there are older ones. A room
//	    that nobody opened yet is an empty one. Codes: bad_room, too_many_rooms.
//
//	enter  {"room": "lobby", "nick": "ann", "secret": "…16 to 128 characters…", "tab": "…"}
//	    -> as watch, and "you": {"id": "p…", "nick": "ann", "moderator": true}
//	    you.nick is the nickname after trimming and normalizing. The secret
//	    proves the person: the same secret in another tab is the same person,
//	    with another nick it renames the person. tab is optional. Safe to repeat,
//	    also after a reconnect. Codes: bad_room, bad_nick, nick_taken
//	    {suggestion}, bad_secret, room_full, too_many_rooms, slow_down.
//
//	say    {"room": "lobby", "id": "…1 to 64 characters…", "text": "hello"}
//	    -> {"seq": 42, "at": 1767225600000, "id": "…"}
//	    The message is durable. A retry with the same id is stored once and gets
//	    the same seq. Codes: empty, too_long, bad_text, bad_id, slow_down
//	    {retry_ms}, not_here (enter first), not_allowed, unavailable (retry).
//
//	older  {"room": "lobby", "before": 41, "limit": 50}
//	    -> {"messages": […ascending…], "last": 42, "more": false}
//	    limit is optional. Fewer than limit may come although more is true.
//
//	since  {"room": "lobby", "after": 41}
//	    -> {"messages": […ascending…], "last": 42, "more": false, "missing": 3}
//	    For a gap or after a reconnect; at most 200 a call: ask again with the
//	    last seq received while more. missing (absent when 0): so many of the
//	    asked messages are no longer kept. last < after: the history was
//	    replaced; start anew with watch.
//
//	typing {"room": "lobby", "on": true}   -> {}
//	    Lasts limits.typing_ms: repeat it every 3 s while typing goes on.
//
//	leave  {"room": "lobby"}               -> {}
//	    The connection hears the room no more.
//
//	rooms  {}                              -> {"rooms": [{"name": "lobby", "title": "Lobby", "people": 3, "last_at": 1767225600000}]}
//	    The connection hears the event rooms from now on; {"follow": false} ends that.
//
// # To the client
//
// Each carries one object.
//
//	message {"room", "seq", "id", "person", "nick", "text", "at"}
//	    Also to who said it. In the order of seq, without a gap: a page that sees
//	    one missing asks since.
//	joined  {"room", "person": {"id", "nick", "moderator"}, "count", "rev"}
//	left    {"room", "person": {"id", "nick", "moderator"}, "count", "rev"}
//	people  {"room", "people": [Person], "count", "rev"}
//	    Replaces the list; comes when somebody changed their nick.
//	typing  {"room", "person": {"id", "nick"}, "on": true}
//	    Also to who types. on: false comes when they stop, send, leave or
//	    nothing is heard for limits.typing_ms; while they type on: true is repeated.
//	rooms   {"rooms": […]}
//	    The whole list, every 2 s at most.
//	restarting {"in_ms": 1000}
//	    Made by app at shutdown, just before the transport closes.
//
// # No gap between the snapshot and the events
//
// Handle joins the hub's room first and reads then, so nothing falls between;
// but events may overtake the ack. The page applies an event that comes while
// an ack of watch or enter is outstanding after that ack, messages by their
// seq, joined, left and people only if their rev is above the snapshot's.
package chatio
