// Package rss reads RSS, Atom and JSON feeds. It asks for each every ten minutes
// or as seldom as the feed wishes, with what it knows of the last answer, so that
// a feed without news costs next to nothing.
//
//	Source.Run ─► poller, one a feed ─ fetch ─► Decoder ─► Sink
//	                                   guard
//
// The first answer shows what was there before: it is not new. From then on what
// is added is a post, and what is changed under the same guid a revision of it. An
// item that is no longer in a feed was not deleted: only an at:deleted-entry of
// Atom says so.
//
// Feeds are fetched from public addresses alone, whatever a name or a redirect
// leads to, unless the operator allows private ones.
package rss
