// Package feed brings live public posts from other networks: it reads them from
// sources, matches them with tracked words, and hands them to whoever tracks.
//
//	 Bluesky ──┐                                        ┌──► owner "room a": golang, #chat
//	Mastodon ──┼─► Source.Run ─► Sink ─► Router ─ match ─┼──► owner "room b": coffee
//	  replay ──┘    connects,   never    cleans, finds   └──► …
//	               reconnects   blocks   doubles, limits
//
// A [Source] is one upstream; it gets the [Filter] that is wanted, not commands,
// and sees to its connection by itself. The [Router] has the union of what all
// owners track, offers each of them what matches at a rate that people can read,
// and counts the rest by reason. What an upstream deletes is retracted from
// everybody who was shown it.
//
// A program that wants posts by words and nothing else has a [Tracker], which is
// what node-tweet-stream was for Twitter.
//
// Everything that comes from a source is hostile until it is cleaned: sizes are
// cut, control characters dropped, links other than https removed.
package feed
