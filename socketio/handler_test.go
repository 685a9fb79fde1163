package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"rightnow/socketio"
)

type point struct {
	X int64  `json:"x"`
	S string `json:"s"`
}

func TestHandlerForms(t *testing.T) {
	h := serve(t, nil)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.On("none", func() {})
		s.On("args", func(a string, p point, q *point) string { return fmt.Sprint(a, p.X, p.S, q) })
		s.On("ctx", func(ctx context.Context, a int) bool { return ctx == s.Context() && a == 1 })
		s.On("error", func(string) error { return nil })
		s.On("result and error", func(p point) (point, error) { return p, nil })
		s.On("nil result", func() (*point, error) { return nil, nil })
		s.On("variadic", func(a int, rest ...string) string { return fmt.Sprint(a, rest) })
		s.On("raw", func(v json.RawMessage) string { return string(v) })
		s.On("any", func(v any) string { return fmt.Sprintf("%T", v) })
		s.On("slice", func(v []int) int { return len(v) })
		s.On("bytes", func(v []byte) []byte { return append(v, 1) })
		s.On("ack", func(ctx context.Context, ack socketio.Ack, n int) { ack(n, "two") })
		socketio.Handle(s, "typed", func(_ context.Context, p point) (point, error) { p.X++; return p, nil })
		socketio.Handle(s, "typed empty", func(context.Context, struct{}) (int, error) { return 1, nil })
	})
	c := h.websocket()
	c.join("/", "")
	for _, test := range []struct{ send, want string }{
		{`21["args","a",{"x":9007199254740993,"s":"ü"},{"x":2}]`, `31["a9007199254740993ü\u0026{2 }"]`},
		{`21["args","a",{"x":1},null]`, `31["a1\u003cnil>"]`},
		{`21["args","a",{"x":1}]`, `31["a1\u003cnil>"]`},
		{`21["args","a",{"x":1},null,"too","many"]`, `31["a1\u003cnil>"]`},
		{`21["ctx",1]`, `31[true]`},
		{`21["error","x"]`, `31[]`},
		{`21["result and error",{"x":1,"s":"s","more":2}]`, `31[{"x":1,"s":"s"}]`},
		{`21["nil result"]`, `31[null]`},
		{`21["variadic",1]`, `31["1 []"]`},
		{`21["variadic",1,"a","b"]`, `31["1 [a b]"]`},
		{`21["raw",{"a": 1}]`, `31["{\"a\": 1}"]`},
		{`21["any"]`, `31["\u003cnil>"]`},
		{`21["slice"]`, `31[0]`},
		{`21["ack",5]`, `31[5,"two"]`},
		{`21["typed",{"x":1}]`, `31[{"x":2,"s":""}]`},
		{`21["typed empty"]`, `31[1]`},
	} {
		c.write(test.send)
		if got := c.read(); unescape(got) != unescape(test.want) {
			t.Errorf("%s: got %s, want %s", test.send, got, test.want)
		}
	}
	c.write(`61-1["bytes"]`) // an ack that nobody waits for
	c.writeBinary(nil)
	c.write(`51-1["bytes",{"_placeholder":true,"num":0}]`)
	c.writeBinary([]byte{7})
	c.want(`61-1[{"_placeholder":true,"num":0}]`, "<0701>")
}

// unescape undoes what JSON leaves to taste.
func unescape(s string) string {
	return strings.NewReplacer(`\u003c`, "<", `\u0026`, "&").Replace(s)
}

func TestBadArgumentsNeverReachTheHandler(t *testing.T) {
	h := serve(t, nil)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.On("one", func(p point) { t.Error("ran") })
		s.On("two", func(a, b int) int { t.Error("ran"); return 0 })
		s.On("var", func(all ...int) error { t.Error("ran"); return nil })
		socketio.Handle(s, "typed", func(context.Context, point) (int, error) { t.Error("ran"); return 0, nil })
		answerFence(s)
	})
	c := h.websocket()
	c.join("/", "")
	for _, test := range []struct {
		packet, reply string
		index         int
	}{
		{`21["one","no point"]`, ``, 0}, // a handler that never acknowledges
		{`21["two",1,"2"]`, `31[{"error":"invalid argument 1"}]`, 1},
		{`21["two",1]`, `31[{"error":"invalid argument 1"}]`, 1},
		{`21["two",1.5,1]`, `31[{"error":"invalid argument 0"}]`, 0},
		{`21["var",1,2,null,"x"]`, `31[{"error":"invalid argument 3"}]`, 3},
		{`21["typed",7]`, `31[{"error":"invalid argument 0"}]`, 0},
		{`21["typed"]`, `31[{"error":"invalid argument 0"}]`, 0},
		{`2["two"]`, ``, 0},
	} {
		c.write(test.packet)
		if test.reply != "" {
			c.want(test.reply)
		}
		var bad *socketio.ArgumentError
		if err := h.wantError(); !errors.As(err, &bad) || bad.Index != test.index {
			t.Errorf("%s: OnError got %v", test.packet, err)
		}
	}
	c.fence()
}

// checklist: 232
func TestErrorsOfHandlers(t *testing.T) {
	h := serve(t, nil)
	secret := errors.New("secret")
	h.io.OnConnect(func(s *socketio.Socket) {
		s.On("client", func() (int, error) { return 0, socketio.Error("for you") })
		s.On("data", func() error { return &socketio.ClientError{Message: "m", Data: []int{1}} })
		s.On("wrapped", func() error { return fmt.Errorf("around: %w", socketio.ClientError{Message: "inside"}) })
		s.On("other", func() (int, error) { return 0, secret })
		s.On("panic", func() int { panic("oops") })
		s.On("panic with ack", func(socketio.Ack) { panic(secret) })
		s.On("panic without", func() { panic("quiet") })
		s.On("unencodable", func() any { return make(chan int) })
		s.On("bad data", func() error { return socketio.ClientError{Message: "m", Data: make(chan int)} })
		answerFence(s)
	})
	c := h.websocket()
	c.join("/", "")
	for _, test := range []struct{ event, reply, err string }{
		{"client", `31[{"error":"for you"}]`, ""},
		{"data", `31[{"data":[1],"error":"m"}]`, ""},
		{"wrapped", `31[{"error":"inside"}]`, ""},
		{"other", `31[{"error":"internal"}]`, "*socketio.HandlerError"},
		{"panic", `31[{"error":"internal"}]`, "*socketio.PanicError"},
		{"panic with ack", `31[{"error":"internal"}]`, "*socketio.PanicError"},
		{"panic without", ``, "*socketio.PanicError"},
		{"unencodable", `31[{"error":"internal"}]`, "*fmt.wrapError"},
		{"bad data", `31[{"error":"internal"}]`, "*fmt.wrapError"},
	} {
		c.write(fmt.Sprintf(`21[%q]`, test.event))
		if test.reply != "" {
			c.want(test.reply)
		}
		if test.err != "" {
			if err := h.wantError(); fmt.Sprintf("%T", err) != test.err {
				t.Errorf("%s: OnError got %T %v", test.event, err, err)
			} else if p := (*socketio.PanicError)(nil); errors.As(err, &p) && !strings.Contains(string(p.Stack), "handler_test.go") {
				t.Errorf("stack %s", p.Stack)
			}
		}
	}
	for _, event := range []string{"client", "other"} { // nobody else would learn of it
		c.write(fmt.Sprintf(`2[%q]`, event))
		if err := h.wantError(); !errors.As(err, new(*socketio.HandlerError)) {
			t.Errorf("OnError got %v", err)
		}
	}
	c.fence()
}

// checklist: 232
func TestPanicsInHooks(t *testing.T) {
	h := serve(t, &socketio.Options{OnError: func(*socketio.Socket, error) { panic("in OnError") }})
	h.io.OnConnect(func(*socketio.Socket) { panic("in OnConnect") })
	h.io.OnConnect(func(s *socketio.Socket) {
		s.OnError(func(error) { panic("in the socket's OnError") })
		s.OnAny(func(*socketio.Event) { panic("in OnAny") })
		s.OnAnyOutgoing(func(*socketio.Event) { panic("in OnAnyOutgoing") })
		s.OnDisconnecting(func(socketio.Reason) { panic("in OnDisconnecting") })
		s.OnDisconnect(func(socketio.Reason) { panic("in OnDisconnect") })
		s.On("e", func() { s.Emit("x") })
		answerFence(s)
	})
	c := h.websocket()
	c.join("/", "")
	c.write(`2["e"]`)
	c.want(`2["x"]`)
	c.fence()
	c.write("1")
	for _, where := range []string{"OnConnect", "OnAny", "OnAnyOutgoing", "OnAny", "OnDisconnecting", "OnDisconnect"} {
		var p *socketio.PanicError
		if err := h.wantError(); !errors.As(err, &p) || p.Where != where {
			t.Errorf("got %v, want one in %s", err, where)
		}
	}
}

func TestSignaturesAreCheckedAtRegistration(t *testing.T) {
	h := serve(t, nil)
	_, s := h.joined((*harness).websocket)
	for name, fn := range map[string]any{
		"not a function":   7,
		"nil":              nil,
		"nil function":     (func())(nil),
		"channel":          func(chan int) {},
		"function":         func(func()) {},
		"pointer to func":  func(*func()) {},
		"interface":        func(fmt.Stringer) {},
		"late context":     func(int, context.Context) {},
		"ack in between":   func(int, socketio.Ack, int) {},
		"two acks":         func(socketio.Ack, int, socketio.Ack) {},
		"socket":           func(*socketio.Socket, int) {},
		"three results":    func() (int, int, error) { return 0, 0, nil },
		"two results":      func() (int, int) { return 0, 0 },
		"two errors":       func() (error, error) { return nil, nil },
		"channel result":   func() chan int { return nil },
		"complex":          func(complex128) {},
		"variadic of func": func(...func()) {},
	} {
		func() {
			defer func() {
				text := fmt.Sprint(recover())
				if !strings.Contains(text, "the event") {
					t.Errorf("%s: %s", name, text)
				}
				if typ := reflect.TypeOf(fn); typ != nil && typ.Kind() == reflect.Func && !reflect.ValueOf(fn).IsNil() && !strings.Contains(text, typ.String()) {
					t.Errorf("%s: the type %v is not named: %s", name, typ, text)
				}
			}()
			s.On("the event", fn)
		}()
	}
}

func TestOffAndOnce(t *testing.T) {
	h := serve(t, nil)
	var log []int
	h.io.OnConnect(func(s *socketio.Socket) {
		answerFence(s)
		var offs []func()
		for i := range 4 { // closures of one line
			offs = append(offs, s.On("e", func() { log = append(log, i) }))
		}
		s.Once("e", func() { log = append(log, 100) })
		offOnce := s.Once("e", func() { log = append(log, 200) })
		offOnce()
		offTyped := socketio.Handle(s, "e", func(context.Context, any) (int, error) { log = append(log, 300); return 0, nil })
		s.On("off", func(i int) { offs[i](); offs[i]() })
		s.On("off typed", func() { offTyped() })
		s.On("off all", func() { s.Off("e") })
	})
	c := h.websocket()
	c.join("/", "")
	c.write(`2["e"]`, `2["e"]`, `2["off",2]`, `2["off typed"]`, `2["e"]`, `2["off all"]`, `2["e"]`)
	c.fence()
	want := []int{0, 1, 2, 3, 100, 300, 0, 1, 2, 3, 300, 0, 1, 3}
	if !reflect.DeepEqual(log, want) {
		t.Errorf("got %v, want %v", log, want)
	}
}

func TestSeveralHandlersOfOneEvent(t *testing.T) {
	h := serve(t, nil)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.On("e", func() {})
		s.On("e", func() int { return 1 })
		s.On("e", func() int { return 2 })
		answerFence(s)
	})
	c := h.websocket()
	c.join("/", "")
	c.write(`27["e"]`)
	c.want(`37[1]`)
	c.fence()
}

func TestUnknownEventsAreIgnored(t *testing.T) {
	h := serve(t, nil)
	h.io.OnConnect(answerFence)
	c := h.websocket()
	c.join("/", "")
	c.write(`21["nobody's"]`)
	c.fence()
}

func TestEventIsRaw(t *testing.T) {
	h := serve(t, nil)
	h.io.OnConnect(func(s *socketio.Socket) {
		s.OnAny(func(e *socketio.Event) {
			var n int
			err := e.Decode(1, &n)
			if e.Socket() != s || !e.WantsAck() || e.Len() != 3 || err != nil || n != 2 ||
				string(e.Args().Raw(0)) != `"a"` || e.Args().Raw(3) != nil || len(e.Args().Blobs()) != 1 {
				t.Errorf("%+v, %v", e, err)
			}
			e.Ack()(e.Name())
		})
	})
	c := h.websocket()
	c.join("/", "")
	c.write(`51-4["ev","a",2,{"_placeholder":true,"num":0}]`)
	c.writeBinary([]byte("x"))
	c.want(`34["ev"]`)
}
