package sioclient_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/engineio/eioclient"
	"rightnow/socketio/sioclient"
)

// gate is on the way to a server: while it is shut, what is written waits.
type gate struct {
	mu   sync.Mutex    // guards following
	shut chan struct{} // closed when it opens; nil while it is open
}

// gated is a connection through a gate.
type gated struct {
	net.Conn
	g *gate
}

func (c gated) Write(p []byte) (int, error) {
	c.g.mu.Lock()
	shut := c.g.shut
	c.g.mu.Unlock()
	if shut != nil {
		<-shut
	}
	return c.Conn.Write(p)
}

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = make(chan struct{})
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.shut)
	g.shut = nil
}

// gatedByHand is byHand with a gate, and a queue of 100 bytes in the client. The socket "/" has joined and keeps the connection.
func gatedByHand(t *testing.T, retries int) (*sioclient.Client, *wire, *gate) {
	o, wires := byHand(t)
	g := &gate{}
	transport := o.HTTPClient.Transport.(*http.Transport)
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		return gated{c, g}, err
	}
	o.QueueBytes, o.Retries = 100, retries
	client := sioclient.New("http://test", o)
	t.Cleanup(client.Close)
	client.Of("/").Connect()
	w := receive(t, wires)
	w.hears("40")
	w.say(`40{"sid":"root"}`)
	w.hears()
	return client, w, g
}

// join has a socket join.
func (w *wire) join(s *sioclient.Socket) {
	w.t.Helper()
	s.Connect()
	w.hears(fmt.Sprintf("40%s,", s.Namespace()))
	w.say(fmt.Sprintf(`40%s,{"sid":"one"}`, s.Namespace()))
	w.hears()
}

// fill emits until the connection takes no more, and returns what the server is to hear.
func fill(t *testing.T, s *sioclient.Socket) (packets []string) {
	t.Helper()
	for i := 0; ; i++ {
		err := s.Emit("n", i)
		if errors.Is(err, sioclient.ErrQueueFull) {
			return packets
		}
		if err != nil {
			t.Fatal(err)
		}
		nsp := s.Namespace() + ","
		if nsp == "/," {
			nsp = ""
		}
		packets = append(packets, fmt.Sprintf(`42%s["n",%d]`, nsp, i))
		synctest.Wait()
	}
}

// Joining and leaving are told the server when nothing else gets through, too: it would not let the socket in a second time otherwise.
func TestAFullQueueKeepsNobodyInOrOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, w, g := gatedByHand(t, 0)
		s := client.Of("/a")
		w.join(s)
		g.close()
		packets := fill(t, s)
		s.Disconnect()
		s.Connect()
		g.open()
		w.hears(append(packets, "41/a,", "40/a,")...)
		w.say(`40/a,{"sid":"two"}`)
		w.hears()
		if s.ID() != "two" {
			t.Errorf("it is %q", s.ID())
		}
	})
}

func TestJoiningWithAFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, w, g := gatedByHand(t, 0)
		g.close()
		packets := fill(t, client.Of("/"))
		s := client.Of("/a")
		s.OnConnectError(func(err error) { t.Error(err) })
		s.Connect()
		g.open()
		w.hears(append(packets, "40/a,")...)
		w.say(`40/a,{"sid":"one"}`)
		w.hears()
		if !s.Connected() {
			t.Error("it has not joined")
		}
	})
}

// What was emitted before Disconnect and waits because the queue is full goes out in front of it.
func TestDisconnectBehindWhatWaits(t *testing.T) {
	for name, leave := range map[string]func(*sioclient.Socket){
		"Disconnect": (*sioclient.Socket).Disconnect,
		"Close":      func(s *sioclient.Socket) { go s.Client().Close() }, // ends when the server has heard all, and the Cleanup waits
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, w, g := gatedByHand(t, 0)
				s := client.Of("/a")
				var want []string
				for i := range 20 {
					s.Emit("n", i)
					want = append(want, fmt.Sprintf(`42/a,["n",%d]`, i))
				}
				s.Connect()
				client.Of("/").Disconnect()
				w.hears("40/a,", "41")
				g.close()
				w.say(`40/a,{"sid":"one"}`)
				synctest.Wait()
				s.Emit("n", 20)
				leave(s)
				synctest.Wait()
				g.open()
				w.hears(append(want, `42/a,["n",20]`, "41/a,")...)
			})
		})
	}
}

// A try waits until the connection takes the event: it is none before.
func TestRetriesWaitForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, w, g := gatedByHand(t, 2)
		sockets := []*sioclient.Socket{client.Of("/"), client.Of("/a"), client.Of("/b"), client.Of("/c")}
		for _, s := range sockets[1:] {
			w.join(s)
		}
		g.close()
		told := make(chan error, len(sockets))
		for _, s := range sockets {
			go func() { // ends with the acknowledgement
				_, err := s.EmitWithAck(context.Background(), "n", strings.Repeat("x", 60))
				told <- err
			}()
			synctest.Wait() // the first one is on its way then, the second one waits in the queue, and there is no room for others
		}
		time.Sleep(5 * time.Second)
		g.open()
		event := regexp.MustCompile(`^42(/.,)?(\d+)\["n","x{60}"\]$`)
		for range sockets {
			parts := event.FindStringSubmatch(receive(t, w.heard))
			if parts == nil {
				t.Fatal("heard something else")
			}
			w.say("43" + parts[1] + parts[2] + "[]")
		}
		w.hears()
		for range sockets {
			if err := receive(t, told); err != nil {
				t.Error(err)
			}
		}
	})
}

// What is more than the queue may hold is not tried again.
func TestRetriesEndForWhatNeverFits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _, _ := gatedByHand(t, 2)
		began := time.Now()
		if _, err := client.Of("/").EmitWithAck(t.Context(), "n", strings.Repeat("x", 200)); !errors.Is(err, eioclient.ErrNeverFits) {
			t.Errorf("told %v", err)
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("after %v", took)
		}
	})
}

// An acknowledgement that found no room in the queue may be tried again, and one that was sent is not sent again.
func TestAcknowledgementsWithAFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, w, g := gatedByHand(t, 0)
		s := client.Of("/")
		events := make(chan *sioclient.Event, 1)
		s.OnAny(func(e *sioclient.Event) { events <- e })
		w.say(`427["ask"]`)
		e := receive(t, events)
		g.close()
		packets := fill(t, s)
		var calls sync.WaitGroup
		acknowledge := func(want error) {
			for range 10 {
				calls.Go(func() {
					if err := e.Ack()(strings.Repeat("x", 20)); !errors.Is(err, want) {
						t.Errorf("acknowledged: %v, want %v", err, want)
					}
				})
			}
			calls.Wait()
		}
		acknowledge(sioclient.ErrQueueFull)
		g.open()
		w.hears(packets...)
		acknowledge(nil)
		w.hears(`437["xxxxxxxxxxxxxxxxxxxx"]`)
	})
}
