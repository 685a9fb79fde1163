package target

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"rightnow/internal/leaktest"
)

// TestMain fails when a goroutine of ours outlives the tests.
func TestMain(m *testing.M) { os.Exit(leaktest.Ours(m, 5*time.Second)) }

// TestServe: it serves until its context ends, and closes its listener. What the
// events do is tested with the clients, in loadgen.
func TestServe(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- Serve(ctx, listener) }() // ends with ctx

	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get("http://" + listener.Addr().String() + "/socket.io/?EIO=4&transport=polling")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err != nil || !strings.HasPrefix(string(body), `0{"sid":`) {
		t.Errorf("answer %q, %v", body, err)
	}
	cancel()
	if err := <-served; err != nil {
		t.Errorf("it ended with %v", err)
	}
	if _, err := net.Dial("tcp", listener.Addr().String()); err == nil {
		t.Error("the port is still open")
	}
}

func TestServeOnNothing(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if err := Serve(t.Context(), listener); err == nil {
		t.Error("no error")
	}
}
