// Command right-now is the small application of the real-time lesson, docs/lesson.md: a server that pushes messages to its
// page and hears what the page has to say. Begin with lesson.go.
package main

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"rightnow/socketio"
)

//go:embed public
var public embed.FS

func main() {
	port := flag.String("port", cmp.Or(os.Getenv("PORT"), "3000"), "port to listen on; default $PORT, else 3000")
	client := flag.String("client", "internal/web/libs/socket.io", "directory with the official client, socket.io.js")
	jquery := flag.String("jquery", "internal/web/libs/jquery", "directory with jquery.min.js")
	flag.Parse()
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := run(stop, *port, os.DirFS(*client), os.DirFS(*jquery)); err != nil {
		log.Fatalln("right-now:", err)
	}
}

// run serves until stop ends.
func run(stop context.Context, port string, client, jquery fs.FS) error {
	if err := findLibraries(client, jquery); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "localhost:"+port)
	if err != nil {
		return err
	}
	io := socketio.New(&socketio.Options{ClientFiles: client})
	server := &http.Server{Handler: routes(io, jquery), ReadHeaderTimeout: 10 * time.Second}
	lesson(io)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }() // ends by Shutdown
	_, port, _ = net.SplitHostPort(listener.Addr().String())
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

// routes puts the page, its libraries and the sockets under one roof.
func routes(io *socketio.Server, jquery fs.FS) http.Handler {
	page, err := fs.Sub(public, "public")
	if err != nil {
		panic(err) // the name is one that embed has seen
	}
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	mux.Handle("POST /messages", post(io))
	mux.Handle("GET /jquery.min.js", http.FileServerFS(jquery))
	mux.Handle("/", http.FileServerFS(page))
	return http.NewCrossOriginProtection().Handler(mux) // nobody else's page may post
}

func findLibraries(client, jquery fs.FS) error {
	_, err := fs.Stat(client, "socket.io.js")
	_, err2 := fs.Stat(jquery, "jquery.min.js")
	if err = errors.Join(err, err2); err != nil {
		return fmt.Errorf("the page's libraries are missing; `make page` fetches them, -client and -jquery name other places: %w", err)
	}
	return nil
}
