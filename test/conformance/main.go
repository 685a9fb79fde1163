package main

import (
	"cmp"
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
	name     string // in the line that says where it listens
	behind   int    // its port is so much behind the first one's
	handler  http.Handler
	shutdown func(context.Context) error // of what stands behind handler
}

// newFaces returns the servers of a face: the conformance server's are several, on ports in a row.
func newFaces(name string) ([]face, error) {
	switch name {
	case "conformance":
		return conformanceFaces(), nil
	case "engine-suite":
		return []face{engineSuiteFace(false)}, nil
	case "engine-suite-v3":
		return []face{engineSuiteFace(true)}, nil
	case "socket-suite":
		return []face{socketSuiteFace()}, nil
	case "socket-client":
		return []face{socketClientFace()}, nil
	case "engine-client":
		return []face{engineClientFace()}, nil
	case "deflate":
		return []face{deflateFace()}, nil
	case "load":
		return []face{loadFace()}, nil
	case "bench":
		return []face{benchFace()}, nil
	}
	return nil, fmt.Errorf("no face %q", name)
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
	faces, err := newFaces(name)
	if err == nil && port < 0 {
		port, err = envPort(name)
	}
	if err != nil {
		return err
	}
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	listeners, err := listen(port, faces)
	if err != nil {
		return err
	}
	go freeMemory(stop)
	ends := make(chan error, len(faces))
	for i, f := range faces {
		go func() {
			defer cancel() // one that cannot serve ends all
			ends <- serve(stop, listeners[i], f)
		}()
	}
	if err := announce(faces, listeners); err != nil {
		return err
	}
	for range faces {
		err = errors.Join(err, <-ends)
	}
	return err
}

// listen listens for each face: on port and those behind it, or on any free ones.
func listen(port int, faces []face) (listeners []net.Listener, err error) {
	for _, f := range faces {
		at := port
		if port > 0 {
			at += f.behind
		}
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(at)))
		if err != nil {
			return nil, err
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
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

func announce(faces []face, listeners []net.Listener) error {
	where := make(map[string]string)
	for i, f := range faces {
		where[cmp.Or(f.name, "main")] = "http://" + listeners[i].Addr().String()
	}
	line, err := json.Marshal(where)
	if err != nil {
		return err
	}
	_, err = fmt.Printf("CONFORMANCE_READY %s\n", line)
	return err
}
