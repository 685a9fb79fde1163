package siowire

import "strconv"

// Placeholder is the place of one attachment in a JSON text.
type Placeholder struct {
	Start, End int // data[Start:End] is the object
	Num        int // which attachment
}

// Placeholders appends the places in data, valid JSON of a binary packet, where
// attachments stand, in order of appearance: objects with "_placeholder": true
// at any depth, whatever else is in them. A num that is no integer from 0 to
// count-1 is an error, a *PacketError.
//
// Only the data of binary packets has placeholders: in others the same object
// is plain data.
func Placeholders(dst []Placeholder, data []byte, count int) ([]Placeholder, error) {
	var few [16]level
	open, found := few[:0], dst
	for i := 0; i < len(data); {
		switch b := data[i]; b {
		case '{', '[':
			open = append(open, level{start: i, found: len(found), num: -1, object: b == '{', atKey: b == '{'})
			i++
		case '}', ']':
			i++
			open, found = closeLevel(open, found, i)
		case ',':
			innermost(open).comma()
			i++
		case ':', ' ', '\n', '\r', '\t':
			i++
		case '"':
			start := i
			i = skipString(data, i)
			innermost(open).text(data[start:i], count)
		default:
			start := i
			i = skipScalar(data, i)
			innermost(open).value(data[start:i], count)
		}
	}
	for _, p := range found[len(dst):] {
		if p.Num < 0 {
			return dst, &PacketError{"illegal attachment"}
		}
	}
	return found, nil
}

// AppendPlaceholder appends {"_placeholder":true,"num":N}.
func AppendPlaceholder(dst []byte, num int) []byte {
	dst = append(dst, `{"_placeholder":true,"num":`...)
	dst = strconv.AppendInt(dst, int64(num), 10)
	return append(dst, '}')
}

// key tells which of the keys that matter a value stands behind.
type key uint8

const (
	keyOther key = iota
	keyPlaceholder
	keyNum
)

// level is an array or object whose end has not come yet. The methods do
// nothing for a nil level, outside of everything.
type level struct {
	start   int
	found   int // placeholders found before it
	num     int // -1 while there is no good one
	object  bool
	atKey   bool // a string here is a key
	current key  // of the value to come
	marked  bool // "_placeholder": true
}

func innermost(open []level) *level {
	if len(open) == 0 {
		return nil
	}
	return &open[len(open)-1]
}

func (l *level) comma() {
	if l != nil {
		l.atKey = l.object
	}
}

// text takes a string, which may be a key.
func (l *level) text(raw []byte, count int) {
	if l == nil || !l.atKey {
		l.value(raw, count)
		return
	}
	l.atKey = false
	l.current = keyOf(raw)
}

// value takes a complete value; raw is nil for an array or object. Of equal
// keys the last one counts, as in JSON.parse.
func (l *level) value(raw []byte, count int) {
	switch {
	case l == nil || !l.object:
	case l.current == keyPlaceholder:
		l.marked = string(raw) == "true"
	case l.current == keyNum:
		l.num = attachmentNumber(raw, count)
	}
}

// closeLevel takes the end of the innermost level, which is at end. An object
// with a bad num is kept with Num -1 for the time being, for it does not count
// when it stands inside another placeholder.
func closeLevel(open []level, found []Placeholder, end int) ([]level, []Placeholder) {
	l := innermost(open)
	if l == nil {
		return open, found
	}
	if l.marked {
		found = append(found[:l.found], Placeholder{Start: l.start, End: end, Num: l.num})
	}
	open = open[:len(open)-1]
	innermost(open).value(nil, 0)
	return open, found
}

func keyOf(raw []byte) key {
	var few [32]byte
	if hasEscape(raw) {
		raw = appendUnquoted(few[:0], raw)
	} else {
		raw = quoted(raw)
	}
	switch string(raw) {
	case "_placeholder":
		return keyPlaceholder
	case "num":
		return keyNum
	}
	return keyOther
}

// attachmentNumber reads a number from 0 to count-1; -1 if raw is none.
func attachmentNumber(raw []byte, count int) int {
	if len(raw) == 0 || raw[0] != '-' && !isDigit(raw[0]) {
		return -1
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || f < 0 || f >= float64(count) || f != float64(int(f)) {
		return -1
	}
	return int(f)
}
