// Command tweet-stream shows posts that have one of some words to everybody who looks, as they come: what Socket.IO's
// example of that name did with Twitter. Somebody new gets the last ten as one event, buffer, and then each as tweet.
// Begin with tweets.go.
//
//	tweet-stream [flags] [words…]
//
// The posts are invented ones from a file, which needs no network; with -bluesky they are those of Bluesky.
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

	"rightnow/feed"
	"rightnow/socketio"
)

//go:embed public
var public embed.FS

func main() {
	port := flag.String("port", cmp.Or(os.Getenv("PORT"), "3000"), "port to listen on; default $PORT, else 3000")
	client := flag.String("client", "internal/web/libs/socket.io", "directory with the official client, socket.io.js")
	jquery := flag.String("jquery", "internal/web/libs/jquery", "directory with jquery.min.js")
	file := flag.String("replay", "", "file of posts to play; default the one in the program")
	bluesky := flag.Bool("bluesky", false, "show Bluesky's posts instead of invented ones")
	flag.Parse()
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	words := flag.Args()
	if len(words) == 0 {
		words = []string{"socket.io", "javascript"}
	}
	t, err := track(*file, *bluesky, words)
	if err == nil {
		err = run(stop, *port, t, os.DirFS(*client), os.DirFS(*jquery))
	}
	if err != nil {
		log.Fatalln("tweet-stream:", err)
	}
}

// track returns a tracker of words.
func track(file string, bluesky bool, words []string) (*feed.Tracker, error) {
	source, err := source(file, bluesky)
	if err != nil {
		return nil, err
	}
	t := feed.NewTracker(&feed.TrackerOptions{Sources: []feed.Source{source}, Rate: 5})
	return t, t.Track(words...)
}

// run serves until stop ends.
func run(stop context.Context, port string, t *feed.Tracker, client, jquery fs.FS) error {
	if err := findLibraries(client, jquery); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "localhost:"+port)
	if err != nil {
		return err
	}
	io := socketio.New(&socketio.Options{ClientFiles: client})
	server := &http.Server{Handler: routes(io, jquery), ReadHeaderTimeout: 10 * time.Second}
	stream(io, t)
	ended := make(chan error, 2)
	tracking, cancel := context.WithCancel(stop)
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { ended <- server.Serve(listener) }) // ends by Shutdown
	all.Go(func() { ended <- t.Run(tracking) })        // ends by cancel, or when no source is left
	_, port, _ = net.SplitHostPort(listener.Addr().String())
	fmt.Printf("Tracking %q.\nYour server is up and running on Port %s. Good job!\n", t.Tracking(), port)
	select {
	case err = <-ended:
	case <-stop.Done():
	}
	cancel()
	late, done := context.WithTimeout(context.Background(), 3*time.Second)
	defer done()
	return errors.Join(err, io.Shutdown(late), server.Shutdown(late)) // first the sockets, which the server would wait for
}

// routes puts the page, its libraries and the sockets under one roof.
func routes(io *socketio.Server, jquery fs.FS) http.Handler {
	page, err := fs.Sub(public, "public")
	if err != nil {
		panic(err) // the name is one that embed has seen
	}
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	mux.Handle("GET /jquery.min.js", http.FileServerFS(jquery))
	mux.Handle("/", http.FileServerFS(page))
	return mux
}

func findLibraries(client, jquery fs.FS) error {
	_, err := fs.Stat(client, "socket.io.js")
	_, err2 := fs.Stat(jquery, "jquery.min.js")
	if err = errors.Join(err, err2); err != nil {
		return fmt.Errorf("the page's libraries are missing; `make page` fetches them, -client and -jquery name other places: %w", err)
	}
	return nil
}
