// Command gws is a server with github.com/lxzan/gws and nothing else, under the
// event contract of bench/README.md.
package main

import (
	"log"
	"net/http"

	"rightnow/bench/peers/contract"

	"github.com/lxzan/gws"
)

type library struct{}

func (library) Send(c *gws.Conn, text []byte) { c.WriteMessage(gws.OpcodeText, text) }

func (library) FanOut(to []*gws.Conn, text []byte) {
	message := gws.NewBroadcaster(gws.OpcodeText, text)
	defer message.Close()
	for _, c := range to {
		message.Broadcast(c)
	}
}

// events hands the library's events to the contract.
type events struct {
	gws.BuiltinEventHandler
	server *contract.Server[*gws.Conn]
}

func (e events) OnOpen(c *gws.Conn)           { e.server.Opened(c) }
func (e events) OnClose(c *gws.Conn, _ error) { e.server.Closed(c) }

func (e events) OnMessage(c *gws.Conn, message *gws.Message) {
	e.server.Received(c, message.Bytes())
	message.Close()
}

func main() {
	upgrader := gws.NewUpgrader(events{server: contract.New(library{})}, &gws.ServerOption{})
	log.Fatal(contract.Listen(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrader.Upgrade(w, r)
		if err != nil {
			return
		}
		go c.ReadLoop() // until the connection ends; without the request's memory
	})))
}
