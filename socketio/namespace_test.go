package socketio_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"rightnow/hub"
	"rightnow/socketio"
)

func names(spaces []*socketio.Namespace) (list []string) {
	for _, n := range spaces {
		list = append(list, n.Name())
	}
	return list
}

// checklist: 103
func TestF103DynamicNamespaces(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, nil)
		first := h.io.OfFunc(func(ctx context.Context, name string, auth socketio.Auth) bool {
			var a struct{ Token string }
			auth.Decode(&a)
			return strings.HasPrefix(name, "/f") && a.Token == "let me in"
		})
		second := h.io.OfPattern(regexp.MustCompile(`^/(dyn|f)-\d+$`))
		c := connect(h)
		c.join("/f-1", `{"token":"let me in"}`)
		c.join("/f-2", `{"token":"no"}`) // the pattern takes it
		c.join("/dyn-3", "")
		c.write(`0/fx,{"token":"no"}`, `0/other,`)
		got := []string{c.read(), c.read()}
		slices.Sort(got)
		if want := []string{`4/fx,{"message":"Invalid namespace"}`, `4/other,{"message":"Invalid namespace"}`}; !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
		if got := names(first.Children()); !slices.Equal(got, []string{"/f-1"}) {
			t.Errorf("first: %q", got)
		}
		if got := names(second.Children()); !slices.Equal(got, []string{"/dyn-3", "/f-2"}) {
			t.Errorf("second: %q", got)
		}
	})
}

// checklist: 104
func TestF104ExplicitNamespaceWins(t *testing.T) {
	h := serve(t, nil)
	p := h.io.OfPattern(regexp.MustCompile(`.*`))
	before := h.io.Of("/before") // made as a child, because it matches
	h.io.OfPattern(regexp.MustCompile(`/never`))
	c := h.websocket()
	c.join("/", "")
	c.join("/before", "")
	if got := p.Children(); len(got) != 1 || got[0] != before {
		t.Errorf("children %q", names(got))
	}
	h2 := serve(t, nil)
	h2.io.Of("/x").OnConnect(func(s *socketio.Socket) { s.Emit("explicit") })
	h2.io.OfPattern(regexp.MustCompile(`.*`)).OnConnect(func(s *socketio.Socket) { s.Emit("pattern") })
	d := h2.websocket()
	d.join("/x", "")
	d.want(`2/x,["explicit"]`)
}

// checklist: 105
func TestF105ChildrenInherit(t *testing.T) {
	var mu sync.Mutex
	var made, hubs []string
	h := serve(t, &socketio.Options{
		OnNamespace: func(n *socketio.Namespace) {
			mu.Lock()
			defer mu.Unlock()
			made = append(made, n.Name())
			if n.Server().Of(n.Name()) != n { // a hook may ask for it
				t.Error("two namespaces of one name")
			}
		},
		OnHub: func(nsp string, h *hub.Hub) {
			mu.Lock()
			defer mu.Unlock()
			hubs = append(hubs, nsp)
		},
	})
	p := h.io.OfPattern(regexp.MustCompile(`^/d-`))
	log := make(chan string, 10)
	p.Use(func(context.Context, *socketio.Socket) error { log <- "use"; return nil })
	p.OnConnect(func(s *socketio.Socket) { log <- "connect " + s.Namespace().Name() })
	a, b := h.websocket(), h.websocket()
	a.join("/d-1", "")
	b.join("/d-1", "")
	for _, want := range []string{"use", "connect /d-1", "use", "connect /d-1"} {
		if got := receive(t, log); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	p.Use(func(context.Context, *socketio.Socket) error { log <- "late"; return nil })
	b.write("1/d-1,")
	b.join("/d-1", "") // as it was when the child was made
	a.join("/d-2", "")
	for _, want := range []string{"use", "connect /d-1", "use", "late", "connect /d-2"} {
		if got := receive(t, log); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(made, []string{"/d-1", "/d-2"}) || !slices.Equal(hubs, []string{"/", "/d-1", "/d-2"}) {
		t.Errorf("made %q, hubs %q", made, hubs)
	}
}

// checklist: 106
func TestF106EmptyChildrenAreRemoved(t *testing.T) {
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, &socketio.Options{CleanupEmptyChildNamespaces: true})
		p := h.io.OfPattern(regexp.MustCompile(`^/d-`))
		p.Use(func(_ context.Context, s *socketio.Socket) error {
			if s.Handshake().Auth != nil {
				return socketio.Error("refused")
			}
			return nil
		})
		h.io.Of("/stays")
		a, b := connect(h), connect(h)
		a.join("/d-1", "")
		b.join("/d-1", "")
		first := h.io.Of("/d-1")
		a.write("1/d-1,")
		a.join("/stays", "")
		if h.io.Of("/d-1") != first {
			t.Error("removed with a socket in it")
		}
		b.write("1/d-1,")
		b.join("/stays", "")
		a.write(`0/d-2,{}`)
		a.want(`4/d-2,{"message":"refused"}`)
		if got := names(h.io.Namespaces()); !slices.Equal(got, []string{"/", "/stays"}) {
			t.Errorf("there are %q", got)
		}
		a.join("/d-1", "")
		if h.io.Of("/d-1") == first {
			t.Error("the old one came back")
		}
	})
}

// checklist: 107
func TestF107ParentEmits(t *testing.T) {
	h := serve(t, nil)
	p := h.io.OfPattern(regexp.MustCompile(`^/d-`))
	c := h.websocket()
	h.socket("/d-1", c.join("/d-1", "")).Join("r")
	c.join("/d-2", "")
	h.socket("/d-3", c.join("/d-3", "")).Join("r", "no")
	p.Emit("all", []byte{1})
	for i := 1; i <= 3; i++ {
		c.want(fmt.Sprintf(`51-/d-%d,["all",{"_placeholder":true,"num":0}]`, i), "<01>")
	}
	p.Send("x")
	for i := 1; i <= 3; i++ {
		c.want(fmt.Sprintf(`2/d-%d,["message","x"]`, i))
	}
	p.To("r").Emit("room")
	c.want(`2/d-1,["room"]`, `2/d-3,["room"]`)
	p.In("r").Except("no").Emit("except")
	c.want(`2/d-1,["except"]`)
	if n := len(p.Sockets()); n != 3 {
		t.Errorf("%d sockets", n)
	}
	got := make(chan int, 1)
	background(t, func() {
		answers, err := p.Except("no").EmitWithAck(t.Context(), "q")
		if err != nil {
			t.Error(err)
		}
		got <- len(answers)
	})
	c.want(`2/d-1,0["q"]`, `2/d-2,0["q"]`)
	c.write(`3/d-1,0[]`, `3/d-2,0[]`)
	if n := receive(t, got); n != 2 {
		t.Errorf("%d answers", n)
	}
	testParentOfAll(t, p, c)
}

// testParentOfAll does to the sockets of /d-1, /d-2 and /d-3 what a parent can do to all of its children's.
func testParentOfAll(t *testing.T, p *socketio.ParentNamespace, c *client) {
	got := make(chan int, 1)
	background(t, func() {
		answers, err := p.EmitWithAck(t.Context(), "all?")
		if err != nil {
			t.Error(err)
		}
		got <- len(answers)
	})
	for _, question := range []string{`2/d-1,1["all?"]`, `2/d-2,1["all?"]`, `2/d-3,1["all?"]`} {
		c.want(question)
	}
	c.write(`3/d-1,1[]`, `3/d-2,1[]`, `3/d-3,1[]`)
	if n := receive(t, got); n != 3 {
		t.Errorf("%d answers", n)
	}
	p.SocketsJoin("all")
	if n := p.In("all").SocketsCount(); n != 3 || p.SocketsCount() != 3 {
		t.Errorf("%d in the room, %d in all", n, p.SocketsCount())
	}
	p.SocketsLeave("all")
	if all, err := p.FetchSockets(t.Context()); err != nil || len(all) != 3 || slices.Contains(all[0].Rooms, "all") {
		t.Errorf("%v, %v", all, err)
	}
	p.Compress(false).Emit("plain")
	p.Timeout(1).Local().Emit("local")
	p.DisconnectSockets(false)
	for _, packet := range []string{`["plain"]`, `["local"]`} {
		c.want(`2/d-1,`+packet, `2/d-2,`+packet, `2/d-3,`+packet)
	}
	c.want(`1/d-1,`, `1/d-2,`, `1/d-3,`)
}

func TestChildNamespacesAreBounded(t *testing.T) {
	h := serve(t, &socketio.Options{MaxChildNamespaces: 2})
	h.io.OfPattern(regexp.MustCompile(`^/d-`))
	c := h.websocket()
	c.join("/d-1", "")
	c.join("/d-2", "")
	c.write("0/d-3,")
	c.want(`4/d-3,{"message":"Invalid namespace"}`)
	h.io.Of("/d-4") // the program itself may
	c.join("/d-4", "")
}

// Children that nobody is in do not keep others out, but stay as long as there is room.
func TestEmptyChildNamespacesMakeWay(t *testing.T) {
	h := serve(t, &socketio.Options{MaxChildNamespaces: 3})
	p := h.io.OfPattern(regexp.MustCompile(`^/d-`))
	h.io.Of("/d-kept")
	c := h.websocket()
	c.join("/d-0", "")
	for i := 1; i < 20; i++ {
		nsp := fmt.Sprint("/d-", i)
		c.join(nsp, "")
		c.write("1" + nsp + ",")
		var got []string
		for _, n := range p.Children() {
			got = append(got, n.Name())
		}
		if want := []string{"/d-0", nsp, "/d-kept"}; !slices.Equal(got, want) {
			t.Fatalf("children %q, want %q", got, want)
		}
	}
	h.io.Of("/d-19") // the program knows it now
	c.write("0/d-20,")
	c.want(`4/d-20,{"message":"Invalid namespace"}`)
	c.join("/d-19", "")
}

// A middleware that the program has given to one child stands as long as the program runs: not even with others waiting
// for room, or with cleaning up, does anybody get in past it.
func TestChildrenWithSomethingAttachedStay(t *testing.T) {
	for name, o := range map[string]*socketio.Options{
		"make way": {MaxChildNamespaces: 2},
		"clean up": {MaxChildNamespaces: 2, CleanupEmptyChildNamespaces: true},
	} {
		t.Run(name, func(t *testing.T) {
			var found *socketio.Namespace
			o.OnNamespace = func(n *socketio.Namespace) {
				n.OnConnect(func(*socketio.Socket) {}) // of every child, which does not make it stay
				if n.Name() == "/d-1" {
					found = n
				}
			}
			h := serve(t, o)
			p := h.io.OfPattern(regexp.MustCompile(`^/d-`))
			c := h.websocket()
			guarded := func() {
				t.Helper()
				c.join("/d-2", "")
				c.write("1/d-2,")
				c.join("/d-3", "")
				c.write("1/d-3,")
				c.write("0/d-1,")
				c.want(`4/d-1,{"message":"no"}`)
			}
			c.join("/d-1", "")
			for _, n := range p.Children() {
				n.Use(func(context.Context, *socketio.Socket) error { return socketio.Error("no") })
			}
			c.write("1/d-1,")
			guarded()
			if n := p.Children(); len(n) == 0 || n[0] != found {
				t.Errorf("children %v", n)
			}
		})
	}
}

// One who has kept a child that has made way since, and attaches something to it, attaches it to what clients join.
func TestWhatIsAttachedToAChildThatIsGone(t *testing.T) {
	h := serve(t, &socketio.Options{CleanupEmptyChildNamespaces: true})
	p := h.io.OfPattern(regexp.MustCompile(`^/d-`))
	no := func(context.Context, *socketio.Socket) error { return socketio.Error("no") }
	c := h.websocket()
	var gone []*socketio.Namespace
	for range 2 {
		c.join("/d-1", "")
		gone = append(gone, p.Children()[0])
		c.write("1/d-1,")
		c.join("/", "")
		c.write("1")
		if n := p.Children(); len(n) != 0 {
			t.Fatalf("children %v", n)
		}
	}
	gone[1].OnConnect(func(s *socketio.Socket) { s.Emit("hello") })
	c.join("/d-1", "")
	c.want(`2/d-1,["hello"]`)
	c.write("1/d-1,")
	gone[0].Use(no)
	c.write("0/d-1,")
	c.want(`4/d-1,{"message":"no"}`)
	if n := p.Children(); len(n) != 1 || n[0] != gone[1] {
		t.Errorf("children %v", n)
	}
}

// Many clients ask for the same new namespaces at once: there is one of each name, and with
// cleaning up none is left and none is entered that is gone.
func TestOneNamespaceOfAName(t *testing.T) {
	h := serve(t, &socketio.Options{CleanupEmptyChildNamespaces: true})
	h.io.OfPattern(regexp.MustCompile(`^/d-`)).OnConnect(func(s *socketio.Socket) {
		s.On("n", func() string {
			if s.Namespace() != h.io.Of(s.Namespace().Name()) {
				return "another"
			}
			return "same"
		})
	})
	var wg sync.WaitGroup
	for range 4 {
		c := h.websocket()
		wg.Go(func() {
			for i := range 200 {
				nsp := fmt.Sprint("/d-", i%2)
				c.join(nsp, "")
				c.write("2" + nsp + `,1["n"]`)
				c.want("3" + nsp + `,1["same"]`)
				c.write("1" + nsp + ",")
			}
			c.join("/", "") // all before is done
		})
	}
	wg.Wait()
	if got := names(h.io.Namespaces()); !slices.Equal(got, []string{"/"}) {
		t.Errorf("left: %q", got)
	}
}

func TestFunctionForNamespacesMayWaitAndPanic(t *testing.T) {
	h := serve(t, nil)
	release := make(chan bool)
	ended := make(chan bool)
	h.io.OfFunc(func(ctx context.Context, name string, _ socketio.Auth) bool {
		switch name {
		case "/panic":
			panic("in a function")
		case "/wait":
			<-release
		case "/gone":
			<-ctx.Done()
			close(ended)
		}
		return true
	})
	h.io.OnConnect(answerFence)
	c := h.websocket()
	c.join("/", "")
	c.write("0/panic,")
	c.want(`4/panic,{"message":"Invalid namespace"}`)
	c.write("0/wait,")
	c.fence() // the reader goes on
	close(release)
	c.wantJoined("/wait")
	c.write("0/gone,")
	c.cut()
	receive(t, ended)
}

// checklist: 97
func TestEventWhileAFunctionDecidesCloses(t *testing.T) {
	h := serve(t, nil)
	asked := make(chan bool)
	h.io.OfFunc(func(ctx context.Context, _ string, _ socketio.Auth) bool {
		close(asked)
		<-ctx.Done()
		return true
	})
	c := h.websocket()
	c.write("0/x,")
	receive(t, asked)
	c.write(`2/x,["early"]`)
	c.wantClosed()
}
