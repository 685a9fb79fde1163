package eiowebtransport_test

import (
	"log"
	"net/http"

	"github.com/quic-go/quic-go/http3"

	"rightnow/engineio"
	"rightnow/engineio/eiowebtransport"
	"rightnow/socketio"
)

// Socket.IO on port 443: long-polling and WebSockets over TCP, WebTransport over UDP. The page that connects must be of
// the same origin, or be listed in Options.Origins.
func Example() {
	io := socketio.New(&socketio.Options{
		Transports: []engineio.Transport{engineio.Polling, engineio.WebSocket, engineio.WebTransport},
	})
	io.OnConnect(func(s *socketio.Socket) {
		s.Emit("hello", "you came by "+string(s.Transport()))
	})

	quick := &eiowebtransport.Server{
		Engine: io.Engine(),
		H3:     &http3.Server{Addr: ":443"},
		Next:   io,
	}
	go func() { log.Fatal(quick.ListenAndServeTLS("cert.pem", "key.pem")) }()

	http.Handle("/socket.io/", io)
	log.Fatal(http.ListenAndServeTLS(":443", "cert.pem", "key.pem", nil))
}

// Under one path of an HTTP/3 server that has others, too.
func ExampleServer_ServeHTTP() {
	io := socketio.New(&socketio.Options{
		Transports: []engineio.Transport{engineio.WebTransport},
	})
	mux := http.NewServeMux()
	quick := &eiowebtransport.Server{
		Engine: io.Engine(),
		H3:     &http3.Server{Addr: ":443", Handler: mux},
	}
	mux.Handle("/socket.io/", quick)
	mux.Handle("/", http.FileServer(http.Dir("public")))
	log.Fatal(quick.ListenAndServeTLS("cert.pem", "key.pem"))
}
