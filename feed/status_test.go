package feed

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestStatusOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // 2000-01-01 00:00:00 UTC is 946684800
		now := time.Now()
		for _, test := range []struct {
			status int
			header [2]string
			after  time.Duration
		}{
			{503, [2]string{}, 0},
			{503, [2]string{"Retry-After", "120"}, 2 * time.Minute},
			{503, [2]string{"Retry-After", "1.5"}, 1500 * ms},
			{503, [2]string{"Retry-After", "Sat, 01 Jan 2000 00:07:00 GMT"}, 7 * time.Minute},
			{503, [2]string{"X-Rate-Limit-Reset", "120"}, 0}, // only of a limit
			{429, [2]string{"x-rate-limit-reset", "420"}, 7 * time.Minute},
			{429, [2]string{"X-RateLimit-Reset", "2000-01-01T00:05:00.000Z"}, 5 * time.Minute},
			{420, [2]string{"x-rate-limit-reset", "1000000000"}, 24 * time.Hour}, // 2001
			{429, [2]string{"Retry-After", "99999999999999999999999"}, 24 * time.Hour},
			{429, [2]string{"Retry-After", "946684800000"}, 24 * time.Hour},
			{429, [2]string{"Retry-After", "-5"}, 0},
			{429, [2]string{"Retry-After", "NaN"}, 0},
			{429, [2]string{"Retry-After", "Inf"}, 24 * time.Hour},
			{429, [2]string{"Retry-After", "soon"}, 0},
			{400, [2]string{}, 0},
			{302, [2]string{}, 0},
		} {
			h := http.Header{}
			h.Set(test.header[0], test.header[1])
			var status *StatusError
			if err := StatusOf(&http.Response{StatusCode: test.status, Header: h}); !errors.As(err, &status) || status.Status != test.status || status.Reason == "" {
				t.Errorf("%v: %v", test, err)
				continue
			}
			if got := status.After.Sub(now); test.after == 0 != status.After.IsZero() || test.after != 0 && got != test.after {
				t.Errorf("%v: after %v", test, got)
			}
		}
		for _, status := range []int{401, 403, 404, 406, 410, 413, 416} {
			var fatal *Fatal
			if err := StatusOf(&http.Response{StatusCode: status}); !errors.As(err, &fatal) {
				t.Errorf("%d: %v", status, err)
			}
		}
		for _, status := range []int{101, 200, 204} {
			if err := StatusOf(&http.Response{StatusCode: status}); err != nil {
				t.Errorf("%d: %v", status, err)
			}
		}
	})
}

func FuzzMoment(f *testing.F) {
	for _, seed := range []string{"", "120", "1e300", "-1", "Sat, 01 Jan 2000 00:07:00 GMT", "2000-01-01T00:05:00Z", "0x1p-2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		if got := moment(value, now); got.After(now.Add(longestWait)) {
			t.Errorf("%q: %v", value, got)
		}
	})
}

// pipeServer answers requests over pipes.
func pipeServer(t *testing.T, h http.HandlerFunc) *http.Client {
	conns := make(chan net.Conn)
	l := &pipeListener{conns: conns, closed: make(chan struct{})}
	srv := &http.Server{Handler: h}
	done := make(chan struct{})
	go func() { defer close(done); srv.Serve(l) }()
	t.Cleanup(func() { srv.Close(); <-done })
	return NewClient(func(ctx context.Context, _, _ string) (net.Conn, error) {
		client, server := net.Pipe()
		select {
		case conns <- server:
			return client, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
}

type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l *pipeListener) Close() error   { close(l.closed); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{} }

// TestOpen wants a stream that outlives the context it was opened with, and ends
// with its body.
func TestOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := make(chan struct{})
		client := pipeServer(t, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/late":
				time.Sleep(time.Hour)
			case "/busy":
				w.WriteHeader(503)
			case "/loop":
				http.Redirect(w, r, "/loop", http.StatusFound)
			case "/stream":
				if r.Header.Get("Accept-Encoding") != "" {
					t.Errorf("Accept-Encoding: %s", r.Header.Get("Accept-Encoding"))
				}
				io.WriteString(w, "a")
				http.NewResponseController(w).Flush()
				time.Sleep(time.Hour)
				io.WriteString(w, "b")
				http.NewResponseController(w).Flush()
				<-r.Context().Done()
				close(gone)
			}
		})
		open := func(ctx context.Context, path string) (*http.Response, error) {
			req, _ := http.NewRequest(http.MethodGet, "http://x.test"+path, nil)
			return Open(ctx, client, req)
		}
		var status *StatusError
		if _, err := open(context.Background(), "/busy"); !errors.As(err, &status) {
			t.Errorf("busy: %v", err)
		}
		if _, err := open(context.Background(), "/loop"); !errors.As(err, &status) || status.Status != http.StatusLoopDetected {
			t.Errorf("loop: %v", err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), s)
		if _, err := open(ctx, "/late"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("late: %v", err)
		}
		if _, err := open(ctx, "/stream"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("too late: %v", err)
		}
		cancel()
		start := time.Now()
		if _, err := open(context.Background(), "/late"); !isTimeout(err) || time.Since(start) > time.Minute {
			t.Errorf("no header: %v after %v", err, time.Since(start))
		}
		ctx, cancel = context.WithCancel(context.Background())
		resp, err := open(ctx, "/stream")
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		if got, err := io.ReadAll(io.LimitReader(resp.Body, 2)); string(got) != "ab" || err != nil {
			t.Errorf("body %q, %v", got, err)
		}
		resp.Body.Close()
		<-gone
	})
}
