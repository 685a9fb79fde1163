package sioevent_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"rightnow/socketio"
	"rightnow/socketio/internal/siocall"
	"rightnow/socketio/sioclient"
	"rightnow/socketio/sioevent"
)

type draft struct {
	Title string `json:"title"`
	Blob  []byte `json:"blob,omitempty"`
}

type receipt struct {
	Seq int       `json:"seq"`
	At  time.Time `json:"at"`
}

// The declarations, which both ends share.
var (
	said  = sioevent.Define[draft]("said")
	beep  = sioevent.Define[sioevent.None]("beep")
	save  = sioevent.DefineCall[draft, receipt]("save")
	reset = sioevent.DefineCall[sioevent.None, sioevent.None]("reset")
)

func TestBothEnds(t *testing.T) {
	io := socketio.New(&socketio.Options{Logger: slog.New(slog.DiscardHandler)})
	beeps := make(chan bool, 1)
	io.OnConnect(func(s *socketio.Socket) {
		said.On(s, func(_ context.Context, d draft) { said.Emit(io, d) })
		beep.On(s, func(context.Context, sioevent.None) { beeps <- true })
		save.Handle(s, func(_ context.Context, d draft) (receipt, error) {
			if d.Title == "" {
				return receipt{}, socketio.Error("a title is needed")
			}
			return receipt{Seq: len(d.Blob)}, nil
		})
		reset.Handle(s, func(context.Context, sioevent.None) (sioevent.None, error) { return sioevent.None{}, nil })
	})
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	web := httptest.NewServer(mux)
	defer web.Close()
	defer io.Shutdown(t.Context())
	s, err := sioclient.Dial(t.Context(), web.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Client().Close()

	heard := make(chan draft, 1)
	said.On(s, func(_ context.Context, d draft) { heard <- d })
	if err := said.Emit(s, draft{Title: "tea", Blob: []byte{1}}); err != nil {
		t.Fatal(err)
	}
	if d := <-heard; d.Title != "tea" || len(d.Blob) != 1 {
		t.Errorf("heard %+v", d)
	}
	beep.Emit(s, sioevent.None{})
	<-beeps
	if r, err := save.Call(t.Context(), s, draft{Title: "x", Blob: make([]byte, 7)}); err != nil || r.Seq != 7 {
		t.Errorf("saved: %+v, %v", r, err)
	}
	var refused *sioevent.RemoteError
	if _, err := save.Call(t.Context(), s, draft{}); !errors.As(err, &refused) || refused.Message != "a title is needed" {
		t.Errorf("refused: %v", err)
	}
	if _, err := reset.Call(t.Context(), s, sioevent.None{}); err != nil {
		t.Errorf("reset: %v", err)
	}
}

// A result that looks like an error hides errors: it cannot be declared.
func TestResultsWithAMemberError(t *testing.T) {
	type base struct {
		Error string `json:"error"`
	}
	type embedding struct {
		*base
		Seq int
	}
	type shadowing struct {
		base
		Error string `json:"problem"` // base's is still there
	}
	type untagged struct{ Error error }
	for what, define := range map[string]func(){
		"tagged":    func() { sioevent.DefineCall[draft, base]("x") },
		"pointer":   func() { sioevent.DefineCall[draft, *base]("x") },
		"embedded":  func() { sioevent.DefineCall[draft, embedding]("x") },
		"shadowing": func() { sioevent.DefineCall[draft, shadowing]("x") },
		"untagged":  func() { sioevent.DefineCall[draft, untagged]("x") },
	} {
		func() {
			defer func() {
				text, _ := recover().(string)
				if !strings.HasPrefix(text, `sioevent: the result of "x", `) || !strings.Contains(text, "(Error), by which callers know an error") {
					t.Errorf("%s: panics with %q", what, text)
				}
			}()
			define()
		}()
	}
	type harmless struct {
		Error  error  `json:"-"`
		Errors int    `json:"errors"`
		Text   string `json:"err"`
	}
	sioevent.DefineCall[base, harmless]("an argument may have it")
}

// answer acknowledges everything with one value.
type answer struct{ raw string }

func (a answer) EmitWithAck(context.Context, string, ...any) (sioclient.Args, error) {
	return siocall.NewArgs([]byte("["+a.raw+"]"), nil, 0), nil
}

// What is no struct takes an error as a result; anything else never does.
func TestRemoteErrors(t *testing.T) {
	refused := answer{`{"error":"no","data":7}`}
	var remote *sioevent.RemoteError
	if r, err := save.Call(t.Context(), refused, draft{}); !errors.As(err, &remote) || remote.Message != "no" || remote.Data != 7.0 || r != (receipt{}) {
		t.Errorf("a struct: %v, %v", r, err)
	}
	if n, err := sioevent.DefineCall[sioevent.None, int]("x").Call(t.Context(), refused, sioevent.None{}); !errors.As(err, &remote) {
		t.Errorf("a number: %v, %v", n, err)
	}
	if m, err := sioevent.DefineCall[sioevent.None, map[string]any]("x").Call(t.Context(), refused, sioevent.None{}); err != nil || m["error"] != "no" {
		t.Errorf("a map: %v, %v", m, err)
	}
	if v, err := sioevent.DefineCall[sioevent.None, any]("x").Call(t.Context(), refused, sioevent.None{}); err != nil || v.(map[string]any)["data"] != 7.0 {
		t.Errorf("an any: %v, %v", v, err)
	}
}

type tree struct {
	Name     string            `json:"name"`
	Children []*tree           `json:"children"`
	Labels   map[string]string `json:"labels,omitzero"`
	Any      any               `json:"any"`
	hidden   int
	Skipped  int `json:"-"`
	receipt
	Odd  string   `json:"odd-name"`
	Grid [][]bool `json:"grid"`
}

type loop []loop

type odd struct {
	Addr  netip.Addr  `json:"addr"`
	Big   int64       `json:"big,string"`
	Raw   blob        `json:"raw"`
	ByDay map[int]int `json:"byDay"`
	Wait  time.Duration
}

type blob []byte

func TestTypeScriptOfOddTypes(t *testing.T) {
	var b strings.Builder
	err := sioevent.WriteTypeScript(&b, sioevent.Contract{ServerToClient: []sioevent.Declaration{sioevent.Define[odd]("odd")}})
	want := `export interface Odd {
  addr: string;
  big: string;
  raw: ArrayBuffer | null;
  byDay: Record<string, number> | null;
  Wait: number;
}`
	if err != nil || !strings.Contains(b.String(), want) {
		t.Errorf("got %v\n%s", err, b.String())
	}
	for name, d := range map[string]sioevent.Declaration{
		"a type that contains itself": sioevent.Define[loop]("x"),
		"a function":                  sioevent.DefineCall[int, func()]("x"),
		"a channel in a struct":       sioevent.Define[struct{ C chan int }]("x"),
	} {
		if err := sioevent.WriteTypeScript(io.Discard, sioevent.Contract{ServerToClient: []sioevent.Declaration{d}}); err == nil {
			t.Errorf("%s has a form", name)
		}
	}
}

func TestTypeScript(t *testing.T) {
	var b strings.Builder
	err := sioevent.WriteTypeScript(&b, sioevent.Contract{
		ServerToClient: []sioevent.Declaration{said, beep, sioevent.Define[tree]("new tree")},
		ClientToServer: []sioevent.Declaration{said, save, reset},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `// Written by sioevent.WriteTypeScript; do not edit.

export interface Draft {
  title: string;
  blob?: ArrayBuffer;
}

export interface Tree {
  name: string;
  children: (Tree | null)[] | null;
  labels?: Record<string, string>;
  any: unknown;
  seq: number;
  at: string;
  "odd-name": string;
  grid: (boolean[] | null)[] | null;
}

export interface Receipt {
  seq: number;
  at: string;
}

export interface ServerToClientEvents {
  said: (data: Draft) => void;
  beep: () => void;
  "new tree": (data: Tree) => void;
}

export interface ClientToServerEvents {
  said: (data: Draft) => void;
  save: (data: Draft, ack: (result: Receipt | { error: string; data?: unknown }) => void) => void;
  reset: (ack: (result: {} | { error: string; data?: unknown }) => void) => void;
}
`
	if got := b.String(); got != want {
		t.Errorf("got\n%s", got)
	}
	_ = tree{hidden: 1}.hidden
	if err := sioevent.WriteTypeScript(&b, sioevent.Contract{ServerToClient: []sioevent.Declaration{sioevent.Define[chan int]("c")}}); err == nil {
		t.Error("a channel has a form")
	}
}
