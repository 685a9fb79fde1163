package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"
)

// face is one of the servers that this program can be.
type face struct {
	handler  http.Handler
	shutdown func(context.Context) error // of what stands behind handler
}

func newFace(name string) (face, error) {
	switch name {
	case "conformance":
		return conformanceFace(), nil
	case "engine-suite":
		return engineSuiteFace(), nil
	case "socket-suite":
		return socketSuiteFace(), nil
	case "bench":
		return benchFace(), nil
	}
	return face{}, fmt.Errorf("no face %q", name)
}

// shutdownTime is how long clients may take to see their connections close; those that do not even look are then cut
// off. The whole end takes less than 5 s.
const shutdownTime = 2 * time.Second

func main() {
	name := flag.String("face", "conformance", "which server to be")
	port := flag.Int("port", -1, "port on 127.0.0.1, 0 for any free one; default $CONFORMANCE_PORT for the face conformance, else $PORT, else 0")
	flag.Parse()
	if err := run(*name, *port); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run(name string, port int) error {
	f, err := newFace(name)
	if err == nil && port < 0 {
		port, err = envPort(name)
	}
	if err != nil {
		return err
	}
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return err
	}
	go freeMemory(stop)
	return serve(stop, listener, f)
}

// envPort is the port that the environment names, 0 when it names none.
func envPort(name string) (int, error) {
	key := "PORT"
	if name == "conformance" {
		key = "CONFORMANCE_PORT"
	}
	value := os.Getenv(key)
	if value == "" {
		return 0, nil
	}
	port, err := strconv.Atoi(value)
	if err != nil {
		return 0, fmt.Errorf("%s=%q is no port", key, value)
	}
	return port, nil
}

// freeMemory gives memory back at each SIGUSR2, until stop ends.
func freeMemory(stop context.Context) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR2)
	defer signal.Stop(asked)
	for {
		select {
		case <-asked:
			debug.FreeOSMemory()
		case <-stop.Done():
			return
		}
	}
}

// serve serves f on listener until stop ends, and then ends itself in order: first the sessions, whose requests the
// HTTP server would otherwise wait for.
func serve(stop context.Context, listener net.Listener, f face) error {
	server := &http.Server{Handler: f.handler, ReadHeaderTimeout: 5 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }() // ends by server's Shutdown or Close
	if err := announce(listener.Addr()); err != nil {
		return err
	}
	select {
	case err := <-served:
		return err
	case <-stop.Done():
	}
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	err := f.shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = nil
	}
	if server.Shutdown(ctx) != nil { // a request that was never finished
		server.Close()
	}
	if end := <-served; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return err
}

func announce(addr net.Addr) error {
	line, err := json.Marshal(map[string]string{"main": "http://" + addr.String()})
	if err != nil {
		return err
	}
	_, err = fmt.Printf("CONFORMANCE_READY %s\n", line)
	return err
}
