// Package replay plays a file of invented posts: the demonstration that needs no
// network and no key, and the material that the fakes of package feedsim send.
//
//	replay-v1.jsonl ─ Read ─► File ─► Reel ─ Moment ─► Decoder of that upstream ─► Sink
//
// # The file
//
// Each line is a JSON object. The first one is the header:
//
//	{"replay":1,"title":"…","note":"All people and posts are invented.","loop":true,"span_ms":180000}
//
// With "loop" the file begins anew after span_ms, else it ends. "license" and
// "seed" may say under which terms and from which number it was made, and
// "people" names those of whom a stream has only an id:
//
//	"people":{"did:plc:demo2aaaaaaaaaaaaaaaaaaa":{"handle":"ada.example","name":"Ada"}}
//
// The other lines are events in the order of their time. A message stands as its
// upstream would send it, without framing: in JSON, or in a string when it is
// none or has to be broken.
//
//	{"t":1200,"src":"bluesky","wire":{"$type":"message","payload":{…}}}
//	{"t":1300,"src":"rss","wire":"<feed xmlns=\"http://www.w3.org/2005/Atom\">…"}
//
// In a message {{now}} is the time in RFC 3339, {{now_us}} in microseconds since
// 1970, {{seq}} a number that grows with each event, and {{loop}} nothing in the
// first round and in the others their number. It stands at the end of ids, so that
// those of each round are new; ids of one kind have the same length. A string of
// JSON that is nothing but {{now_us}} or {{seq}} becomes a number.
//
// Instead of a message something can happen to an upstream, "for" so many
// milliseconds:
//
//	{"t":4000,"src":"wikimedia","do":"cut","for":2000}   the connection is cut, for 1 s unless told otherwise
//	{"t":5000,"src":"mastodon","do":"429","for":5000}    it wants fewer requests: 5 s
//	{"t":6000,"src":"bluesky","do":"quiet","for":20000}  nothing comes: 20 s
//	{"t":9000,"src":"x","do":"beat"}                     a heartbeat
//
// What would have come from that upstream meanwhile is lost.
package replay
