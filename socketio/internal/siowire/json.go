package siowire

import "unicode/utf8"

// Valid checks that data is one JSON value, nested at most maxDepth deep
// (0: 512), in time linear in its length and without building anything. The
// error is a *SyntaxError.
func Valid(data []byte, maxDepth int) error {
	if maxDepth == 0 {
		maxDepth = defaultDepth
	}
	c := checker{data: data, maxDepth: maxDepth}
	return c.run()
}

// checker walks through one JSON text. It does not recurse: it runs on the
// goroutine that reads a connection, whose stack must stay small, and keeps
// one bit for each level that is open.
//
// Its methods take the place to go on from and return the place behind what
// they read, or -1 after an error.
type checker struct {
	data     []byte
	maxDepth int
	maxElems int // of an outermost array; 0 is no limit

	depth  int
	elems  int
	shapes [8]uint64 // one bit for each open level: 1 is an object
	deeper []uint64  // the same for levels behind the first 512
	err    *SyntaxError
}

func (c *checker) run() error {
	i := skipSpace(c.data, 0)
	for i >= 0 {
		var done bool
		if i, done = c.value(i); done {
			i, done = c.after(i)
		}
		if done {
			return nil
		}
	}
	return c.err
}

func (c *checker) fail(i int, reason string) int {
	c.err = &SyntaxError{Offset: i, Reason: reason}
	return -1
}

// value reads the value at i. If that opens an array or object with something
// in it, complete is false and the place is that of the first element in it.
func (c *checker) value(i int) (next int, complete bool) {
	if i >= len(c.data) {
		return c.fail(i, "unexpected end"), false
	}
	switch b := c.data[i]; {
	case b == '"':
		i = c.str(i)
	case b == '{' || b == '[':
		return c.open(i, b)
	case b == '-' || isDigit(b):
		i = c.number(i)
	case b == 't':
		i = c.literal(i, "true")
	case b == 'f':
		i = c.literal(i, "false")
	case b == 'n':
		i = c.literal(i, "null")
	default:
		i = c.fail(i, "unexpected byte where a value should begin")
	}
	return i, i >= 0
}

// open reads the bracket b at i and, for an object, the first key.
func (c *checker) open(i int, b byte) (next int, complete bool) {
	if c.depth == c.maxDepth {
		return c.fail(i, "nested too deep"), false
	}
	i = skipSpace(c.data, i+1)
	if i < len(c.data) && c.data[i] == b+2 { // in ASCII, ']' and '}' are two behind '[' and '{'
		return i + 1, true
	}
	c.push(b == '{')
	if b == '{' {
		return c.key(i), false
	}
	return c.element(i), false
}

// after goes on behind a complete value: it closes what ends there and reads
// the comma and key in front of the next value. done is true at the end of the
// text.
func (c *checker) after(i int) (next int, done bool) {
	for i >= 0 {
		i = skipSpace(c.data, i)
		switch {
		case c.depth == 0 && i == len(c.data):
			return i, true
		case c.depth == 0:
			return c.fail(i, "more than one value"), false
		case i == len(c.data):
			return c.fail(i, "unexpected end"), false
		}
		object := c.inObject()
		switch b := c.data[i]; {
		case b == ',' && object:
			return c.key(skipSpace(c.data, i+1)), false
		case b == ',':
			return c.element(skipSpace(c.data, i+1)), false
		case b == '}' && object, b == ']' && !object:
			c.depth--
			i++
		default:
			return c.fail(i, "unexpected byte behind a value"), false
		}
	}
	return i, false
}

// element counts an element that begins at i if its array is the outermost.
func (c *checker) element(i int) int {
	if c.depth > 1 || c.maxElems == 0 {
		return i
	}
	if c.elems++; c.elems > c.maxElems {
		return c.fail(i, "too many elements")
	}
	return i
}

// key reads a key and its colon.
func (c *checker) key(i int) int {
	if i >= len(c.data) || c.data[i] != '"' {
		return c.fail(i, "a key is missing")
	}
	if i = c.str(i); i < 0 {
		return i
	}
	i = skipSpace(c.data, i)
	if i >= len(c.data) || c.data[i] != ':' {
		return c.fail(i, "a colon is missing")
	}
	return skipSpace(c.data, i+1)
}

// str reads the string whose opening quote is at i.
func (c *checker) str(i int) int {
	for i++; i < len(c.data); {
		switch b := c.data[i]; {
		case b == '"':
			return i + 1
		case b == '\\':
			if i = c.escape(i); i < 0 {
				return i
			}
		case b < ' ':
			return c.fail(i, "control character in a string")
		case b < utf8.RuneSelf:
			i++
		default:
			r, size := utf8.DecodeRune(c.data[i:])
			if r == utf8.RuneError && size == 1 {
				return c.fail(i, "string is no UTF-8")
			}
			i += size
		}
	}
	return c.fail(i, "unexpected end of a string")
}

// escape reads the escape sequence whose backslash is at i.
func (c *checker) escape(i int) int {
	if i+1 < len(c.data) {
		switch c.data[i+1] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			return i + 2
		case 'u':
			if _, ok := hex4(c.data, i+2); ok {
				return i + 6
			}
		}
	}
	return c.fail(i, "bad escape in a string")
}

// number reads -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? at i.
func (c *checker) number(i int) int {
	if c.data[i] == '-' {
		i++
	}
	start := i
	i = skipDigits(c.data, i)
	if i == start || c.data[start] == '0' && i > start+1 {
		return c.fail(start, "bad number")
	}
	if i < len(c.data) && c.data[i] == '.' {
		if i = c.digits(i + 1); i < 0 {
			return i
		}
	}
	if i < len(c.data) && c.data[i]|0x20 == 'e' {
		if i++; i < len(c.data) && (c.data[i] == '+' || c.data[i] == '-') {
			i++
		}
		return c.digits(i)
	}
	return i
}

// digits reads one digit or more.
func (c *checker) digits(i int) int {
	if end := skipDigits(c.data, i); end > i {
		return end
	}
	return c.fail(i, "bad number")
}

func (c *checker) literal(i int, word string) int {
	if end := i + len(word); end <= len(c.data) && string(c.data[i:end]) == word {
		return end
	}
	return c.fail(i, "unknown word")
}

// push opens a level.
func (c *checker) push(object bool) {
	word := c.shapeOf(c.depth)
	mask := uint64(1) << (c.depth % 64)
	if *word &^= mask; object {
		*word |= mask
	}
	c.depth++
}

// inObject tells what the innermost open level is. There is one.
func (c *checker) inObject() bool {
	level := c.depth - 1
	return *c.shapeOf(level)>>(level%64)&1 == 1
}

// shapeOf returns the word that has the bit of a level.
func (c *checker) shapeOf(level int) *uint64 {
	w := level / 64
	if w < len(c.shapes) {
		return &c.shapes[w]
	}
	w -= len(c.shapes)
	if w == len(c.deeper) {
		c.deeper = append(c.deeper, 0)
	}
	return &c.deeper[w]
}
