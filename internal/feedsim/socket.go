package feedsim

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// Socket is how an upstream talks over WebSocket.
type Socket struct {
	Subprotocols []string
	// Frame is called with each data frame of the client, by one goroutine. What it
	// returns is sent; a code other than 0 closes the connection.
	Frame func(text string) (reply string, code int, reason string)
	// Ping is how often the upstream pings, and how long it waits for the pong
	// before it ends the connection; 0: it doesn't.
	Ping time.Duration
	// Wrap makes the frame of a message; nil: it is sent as it is.
	Wrap func(message string) string
	// Fan makes the frames of a message for what the client has asked for; nil: it
	// is one frame. It is called beside Frame.
	Fan func(message string) []string
	// TextOnly closes the connection with 1003 when a frame is binary.
	TextOnly bool
}

// Socket upgrades and goes by the script, until it ends or the client leaves.
func (e *Exchange) Socket(o *Socket) {
	n, end := e.stream()
	defer end()
	s := socket{e: e, o: o, frames: make(chan string, 1024), deaf: make(chan struct{})}
	defer s.close()
	for step := range e.core.script(n, e.r) {
		if !s.do(step) {
			return
		}
	}
	if s.begin() {
		<-s.ctx.Done()
	}
}

// socket is one WebSocket. It belongs to the handler's goroutine, but for what
// the reader and the pinger use.
type socket struct {
	e      *Exchange
	o      *Socket
	ws     *websocket.Conn // nil before the upgrade
	raw    net.Conn
	ctx    context.Context // ends with the connection
	cancel context.CancelFunc

	frames  chan string   // from the reader; what is too much is forgotten
	deaf    chan struct{} // closed by StopReading
	once    sync.Once     // of closing it
	running sync.WaitGroup
}

// begin upgrades, once.
func (s *socket) begin() bool {
	if s.ws != nil {
		return true
	}
	w := &hijacked{ResponseWriter: s.e.w}
	ws, err := websocket.Accept(w, s.e.r, &websocket.AcceptOptions{Subprotocols: s.o.Subprotocols, InsecureSkipVerify: true})
	if err != nil {
		s.e.core.fault("no upgrade: %v", err)
		return false
	}
	ws.SetReadLimit(maxBody)
	s.ws, s.raw = ws, w.conn
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.running.Go(s.read) // ends with the connection
	if s.o.Ping > 0 {
		s.running.Go(s.pings) // ends with ctx
	}
	return true
}

func (s *socket) close() {
	if s.ws == nil {
		return
	}
	s.cancel()
	s.ws.CloseNow()
	s.running.Wait()
}

// do does a step and reports whether the connection goes on.
func (s *socket) do(step Step) bool {
	switch {
	case step.do == actRefuse && s.ws == nil:
		s.e.answer(step)
		return false
	case step.do == actLate && s.ws == nil:
		return s.e.sleep(step.wait)
	case !s.begin():
		return false
	}
	switch step.do {
	case actSend:
		return s.send(step.text)
	case actRaw:
		_, err := io.WriteString(s.raw, step.text)
		return err == nil
	case actBeat:
		return s.ping()
	case actSleep:
		return s.sleep(step.wait)
	case actCut:
		s.raw.Close()
		return false
	case actEnd:
		s.ws.Close(websocket.StatusNormalClosure, "")
		return false
	case actClose:
		s.ws.Close(websocket.StatusCode(step.status), step.text)
		return false
	case actExpect:
		return s.expect(step.text)
	case actStopReading:
		s.once.Do(func() { close(s.deaf) })
		return true
	}
	s.e.core.fault("a step that does not fit a WebSocket: %+v", step)
	return true
}

func (s *socket) send(message string) bool {
	if s.o.Wrap != nil {
		message = s.o.Wrap(message)
	}
	frames := []string{message}
	if s.o.Fan != nil {
		frames = s.o.Fan(message)
	}
	for _, frame := range frames {
		if s.ws.Write(s.ctx, websocket.MessageText, []byte(frame)) != nil {
			return false
		}
	}
	return true
}

func (s *socket) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// patience is how long a fake waits for a pong or a frame.
const patience = 10 * time.Second

// ping wants a pong.
func (s *socket) ping() bool {
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	err := s.ws.Ping(ctx)
	if err != nil && s.ctx.Err() == nil {
		s.e.core.fault("no pong: %v", err)
	}
	return err == nil
}

// pings ends the connection when a pong is missing.
func (s *socket) pings() {
	for s.sleep(s.o.Ping) {
		ctx, cancel := context.WithTimeout(s.ctx, s.o.Ping)
		err := s.ws.Ping(ctx)
		cancel()
		if err != nil {
			s.raw.Close()
			s.cancel() // the reader may be deaf
			return
		}
	}
}

// expect waits for the next frame and compares it.
func (s *socket) expect(want string) bool {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case got := <-s.frames:
		if got != want {
			s.e.core.fault("frame %q, want %q", got, want)
		}
		return got == want
	case <-timer.C:
		s.e.core.fault("no frame, want %q", want)
		return false
	case <-s.ctx.Done():
		return false
	}
}

// read records what the client sends.
func (s *socket) read() {
	defer s.cancel()
	for {
		select {
		case <-s.deaf:
			<-s.ctx.Done()
			return
		default:
		}
		kind, frame, err := s.ws.Read(context.Background())
		if err == nil && s.o.TextOnly && kind != websocket.MessageText {
			s.ws.Close(websocket.StatusUnsupportedData, "binary frames are not supported")
			return
		}
		if err != nil || !s.take(string(frame)) {
			return
		}
	}
}

// take records a frame and answers it. It reports false when it was the last.
func (s *socket) take(frame string) bool {
	s.e.core.mu.Lock()
	s.e.log.Frames = append(s.e.log.Frames, frame)
	s.e.core.mu.Unlock()
	select {
	case s.frames <- frame:
	default:
	}
	if s.o.Frame == nil {
		return true
	}
	reply, code, reason := s.o.Frame(frame)
	if code != 0 {
		s.ws.Close(websocket.StatusCode(code), reason)
		return false
	}
	return reply == "" || s.ws.Write(s.ctx, websocket.MessageText, []byte(reply)) == nil
}

// hijacked keeps the connection that is taken over, for what goes beneath
// WebSocket.
type hijacked struct {
	http.ResponseWriter
	conn net.Conn
}

func (h *hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	h.conn = conn
	return conn, rw, err
}
