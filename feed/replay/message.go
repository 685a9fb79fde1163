package replay

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Message is a message with places that are filled in when it is sent.
type Message struct{ parts []part }

// part is a text, and what comes after it.
type part struct {
	text string
	fill string // now, now_us, seq, loop; empty: nothing
}

// Fill is what is filled into a message.
type Fill struct {
	Now  time.Time
	Seq  int64
	Loop int // 0 in the first round
}

// AppendTo appends the message as it is sent.
func (m Message) AppendTo(b []byte, f Fill) []byte {
	for _, p := range m.parts {
		b = append(b, p.text...)
		switch p.fill {
		case "now":
			b = f.Now.UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z07:00")
		case "now_us":
			b = strconv.AppendInt(b, f.Now.UnixMicro(), 10)
		case "seq":
			b = strconv.AppendInt(b, f.Seq, 10)
		case "loop":
			if f.Loop > 0 {
				b = strconv.AppendInt(b, int64(f.Loop), 10)
			}
		}
	}
	return b
}

// blank is a place to fill in, as far as it can be taken for one.
var blank = regexp.MustCompile(`\{\{([a-z_]+)\}\}`)

// newMessage finds the places. In JSON a string that is nothing but a number's
// place loses its quotes.
func newMessage(text string, json bool) (Message, error) {
	var m Message
	from := 0
	strings := stringScanner{text: text}
	for _, at := range blank.FindAllStringSubmatchIndex(text, -1) {
		start, end, name := at[0], at[1], text[at[2]:at[3]]
		switch name {
		case "now", "loop":
		case "now_us", "seq":
			if json && strings.whole(start, end) {
				start, end = start-1, end+1
			}
		default:
			return Message{}, fmt.Errorf("nothing can be filled in for {{%s}}: only now, now_us, seq and loop", name)
		}
		m.parts = append(m.parts, part{text[from:start], name})
		from = end
	}
	m.parts = append(m.parts, part{text: text[from:]})
	return m, nil
}

// stringScanner goes through valid JSON and knows where its strings are.
type stringScanner struct {
	text string
	at   int // what is before it was looked at
	in   int // where the string begins that at is in; 0: in none
}

// whole tells whether text[start:end] is all of a string. It is called with
// growing positions.
func (s *stringScanner) whole(start, end int) bool {
	for ; s.at < start; s.at++ {
		switch c := s.text[s.at]; {
		case c == '\\' && s.in > 0:
			s.at++
		case c == '"' && s.in > 0:
			s.in = 0
		case c == '"':
			s.in = s.at + 1
		}
	}
	return s.in == start && start > 0 && end < len(s.text) && s.text[end] == '"'
}
