// Package mastodon reads public posts from one Mastodon server, with the token of
// an account there: since Mastodon 4.2 nothing streams without. An account made
// for the purpose is best, since its blocks, mutes and filters apply.
//
//	Source.Run ─ feed.Runner ─► dial: instance, WebSocket, subscribe ─► stream ─► Decoder ─► Sink
//	                                 └─ catchUp: timelines since the cut, what is shown ──────┘
//
// Mastodon filters by hashtag alone. A phrase that is one word is asked for as
// that hashtag; what is none, such as "go chat" or c++, has the public timeline
// read, in which whoever gets the posts looks for it. [Options.Everything] has the
// public timeline read for all words, so that they are also found where they
// are no hashtags.
//
// The token stands in the header Authorization and nowhere else.
package mastodon
