package siotest_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/socketio"
	"rightnow/socketio/sioclient"
	"rightnow/socketio/siotest"
)

func TestAMinuteWithoutNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		io := socketio.New(&socketio.Options{
			ConnectionStateRecovery: &socketio.RecoveryOptions{},
			Logger:                  slog.New(slog.DiscardHandler),
		})
		n := siotest.New(t, io)
		var heard []int
		alice := n.Dial(&sioclient.Options{Logger: slog.New(slog.DiscardHandler)})
		alice.On("n", func(i int) { heard = append(heard, i) })
		id, joins := alice.ID(), 0
		alice.OnConnect(func() { joins++ })
		io.Emit("n", 1)
		synctest.Wait()

		n.Down()
		synctest.Wait()
		if alice.Connected() || io.SocketsCount() != 0 {
			t.Error("connected without a network")
		}
		io.Emit("n", 2)
		time.Sleep(time.Minute) // no time at all
		synctest.Wait()
		if alice.Connected() || io.SocketsCount() != 0 || joins > 0 {
			t.Errorf("back before Up, %d times", joins)
		}
		n.Up()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if !alice.Recovered() || alice.ID() != id {
			t.Errorf("recovered: %v, as %s", alice.Recovered(), alice.ID())
		}
		if len(heard) != 2 || heard[1] != 2 {
			t.Errorf("heard %v", heard)
		}
	})
}

// failing is a test that can fail without a failure of the real one.
type failing struct {
	testing.TB
	failed string
}

func (f *failing) Fatalf(format string, args ...any) {
	f.failed = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestDialFailsTheTest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		io := socketio.New(nil)
		io.Use(func(context.Context, *socketio.Socket) error { return socketio.ConnectError{Message: "not today"} })
		refused := &failing{TB: t}
		ended := make(chan struct{})
		go func() { // ends with Dial
			defer close(ended)
			siotest.New(refused, io).Dial(&sioclient.Options{Logger: slog.New(slog.DiscardHandler)})
		}()
		<-ended
		if !strings.Contains(refused.failed, "not today") {
			t.Errorf("refused, and the test failed with %q", refused.failed)
		}
	})
}

func TestHeartbeatsInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		io := socketio.New(nil)
		s := siotest.New(t, io).Dial(nil)
		id := s.ID()
		time.Sleep(24 * time.Hour)
		if s.ID() != id {
			t.Error("a day was not survived")
		}
	})
}

func TestDialSetsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		io := socketio.New(nil)
		io.OnConnect(func(s *socketio.Socket) { s.Emit("welcome", s.ID()) })
		var welcome string
		s := siotest.New(t, io).Dial(nil, func(s *sioclient.Socket) {
			s.On("welcome", func(id string) { welcome = id })
		})
		synctest.Wait()
		if welcome != s.ID() {
			t.Errorf("%s was welcomed as %q", s.ID(), welcome)
		}
	})
}
