package socketio_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"rightnow/socketio"
)

// Clients come, talk, are kicked and go, in several namespaces and rooms at once, while
// everything is broadcast to. Nothing may stick, and in the end nothing is left.
func TestStress(t *testing.T) {
	h := serve(t, nil)
	for _, nsp := range []string{"/", "/a", "/b"} {
		h.io.Of(nsp).OnConnect(func(s *socketio.Socket) {
			s.On("join", func(room string) error { return s.Join(room) })
			s.On("say", func(room string) error { return s.To(room).Emit("said", s.ID(), []byte(room)) })
			s.On("ask", func(ctx context.Context) (int, error) {
				answers, err := s.Broadcast().Timeout(5*time.Millisecond).EmitWithAck(ctx, "asked")
				return len(answers), err
			})
			s.On("leave", func() { s.Disconnect(false) })
			s.OnDisconnect(func(socketio.Reason) { s.Broadcast().Emit("left") })
			answerFence(s)
		})
	}
	rounds := 60
	if raceBuild {
		rounds = 20
	}
	stop := make(chan bool)
	var traffic sync.WaitGroup
	traffic.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			h.io.To("r1").Emit("tick", i)
			h.io.Of("/a").Volatile().Emit("tock", i)
			if i%50 == 0 {
				h.io.Of("/b").In("r2").DisconnectSockets(i%100 == 0)
			}
			time.Sleep(100 * time.Microsecond)
		}
	})
	var clients sync.WaitGroup
	for i := range 8 {
		connect := (*harness).websocket
		if i%4 == 0 {
			connect = (*harness).polling
		}
		clients.Go(func() {
			for range rounds {
				live(connect(h))
			}
		})
	}
	clients.Wait()
	close(stop)
	traffic.Wait()
	waitFor(t, func() bool { return h.io.Engine().ClientsCount() == 0 })
	for _, n := range h.io.Namespaces() {
		waitFor(t, func() bool { return n.SocketsCount() == 0 && n.Hub().RoomCount() == 0 })
	}
}

// live is a client's life: it sends what comes to its mind, and never minds what comes back.
func live(c *client) {
	done := make(chan bool)
	go func() {
		defer close(done)
		for {
			if _, err := c.receive(context.Background()); err != nil {
				return
			}
		}
	}()
	for _, nsp := range []string{"", "/a,", "/b,"} {
		c.send(message{text: "0" + nsp})
	}
	for i := range 20 {
		nsp := []string{"", "/a,", "/b,"}[rand.N(3)]
		room := fmt.Sprint("r", rand.N(3))
		var packet string
		switch rand.N(5) {
		case 0:
			packet = fmt.Sprintf(`2%s["join",%q]`, nsp, room)
		case 1, 2:
			packet = fmt.Sprintf(`2%s%d["say",%q]`, nsp, i, room)
		case 3:
			packet = fmt.Sprintf(`2%s%d["ask"]`, nsp, i)
		case 4:
			packet = fmt.Sprintf(`3%s%d[]`, nsp, rand.N(20))
		}
		if c.send(message{text: packet}) != nil {
			break
		}
	}
	if _, ok := c.wire.(*pollWire); ok || rand.N(2) == 0 {
		c.close()
	} else {
		c.cut()
	}
	<-done
}
