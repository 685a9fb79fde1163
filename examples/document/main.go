// Command document is one text that everybody who opens its page writes together, also those who were without a network for a
// while. The server has it in memory only: when it is started again the text is empty until one of the pages that have it comes
// back. Begin with document.go, then read public/replica.mjs.
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
	flag.Parse()
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := run(stop, *port, os.DirFS(*client)); err != nil {
		log.Fatalln("document:", err)
	}
}

// run serves until stop ends.
func run(stop context.Context, port string, client fs.FS) error {
	if _, err := fs.Stat(client, "socket.io.js"); err != nil {
		return fmt.Errorf("the page's library is missing; `make page` fetches it, -client names another place: %w", err)
	}
	listener, err := net.Listen("tcp", "localhost:"+port)
	if err != nil {
		return err
	}
	io := socketio.New(&socketio.Options{ClientFiles: client})
	share(io)
	server := &http.Server{Handler: routes(io), ReadHeaderTimeout: 10 * time.Second}
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

// routes puts the page and the sockets under one roof.
func routes(io *socketio.Server) http.Handler {
	page, err := fs.Sub(public, "public")
	if err != nil {
		panic(err) // the name is one that embed has seen
	}
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	mux.Handle("/", http.FileServerFS(page))
	return mux
}
