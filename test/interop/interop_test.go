package interop

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"rightnow/engineio/eioclient"
	"rightnow/socketio/sioclient"
)

// everywhere are the cases that every server passes, with whatever parser.
var everywhere = map[string]func(*rig){
	"values":           values,
	"binary":           binaryValues,
	"the server asks":  theServerAsks,
	"bursts":           bursts,
	"order":            order,
	"acknowledgements": acknowledgements,
	"namespaces":       namespaces,
	"rooms":            rooms,
	"disconnects":      disconnects,
	"comes back":       comesBack,
	"retries":          retries,
	"upgrade":          upgrade,
	"volatile":         volatileEvents,
}

// httpOnly are those that need no more than one parser.
var httpOnly = map[string]func(*rig){
	"handshake": handshake,
	"limits":    limits,
	"dynamic":   dynamicNamespaces,
}

// onPython is what python-socketio knows of it.
var onPython = []string{"values", "binary", "the server asks", "bursts", "order", "acknowledgements", "rooms", "comes back", "upgrade"}

// compressing leaves out the tiniest: with the race detector on, each costs a millisecond.
var compressing = sioclient.Options{DeflateThreshold: 50}

// checklist: 133, 229
func TestOurServer(t *testing.T) { interop(t, ours(t)) }

func TestNodesServer(t *testing.T) {
	p := nodes(t)
	interop(t, p)
	t.Run("agrees on compression", func(t *testing.T) {
		o := sioclient.Options{Transports: modes["websocket"], DeflateThreshold: compressing.DeflateThreshold}
		r := &rig{T: t, url: p.urls["deflate"], mode: "websocket", o: o, net: newNetwork(t)}
		r.equal(r.ask(r.dial(), "extensions"), list("permessage-deflate"), "extensions")
	})
}

// interop runs all cases in every mode.
func interop(t *testing.T, p peer) {
	main := maps.Clone(everywhere)
	maps.Copy(main, httpOnly)
	run(t, "JSON", p.urls["main"], sioclient.Options{}, main)
	run(t, "MessagePack", p.urls["msgpack"], sioclient.Options{Parser: sioclient.MessagePack()}, everywhere)
	run(t, "compressed", p.urls["deflate"], compressing, everywhere)
	run(t, "recovery", p.urls["recovery"], sioclient.Options{}, map[string]func(*rig){"recovers": recovers, "had left": hadLeft})
}

func TestPythonsServer(t *testing.T) {
	cases := maps.Clone(everywhere)
	maps.DeleteFunc(cases, func(name string, _ func(*rig)) bool { return !slices.Contains(onPython, name) })
	run(t, "JSON", pythons(t).urls["main"], sioclient.Options{}, cases)
	run(t, "compressed", pythons(t).urls["main"], compressing, cases) // aiohttp agrees
}

func run(t *testing.T, name, address string, o sioclient.Options, cases map[string]func(*rig)) {
	for mode, transports := range modes {
		o.Transports = transports
		for _, what := range slices.Sorted(maps.Keys(cases)) {
			t.Run(name+"/"+mode+"/"+what, func(t *testing.T) {
				cases[what](&rig{T: t, url: address, mode: mode, o: o, net: newNetwork(t)})
			})
		}
	}
}

func values(r *rig) {
	s := r.dial()
	echo := r.listen(s, "echo")
	all := [][]any{
		list(),
		list(1.0, -0.5, "two", true, nil),
		list("日本語 👩‍👩‍👧‍👦 \u2028\x00\"\\", strings.Repeat("é", 20_000)),
		list(map[string]any{"a": list(1.0, map[string]any{"b": map[string]any{}}), "": "empty"}, list(list())),
	}
	for _, want := range all {
		s.Emit("echo", want...)
		r.equal(take(r, echo), want, "emitted")
	}
	for _, want := range all {
		r.equal(r.ask(s, "echo", want...), want, "acknowledged")
	}
}

func binaryValues(r *rig) {
	s := r.dial()
	blob := make([]byte, 1000)
	for i := range blob {
		blob[i] = byte(i)
	}
	want := list(map[string]any{"deep": list(blob, 7.0)}, []byte{}, "text", []byte{255})
	r.equal(r.ask(s, "echo", want...), want, "echo")
	r.equal(r.ask(s, "describe", []byte{1, 2, 3}), list(map[string]any{"bin": 3.0, "sum": 6.0}), "described")
	bin, mixed := r.listen(s, "bin"), r.listen(s, "mixed")
	s.Emit("give", 1000)
	r.equal(take(r, bin), list(blob), "given")
	s.Emit("give-mixed")
	r.equal(take(r, mixed), list(map[string]any{"a": []byte{1, 2, 3}, "list": list([]byte{4}, 7.0, map[string]any{"c": []byte{}}), "s": "x"}, []byte{255}), "mixed")
}

func theServerAsks(r *rig) {
	s := r.dial()
	results := make(chan map[string]any, 10)
	s.On("ack-result", func(result map[string]any) { results <- result })
	off := s.On("please-ack", func(v any) []any { return list(v, []byte{1, 2}) })
	s.Emit("please", "this", 5000)
	r.equal(take(r, results), map[string]any{"timedOut": false, "args": list(list("this", map[string]any{"bin": 2.0, "sum": 3.0}))}, "answered")
	off()
	s.On("please-ack", func(sioclient.Ack) {})
	s.Emit("please", "that", 50)
	r.equal(take(r, results), map[string]any{"timedOut": true, "args": list()}, "not answered")
}

func bursts(r *rig) {
	s := r.dial()
	for _, kind := range []string{"text", "binary", "mixed"} {
		const n = 500
		heard := make(chan int, n)
		offEach := s.On("burst", func(i int, b []byte) {
			if has := kind == "binary" || kind == "mixed" && i%2 == 1; has != (len(b) == 1) || has && b[0] != byte(i) {
				r.Errorf("%s %d came with %v", kind, i, b)
			}
			heard <- i
		})
		done := make(chan int, 1)
		offDone := s.On("burst-done", func(n int) { done <- n })
		s.Emit("burst", n, kind)
		for i := range n {
			if got := take(r, heard); got != i {
				r.Fatalf("%s: got %d, want %d", kind, got, i)
			}
		}
		r.equal(take(r, done), n, kind)
		offEach()
		offDone()
	}
}

func order(r *rig) {
	s := r.dial()
	var want []any
	for i := range 1000 {
		var err error
		if i%3 == 0 {
			err = s.Emit("collect", i, []byte{1})
		} else {
			err = s.Emit("collect", i)
		}
		if err != nil {
			r.Fatal(err)
		}
		want = append(want, float64(i))
	}
	r.equal(r.ask(s, "collected"), list(want), "collected")
}

func acknowledgements(r *rig) {
	s := r.dial()
	ctx := context.Background()
	if _, err := s.Timeout(50*time.Millisecond).EmitWithAck(ctx, "ack-never"); !errors.Is(err, sioclient.ErrTimeout) {
		r.Errorf("never: %v", err)
	}
	r.equal(r.ask(s, "ack-late", 20, "late"), list("late"), "late")
	r.equal(r.ask(s, "ack-twice", "once"), list("once"), "twice")
	if _, err := s.Timeout(5*time.Millisecond).EmitWithAck(ctx, "ack-late", 300, "too late"); !errors.Is(err, sioclient.ErrTimeout) {
		r.Errorf("too late: %v", err)
	}
	r.equal(r.ask(s, "ack-late", 350, "next"), list("next"), "the one after that")
	gone := make(chan error, 1)
	go func() { // ends with the disconnect
		_, err := s.EmitWithAck(ctx, "ack-never")
		gone <- err
	}()
	r.ask(s, "ack-late", 20, "meanwhile") // the one before has been sent by then
	s.Emit("bye", false)
	if err := take(r, gone); !errors.Is(err, sioclient.ErrDisconnected) {
		r.Errorf("at the disconnect: %v", err)
	}
}

func namespaces(r *rig) {
	o := r.options()
	token := "wrong"
	o.Auth = func(_ context.Context, nsp string) (any, error) {
		if nsp == "/admin" {
			return map[string]string{"token": token}, nil
		}
		return nil, nil
	}
	c := r.client(o)
	root, _ := r.join(c, "/")
	custom, welcome := r.join(c, "/custom")
	if welcome["nsp"] != "/custom" || welcome["sid"] != custom.ID() || custom.ID() == root.ID() {
		r.Errorf("welcome: %v; %s", welcome, custom.ID())
	}
	for nsp, want := range map[string]string{"/admin": `not authorized {"code":401}`, "/nowhere": "Invalid namespace "} {
		s := c.Of(nsp)
		refused := make(chan error, 1)
		off := s.OnConnectError(func(err error) { refused <- err })
		s.Connect()
		var e *sioclient.ConnectError
		if err := take(r, refused); !errors.As(err, &e) || e.Message+" "+string(e.Data) != want {
			r.Errorf("%s: %v", nsp, err)
		}
		off()
	}
	token = "secret"
	admin, welcome := r.join(c, "/admin")
	r.equal(welcome["auth"], map[string]any{"token": "secret"}, "auth")
	slow, _ := r.join(c, "/slow")
	for _, s := range []*sioclient.Socket{root, custom, admin, slow} {
		r.equal(r.ask(s, "echo", s.Namespace(), []byte{1}), list(s.Namespace(), []byte{1}), "echo")
	}
	custom.Disconnect()
	r.equal(r.ask(root, "echo", "still"), list("still"), "the others go on")
	id := custom.ID()
	if r.join(c, "/custom"); custom.ID() == id {
		r.Error("it came back with the same id")
	}
}

func dynamicNamespaces(r *rig) {
	s, welcome := r.join(r.client(r.options()), "/dyn-abc")
	r.equal(welcome["nsp"], "/dyn-abc", "namespace")
	r.equal(r.ask(s, "echo", 1), list(1.0), "echo")
}

func rooms(r *rig) {
	a, b := r.dial(), r.dial()
	room := "room of " + a.ID()
	r.equal(r.ask(a, "join", room), list(list(room)), "rooms")
	r.ask(b, "join", room)
	heardA, heardB := r.listen(a, "news"), r.listen(b, "news")
	r.ask(a, "send", map[string]any{"via": "socket", "to": []string{room}, "event": "news", "args": list("others")})
	r.ask(a, "send", map[string]any{"via": "io", "to": []string{room}, "event": "news", "args": list([]byte{9})})
	r.equal(take(r, heardA), list([]byte{9}), "the sender")
	r.equal(take(r, heardB), list("others"), "another")
	r.equal(take(r, heardB), list([]byte{9}), "another")
	r.equal(r.ask(a, "leave", room), list(list()), "after leaving")
}

func disconnects(r *rig) {
	for _, hard := range []bool{false, true} {
		s := r.dial()
		reasons, joined := make(chan sioclient.Reason, 10), make(chan string, 10)
		s.OnDisconnect(func(reason sioclient.Reason) { reasons <- reason })
		s.OnConnect(func() { joined <- s.ID() })
		s.Emit("bye", hard)
		r.equal(take(r, reasons), sioclient.ReasonServerDisconnect, "reason")
		s.Connect()
		take(r, joined)
		s.Disconnect()
		r.equal(take(r, reasons), sioclient.ReasonClientDisconnect, "reason")
	}
}

func comesBack(r *rig) {
	o := r.options()
	attempts := make(chan int, 10_000)
	o.OnReconnectAttempt = func(n int) { attempts <- n }
	c := r.client(o)
	s, _ := r.join(c, "/")
	first := s.ID()
	lost, joined := make(chan sioclient.Reason, 10), make(chan string, 10)
	s.OnDisconnect(func(reason sioclient.Reason) { lost <- reason })
	s.OnConnect(func() { joined <- s.ID() })
	r.net.cut()
	if reason := take(r, lost); reason != sioclient.ReasonTransportClose && reason != sioclient.ReasonTransportError {
		r.Errorf("lost: %s", reason)
	}
	for i := range 5 {
		if err := s.Emit("collect", i); err != nil {
			r.Error(err)
		}
	}
	take(r, attempts)
	r.net.up()
	if id := take(r, joined); id == first {
		r.Error("it has its old id")
	}
	r.equal(r.ask(s, "collected"), list(list(0.0, 1.0, 2.0, 3.0, 4.0)), "what was emitted meanwhile")
}

func retries(r *rig) {
	o := r.options()
	o.Retries, o.AckTimeout = 3, patience
	s, _ := r.join(r.client(o), "/")
	for i := range 20 {
		s.Emit("set-data", i)
	}
	r.equal(r.ask(s, "get-data"), list(19.0), "the last")
}

func upgrade(r *rig) {
	o := r.options()
	moved := make(chan eioclient.Transport, 1)
	o.OnUpgrade = func(t eioclient.Transport) { moved <- t }
	s, _ := r.join(r.client(o), "/")
	if r.mode == "upgrading" {
		r.equal(take(r, moved), eioclient.WebSocket, "moved")
	}
	want := "websocket"
	if r.mode == "polling" {
		want = "polling"
	}
	r.equal(r.ask(s, "transport"), list(want), "the server says")
	r.equal(string(s.Client().Transport()), want, "the client says")
}

func volatileEvents(r *rig) {
	s := r.dial()
	heard := r.listen(s, "volatile")
	end := time.Now().Add(patience)
	for i := 0; len(heard) == 0; i++ { // one is let through when the connection is ready for it
		if time.Now().After(end) {
			r.Fatal("all were dropped")
		}
		if err := s.Volatile().Emit("volatile", i); err != nil && !errors.Is(err, sioclient.ErrDropped) {
			r.Fatal(err)
		}
		r.ask(s, "echo")
	}
}

func handshake(r *rig) {
	o := r.options()
	o.Header = http.Header{"X-Mine": {"yes"}, "Cookie": {"a=1; b=2"}}
	o.Query = url.Values{"room": {"tea & milk"}}
	o.Auth = func(context.Context, string) (any, error) { return map[string]any{"user": "ann", "n": 1}, nil }
	s, _ := r.join(r.client(o), "/")
	told, _ := r.ask(s, "handshake")[0].(map[string]any)
	query, _ := told["query"].(map[string]any)
	headers, _ := told["headers"].(map[string]any)
	r.equal(told["auth"], map[string]any{"user": "ann", "n": 1.0}, "auth")
	r.equal(list(query["room"], query["EIO"]), list("tea & milk", "4"), "query")
	r.equal(list(headers["x-mine"], headers["cookie"]), list("yes", "a=1; b=2"), "headers")
}

func limits(r *rig) {
	s := r.dial()
	text := strings.Repeat("x", 99_900)
	r.equal(r.ask(s, "echo", text), list(text), "a large one")
	if err := s.Emit("echo", text+text); !errors.Is(err, sioclient.ErrTooBig) {
		r.Errorf("one too large: %v", err)
	}
	r.equal(r.ask(s, "echo", "on"), list("on"), "it goes on")
}

func recovers(r *rig) {
	other := r.dial() // its network is this one's: it comes back as well
	own := &rig{T: r.T, url: r.url, mode: r.mode, o: r.o, net: newNetwork(r.T)}
	c := own.client(own.options())
	s, _ := own.join(c, "/")
	id := s.ID()
	r.ask(s, "join", "mine "+id)
	r.ask(s, "set-data", "kept")
	news := r.listen(s, "news")
	send := func(n int) {
		r.ask(other, "send", map[string]any{"via": "io", "to": []string{"mine " + id}, "event": "news", "args": list(n)})
	}
	send(0)
	r.equal(take(r, news)[0], any(0.0), "before")
	lost, joined := make(chan sioclient.Reason, 10), make(chan bool, 10)
	s.OnDisconnect(func(reason sioclient.Reason) { lost <- reason })
	s.OnConnect(func() { joined <- s.Recovered() })
	own.net.cut()
	take(r, lost)
	// Node keeps a session from the disconnect on, which it need not have noticed.
	for end := time.Now().Add(patience); r.ask(other, "reason-of", id)[0] == nil; {
		if time.Now().After(end) {
			r.Fatal("the server does not notice")
		}
	}
	for i := 1; i < 50; i++ {
		send(i)
	}
	own.net.up()
	if !take(r, joined) || s.ID() != id {
		r.Fatalf("it was not recovered: it is %s, and was %s", s.ID(), id)
	}
	send(50)
	for i := 1; i <= 50; i++ {
		if got := take(r, news)[0]; got != float64(i) {
			r.Fatalf("got %v, want %d", got, i)
		}
	}
	r.equal(r.ask(s, "get-data")[0], any("kept"), "data")
}

// A session that the client has left by itself is not recovered.
func hadLeft(r *rig) {
	c := r.client(r.options())
	custom, _ := r.join(c, "/custom")
	s, _ := r.join(c, "/")
	id := s.ID()
	r.ask(s, "echo")
	s.Disconnect()
	r.ask(custom, "echo") // so that Node has seen it: there the end of the connection, or a CONNECT, may overtake a DISCONNECT
	if _, welcome := r.join(c, "/"); welcome["recovered"] != false || s.Recovered() || s.ID() == id {
		r.Errorf("welcome back: %v", welcome)
	}
}
