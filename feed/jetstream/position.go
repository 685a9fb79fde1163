package jetstream

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// position is how far a stream was read. The zero position is nowhere: a stream
// begins with what is new.
type position struct {
	host string
	seq  int64     // of that host alone
	time time.Time // when the host saw the event; good at every host
}

// rewind is how far another host is asked to go back, for hosts see an event at
// different moments. What comes twice is found by its id.
const rewind = 5 * time.Second

// firstTimestamp is where the service takes a cursor for a time.
const firstTimestamp = 1e15

// String is the position as a cursor of feed.Sink.
func (p position) String() string {
	return fmt.Sprintf("%d %d %s", p.seq, p.time.UnixMicro(), p.host)
}

// parsePosition reads a cursor. What is none is the zero position.
func parsePosition(cursor string) position {
	parts := strings.SplitN(cursor, " ", 3)
	if len(parts) != 3 {
		return position{}
	}
	seq, err := strconv.ParseInt(parts[0], 10, 64)
	us, err2 := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || err2 != nil || seq < 0 || us <= 0 {
		return position{}
	}
	return position{host: parts[2], seq: seq, time: time.UnixMicro(us)}
}

func (p position) isZero() bool { return p.time.IsZero() }

// cursor is the position for the query of a host.
func (p position) cursor(host string) string {
	if p.host == host && p.seq > 0 && p.seq < firstTimestamp {
		return strconv.FormatInt(p.seq, 10)
	}
	return strconv.FormatInt(p.time.Add(-rewind).UnixMicro(), 10)
}
