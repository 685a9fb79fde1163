// Command frameworks serves Socket.IO from whatever serves your HTTP: one file for each framework, and the lines that matter in
// it. Run one by its name, nethttp, chi, gin, echo or subpath:
//
//	frameworks [flags] gin
//
// With -cert and -key it serves HTTPS, and so HTTP/2: the polls of a browser are streams of one connection then, while a
// WebSocket has its own, of HTTP/1.1, on the same port. (Go's server does not offer WebSockets inside of HTTP/2, and browsers
// do not ask where it is not offered.) With -proxy it is a proxy in front of a server that runs elsewhere.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"rightnow/socketio"
)

// frameworks are the examples.
func frameworks() map[string]func(*socketio.Server) http.Handler {
	return map[string]func(*socketio.Server) http.Handler{
		"nethttp": netHTTP, "chi": chiRouter, "gin": ginEngine, "echo": echoServer, "subpath": subPath,
	}
}

// settings are what the flags say.
type settings struct {
	port, cert, key, client, backend, name string
}

func main() {
	var s settings
	flag.StringVar(&s.port, "port", cmp.Or(os.Getenv("PORT"), "3000"), "port to listen on; default $PORT, else 3000")
	flag.StringVar(&s.cert, "cert", "", "file with a certificate, for HTTPS")
	flag.StringVar(&s.key, "key", "", "file with its key")
	flag.StringVar(&s.client, "client", "internal/web/libs/socket.io", "directory with the official client, socket.io.js")
	flag.StringVar(&s.backend, "proxy", "", "URL of a server to pass everything below /app/ to")
	flag.Parse()
	s.name = cmp.Or(flag.Arg(0), "nethttp")
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := run(stop, s); err != nil {
		log.Fatalln("frameworks:", err)
	}
}

// run serves until stop ends.
func run(stop context.Context, s settings) error {
	io := sockets(s)
	handler, err := choose(io, s)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "localhost:"+s.port)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { // ends by Shutdown
		if s.cert != "" {
			served <- server.ServeTLS(listener, s.cert, s.key)
		} else {
			served <- server.Serve(listener)
		}
	}()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	fmt.Printf("Your server is up and running on Port %s. Good job!\n", port)
	select {
	case err := <-served:
		return err
	case <-stop.Done():
	}
	late, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	return errors.Join(io.Shutdown(late), server.Shutdown(late)) // first the sockets, which the server would wait for
}

// choose returns what the settings ask for.
func choose(io *socketio.Server, s settings) (http.Handler, error) {
	if s.backend != "" {
		backend, err := url.Parse(s.backend)
		if err != nil {
			return nil, err
		}
		return proxy(backend), nil
	}
	framework, ok := frameworks()[s.name]
	if !ok {
		return nil, fmt.Errorf("there is no %q, but %q", s.name, slices.Sorted(maps.Keys(frameworks())))
	}
	return framework(io), nil
}

// sockets is the server that all of them mount: it sends back what it is sent.
func sockets(s settings) *socketio.Server {
	io := socketio.New(&socketio.Options{
		ClientFiles:    os.DirFS(s.client),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
	})
	io.OnConnect(func(s *socketio.Socket) {
		s.Emit("welcome", s.Handshake().Address)
		s.On("message", func(text string) { io.Emit("message", text) })
		s.On("echo", func(data []byte) []byte { return data })
	})
	return io
}

// home is the application's page: it says hello to itself.
func home(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Frameworks</title>
<link rel="icon" href="data:,">
<ul id="messages" aria-live="polite"></ul>
<script src="socket.io/socket.io.js"></script>
<script>
  const socket = io({ path: new URL("socket.io", location).pathname });
  socket.on("connect", () => socket.send("Hello from " + socket.id));
  socket.on("message", (text) => messages.append(Object.assign(document.createElement("li"), { textContent: text })));
</script>
`)
}
