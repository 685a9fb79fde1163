// Package wall joins the rooms of the chat with the live posts of package feed:
// what a room tracks, who looks at it, who may change it, and the posts that
// people bring into the conversation. It knows no protocol.
//
//	page ─ Follow, Set ─► Service ── Track, Watch, Drop ──► feed.Router ◄── sources
//	                         │  ▲                               │
//	           chat.May ◄────┤  └──── Post, Retract, Meta ◄─────┘ (Receiver)
//	        Store.SetFeed ◄──┤                │
//	  (settings of a room)   │                ├─► Broadcaster: post, post_gone, feed_meta
//	                         ▼                ▼
//	page ─ Quote ─► index of what is quoted ─► cleaner ─► Store.RemoveQuotes ─► post_gone
//
// A post is never part of the history. Only what somebody quotes is stored, with
// the message that brings it, and is removed from there within a second after
// its author deletes it: the index knows every post that is quoted, so that the
// many deletions which concern nobody cost a look into a map, and those which
// concern somebody are kept until the store has done what they say.
//
// Goroutines of a [Service], which end with Close: the cleaner, and one that
// forgets rooms nobody looked at for a long time.
package wall
