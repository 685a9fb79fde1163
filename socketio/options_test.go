package socketio_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"rightnow/engineio"
	"rightnow/socketio"
)

func TestAllowRequest(t *testing.T) {
	for want, err := range map[string]error{
		`{"code":4,"message":"come back tomorrow"}`: socketio.Error("come back tomorrow"),
		`{"code":4,"message":"by hand"}`:            &engineio.Refusal{Message: "by hand"},
		`{"code":4,"message":"Forbidden"}`:          errors.New("a secret"),
	} {
		srv := socketio.New(&socketio.Options{AllowRequest: func(*http.Request) error { return err }})
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, httptest.NewRequest("GET", "/socket.io/?EIO=4&transport=polling", nil))
		if got := w.Body.String(); w.Code != 403 || got != want {
			t.Errorf("got %d %s, want %s", w.Code, got, want)
		}
	}
}

func TestNilOptions(t *testing.T) {
	srv := socketio.New(nil)
	w := httptest.NewRecorder()
	srv.ServeHTTP(w, httptest.NewRequest("GET", "/?EIO=4&transport=polling", nil))
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000`) {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the session has a client no more
	srv.Shutdown(ctx)
}

func TestN193AnyPath(t *testing.T) {
	h := serve(t, nil)
	mux := http.NewServeMux()
	mux.Handle("/my/path/", http.StripPrefix("/my/path", h.io))
	mux.Handle("/other/", h.io)
	for _, path := range []string{"/my/path/", "/other/"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", path+"?EIO=4&transport=polling", nil))
		if w.Code != 200 || !strings.HasPrefix(w.Body.String(), `0{"sid":`) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// A client that does not read costs its queue, is told why, and disturbs nobody.
//
// checklist: 230
func TestT230SlowConsumer(t *testing.T) {
	for _, wire := range []string{"websocket", "polling"} {
		synctest.Test(t, func(t *testing.T) {
			h := serve(t, &socketio.Options{QueueLimit: 100_000})
			reasons := make(chan socketio.Reason, 1)
			connect := map[string]func(*harness) *client{"websocket": (*harness).websocket, "polling": (*harness).polling}[wire]
			slow, s := h.joined(connect)
			s.OnDisconnect(func(r socketio.Reason) { reasons <- r })
			good, _ := h.joined((*harness).websocket)
			text := strings.Repeat("x", 10_000)
			var err error
			sent := 0
			for err == nil && sent < 1000 {
				err = s.Emit("to the slow one", text)
				h.io.Emit("to all", sent)
				if got := good.read(); !strings.HasPrefix(got, `2["to all"`) {
					t.Fatalf("the other got %s", got)
				}
				sent++
			}
			if !errors.Is(err, socketio.ErrSlowConsumer) && !errors.Is(err, socketio.ErrDisconnected) {
				t.Errorf("Emit: %v", err)
			}
			if sent > 40 {
				t.Errorf("%d messages of 10 kB were taken", sent)
			}
			synctest.Wait()
			if r := <-reasons; r != socketio.ReasonSlowConsumer {
				t.Errorf("reason %q", r)
			}
			if s.Connected() || h.io.SocketsCount() != 1 {
				t.Error("still there")
			}
			slow.cut()
		})
	}
}

// What one broadcast allocates does not depend on how many get it.
func TestBroadcastAllocatesNothingForARecipient(t *testing.T) {
	allocs := func(n int) float64 {
		h := serve(t, nil)
		for range n {
			w := h.rawWS(t)
			defer w.Close()
			go io.Copy(io.Discard, w) // ends with the connection
		}
		waitFor(t, func() bool { return h.io.SocketsCount() == n })
		return testing.AllocsPerRun(200, func() { h.io.Emit("message", "hello", 1) })
	}
	few, many := allocs(1), allocs(300)
	if many > few+30 {
		t.Errorf("%v allocations for 1 client, %v for 300", few, many)
	}
}
