package sioclient_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"rightnow/socketio"
	"rightnow/socketio/sioclient"
)

// exampleServer stands for whatever Socket.IO server there is.
func exampleServer() (url string, end func()) {
	server := socketio.New(nil)
	server.OnConnect(func(s *socketio.Socket) {
		s.Emit("news", "you are in")
		s.On("add", func(a, b int) int { return a + b })
		s.On("never", func(socketio.Ack) {})
	})
	server.Of("/admin").Use(func(_ context.Context, s *socketio.Socket) error {
		var auth struct{ Token string }
		if s.Handshake().Auth.Decode(&auth) != nil || auth.Token != "secret" {
			return socketio.ConnectError{Message: "not authorized"}
		}
		return nil
	})
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", server)
	web := httptest.NewServer(mux)
	return web.URL, func() {
		server.Shutdown(context.Background())
		web.Close()
	}
}

func Example() {
	url, end := exampleServer()
	defer end()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	news := make(chan string, 1)
	socket, err := sioclient.Dial(ctx, url, nil, func(s *sioclient.Socket) {
		s.On("news", func(text string) { news <- text })
	})
	if err != nil {
		log.Fatal(err)
	}
	defer socket.Client().Close()
	fmt.Println(<-news)

	answer, err := socket.EmitWithAck(ctx, "add", 2, 3)
	var sum int
	if err == nil {
		err = answer.Decode(0, &sum)
	}
	fmt.Println(sum, err)
	_, err = socket.Timeout(10*time.Millisecond).EmitWithAck(ctx, "never")
	fmt.Println(err, errors.Is(err, sioclient.ErrTimeout))
	// Output:
	// you are in
	// 5 <nil>
	// operation has timed out true
}

// Several namespaces share one connection, which is kept up. A token is fetched anew at each connection.
func ExampleNew() {
	url, end := exampleServer()
	defer end()

	client := sioclient.New(url, &sioclient.Options{
		Auth: func(_ context.Context, nsp string) (any, error) {
			if nsp == "/admin" {
				return map[string]string{"token": "secret"}, nil
			}
			return nil, nil
		},
		ReconnectDelayMax: 30 * time.Second,
	})
	defer client.Close()
	joined := make(chan string)
	for _, name := range []string{"/", "/admin"} {
		s := client.Of(name)
		s.OnConnect(func() { joined <- name })
		s.OnConnectError(func(err error) { log.Print(err) })
		s.Connect()
		fmt.Println("joined", <-joined)
	}
	// Output:
	// joined /
	// joined /admin
}
