// Package xposts reads public posts from the filtered stream of X's API v2, with
// the bearer token of an app. X charges for each post that it delivers.
//
//	Source.Run ─ gate: budget ─► feed.Runner ─► dial: rules, stream ─► Decoder ─► Sink
//	         ├─ tidy: no rule when nothing is wanted ──────────────────────┤
//	         └─ recheck: what is shown and was deleted ────────────────────┘
//
// Rules stay with the app when nobody is connected, and whoever connects next pays
// for what they bring. So the source keeps those in step that have its tag, whoever
// made them, and deletes them when nothing is wanted and when Run ends. Rules with
// other tags are others': they are left alone. Two servers must not use one app.
//
// The token stands in the header Authorization and nowhere else.
package xposts
