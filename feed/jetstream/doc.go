// Package jetstream reads public posts of Bluesky from Jetstream v2, without a
// key: a WebSocket with a JSON object for each post, each deletion and each
// account that goes away.
//
//	Source.Run ─ feed.Runner ─► dial: host, cursor ─► stream ─► Decoder ─► Sink
//	         └─ names: getPosts, for what is shown ─────────────────────────┘
//
// The stream has neither handles nor pictures of authors. Whoever shows posts
// tells the source by [Source.Enrich], and gets them again with their authors.
package jetstream
