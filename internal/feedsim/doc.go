// Package feedsim fakes the upstreams of package feed: each speaks the wire of
// the real one and is as strict as it, and does what a script says. Tests have it
// do what real ones do on bad days; `rightnow feedsim` serves all of them on one
// port and plays a replay file.
//
//	script:  connection 0: Send(post) Cut()      ─► a post, then the wire is cut
//	         connection 1: Refuse(503, "")       ─► an answer instead of a stream
//	         connection 2: Beat() Sleep(20s) …
//
// A fake is an http.Handler that embeds a [Core]: the scripts, and the record of
// what was asked. Served in memory, see [Listen], it works inside
// [testing/synctest] bubbles.
package feedsim
