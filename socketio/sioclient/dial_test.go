package sioclient_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"rightnow/engineio/eioclient"
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
