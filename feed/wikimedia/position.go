package wikimedia

import (
	"encoding/json"
	"time"
)

// rewind is how far the service is asked to go back. Its ids have the time of
// the last event and a millisecond more, so others of the same millisecond would
// be missed; what comes twice is found by its id.
const rewind = time.Second

// maxID bounds an id of the service in bytes.
const maxID = 16 << 10

// part is how far one partition of a topic was read.
type part struct {
	Topic     string `json:"topic"`
	Partition int    `json:"partition"`
	Timestamp int64  `json:"timestamp,omitempty"` // milliseconds
	Offset    *int64 `json:"offset,omitempty"`    // -1: what is new
}

// position is how far the streams were read: an event's id. The zero position
// is nowhere.
type position []part

// parsePosition reads an id. What is none is the zero position.
func parsePosition(id string) position {
	var p position
	if len(id) > maxID || json.Unmarshal([]byte(id), &p) != nil {
		return nil
	}
	if p.time().IsZero() {
		return nil
	}
	return p
}

// time is that of the newest part.
func (p position) time() time.Time {
	var newest int64
	for _, part := range p {
		newest = max(newest, part.Timestamp)
	}
	if newest <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(newest)
}

// String is the position as an id.
func (p position) String() string {
	text, _ := json.Marshal(p) // of numbers and strings
	return string(text)
}

// lastEventID is the position to ask for.
func (p position) lastEventID() string {
	back := make(position, len(p))
	for i, part := range p {
		if part.Timestamp > 0 {
			part.Timestamp = max(1, part.Timestamp-rewind.Milliseconds())
		}
		back[i] = part
	}
	return back.String()
}
