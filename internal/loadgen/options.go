package loadgen

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"strings"
	"time"
)

// ErrUnsupported is what Run returns on other systems than Linux.
var ErrUnsupported = errors.New("the load generator runs on Linux only: it needs epoll and /proc")

// A Mode is what is measured.
type Mode string

// The modes. Each begins with connecting all clients, which is measured as Idle.
const (
	Idle      Mode = "idle"      // connections that do nothing
	Broadcast Mode = "broadcast" // the server emits to all, over WebSocket
	Polling   Mode = "polling"   // the same over long-polling
	Echo      Mode = "echo"      // each client has one acknowledgement outstanding
	Chat      Mode = "chat"      // rooms in which everybody says something at a steady rate
	Storm     Mode = "storm"     // all are cut off at once and come back
)

// Options say what Run measures. The server has to keep the contract of package
// target, but for idle and storm, which any server passes, and echo, which wants
// only an event that acknowledges.
type Options struct {
	Mode Mode
	// URL of the server: http://host:port.
	URL string
	// Path of Socket.IO at the server. "/socket.io/".
	Path string
	// PID is the server's process, whose memory and CPU time are then measured. 0: they are not.
	PID int

	// Connections is how many clients there are.
	Connections int
	// Ramp is how many of them connect a second at most. 0: as fast as the server takes them.
	Ramp int
	// AtOnce is how many handshakes may be under way at a time. 0: all.
	AtOnce int
	// Source is the last byte of the address 127.0.0.x to connect from, and the next one for each
	// 10,000 connections, when the server is at such an address too: each has ports of its own.
	Source int
	// Wait is the rest after connecting, before memory is read.
	Wait time.Duration
	// Collect sends the server SIGUSR2, which has it give memory back, and reads its memory again.
	Collect bool
	// Limit bounds each phase; one that takes longer is an error.
	Limit time.Duration

	// Messages (broadcast, polling) is how many each client receives for each of Bursts, which are
	// how many the server emits at a time.
	Messages int
	Bursts   []int
	// Bytes is the length of the text in a message, or in a request of echo.
	Bytes int
	// Dead (broadcast) is how many further clients stop reading once they are connected. They
	// are not counted.
	Dead int
	// Requests (echo) is how many there are in all, and Event their name.
	Requests int
	Event    string
	// Room (chat) is how many share one, Say how many messages a second each of them says, and
	// Duration how long.
	Room     int
	Say      float64
	Duration time.Duration

	// OnResult is told of each phase that has ended. It is called on Run's goroutine.
	OnResult func(Result)
	// OnProgress is told, ten times a second at most, how far the phase is. It is called on Run's
	// goroutine while the clients wait, so it should be quick. nil: nobody wants to know.
	OnProgress func(Progress)
}

// Progress is how far a phase is.
type Progress struct {
	Phase       string // as in its result, with what tells it from others of its kind
	Noun        string // of what is counted: "messages received"
	Done, Total int
	Spent       time.Duration // since the phase began
}

// An OptionError is something that Run cannot be asked for.
type OptionError struct {
	Option string // the flag of `rightnow bench` without its dashes, or "URL"
	Reason string
}

func (e *OptionError) Error() string {
	if e.Option == "URL" {
		return e.Reason
	}
	return "--" + e.Option + ": " + e.Reason
}

const (
	maxConnections = 1_000_000
	maxTotal       = 1_000_000_000 // messages or requests in one phase
	maxText        = 1_000_000     // bytes; servers refuse more by default
	maxDuration    = 24 * time.Hour
	maxSource      = 254 // the last byte of the last address to connect from
)

// perSource is how many clients share one source address. Linux has 28,232 ports
// for each by default, but looks ever longer for a free one.
const perSource = 10_000

// Check says what is wrong with the options: an *OptionError, or nil.
func (o *Options) Check() error {
	if _, err := o.base(); err != nil {
		return err
	}
	ranges := []struct {
		option    string
		value     int
		low, high int
	}{
		{"connections", o.Connections, 1, maxConnections},
		{"pid", o.PID, 0, math.MaxInt32},
		{"ramp", o.Ramp, 0, maxConnections},
		{"at-once", o.AtOnce, 0, maxConnections},
		{"dead", o.Dead, 0, maxConnections},
		{"source", o.Source, 1, maxSource - max(0, o.Connections+o.Dead-1)/perSource},
	}
	for _, r := range ranges {
		if r.value < r.low || r.value > r.high {
			return outOfRange(r.option, r.value, r.low, r.high)
		}
	}
	if o.Wait < 0 || o.Wait > maxDuration {
		return &OptionError{"wait", fmt.Sprintf("%v is none of 0s to %v", o.Wait, maxDuration)}
	}
	if o.Limit <= 0 || o.Limit > maxDuration {
		return &OptionError{"limit", fmt.Sprintf("%v is none of 1ms to %v", o.Limit, maxDuration)}
	}
	if o.Collect && o.PID == 0 {
		return &OptionError{"collect", "needs --pid: the signal goes to that process"}
	}
	return o.checkMode()
}

func (o *Options) checkMode() error {
	switch o.Mode {
	case Idle, Storm:
		return nil
	case Broadcast, Polling:
		return o.checkBroadcast()
	case Echo:
		return o.checkEcho()
	case Chat:
		return o.checkChat()
	}
	return &OptionError{"mode", fmt.Sprintf("%q is none of idle, broadcast, polling, echo, chat, storm", o.Mode)}
}

func (o *Options) checkBroadcast() error {
	most := maxTotal / o.Connections
	if o.Messages < 1 || o.Messages > most {
		return outOfRange("messages", o.Messages, 1, most)
	}
	if o.Bytes < 0 || o.Bytes > maxText {
		return outOfRange("bytes", o.Bytes, 0, maxText)
	}
	if len(o.Bursts) == 0 {
		return &OptionError{"bursts", "names no number"}
	}
	for _, burst := range o.Bursts {
		if burst < 1 || burst > o.Messages {
			return &OptionError{"bursts", fmt.Sprintf("%d is none of 1 to %d, the --messages", burst, o.Messages)}
		}
	}
	return nil
}

func (o *Options) checkEcho() error {
	switch {
	case o.Requests < o.Connections || o.Requests > maxTotal:
		return &OptionError{"requests", fmt.Sprintf("%d is none of %d, one a connection, to %d", o.Requests, o.Connections, maxTotal)}
	case o.Bytes < 0 || o.Bytes > maxText:
		return outOfRange("bytes", o.Bytes, 0, maxText)
	case o.Event == "" || strings.ContainsFunc(o.Event, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }):
		return &OptionError{"event", fmt.Sprintf("%q is no name of an event", o.Event)}
	}
	return nil
}

func (o *Options) checkChat() error {
	switch {
	case o.Room < 1 || o.Connections%o.Room != 0:
		return &OptionError{"room", fmt.Sprintf("%d connections cannot be shared out into rooms of %d", o.Connections, o.Room)}
	case o.Duration <= 0 || o.Duration > maxDuration:
		return &OptionError{"duration", fmt.Sprintf("%v is none of 1ms to %v", o.Duration, maxDuration)}
	case !(o.Say > 0) || o.said() < 1 || o.said()*float64(o.Room) > maxTotal:
		return &OptionError{"say", fmt.Sprintf("%v a second from each of %d for %v makes no number of messages from 1 to %d",
			o.Say, o.Connections, o.Duration, maxTotal)}
	}
	return nil
}

// said is how many messages all members say in a chat.
func (o *Options) said() float64 {
	return float64(o.Connections) * o.Say * o.Duration.Seconds()
}

func outOfRange(option string, value, low, high int) error {
	return &OptionError{option, fmt.Sprintf("%d is none of %d to %d", value, low, high)}
}

// base is the URL, taken apart and found good.
func (o *Options) base() (*url.URL, error) {
	u, err := url.Parse(o.URL)
	if err != nil {
		return nil, &OptionError{"URL", fmt.Sprintf("%q is no URL: write http://host:port", o.URL)}
	}
	switch {
	case u.Scheme == "https" || u.Scheme == "wss":
		return nil, &OptionError{"URL", fmt.Sprintf("%s: TLS is not spoken here: measure the server behind the proxy, at an http:// address", o.URL)}
	case u.Scheme != "http" && u.Scheme != "ws" || u.Hostname() == "":
		return nil, &OptionError{"URL", fmt.Sprintf("%q is no address of a server: write http://host:port", o.URL)}
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.User != nil:
		return nil, &OptionError{"URL", fmt.Sprintf("%q has more than http://host:port; where Socket.IO is goes into --path", o.URL)}
	case !strings.HasPrefix(o.Path, "/") || strings.ContainsAny(o.Path, " ?#\r\n"):
		return nil, &OptionError{"path", fmt.Sprintf("%q is no path such as /socket.io/", o.Path)}
	}
	return u, nil
}
