package feedsim

import (
	"iter"
	"net/http"
	"slices"
	"time"
)

// action is what a Step does.
type action int

const (
	actSend action = iota
	actRaw
	actBeat
	actSleep
	actLate
	actCut
	actEnd
	actClose
	actRefuse
	actExpect
	actStopReading
)

// Step is one thing that a fake does on a connection.
type Step struct {
	do     action
	text   string
	wait   time.Duration
	status int
	header http.Header
}

// Send sends one message in the upstream's own framing. The text is what a
// decoder gets: a JSON object, or what else the upstream sends.
func Send(message string) Step { return Step{do: actSend, text: message} }

// Raw sends bytes without framing: half a message, or no message at all. Over
// WebSocket they go beneath it.
func Raw(bytes string) Step { return Step{do: actRaw, text: bytes} }

// Beat sends the upstream's heartbeat; over WebSocket a ping, and waits for the pong.
func Beat() Step { return Step{do: actBeat} }

// Sleep says nothing for a while.
func Sleep(d time.Duration) Step { return Step{do: actSleep, wait: d} }

// Late waits before the answer to the request begins. It comes first.
func Late(d time.Duration) Step { return Step{do: actLate, wait: d} }

// Cut breaks the connection in the middle of whatever it was.
func Cut() Step { return Step{do: actCut} }

// End ends the stream as the protocol wants it; over WebSocket with code 1000.
func End() Step { return Step{do: actEnd} }

// Close ends a WebSocket with a code.
func Close(code int, reason string) Step { return Step{do: actClose, status: code, text: reason} }

// Refuse answers the request instead of opening a stream. header are names and
// values in turns. It comes first.
func Refuse(status int, body string, header ...string) Step {
	h := http.Header{}
	for pair := range slices.Chunk(header, 2) {
		h.Set(pair[0], pair[1])
	}
	return Step{do: actRefuse, status: status, text: body, header: h}
}

// Expect waits for a frame from the client and wants it to be this one; see
// [Core.Faults].
func Expect(frame string) Step { return Step{do: actExpect, text: frame} }

// StopReading has the fake read no more frames.
func StopReading() Step { return Step{do: actStopReading} }

// Script gives what to do on the n-th connection, from 0. When the steps are at
// an end the connection stays open and silent.
type Script func(n int, r *http.Request) iter.Seq[Step]

// Scripts is a script for each connection in turn; those after the last are
// open and silent.
func Scripts(connections ...[]Step) Script {
	return func(n int, _ *http.Request) iter.Seq[Step] {
		if n >= len(connections) {
			return slices.Values([]Step(nil))
		}
		return slices.Values(connections[n])
	}
}

// Player gives what an upstream sends by a replay file, without end: Send, Beat,
// Sleep and Cut as the file has them. source is the name of the feed's source.
// Each call plays from the beginning, for one connection.
type Player interface {
	Steps(source string) iter.Seq[Step]
}

// Play has each connection see the file from its beginning.
func Play(p Player, source string) Script {
	return func(int, *http.Request) iter.Seq[Step] { return p.Steps(source) }
}
