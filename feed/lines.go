package feed

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// ErrTooLong says that a line or an event was longer than allowed and has been
// skipped. What comes after it can be read.
var ErrTooLong = errors.New("feed: too long, skipped")

// Lines reads lines that end in LF, CRLF or CR, in bounded memory. It is used by
// one goroutine.
//
// A line counts once its end was read: what stands after the last end when the
// connection is cut is no line, for "delete 1089143" may be the start of
// "delete 108914398".
type Lines struct {
	r    *bufio.Reader
	max  int
	line []byte // what is read of a line that spans buffers
	cr   bool   // the last byte was CR: an LF belongs to it
}

// NewLines reads lines of at most limit bytes.
func NewLines(r io.Reader, limit int) *Lines {
	return &Lines{r: bufio.NewReader(r), max: limit}
}

// Next returns the next line without its end; the bytes are valid until the next
// call. A line that is too long is skipped with [ErrTooLong], in place of it. The
// end of the input is io.EOF after a whole line and io.ErrUnexpectedEOF within one.
func (l *Lines) Next() ([]byte, error) {
	l.line = l.line[:0]
	within, long := false, false
	for {
		chunk, end, err := l.chunk()
		if err != nil {
			if err == io.EOF && (within || long) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		within = within || len(chunk) > 0
		long = long || len(l.line)+len(chunk) > l.max
		switch {
		case end && long:
			return nil, ErrTooLong
		case end && len(l.line) == 0:
			return chunk, nil
		case !long:
			l.line = append(l.line, chunk...)
		}
		if end {
			return l.line, nil
		}
	}
}

// chunk returns what is buffered up to the end of the line, and whether that is
// in it. The bytes are valid until the next call.
func (l *Lines) chunk() (chunk []byte, end bool, err error) {
	if _, err := l.r.Peek(1); err != nil {
		return nil, false, err
	}
	chunk, _ = l.r.Peek(l.r.Buffered())
	if l.cr && chunk[0] == '\n' {
		l.r.Discard(1)
		chunk = chunk[1:]
	}
	l.cr = false
	i := bytes.IndexAny(chunk, "\r\n")
	if i < 0 {
		l.r.Discard(len(chunk))
		return chunk, false, nil
	}
	l.cr = chunk[i] == '\r'
	l.r.Discard(i + 1)
	return chunk[:i], true, nil
}
