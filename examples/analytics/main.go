// Command analytics counts what happens on its pages and shows it to everybody who looks, second by second: numbers, and a chart
// of the last two minutes. Begin with numbers.go. Other programs count as well:
//
//	curl -X POST "http://localhost:3000/track?kind=signup"
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
	"sync"
	"syscall"
	"time"

	"rightnow/socketio"
)

//go:embed public
var public embed.FS

func main() {
	port := flag.String("port", cmp.Or(os.Getenv("PORT"), "3000"), "port to listen on; default $PORT, else 3000")
	libs := flag.String("libs", "internal/web/libs", "directory with the page's libraries, socket.io/ and uplot/")
	flag.Parse()
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := run(stop, *port, os.DirFS(*libs)); err != nil {
		log.Fatalln("analytics:", err)
	}
}

// run serves until stop ends.
func run(stop context.Context, port string, libs fs.FS) error {
	if err := findLibraries(libs); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "localhost:"+port)
	if err != nil {
		return err
	}
	client, _ := fs.Sub(libs, "socket.io") // the name is good
	io := socketio.New(&socketio.Options{ClientFiles: client})
	n := analytics(io)
	server := &http.Server{Handler: routes(io, n, libs), ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	counting, cancel := context.WithCancel(stop)
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { served <- server.Serve(listener) }) // ends by Shutdown
	all.Go(func() { n.everySecond(counting) })          // ends by cancel
	_, port, _ = net.SplitHostPort(listener.Addr().String())
	fmt.Printf("Your server is up and running on Port %s. Good job!\n", port)
	select {
	case err = <-served:
	case <-stop.Done():
	}
	cancel()
	late, done := context.WithTimeout(context.Background(), 3*time.Second)
	defer done()
	return errors.Join(err, io.Shutdown(late), server.Shutdown(late)) // first the sockets, which the server would wait for
}

// routes puts the page, its libraries and the sockets under one roof.
func routes(io *socketio.Server, n *numbers, libs fs.FS) http.Handler {
	page, err := fs.Sub(public, "public")
	if err != nil {
		panic(err) // the name is one that embed has seen
	}
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	mux.HandleFunc("POST /track", n.post)
	mux.Handle("GET /uplot/", http.FileServerFS(libs))
	mux.Handle("/", http.FileServerFS(page))
	return http.NewCrossOriginProtection().Handler(mux) // nobody else's page may post
}

func findLibraries(libs fs.FS) error {
	for _, name := range []string{"socket.io/socket.io.js", "uplot/uplot.js"} {
		if _, err := fs.Stat(libs, name); err != nil {
			return fmt.Errorf("the page's libraries are missing; `make page` fetches them, -libs names another place: %w", err)
		}
	}
	return nil
}
