package sioadmin

import (
	"fmt"

	"rightnow/socketio"
)

// What of an event's arguments is shown.
const (
	maxEventBytes = 64 << 10 // of arguments that are looked at
	maxShown      = 8 << 10  // bytes of texts and names in one event
	maxElements   = 100      // of one list or object
	maxNesting    = 20
	maxText       = 1000
)

// arguments is an event as the UI has it: its name and its arguments, without secrets and not too
// much of it.
func (o *Options) arguments(e *socketio.Event) []any {
	list := []any{clipText(e.Name(), maxText)}
	args := e.Args()
	if o.hides(e) {
		return append(list, hiddenValue)
	}
	if size := sizeOf(args); size > maxEventBytes {
		return append(list, fmt.Sprintf("[%d bytes]", size))
	}
	c := cutter{room: maxShown}
	for i := range min(args.Len(), maxElements) {
		var v any
		if err := args.Decode(i, &v); err != nil {
			v = "[unreadable]"
		}
		list = append(list, c.cut(v, 0))
	}
	return list
}

// hides asks HideArgs. After a panic nothing is shown.
func (o *Options) hides(e *socketio.Event) bool {
	if o.HideArgs == nil {
		return false
	}
	hidden := true
	o.guard("Options.HideArgs", func() { hidden = o.HideArgs(e) })
	return hidden
}

func sizeOf(args socketio.Args) (size int) {
	for i := range args.Len() {
		size += len(args.Raw(i))
	}
	for _, b := range args.Blobs() {
		size += len(b)
	}
	return size
}

// cutter makes decoded JSON small enough to be shown.
type cutter struct {
	room int // bytes that may still be shown
}

// cut returns what is shown of a value. It changes lists and objects.
func (c *cutter) cut(v any, depth int) any {
	if c.room <= 0 || depth > maxNesting {
		return "…"
	}
	switch v := v.(type) {
	case string:
		v = clipText(v, min(maxText, c.room))
		c.room -= len(v)
		return v
	case []byte:
		return fmt.Sprintf("[%d bytes of binary]", len(v))
	case []any:
		return c.list(v, depth)
	case map[string]any:
		return c.object(v, depth)
	}
	c.room -= 8 // a number or less
	return v
}

func (c *cutter) list(list []any, depth int) any {
	if len(list) > maxElements {
		list = append(list[:maxElements:maxElements], "…")
	}
	for i := range list {
		list[i] = c.cut(list[i], depth+1)
	}
	return list
}

func (c *cutter) object(object map[string]any, depth int) any {
	n := 0
	for name, value := range object {
		n++
		switch {
		case n > maxElements || c.room <= 0:
			delete(object, name)
		case isSecret(name):
			object[name] = hiddenValue
		default:
			c.room -= len(name)
			object[name] = c.cut(value, depth+1)
		}
	}
	return object
}
