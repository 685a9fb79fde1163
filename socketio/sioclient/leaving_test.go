package sioclient_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/socketio/sioclient"
)

// Disconnect before the server has answered CONNECT waits for that answer: before it, nothing may be said in that
// namespace.
func TestLeavingWaitsForTheAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		again  bool   // Connect, after Disconnect
		answer string // to the first CONNECT
		hears  []string
	}{
		"let in":                {false, `40/a,{"sid":"one"}`, []string{"41/a,"}},
		"refused":               {false, `44/a,{"message":"no"}`, nil},
		"let in, wanted again":  {true, `40/a,{"sid":"one"}`, []string{"41/a,", "40/a,"}},
		"refused, wanted again": {true, `44/a,{"message":"no"}`, []string{"40/a,"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, wires := byHand(t)
				client := sioclient.New("http://test", o)
				defer client.Close()
				client.Of("/").Connect() // keeps the connection
				w := receive(t, wires)
				w.hears("40")
				w.say(`40{"sid":"root"}`)
				s := client.Of("/a")
				joins, others := 0, 0
				s.OnConnect(func() { joins++ })
				s.OnDisconnect(func(sioclient.Reason) { others++ })
				s.OnConnectError(func(error) { others++ })
				s.Connect()
				w.hears("40/a,")
				s.Disconnect()
				s.Disconnect() // changes nothing
				if c.again {
					s.Connect()
				}
				w.hears()
				w.say(c.answer)
				w.hears(c.hears...)
				if joins+others > 0 || s.Connected() {
					t.Errorf("joined %d times, told %d other things", joins, others)
				}
				if c.again {
					w.say(`40/a,{"sid":"two"}`)
					w.hears()
					if joins != 1 || others > 0 || s.ID() != "two" {
						t.Errorf("joined %d times, as %q, told %d other things", joins, s.ID(), others)
					}
				}
			})
		})
	}
}

// An acknowledgement goes over the connection, and to the membership, that its event came by: elsewhere its number means
// another event, or nothing.
func TestLateAcknowledgements(t *testing.T) {
	for name, leave := range map[string]func(*sioclient.Socket, *wire, <-chan *wire) *wire{
		"left": func(s *sioclient.Socket, w *wire, _ <-chan *wire) *wire {
			s.Disconnect()
			w.hears("41/a,")
			return w
		},
		"back by the same connection": func(s *sioclient.Socket, w *wire, _ <-chan *wire) *wire {
			s.Disconnect()
			s.Connect()
			w.hears("41/a,", "40/a,")
			w.say(`40/a,{"sid":"two"}`)
			return w
		},
		"back by another connection": func(_ *sioclient.Socket, w *wire, wires <-chan *wire) *wire {
			w.conn.CloseNow()
			w = receive(w.t, wires)
			w.hears("40", "40/a,")
			w.say(`40{"sid":"root"}`, `40/a,{"sid":"two"}`)
			return w
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, wires := byHand(t)
				client := sioclient.New("http://test", o)
				defer client.Close()
				client.Of("/").Connect()
				w := receive(t, wires)
				w.hears("40")
				s := client.Of("/a")
				events := make(chan *sioclient.Event, 10)
				s.OnAny(func(e *sioclient.Event) { events <- e })
				s.Connect()
				w.hears("40/a,")
				w.say(`40{"sid":"root"}`, `40/a,{"sid":"one"}`, `42/a,0["prompt"]`, `42/a,1["late"]`)
				prompt, late := receive(t, events), receive(t, events)
				if err := prompt.Ack()(1); err != nil {
					t.Error(err)
				}
				w.hears("43/a,0[1]")
				w = leave(s, w, wires)
				time.Sleep(time.Minute) // virtual
				if err := late.Ack()(2); !errors.Is(err, sioclient.ErrDisconnected) {
					t.Errorf("a late acknowledgement: %v", err)
				}
				w.hears()
			})
		})
	}
}
