// Package sioargs turns the arguments of events into JSON with attachments and
// back: Go values on one side; a JSON array, in which binary values stand as
// {"_placeholder":true,"num":N}, and the bytes beside it on the other.
//
// It leaves the work to encoding/json, so that every rule about tags,
// embedding and marshalers is that package's, and adds what that cannot do, by
// way of marks. A mark is a value that nobody can guess and that encoding/json
// carries to the right place:
//
//	value ─► copy, []byte and time.Time replaced by marks ─► encoding/json ─► marks replaced
//	raw   ─► placeholders replaced by marks ─► encoding/json ─► marks replaced in the value
//
// The copy is made only along the paths that lead to something to replace, and
// types that can lead to nothing such skip the walk altogether. The random
// part of the marks is drawn anew for each call.
//
// What Go values become is what JavaScript's JSON.stringify makes of their
// likes: no escapes for < > & or U+2028, null for NaN and the infinities,
// times in UTC with milliseconds.
package sioargs
