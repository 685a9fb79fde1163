package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rightnow/internal/leaktest"
)

// TestMain fails on goroutines that are left when all tests have ended.
func TestMain(m *testing.M) {
	os.Exit(leaktest.All(m, 10*time.Second, http.DefaultClient.CloseIdleConnections))
}

// running is a program that runs in this process.
type running struct {
	*Main
	stop context.CancelFunc
	done chan error
}

// open starts a program on a free port. change is called on it before anything
// comes in.
func open(t *testing.T, change ...func(*Main)) *running {
	t.Helper()
	cfg := Default()
	cfg.Port = 0
	cfg.Data = filepath.Join(t.TempDir(), "chat.db")
	return openWith(t, cfg, change...)
}

func openWith(t *testing.T, cfg *Config, change ...func(*Main)) *running {
	t.Helper()
	m, err := Open(t.Context(), cfg, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(m)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{Main: m, stop: cancel, done: make(chan error, 1)}
	go func() { r.done <- m.Run(ctx) }() // ends with stop
	t.Cleanup(func() {
		cancel()
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// end stops the program and wants it to have gone well.
func (r *running) end(t *testing.T) {
	t.Helper()
	r.stop()
	if err := <-r.done; err != nil {
		t.Error(err)
	}
}

func (r *running) url(path string) string { return "http://" + r.Addr().String() + path }

func (r *running) get(path string) (status int, body string, err error) {
	res, err := http.Get(r.url(path))
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), err
}

func (r *running) mustGet(t *testing.T, path string) (status int, body string) {
	t.Helper()
	status, body, err := r.get(path)
	if err != nil {
		t.Fatal(err)
	}
	return status, body
}

func TestPaths(t *testing.T) {
	r := open(t)
	defer r.end(t)
	for path, want := range map[string]string{
		"/healthz":                            "200 ok\n",
		"/readyz":                             "200 ready\n",
		"/socket.io/?EIO=4&transport=polling": `200 0{"sid":`,
		"/socket.io/?EIO=4&transport=nothing": `400 {"code":0,`,
	} {
		status, body := r.mustGet(t, path)
		if got := fmt.Sprintf("%d %s", status, body); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %.60s, want %s", path, got, want)
		}
	}
}

// TestReadiness breaks the store below the program, and stops it.
func TestReadiness(t *testing.T) {
	r := open(t)
	defer r.end(t)
	if err := r.store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.readiness(t.Context()); err != errNoStore {
		t.Errorf("without its store: %v", err)
	}
	r.stopping.Store(true)
	if status, body := r.mustGet(t, "/readyz"); status != http.StatusServiceUnavailable || body != "stopping\n" {
		t.Errorf("while it stops: %d %s", status, body)
	}
	if status, _ := r.mustGet(t, "/healthz"); status != http.StatusOK {
		t.Errorf("it lives still: %d", status)
	}
}

// TestStopAnswersPolls has a poll under way when the program stops: it is told
// "restarting", and nothing is waited for.
func TestStopAnswersPolls(t *testing.T) {
	requests := make(chan string, 10)
	r := open(t, func(m *Main) {
		handler := m.http.Handler
		m.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests <- r.Method
			handler.ServeHTTP(w, r)
		})
	})
	_, opened := r.mustGet(t, "/socket.io/?EIO=4&transport=polling")
	session := "/socket.io/?EIO=4&transport=polling&sid=" + strings.Split(opened, `"`)[3]
	res, err := http.Post(r.url(session), "text/plain", bytes.NewBufferString("40"))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if _, joined := r.mustGet(t, session); !strings.HasPrefix(joined, `40{"sid":`) {
		t.Fatalf("joined: %s", joined)
	}
	polled := make(chan string)
	go func() { // ends with the poll
		_, body, err := r.get(session)
		polled <- fmt.Sprint(body, err)
	}()
	for range 4 { // GET, POST, GET, and the poll
		<-requests
	}
	r.stop()
	if got := <-polled; !strings.HasPrefix(got, `42["restarting",{"in_ms":0}]`) {
		t.Errorf("the poll got %q", got)
	}
	if err := <-r.done; err != nil {
		t.Error(err)
	}
}

// TestOpenFails leaves nothing behind: not the port, not a goroutine.
// TestStopForgetsTheGone stops while clients are in the middle of connecting and never come back: with an answer that
// waits for them, and without.
func TestStopForgetsTheGone(t *testing.T) {
	r := open(t)
	r.mustGet(t, "/socket.io/?EIO=4&transport=polling")
	_, opened := r.mustGet(t, "/socket.io/?EIO=4&transport=polling")
	session := "/socket.io/?EIO=4&transport=polling&sid=" + strings.Split(opened, `"`)[3]
	res, err := http.Post(r.url(session), "text/plain", strings.NewReader("40"))
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res, err)
	}
	res.Body.Close()
	r.end(t)
}

func TestOpenFails(t *testing.T) {
	r := open(t)
	defer r.end(t)
	cfg := Default()
	cfg.Port = r.Addr().Port
	cfg.Data = filepath.Join(t.TempDir(), "chat.db")
	log := slog.New(slog.DiscardHandler)
	if _, err := Open(t.Context(), cfg, log); err == nil || !strings.Contains(err.Error(), "is in use") {
		t.Errorf("on a port that is taken: %v", err)
	}
	if _, err := os.Stat(cfg.Data); err == nil {
		t.Error("the data file was made all the same")
	}
	cfg.Port, cfg.Data = 0, t.TempDir()
	if _, err := Open(t.Context(), cfg, log); err == nil || !strings.Contains(err.Error(), cfg.Data) {
		t.Errorf("on a folder as data file: %v", err)
	}
}

// TestCloseWithoutRun gives the port back.
func TestCloseWithoutRun(t *testing.T) {
	cfg := Default()
	cfg.Port = 0
	cfg.Data = filepath.Join(t.TempDir(), "chat.db")
	log := slog.New(slog.DiscardHandler)
	m, err := Open(t.Context(), cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Port = m.Addr().Port
	for range 2 {
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		if m, err = Open(t.Context(), cfg, log); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}
