package sioadmin

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/engineio/eioclient"
	"rightnow/socketio"
	"rightnow/socketio/sioclient"
	"rightnow/socketio/siotest"

	"golang.org/x/crypto/bcrypt"
)

const password = "correct horse battery staple"

// quickHash costs next to nothing.
var quickHash = func() string {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		panic(err)
	}
	return string(hash)
}()

// rig is a server that admins may look at, in memory and in virtual time.
type rig struct {
	t     testing.TB
	io    *socketio.Server
	admin *Admin
	net   *siotest.Network

	mu   sync.Mutex // guards following
	errs []error    // what OnError was told
}

// bubble runs a test. nil options are those of an admin with the password; io those of the server.
func bubble(t *testing.T, o *Options, io *socketio.Options, f func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t}
		if o == nil {
			o = &Options{}
		}
		own := *o
		if !own.NoAuth {
			own.Username, own.PasswordHash = "admin", quickHash
		}
		if own.ServerID == "" {
			own.ServerID = "one"
		}
		own.Logger = slog.New(slog.DiscardHandler)
		if io == nil {
			io = &socketio.Options{}
		}
		server := *io
		server.Logger = slog.New(slog.DiscardHandler)
		server.OnError = func(_ *socketio.Socket, err error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.errs = append(r.errs, err)
		}
		r.io = socketio.New(&server)
		admin, err := Instrument(r.io, &own)
		if err != nil {
			t.Fatal(err)
		}
		r.admin = admin
		r.net = siotest.New(t, r.io)
		defer admin.Close()
		f(r)
	})
}

// failed returns what OnError was told since it was called last.
func (r *rig) failed() string {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	var lines []string
	for _, err := range r.errs {
		lines = append(lines, err.Error())
	}
	r.errs = nil
	return strings.Join(lines, "\n")
}

// ui is what the page of the Admin UI does: it connects and listens.
type ui struct {
	*sioclient.Socket
	r *rig

	mu      sync.Mutex // guards following
	heard   []said
	refused error
}

// said is one message of the server.
type said struct {
	event string
	args  []json.RawMessage
}

func (s said) String() string {
	parts := []string{s.event}
	for _, a := range s.args {
		parts = append(parts, string(a))
	}
	return strings.Join(parts, " ")
}

// decode decodes argument i.
func decode[T any](t testing.TB, s said, i int) (v T) {
	t.Helper()
	if i >= len(s.args) {
		t.Fatalf("%s has no argument %d", s, i)
	}
	if err := json.Unmarshal(s.args[i], &v); err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return v
}

var messages = []string{
	"session", "config", "all_sockets", "server_stats", "socket_connected", "socket_updated", "socket_disconnected",
	"room_joined", "room_left", "event_received", "event_sent",
}

// connect connects a page with what it brings as auth, and waits for what comes at once.
func (r *rig) connect(auth any) *ui { return r.connectBy(nil, auth) }

func (r *rig) connectBy(o *sioclient.Options, auth any) *ui {
	if o == nil {
		o = &sioclient.Options{Transports: []eioclient.Transport{eioclient.WebSocket}}
	}
	own := *o
	own.Auth = func(context.Context, string) (any, error) { return auth, nil }
	own.Logger = slog.New(slog.DiscardHandler)
	u := &ui{Socket: r.net.Client(&own).Of(r.admin.opts.Namespace), r: r}
	for _, event := range messages {
		u.On(event, func(args ...json.RawMessage) {
			u.mu.Lock()
			defer u.mu.Unlock()
			u.heard = append(u.heard, said{event, args})
		})
	}
	u.OnConnectError(func(err error) {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.refused = err
	})
	u.Connect()
	synctest.Wait()
	return u
}

// signIn connects a page with the password.
func (r *rig) signIn() *ui {
	r.t.Helper()
	u := r.connect(map[string]any{"username": "admin", "password": password})
	if !u.Connected() {
		r.t.Fatalf("not connected: %v", u.refused)
	}
	return u
}

// take returns what has come since it was called last, but for other events than these (none: all).
func (u *ui) take(events ...string) (list []said) {
	time.Sleep(2 * pause) // virtual
	synctest.Wait()
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, s := range u.heard {
		if len(events) == 0 || strings.Contains(strings.Join(events, " "), s.event) {
			list = append(list, s)
		}
	}
	u.heard = nil
	return list
}

// one wants one message of a kind.
func (u *ui) one(event string) said {
	u.r.t.Helper()
	list := u.take(event)
	if len(list) != 1 {
		u.r.t.Fatalf("%d messages %s, want 1: %s", len(list), event, list)
	}
	return list[0]
}

// want wants these messages, spelled as String does without the timestamps.
func (u *ui) want(want ...string) {
	u.r.t.Helper()
	var got []string
	for _, s := range u.take() {
		if s.event == "server_stats" {
			continue
		}
		if n := len(s.args); n > 0 && isTime(s.args[n-1]) {
			s.args = s.args[:n-1]
		}
		got = append(got, s.String())
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		u.r.t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func isTime(raw json.RawMessage) bool {
	var at time.Time
	return json.Unmarshal(raw, &at) == nil && !at.IsZero()
}

// client connects somebody to "/".
func (r *rig) client(header http.Header) (*sioclient.Socket, *socketio.Socket) {
	r.t.Helper()
	c := r.net.Dial(&sioclient.Options{
		Transports: []eioclient.Transport{eioclient.WebSocket}, Header: header, Logger: slog.New(slog.DiscardHandler),
	})
	for _, s := range r.io.Sockets() {
		if s.ID() == c.ID() {
			return c, s
		}
	}
	r.t.Fatal("no socket")
	return nil, nil
}
