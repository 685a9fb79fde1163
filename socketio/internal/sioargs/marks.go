package sioargs

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"math"
	"strconv"
	"time"

	"rightnow/socketio/internal/siowire"
)

// A mark for bytes is a nonce and a number, in JSON the string of their base64:
//
//	nonce (12 bytes, 16 characters)   number (3 bytes, 4 characters)
const (
	nonceSize  = 12
	nonceChars = nonceSize / 3 * 4
	markSize   = nonceSize + 3
	markChars  = markSize / 3 * 4
	maxMarks   = 1 << 24
)

// nonce is the part of all marks for bytes of one call that cannot be guessed.
type nonce [nonceSize]byte

func newNonce() (n nonce) {
	rand.Read(n[:]) // cannot fail
	return n
}

// bytes returns the mark with number i.
func (n *nonce) bytes(i int) []byte {
	b := make([]byte, markSize)
	copy(b, n[:])
	b[nonceSize], b[nonceSize+1], b[nonceSize+2] = byte(i>>16), byte(i>>8), byte(i)
	return b
}

// appendText appends the mark with number i as it stands between quotes in JSON.
func (n *nonce) appendText(dst []byte, i int) []byte {
	return base64.StdEncoding.AppendEncode(dst, n.bytes(i))
}

// number returns the number of a mark; ok is false if b is none.
func (n *nonce) number(b []byte) (i int, ok bool) {
	if len(b) != markSize || !bytes.HasPrefix(b, n[:]) {
		return 0, false
	}
	return int(b[nonceSize])<<16 | int(b[nonceSize+1])<<8 | int(b[nonceSize+2]), true
}

// numberOfText returns the number of a mark in its JSON form.
func (n *nonce) numberOfText(s string) (i int, ok bool) {
	if len(s) != markChars {
		return 0, false
	}
	var b [markSize]byte
	if _, err := base64.StdEncoding.Decode(b[:], []byte(s)); err != nil {
		return 0, false
	}
	return n.number(b[:])
}

// marks are the values replaced in one argument and their marks. Times and
// numbers have marks of their own kind, as they must be of the same type as
// what they stand for: a second and a nanosecond drawn at random, from which
// the nanoseconds of the others are counted; and a number drawn at random,
// written as which means null.
type marks struct {
	drawn    bool
	nonce    nonce
	second   int64 // of all marks for times
	tens     int   // of the nanoseconds of the first
	number   float64
	number32 float32

	blobs   [][]byte
	times   []time.Time
	nulls   bool // number was used
	nulls32 bool // number32 was used
}

// Marks for times lie between the years 1000 and 9000 and end in a seven, as
// RFC 3339 with nanoseconds drops zeros at the end.
const (
	firstSecond = -30610224000 // 1000-01-01
	lastSecond  = 221845392000 // 9000-01-01
	maxTimes    = 1e7
	lastDigit   = 7
	secondChars = len(`"2006-01-02T15:04:05.`)
	timeChars   = len(`"2006-01-02T15:04:05.999999997Z"`)
)

// draw makes the random parts when the first mark is needed.
func (m *marks) draw() {
	if m.drawn {
		return
	}
	m.drawn = true
	m.nonce = newNonce()
	var r [32]byte
	rand.Read(r[:])
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(r[8*i:]) }
	m.second = firstSecond + int64(word(0)%uint64(lastSecond-firstSecond))
	m.tens = int(word(1) % (1e8 - maxTimes))
	m.number = math.Float64frombits(word(2)>>12 | 0x7E0<<52)           // about 1e298
	m.number32 = math.Float32frombits(uint32(word(3))>>5 | 0b0111<<28) // 1e29 to 1e34
}

// reset forgets everything.
func (m *marks) reset() { *m = marks{} }

// used reports whether anything was replaced.
func (m *marks) used() bool { return m.drawn }

// ofBytes returns the mark for b.
func (m *marks) ofBytes(b []byte) []byte {
	m.draw()
	m.blobs = append(m.blobs, b)
	return m.nonce.bytes(len(m.blobs) - 1)
}

// ofTime returns the mark for t.
func (m *marks) ofTime(t time.Time) time.Time {
	m.draw()
	m.times = append(m.times, t)
	return m.timeMark(len(m.times) - 1)
}

func (m *marks) timeMark(i int) time.Time {
	return time.Unix(m.second, int64(m.tens+i)*10+lastDigit).UTC()
}

// ofNull returns the number that stands for null in a float of that size.
func (m *marks) ofNull(bits int) float64 {
	m.draw()
	if bits == 32 {
		m.nulls32 = true
		return float64(m.number32)
	}
	m.nulls = true
	return m.number
}

// full reports whether there are more marks than can be told apart.
func (m *marks) full() bool { return len(m.blobs) >= maxMarks || len(m.times) >= maxTimes }

// restoreTimes returns src with the marks for times replaced.
func (m *marks) restoreTimes(src []byte) (dst []byte) {
	prefix := m.timeMark(0).AppendFormat([]byte{'"'}, "2006-01-02T15:04:05.")
	for {
		at := bytes.Index(src, prefix)
		if at < 0 || len(src) < at+timeChars {
			return append(dst, src...)
		}
		dst = append(dst, src[:at]...)
		nanos, err := strconv.Atoi(string(src[at+secondChars : at+timeChars-len(`Z"`)]))
		i := nanos/10 - m.tens
		if err != nil || nanos%10 != lastDigit || i < 0 || i >= len(m.times) { // a text by chance like a mark
			dst = append(dst, src[at:at+secondChars]...)
			src = src[at+secondChars:]
			continue
		}
		dst = append(dst, '"')
		dst = appendTime(dst, m.times[i])
		dst = append(dst, '"')
		src = src[at+timeChars:]
	}
}

// restoreNulls returns text with the marks for null replaced.
func (m *marks) restoreNulls(text []byte) []byte {
	if m.nulls {
		mark := strconv.AppendFloat(nil, m.number, 'e', -1, 64)
		text = bytes.ReplaceAll(text, mark, []byte("null"))
	}
	if m.nulls32 {
		mark := strconv.AppendFloat(nil, float64(m.number32), 'e', -1, 32)
		text = bytes.ReplaceAll(text, mark, []byte("null"))
	}
	return text
}

// restoreBlobs returns src with the marks for bytes replaced by placeholders;
// it calls attach for the value of each, in order of appearance.
func (m *marks) restoreBlobs(src []byte, attach func(blob []byte) (num int, err error)) (dst []byte, err error) {
	prefix := append([]byte{'"'}, m.nonce.appendText(nil, 0)[:nonceChars]...)
	for {
		at := bytes.Index(src, prefix)
		if at < 0 || len(src) < at+markChars+2 {
			return append(dst, src...), nil
		}
		dst = append(dst, src[:at]...)
		i, ok := m.nonce.numberOfText(string(src[at+1 : at+1+markChars]))
		if !ok || i >= len(m.blobs) {
			dst = append(dst, src[at:at+len(prefix)]...)
			src = src[at+len(prefix):]
			continue
		}
		num, err := attach(m.blobs[i])
		if err != nil {
			return dst, err
		}
		dst = siowire.AppendPlaceholder(dst, num)
		src = src[at+markChars+2:]
	}
}

// appendTime appends t as JavaScript's toISOString writes it.
func appendTime(dst []byte, t time.Time) []byte {
	const rest = "-01-02T15:04:05.000Z"
	t = t.UTC()
	year := t.Year()
	if year >= 0 && year <= 9999 {
		return t.AppendFormat(dst, "2006"+rest)
	}
	sign := byte('+')
	if year < 0 {
		sign, year = '-', -year
	}
	dst = append(dst, sign)
	for unit := 100000; unit > 0; unit /= 10 {
		dst = append(dst, '0'+byte(year/unit%10))
	}
	return t.AppendFormat(dst, rest)
}
