package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"rightnow/socketio"
	"rightnow/socketio/sioclient"
	"rightnow/socketio/siotest"
)

// viewer is a page without a browser.
type viewer struct {
	*sioclient.Socket

	mu      sync.Mutex // guards following
	seconds []sample
	totals  totals
}

// sees returns what the page shows.
func (v *viewer) sees() ([]sample, totals) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.seconds, v.totals
}

func look(n *siotest.Network) *viewer {
	v := &viewer{Socket: n.Client(nil).Of("/")}
	v.On("history", func(history []sample, t totals) {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.seconds, v.totals = history, t
	})
	v.On("second", func(s sample, t totals) {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.seconds, v.totals = append(v.seconds, s), t
	})
	v.Connect()
	synctest.Wait()
	return v
}

func TestNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		io := socketio.New(nil)
		n := analytics(io)
		network := siotest.New(t, io)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go n.everySecond(ctx) // ends by cancel

		ann := look(network)
		for want := 1; want <= 3; want++ {
			if got := ask(t, ann, "click"); got != want {
				t.Errorf("click %d has number %d", want, got)
			}
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if s, all := ann.sees(); len(s) != 1 || s[0].Events != 3 || s[0].Online != 1 || all.Clicks != 3 {
			t.Errorf("Ann was told %+v, %+v", s, all)
		}

		time.Sleep(5 * time.Minute) // more than is kept
		ben := look(network)
		if s, all := ben.sees(); len(s) != shown || all.Clicks != 3 || s[0].Events != 0 {
			t.Errorf("Ben has %d seconds and %+v", len(s), all)
		}
		ask(t, ben, "signup")
		time.Sleep(time.Second)
		synctest.Wait()
		for _, v := range []*viewer{ann, ben} {
			s, all := v.sees()
			if last := s[len(s)-1]; last.Online != 2 || last.Events != 1 || all.Signups != 1 {
				t.Errorf("the last second is %+v, %+v", last, all)
			}
		}
	})
}

func ask(t *testing.T, v *viewer, kind string) (number int) {
	t.Helper()
	answer, err := v.EmitWithAck(t.Context(), "track", kind)
	if err == nil {
		err = answer.Decode(0, &number)
	}
	if err != nil {
		t.Error(err)
	}
	return number
}

func TestPost(t *testing.T) {
	io := socketio.New(nil)
	n := analytics(io)
	handler := routes(io, n, fstest.MapFS{})
	for kind, want := range map[string]int{"signup": http.StatusNoContent, "crash": http.StatusBadRequest} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("POST", "/track?kind="+kind, nil))
		if w.Code != want {
			t.Errorf("%s: %d", kind, w.Code)
		}
	}
	if n.totals != (totals{Signups: 1}) {
		t.Errorf("%+v", n.totals)
	}
}

func TestLibrariesAreMissed(t *testing.T) {
	if err := run(t.Context(), "0", fstest.MapFS{}); err == nil {
		t.Error("started without them")
	}
}
