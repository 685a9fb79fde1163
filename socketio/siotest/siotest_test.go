package siotest_test

import (
	"log/slog"
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
		id := alice.ID()
		io.Emit("n", 1)
		synctest.Wait()

		n.Down()
		synctest.Wait()
		if alice.Connected() || io.SocketsCount() != 0 {
			t.Error("connected without a network")
		}
		io.Emit("n", 2)
		time.Sleep(time.Minute) // no time at all
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
