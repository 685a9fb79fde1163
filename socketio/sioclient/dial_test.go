package sioclient_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"rightnow/engineio/eioclient"
	"rightnow/socketio"
	"rightnow/socketio/sioclient"
)

// mute opens sessions, and says and takes nothing more until ctx ends; with deep it does not even open them.
func mute(ctx context.Context, deep bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		opens := !deep && !r.URL.Query().Has("sid")
		switch {
		case opens && r.Header.Get("Upgrade") != "":
			if c, err := websocket.Accept(w, r, nil); err == nil {
				c.Write(ctx, websocket.MessageText, []byte(opening))
				defer c.CloseNow()
			}
		case opens:
			w.Write([]byte(opening))
			return
		}
		<-ctx.Done()
	}
}

// Dial ends with its context, whatever the server does not do.
func TestDialOfAMuteServer(t *testing.T) {
	for name, c := range map[string]struct {
		deep bool
		want string
	}{
		"no session": {true, "no connection to test"},
		"no answer":  {false, "test does not answer who wants to join /room"},
	} {
		for _, transport := range []eioclient.Transport{eioclient.Polling, eioclient.WebSocket} {
			t.Run(name+", "+string(transport), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					client := hostile(t, mute(t.Context(), c.deep))
					ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
					defer cancel()
					began := time.Now()
					_, err := sioclient.Dial(ctx, "http://test/room?token=secret", &sioclient.Options{
						HTTPClient: client, Transports: []eioclient.Transport{transport}, Logger: slog.New(slog.DiscardHandler),
					})
					if took := time.Since(began); took != 500*time.Millisecond {
						t.Errorf("after %v", took)
					}
					if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
						t.Errorf("%v, want %q", err, c.want)
					}
				})
			})
		}
	}
}

// What the server emits as soon as it has let the socket in reaches the handlers of a setup, in the order of registration, and so do
// the hooks.
func TestSetupMissesNothing(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o sioclient.Options) {
		synctest.Test(t, func(t *testing.T) {
			r := serve(t, nil)
			r.io.Use(func(_ context.Context, s *socketio.Socket) error { return s.Emit("early", 1) })
			r.io.OnConnect(func(s *socketio.Socket) { s.Emit("welcome", 2) })
			var heard []string
			note := func(what string) func(int) {
				return func(n int) { heard = append(heard, fmt.Sprint(what, n)) }
			}
			s, err := sioclient.Dial(t.Context(), "http://test", r.options(o), func(s *sioclient.Socket) {
				s.On("early", note("early"))
				s.On("welcome", note("welcome"))
				s.OnConnect(func() { heard = append(heard, "in") })
			}, func(s *sioclient.Socket) { s.On("welcome", note("again")) })
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			s.Client().Close()
			if got := strings.Join(heard, " "); got != "early1 in welcome2 again2" {
				t.Errorf("heard %s", got)
			}
		})
	})
}

// A setup is called for a socket that is not let in, too, and told why.
func TestSetupOfARefusedSocket(t *testing.T) {
	r := serve(t, nil)
	r.io.Use(func(context.Context, *socketio.Socket) error { return socketio.ConnectError{Message: "no"} })
	told := make(chan error, 1)
	_, err := sioclient.Dial(t.Context(), "http://test", r.options(sioclient.Options{}), func(s *sioclient.Socket) {
		s.OnConnectError(func(err error) { told <- err })
	})
	if why := receive(t, told); err == nil || !errors.Is(err, why) {
		t.Errorf("Dial fails with %v, told %v", err, why)
	}
}
