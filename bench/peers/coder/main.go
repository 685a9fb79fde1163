// Command coder is a server with github.com/coder/websocket and nothing else,
// under the event contract of bench/README.md.
package main

import (
	"context"
	"log"
	"net/http"

	"rightnow/bench/peers/contract"

	"github.com/coder/websocket"
)

type library struct{}

func (library) Send(c *websocket.Conn, text []byte) {
	c.Write(context.Background(), websocket.MessageText, text)
}

func (l library) FanOut(to []*websocket.Conn, text []byte) {
	for _, c := range to {
		l.Send(c, text)
	}
}

func main() {
	server := contract.New(library{})
	log.Fatal(contract.Listen(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		go read(server, c) // until the connection ends; without the request's memory
	})))
}

func read(server *contract.Server[*websocket.Conn], c *websocket.Conn) {
	defer c.CloseNow()
	defer server.Closed(c)
	server.Opened(c)
	for {
		_, packet, err := c.Read(context.Background())
		if err != nil {
			return
		}
		server.Received(c, packet)
	}
}
