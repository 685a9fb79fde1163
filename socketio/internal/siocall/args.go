package siocall

import (
	"encoding/json"

	"rightnow/socketio/internal/sioargs"
	"rightnow/socketio/internal/siowire"
)

// Args are the arguments of an event or an acknowledgement, decoded when asked for. The zero
// Args has none. They may be kept and read by several goroutines; the bytes in them must not
// be changed.
type Args struct {
	list *List
}

// List is a JSON array, taken apart. It is immutable once made and must not be copied: whoever has
// a place for it saves an allocation.
type List struct {
	elems [][]byte // the arguments; the others of the array are cut off in front
	blobs [][]byte
	size  int       // bytes of the array and the blobs
	few   [3][]byte // where elems is, if the array has not more
}

// NewArgs makes arguments of a packet's data, but for the first skip elements. It owns the bytes.
func NewArgs(raw []byte, blobs [][]byte, skip int) Args {
	l := &List{}
	return l.Init(raw, blobs, skip)
}

// Init is NewArgs with l as the place.
func (l *List) Init(raw []byte, blobs [][]byte, skip int) Args {
	elems := siowire.Elements(l.few[:0], raw)
	l.elems = elems[min(skip, len(elems)):]
	l.blobs = blobs
	l.size = len(raw)
	for _, b := range blobs {
		l.size += len(b)
	}
	return Args{l}
}

// WithoutLast returns all arguments but the last one.
func WithoutLast(a Args) Args {
	elems := a.elements()
	return Args{&List{elems: elems[:len(elems)-1], blobs: a.list.blobs, size: a.list.size}}
}

// Size is the bytes of the array and the blobs.
func (l *List) Size() int { return l.size }

// Args returns the arguments.
func (l *List) Args() Args { return Args{l} }

// elements returns the arguments as JSON.
func (a Args) elements() [][]byte {
	if a.list == nil {
		return nil
	}
	return a.list.elems
}

// Len is the number of arguments.
func (a Args) Len() int { return len(a.elements()) }

// Decode decodes argument i into v, a pointer, as encoding/json would, with binary values for
// []byte at any depth. It fails with ErrNoArgument when there are fewer arguments.
func (a Args) Decode(i int, v any) error {
	elems := a.elements()
	if i < 0 || i >= len(elems) {
		return ErrNoArgument
	}
	return sioargs.DecodeArg(elems[i], a.list.blobs, v)
}

// Raw returns argument i as JSON, nil when there are fewer. Binary values appear in it as
// {"_placeholder":true,"num":N}, N an index of Blobs.
func (a Args) Raw(i int) json.RawMessage {
	if elems := a.elements(); i >= 0 && i < len(elems) {
		return elems[i]
	}
	return nil
}

// Blobs returns the binary values.
func (a Args) Blobs() [][]byte {
	if a.list == nil {
		return nil
	}
	return a.list.blobs
}
