package sioclient_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"

	"rightnow/socketio/sioclient"
)

// A volatile event is dropped while another one waits to be sent.
func TestVolatileEventsDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		posted, taken := make(chan string, 10), make(chan struct{})
		answer := script(`0{"sid":"s","upgrades":[],"pingInterval":60000,"pingTimeout":60000,"maxPayload":1000}`, `40{"sid":"me"}`)
		s, err := sioclient.Dial(t.Context(), "http://test", &sioclient.Options{
			HTTPClient: hostile(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost {
					answer(w, r)
					return
				}
				body, _ := io.ReadAll(r.Body)
				if posted <- string(body); string(body) != "40" {
					<-taken
				}
				io.WriteString(w, "ok")
			}),
			Transports: pollingOnly, Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Client().Close()
		s.Emit("a")
		synctest.Wait() // it is on its way, and keeps the next one waiting
		s.Emit("b")
		if err := s.Volatile().Emit("dropped"); !errors.Is(err, sioclient.ErrDropped) {
			t.Errorf("behind one that waits: %v", err)
		}
		close(taken)
		synctest.Wait()
		if err := s.Volatile().Emit("c"); err != nil {
			t.Errorf("with nothing that waits: %v", err)
		}
		for _, want := range []string{"40", `42["a"]`, `42["b"]`, `42["c"]`} {
			if got := receive(t, posted); got != want {
				t.Errorf("posted %s, want %s", got, want)
			}
		}
	})
}
