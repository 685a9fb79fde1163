package socketio_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"rightnow/socketio"
)

// lockedBuffer is a bytes.Buffer for several goroutines.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func TestLog(t *testing.T) {
	for level, want := range map[slog.Level][]string{
		slog.LevelInfo:  {"level=ERROR", "panic in boom: oops", "report_test.go", "socket="},
		slog.LevelDebug: {"level=DEBUG", "argument 0", "namespace=/"},
	} {
		var out lockedBuffer
		h := serve(t, &socketio.Options{Logger: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: level}))})
		h.io.OnConnect(func(s *socketio.Socket) {
			s.On("boom", func() { panic("oops") })
			s.On("int", func(int) {})
			answerFence(s)
		})
		c := h.websocket()
		c.join("/", "")
		c.write(`2["boom"]`, `2["int","x"]`)
		c.fence()
		for _, part := range want {
			if !strings.Contains(out.String(), part) {
				t.Errorf("no %s in %s", part, out.String())
			}
		}
		if level == slog.LevelInfo && strings.Contains(out.String(), "argument") {
			t.Errorf("the client's mistakes are in the log: %s", out.String())
		}
	}
}

func TestErrorTexts(t *testing.T) {
	cause := errors.New("cause")
	for want, err := range map[string]error{
		"m":                                      socketio.Error("m"),
		"c":                                      socketio.ConnectError{Message: "c"},
		"disconnected: ping timeout":             &socketio.DisconnectError{Reason: socketio.ReasonPingTimeout},
		"disconnected: parse error: cause":       &socketio.DisconnectError{Reason: socketio.ReasonParseError, Err: cause},
		`socketio: handler of "e": cause`:        &socketio.HandlerError{Event: "e", Err: cause},
		`socketio: panic in e: cause`:            &socketio.PanicError{Where: "e", Value: cause},
		"operation has timed out":                socketio.ErrTimeout,
		`socketio: event "e", argument 2: cause`: &socketio.ArgumentError{Event: "e", Index: 2, Err: cause},
		`socketio: protocol violation (namespace "/x"): cause`: &socketio.ProtocolError{Namespace: "/x", Err: cause},
	} {
		if err.Error() != want {
			t.Errorf("got %s, want %s", err, want)
		}
		if strings.HasSuffix(want, "cause") && !errors.Is(err, cause) {
			t.Errorf("%s does not unwrap", want)
		}
	}
	if e, ok := socketio.ErrTimeout.(interface{ Timeout() bool }); !ok || !e.Timeout() {
		t.Error("ErrTimeout is no timeout")
	}
}
