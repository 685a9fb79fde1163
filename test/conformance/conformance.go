package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"rightnow/socketio"
)

// conformanceFaces are the servers of the project's own contract.
func conformanceFaces() []face {
	return []face{
		conformanceFace("main", 0, func(*socketio.Options) {}),
		conformanceFace("recovery", 1, func(o *socketio.Options) {
			o.ConnectionStateRecovery = &socketio.RecoveryOptions{
				MaxDisconnectionDuration: 10 * time.Second,
				SkipMiddlewares:          true,
			}
		}),
		conformanceFace("eio3", 2, func(o *socketio.Options) { o.AllowEIO3 = true }),
		conformanceFace("msgpack", 3, func(o *socketio.Options) { o.Parser = socketio.MessagePack() }),
	}
}

// deflateFace is the first of them with permessage-deflate.
func deflateFace() face {
	return conformanceFace("main", 0, func(o *socketio.Options) { o.DeflateThreshold = 1 })
}

// loadFace is the first of them for many clients at once, on a machine that has other things to do: its times are the
// library's own.
func loadFace() face {
	return conformanceFace("main", 0, func(o *socketio.Options) {
		o.PingInterval, o.PingTimeout, o.UpgradeTimeout, o.ConnectTimeout = 0, 0, 0, 0
	})
}

// conformanceFace is one of them.
func conformanceFace(name string, behind int, change func(*socketio.Options)) face {
	o := &socketio.Options{
		PingInterval:                time.Second,
		PingTimeout:                 2 * time.Second,
		UpgradeTimeout:              time.Second,
		ConnectTimeout:              1500 * time.Millisecond,
		MaxPayload:                  100_000,
		CleanupEmptyChildNamespaces: true,
		Origins:                     []string{"http://conformance.example"},
		Credentials:                 true,
		AllowRequest:                allowRequest,
	}
	change(o)
	io := socketio.New(o)
	app := &application{io: io, ledger: newLedger()}
	app.register()

	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	mux.HandleFunc("/socket.io", http.NotFound) // no redirect
	mux.HandleFunc("GET /conformance/stats", app.stats)
	return face{name: name, behind: behind, handler: mux, shutdown: io.Shutdown}
}

func allowRequest(r *http.Request) error {
	if _, denied := r.Header["X-Conformance-Deny"]; denied {
		return errors.New("the request has the header that is refused")
	}
	return nil
}

// application is what all sockets of the face conformance share.
type application struct {
	io     *socketio.Server
	ledger *ledger
}

// register makes the namespaces and says who may join them.
func (a *application) register() {
	a.io.Use(refuseDenied)
	a.io.Of("/admin").Use(wantSecret)
	a.io.Of("/slow").Use(takeTime)
	for _, name := range []string{"/", "/custom", "/admin", "/slow"} {
		a.io.Of(name).OnConnect(a.connected)
	}
	a.io.OfPattern(regexp.MustCompile(`^/dyn-[a-z0-9]+$`)).OnConnect(a.greet)
	early := a.io.OfPattern(regexp.MustCompile(`^/early$`))
	early.Use(func(_ context.Context, s *socketio.Socket) error { return s.Emit("early", "before") })
	early.OnConnect(a.greet)
}

// refuseDenied refuses whoever brings a deny that JavaScript would call true.
func refuseDenied(_ context.Context, s *socketio.Socket) error {
	var auth struct{ Deny any }
	if err := s.Handshake().Auth.Decode(&auth); err != nil {
		return err
	}
	switch auth.Deny {
	case nil, false, 0.0, "":
		return nil
	}
	return socketio.ConnectError{Message: "denied"}
}

// wantSecret lets in whoever knows the token.
func wantSecret(_ context.Context, s *socketio.Socket) error {
	var auth struct{ Token any }
	if err := s.Handshake().Auth.Decode(&auth); err != nil {
		return err
	}
	if auth.Token != "secret" {
		return socketio.ConnectError{Message: "not authorized", Data: map[string]int{"code": 401}}
	}
	return nil
}

// takeTime is a middleware that waits, as one that asks a database would.
func takeTime(ctx context.Context, _ *socketio.Socket) error {
	select {
	case <-time.After(200 * time.Millisecond):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// stats tells how much of everything there is.
func (a *application) stats(w http.ResponseWriter, _ *http.Request) {
	namespaces := a.io.Namespaces()
	sockets := 0
	for _, nsp := range namespaces {
		sockets += nsp.SocketsCount()
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]int{ // a client that is gone needs no answer
		"clients":    a.io.Engine().ClientsCount(),
		"sockets":    sockets,
		"namespaces": len(namespaces),
		"rooms":      a.io.Hub().RoomCount(),
		"rss":        residentBytes(),
	})
}

// residentBytes is the memory that the process occupies, 0 where the system does not tell.
func residentBytes() int {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(statm))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.Atoi(fields[1])
	if err != nil {
		return 0
	}
	return pages * os.Getpagesize()
}
