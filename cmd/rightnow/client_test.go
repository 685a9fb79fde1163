package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// client is a Socket.IO client over a raw WebSocket: a foreign reading of the
// protocol, so that a mistake of the server's is not made twice. call may be
// used by several goroutines, event by one at a time.
type client struct {
	conn   *websocket.Conn
	events chan event    // closed when the connection is gone
	gone   chan struct{} // closed with it
	err    error         // why; read after gone

	mu      sync.Mutex // guards following
	nextAck int
	acks    map[int]chan json.RawMessage
}

type event struct {
	name string
	data json.RawMessage
}

// dial connects and joins the namespace "/".
func dial(port int) (*client, error) {
	conn, err := handshake(port)
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn, events: make(chan event, 100_000), gone: make(chan struct{}), acks: map[int]chan json.RawMessage{}}
	go c.read() // ends with the connection
	return c, nil
}

// handshake is dial up to the point from which somebody must read.
func handshake(port int) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, fmt.Sprintf("ws://127.0.0.1:%d/socket.io/?EIO=4&transport=websocket", port), nil)
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(1 << 20)
	for _, step := range []struct{ say, want string }{{"", `0{"sid":`}, {"40", `40{"sid":`}} {
		if err := shake(ctx, conn, step.say, step.want); err != nil {
			conn.CloseNow()
			return nil, err
		}
	}
	return conn, nil
}

func shake(ctx context.Context, conn *websocket.Conn, say, want string) error {
	if say != "" {
		if err := conn.Write(ctx, websocket.MessageText, []byte(say)); err != nil {
			return err
		}
	}
	_, got, err := conn.Read(ctx)
	if err == nil && !bytes.HasPrefix(got, []byte(want)) {
		err = fmt.Errorf("got %q, want %s", got, want)
	}
	return err
}

func mustDial(t *testing.T, p *process) *client {
	t.Helper()
	c, err := dial(p.port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	return c
}

func (c *client) close() {
	c.conn.CloseNow()
	<-c.gone
}

func (c *client) read() {
	defer close(c.gone)
	defer close(c.events)
	for {
		_, packet, err := c.conn.Read(context.Background())
		if err == nil {
			err = c.take(packet)
		}
		if err != nil {
			c.err = err
			c.conn.CloseNow()
			return
		}
	}
}

func (c *client) take(packet []byte) error {
	kind, rest := string(packet[:min(2, len(packet))]), packet[min(2, len(packet)):]
	switch {
	case kind == "2":
		return c.conn.Write(context.Background(), websocket.MessageText, []byte("3"))
	case kind == "42":
		var args []json.RawMessage
		if err := json.Unmarshal(rest, &args); err != nil || len(args) != 2 {
			return fmt.Errorf("odd event %q", packet)
		}
		name, err := strconv.Unquote(string(args[0]))
		c.events <- event{name, args[1]}
		return err
	case kind == "43":
		digits, _, _ := bytes.Cut(rest, []byte("["))
		id, err := strconv.Atoi(string(digits))
		if err != nil {
			return err
		}
		c.ackOf(id) <- rest[len(digits):]
		return nil
	}
	return fmt.Errorf("unexpected packet %q", packet)
}

func (c *client) ackOf(id int) chan json.RawMessage {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.acks[id]
}

// emit sends an event and returns where its acknowledgement will come.
func (c *client) emit(name string, arg any) (<-chan json.RawMessage, error) {
	text, err := json.Marshal([]any{name, arg})
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	id := c.nextAck
	c.nextAck++
	answer := make(chan json.RawMessage, 1)
	c.acks[id] = answer
	c.mu.Unlock()
	return answer, c.conn.Write(context.Background(), websocket.MessageText, fmt.Appendf(nil, "42%d%s", id, text))
}

// refusal is an acknowledgement that says no.
type refusal struct {
	Code       string `json:"code"`
	Message    string `json:"message"`
	Suggestion string `json:"suggestion"`
}

func (r *refusal) Error() string { return r.Code + ": " + r.Message }

// call emits and waits for the acknowledgement, which goes into result.
func (c *client) call(name string, arg, result any) error {
	answer, err := c.emit(name, arg)
	if err != nil {
		return err
	}
	var ack json.RawMessage
	select {
	case ack = <-answer:
	case <-c.gone:
		return fmt.Errorf("gone before %s was acknowledged: %w", name, c.err)
	case <-time.After(patience):
		return fmt.Errorf("%s was not acknowledged", name)
	}
	var refused [1]struct{ Error *refusal }
	if err := json.Unmarshal(ack, &refused); err != nil {
		return fmt.Errorf("acknowledgement %s: %w", ack, err)
	}
	if refused[0].Error != nil {
		return refused[0].Error
	}
	return json.Unmarshal(ack, &[]any{result})
}

func (c *client) mustCall(t *testing.T, name string, arg, result any) {
	t.Helper()
	if err := c.call(name, arg, result); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// wait returns the data of the next event of that name; others are passed over.
func (c *client) wait(t *testing.T, name string, into any) {
	t.Helper()
	timeout := time.After(patience)
	var passed []string
	for {
		select {
		case e, ok := <-c.events:
			switch {
			case !ok:
				t.Fatalf("gone before %s: %v; passed over %s", name, c.err, strings.Join(passed, " "))
			case e.name != name:
				passed = append(passed, e.name)
				continue
			}
			if err := json.Unmarshal(e.data, into); err != nil {
				t.Fatal(err)
			}
			return
		case <-timeout:
			t.Fatalf("no %s came; passed over %s", name, strings.Join(passed, " "))
		}
	}
}
