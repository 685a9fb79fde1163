// Package chatio is the chat spoken as events {event, args, ack} of any door.
// What stands here is the contract between the server and every page; the files
// in testdata show it at work.
//
// # From the client
//
// Every event takes one object and wants an ack. Fields that are not named here
// are passed over. The ack is one object: the result, or
//
//	{"error": {"code": "nick_taken", "message": "Somebody here is called …", "suggestion": "ann2"}}
//
// with a code (all are listed at [chat.Code]), a sentence to show, and for
// nick_taken a suggestion that is free (absent when none was found soon), for
// slow_down and some too_many_rooms retry_ms. Every event may be answered with slow_down (too many
// events of one connection), unavailable (try again in a moment), bad_request
// (wrong types, missing fields: a defect of the page) and internal (a defect of
// the server).
//
//	watch  {"room": "lobby"}
//	    -> {"room": "lobby", "title": "Lobby", "rev": 17,
//	        "people":   [{"id": "p…", "nick": "ann", "moderator": true}],
//	        "messages": [{"room": "lobby", "seq": 41, "id": "c1", "person": "p…", "nick": "ann",
//	                      "text": "hello", "at": 1767225600000}],
//	        "last": 41, "more": true,
//	        "limits": {"nick": 24, "text": 2000, "id": 64, "people": 500, "typing_ms": 6000}}
//	    A look without a nickname; from now on the connection hears the room.
//	    people are in the order of their coming, moderator is absent when false.
//	    messages are the last 50, ascending; more: there are older ones. A room
//	    that nobody opened yet is an empty one. Codes: bad_room, too_many_rooms.
//
//	enter  {"room": "lobby", "nick": "ann", "secret": "…16 to 128 characters…", "tab": "…"}
//	    -> as watch, and "you": {"id": "p…", "nick": "ann", "moderator": true}
//	    Needs no watch before. you.nick is the nickname after trimming and
//	    normalizing. The secret proves the person: the same secret in another tab
//	    is the same person, with another nick it renames the person in all tabs.
//	    tab is optional and has no meaning yet. Safe to repeat, also after a
//	    reconnect (a new connection hears nothing until it says watch or enter).
//	    Opens the room when there is none of this name; that may be refused with
//	    too_many_rooms and retry_ms, when many were opened from this network a
//	    moment ago. Codes: bad_room, bad_nick, nick_taken {suggestion}, bad_secret,
//	    room_full, too_many_rooms {retry_ms}, slow_down (also for changing the nick
//	    too often).
//
//	say    {"room": "lobby", "id": "…1 to 64 characters…", "text": "hello",
//	        "quote": {"source": "bluesky", "id": "at://…"}}
//	    -> {"seq": 42, "at": 1767225600000, "id": "…"}
//	    The message is durable. The event message comes too, before the ack or
//	    after it; it has the same id. A retry with the same id is stored once and
//	    gets the same seq. quote is optional: a post that the room was shown lately
//	    comes along, and text may be "" then. Codes: empty, too_long (limits.text
//	    counts code points), bad_text, bad_id, slow_down {retry_ms}, not_here (enter
//	    first), not_allowed, unavailable (retry with the same id), post_gone (also
//	    for a retry whose first try was stored: then its message has come).
//
//	older  {"room": "lobby", "before": 41, "limit": 50}
//	    -> {"messages": […ascending…], "last": 42, "more": false}
//	    The newest before a seq; before 0: the newest of all. limit is optional,
//	    50 and at most 200. Fewer than limit may come although more is true. Needs
//	    neither watch nor enter.
//
//	since  {"room": "lobby", "after": 41}
//	    -> {"messages": […ascending…], "last": 42, "more": false, "missing": 3}
//	    For a gap or after a reconnect; at most 200 a call: ask again with the
//	    last seq received while more. missing (absent when 0): so many of the
//	    asked messages are no longer kept. last < after: the history was
//	    replaced; start anew with watch. Needs neither watch nor enter.
//
//	typing {"room": "lobby", "on": true}   -> {}
//	    Lasts limits.typing_ms: repeat it every 3 s while typing goes on. Codes:
//	    not_here.
//
//	leave  {"room": "lobby"}               -> {}
//	    The connection hears the room no more. Others are told as when the
//	    connection ends: after the grace, unless the person comes back.
//
//	rooms  {}                              -> {"rooms": [{"name": "lobby", "title": "Lobby", "people": 3, "last_at": 1767225600000}]}
//	    Rooms with people first, then by their newest message (last_at, 0: none).
//	    The connection hears the event rooms from now on; {"follow": false} ends
//	    that.
//
// # Live posts
//
// Posts of other networks flow beside the chat; package feed says from where. They
// are no messages: nothing of them is stored but what people quote.
//
//	feed     {"room": "lobby"}
//	    -> {"room": "lobby", "on": true,
//	        "words": ["golang", "socket.io"], "langs": ["en"], "muted": ["bluesky:did:plc:…"], "rate": 1,
//	        "may": true, "limits": {"words": 50, "phrase": 60},
//	        "sources": [{"name": "bluesky", "title": "Bluesky", "state": {"phase": "waiting",
//	                     "reason": "The connection was cut.", "until": "2026-…Z"}, "received": 812, "lag": 1500000000, …}],
//	        "posts": [{"source": "bluesky", "id": "at://…", "author": {"id", "handle", "name", "avatar", "url", "bot"},
//	                   "text": "…", "warning", "tags", "langs", "url", "media": [{"kind", "url", "preview", "alt"}],
//	                   "sensitive", "created_at": "2026-…Z", "received_at": "2026-…Z", "matched": ["golang"]}],
//	        "meta": {"seen": 812, "matched": 63, "shown": 5, "skipped": {"rate": 58}, "window": 5000000000,
//	                 "per_second": {"seen", "matched", "shown"}, "busiest": "golang"}}
//	    The connection follows the room's live posts from now on: it hears the events
//	    below, and counts among the viewers for whom words are asked of the sources.
//	    {"room", "follow": false} -> {} ends that. May be repeated, and needs neither
//	    watch nor enter; but may (this connection may change what is tracked) is of
//	    now: ask again after enter. posts are the last 10, the oldest first. All
//	    strings of a post are hostile text; links are https. lag is how old a source's posts
//	    are when they come, in nanoseconds, absent when that is not known. Optional fields are absent
//	    when they are empty. Types: feed.Shown, feed.SourceStatus, feed.Meta. Without
//	    live posts the answer is {"room", "on": false}. At most 16 a connection. Codes:
//	    bad_room, too_many_rooms, unavailable.
//
//	feed_set {"room": "lobby", "words": ["golang", "\"real time\"", "#go", "-crypto"], "langs": [], "muted": [], "rate": 0.5}
//	    -> as feed, without following
//	    Replaces those of the fields that are there, for everybody and for good. A word
//	    comes back as it is understood. With "from": {"words": […], …}, which is what the
//	    lists were for whoever changes them, only the difference is made: who else
//	    changes them meanwhile is not undone. rate 0 is the server's own. For the moderator of
//	    a room; in the lobby, unless the server says otherwise, for everybody in it.
//	    Codes: not_allowed, bad_phrase, too_many_phrases, slow_down {retry_ms}.
//
//	feed_try {"room": "lobby", "word": "golang"} -> {"per_second": 1.5}
//	    How many of the posts that came in the last minute have the word. Codes:
//	    bad_phrase, not_allowed (there are no live posts).
//
// A room's name has 1 to 32 ASCII letters, digits, "-" and "_", begins with a
// letter or digit, and is the same in capital and small letters. Answers and
// events have it in small letters; title has it as its opener wrote it. The
// lobby is the room "lobby". One connection hears at most 16 rooms. A room in
// which nothing was ever said is gone some time after the last one has left it,
// and is opened anew by who enters it next; the lobby stays.
//
// # To the client
//
// Each carries one object. A room's events go to the connections that watch it
// or entered it.
//
//	message {"room", "seq", "id", "person", "nick", "text", "at",
//	         "quote": {"source", "id", "author_id", "author", "handle", "warning", "sensitive", "text", "url", "at"}}
//	    Also to who said it. person is an id. In the order of seq, without a gap:
//	    a page that sees one missing asks since. quote is absent mostly; once its post
//	    was deleted it is {"source", "id", "removed": true}, and of a post that must not
//	    be stored, as those of X, it is {"source", "id", "url"}.
//	joined  {"room", "person": {"id", "nick", "moderator"}, "count", "rev"}
//	left    {"room", "person": {"id", "nick", "moderator"}, "count", "rev"}
//	    Once for each person, whatever the number of tabs; left 10 s after the
//	    last tab has gone. count is how many are here afterwards.
//	people  {"room", "people": [Person], "count", "rev"}
//	    Replaces the list; comes when somebody changed their nick, perhaps you in
//	    another tab: a page finds itself by the id it got with enter.
//	typing  {"room", "person": {"id", "nick", "moderator"}, "on": true}
//	    Also to who types. While they type, on: true is repeated. on: false comes
//	    when they stop, send, leave or nothing was heard for limits.typing_ms; it
//	    may be lost on a slow connection, so a page forgets by itself after that
//	    time, and at a message of the same person. Not told in rooms with more
//	    than 100 people.
//	rooms   {"rooms": […]}
//	    The whole list, every 2 s at most.
//	post_gone {"source", "id"} or {"source", "author_id"} or {"source"}
//	    A post, all of an author's, or all of a source's were deleted: they go from
//	    the screen at once, where they are quoted too. Comes to those who hear a
//	    message that quotes it (with an id then) and to those who follow the feed of
//	    a room that was shown it; perhaps twice, perhaps for what is not on the screen.
//
// To those who follow the live posts of a room:
//
//	post      {"room", …as in the ack of feed…}
//	    New, or another revision of the one with the same source and id. A connection
//	    that is slow misses some; feed has the last 10.
//	post_hide {"source", "id"} or {"source", "author_id"} or {"source"}
//	    To be shown no longer: edited and no match any more, muted, too old; all of a
//	    source's that was switched off. Quotes stay.
//	feed_words {"room", "words", "langs", "muted", "rate", "by": "ann"}
//	    Somebody, of that nick, changed them; by is "" when the room was removed.
//	feed_meta {"room", …meta…}
//	    Every 5 s if it has changed; a slow connection misses some. It comes after the
//	    posts that shown counts, so what a connection has missed is the growth of shown
//	    since the ack of feed less the posts that came, revisions aside.
//	feed_sources {"sources": […]}
//	    When one has begun to do something else, or its lag has changed; a slow connection misses some.
//
//	restarting {"in_ms": 1000}
//	    Made by app at shutdown, just before the transport closes.
//
// # No gap between the snapshot and the events
//
// Handle joins the hub's room first and reads then, so nothing falls between;
// but events may overtake the ack. The page applies an event that comes while
// an ack of watch or enter is outstanding after that ack, messages by their
// seq, joined, left and people only if their rev is above the snapshot's. Revs
// grow, with gaps, and begin anew when the server does.
package chatio
