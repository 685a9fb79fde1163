package socketio

import "encoding/json"

// Args are the arguments of an event or an acknowledgement, decoded when asked for. The zero
// Args has none. They may be kept and read by several goroutines; the bytes in them must not
// be changed.
type Args struct{}

// Len is the number of arguments.
func (a Args) Len() int { return 0 }

// Decode decodes argument i into v, a pointer, as encoding/json would, with binary values for
// []byte at any depth. It fails with ErrNoArgument when there are fewer arguments.
func (a Args) Decode(i int, v any) error { return ErrNoArgument }

// Raw returns argument i as JSON, nil when there are fewer. Binary values appear in it as
// {"_placeholder":true,"num":N}, N an index of Blobs.
func (a Args) Raw(i int) json.RawMessage { return nil }

// Blobs returns the binary values.
func (a Args) Blobs() [][]byte { return nil }
