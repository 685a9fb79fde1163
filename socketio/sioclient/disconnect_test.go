package sioclient_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"rightnow/socketio/sioclient"
)

// Why the connection is gone is told to those who wait for an acknowledgement, and by the socket's context.
func TestWhyItIsDisconnected(t *testing.T) {
	const disconnected = "the socket is disconnected: "
	for packet, want := range map[string]string{
		"4611-0[]": disconnected + "parse error: socket.io packet: more than 10 attachments",
		"49":       disconnected + "parse error: socket.io packet: unknown type",
		"41":       disconnected + "io server disconnect",
		"1":        disconnected + "transport close: eioclient: the server closed the session",
	} {
		synctest.Test(t, func(t *testing.T) {
			o, wires := byHand(t)
			c := sioclient.New("http://test", o)
			defer c.Close()
			s := c.Of("/")
			s.Connect()
			w := receive(t, wires)
			w.hears("40")
			w.say(`40{"sid":"me"}`)
			synctest.Wait()
			told := make(chan error, 1)
			go func() { // ends with the connection
				_, err := s.EmitWithAck(context.Background(), "x")
				told <- err
			}()
			w.hears(`420["x"]`)
			ctx := s.Context()
			w.say(packet)
			<-ctx.Done()
			for _, err := range []error{context.Cause(ctx), receive(t, told)} {
				var why *sioclient.DisconnectError
				if !errors.As(err, &why) || !errors.Is(err, sioclient.ErrDisconnected) || err.Error() != want {
					t.Errorf("%s: told %q, want %q", packet, err, want)
				}
			}
		})
	}
}

// So it is to those who wait to be let in.
func TestWhyItIsNotJoined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, wires := byHand(t)
		c := sioclient.New("http://test", o)
		defer c.Close()
		failed := make(chan error, 10)
		s := c.Of("/")
		s.OnConnectError(func(err error) { failed <- err })
		s.Connect()
		w := receive(t, wires)
		w.hears("40")
		w.say("4511-[]")
		if err := receive(t, failed); !errors.Is(err, sioclient.ErrDisconnected) || !strings.HasSuffix(err.Error(), "more than 10 attachments") {
			t.Errorf("told %v", err)
		}
	})
}

// A socket's context says why it has not joined.
func TestContextOfWhoIsNotLetIn(t *testing.T) {
	const disconnected = "the socket is disconnected: "
	for name, c := range map[string]struct {
		auth error
		do   func(*sioclient.Socket, *wire)
		want string
	}{
		"refused": {nil, func(_ *sioclient.Socket, w *wire) {
			w.say(`44/a,{"message":"no"}`)
		}, disconnected + "io server disconnect: sioclient: the server refuses /a: no"},
		"no auth": {errors.New("no token"), func(*sioclient.Socket, *wire) {}, disconnected + "io client disconnect: no token"},
		"left": {nil, func(s *sioclient.Socket, w *wire) {
			s.Disconnect()
			w.say(`40/a,{"sid":"one"}`)
		}, disconnected + "io client disconnect"},
		"left, and back": {nil, func(s *sioclient.Socket, w *wire) {
			s.Disconnect()
			s.Connect()
			w.say(`40/a,{"sid":"one"}`)
		}, disconnected + "io client disconnect"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, wires := byHand(t)
				proceed := make(chan struct{})
				o.Auth = func(_ context.Context, nsp string) (any, error) {
					if nsp == "/" {
						return nil, nil
					}
					<-proceed
					return nil, c.auth
				}
				client := sioclient.New("http://test", o)
				defer client.Close()
				client.Of("/").Connect()
				w := receive(t, wires)
				w.hears("40")
				w.say(`40{"sid":"root"}`)
				s := client.Of("/a")
				if cause := context.Cause(s.Context()); cause != sioclient.ErrDisconnected {
					t.Errorf("before the first connection: %v", cause)
				}
				s.Connect()
				synctest.Wait()
				ctx := s.Context()
				close(proceed)
				synctest.Wait()
				c.do(s, w)
				<-ctx.Done()
				var why *sioclient.DisconnectError
				if cause := context.Cause(ctx); !errors.As(cause, &why) || cause.Error() != c.want {
					t.Errorf("the cause is %v, want %v", cause, c.want)
				}
			})
		})
	}
}
