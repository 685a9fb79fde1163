package typedevents

import (
	"context"
	"sync/atomic"
	"time"

	"rightnow/socketio"
	"rightnow/socketio/sioevent"
)

// Register has a server handle the events.
func Register(io *socketio.Server) {
	var last atomic.Int64
	io.OnConnect(func(s *socketio.Socket) {
		Say.Handle(s, func(_ context.Context, d Draft) (Receipt, error) {
			if d.Text == "" && d.Picture == nil {
				return Receipt{}, socketio.Error("there is nothing in it")
			}
			m := Message{Draft: d, ID: last.Add(1), From: s.ID(), At: time.Now()}
			return Receipt{m.ID}, Said.Emit(io.To(d.Room), m)
		})
		Enter.Handle(s, func(ctx context.Context, room string) ([]string, error) {
			if err := s.Join(room); err != nil {
				return nil, err
			}
			sockets, err := io.In(room).FetchSockets(ctx)
			ids := make([]string, len(sockets))
			for i, other := range sockets {
				ids[i] = other.ID
			}
			return ids, err
		})
		Clear.Handle(s, func(context.Context, sioevent.None) (sioevent.None, error) {
			return sioevent.None{}, Cleared.Emit(io, sioevent.None{})
		})
	})
}
