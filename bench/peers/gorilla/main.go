// Command gorilla is a server with github.com/gorilla/websocket and nothing
// else, under the event contract of bench/README.md.
package main

import (
	"log"
	"net/http"
	"sync"

	"rightnow/bench/peers/contract"

	"github.com/gorilla/websocket"
)

// conn takes one writer at a time, as the library wants it.
type conn struct {
	*websocket.Conn
	mu sync.Mutex
}

type library struct{}

func (library) Send(c *conn, text []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.WriteMessage(websocket.TextMessage, text)
}

func (library) FanOut(to []*conn, text []byte) {
	message, err := websocket.NewPreparedMessage(websocket.TextMessage, text)
	if err != nil {
		return
	}
	for _, c := range to {
		c.mu.Lock()
		c.WritePreparedMessage(message)
		c.mu.Unlock()
	}
}

func main() {
	server := contract.New(library{})
	upgrader := websocket.Upgrader{ReadBufferSize: 512, WriteBufferPool: &sync.Pool{}}
	log.Fatal(contract.Listen(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		upgraded, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		go read(server, &conn{Conn: upgraded}) // until the connection ends; without the request's memory
	})))
}

func read(server *contract.Server[*conn], c *conn) {
	defer c.Close()
	defer server.Closed(c)
	server.Opened(c)
	for {
		_, packet, err := c.ReadMessage()
		if err != nil {
			return
		}
		server.Received(c, packet)
	}
}
