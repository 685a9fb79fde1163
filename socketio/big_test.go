package socketio_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"rightnow/internal/memnet"
	"rightnow/socketio"
)

// An event that no queue can hold is an error for who emits it, and nobody loses a connection for it.
func TestAnEventLargerThanAQueue(t *testing.T) {
	for name, o := range map[string]*socketio.Options{
		"plain":    {},
		"recovery": {ConnectionStateRecovery: &socketio.RecoveryOptions{}},
		"msgpack":  {Parser: socketio.MessagePack()},
	} {
		t.Run(name, func(t *testing.T) {
			o.QueueLimit = 10_000
			h := serve(t, o)
			c := h.websocket()
			h.io.OnConnect(func(s *socketio.Socket) {
				s.Emit("fits", strings.Repeat("x", 9_000))
				big := strings.Repeat("x", 10_000)
				ctx := context.Background()
				_, asked := s.EmitWithAck(ctx, "big", big)
				_, all := h.io.EmitWithAck(ctx, "big", []byte(big))
				for i, err := range []error{
					s.Emit("big", big), s.Emit("big", []byte(big)), s.Volatile().Emit("big", big), asked, all,
					h.io.Emit("big", big), s.Broadcast().Emit("big", big), h.io.Of("/none").Emit("big", big),
				} {
					if !errors.Is(err, socketio.ErrTooBig) {
						t.Errorf("%d: %v", i, err)
					}
				}
				s.Emit("end")
			})
			if name == "msgpack" {
				c.writeBinary([]byte("\x82\xa4type\x00\xa3nsp\xa1/"))
			} else {
				c.write("0")
			}
			for _, want := range []string{"sid", "fits", "end"} {
				if got := c.read(); !strings.Contains(got, want) && !strings.Contains(got, hex.EncodeToString([]byte(want))) {
					t.Fatalf("got %.100q, want %s", got, want)
				}
			}
		})
	}
}

// An acknowledgement that is too big is an error at the handler's side, and "internal" at the client's.
func TestAnAcknowledgementLargerThanAQueue(t *testing.T) {
	h := serve(t, &socketio.Options{QueueLimit: 10_000})
	c, s := h.joined((*harness).websocket)
	big := strings.Repeat("x", 10_000)
	s.On("returned", func() string { return big })
	failed := make(chan error, 2)
	s.On("called", func(ack socketio.Ack) {
		failed <- ack(big)
		failed <- ack("small")
	})
	c.write(`20["returned"]`, `21["called"]`)
	c.want(`30[{"error":"internal"}]`, `31["small"]`)
	if err := h.wantError(); !errors.Is(err, socketio.ErrTooBig) {
		t.Errorf("reported %v", err)
	}
	if first, second := receive(t, failed), receive(t, failed); !errors.Is(first, socketio.ErrTooBig) || second != nil {
		t.Errorf("%v, then %v", first, second)
	}
}

// What a handler emits to a client that reads goes out while the handler runs: only what the network does not take waits.
func TestABurstOfMoreThanAQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen() // which holds 64 KiB
		h := serveOn(t, &socketio.Options{QueueLimit: 100_000}, l, l.DialContext)
		c, s := h.joined((*harness).websocket)
		kilobyte := strings.Repeat("x", 1000)
		s.On("burst", func(to string) {
			emit := map[string]func(string, ...any) error{"itself": s.Emit, "all": h.io.Emit, "room": h.io.To(s.ID()).Emit}[to]
			for i := range 150 {
				if err := emit("part", i, kilobyte); err != nil {
					t.Error(err)
				}
			}
		})
		for _, to := range []string{"itself", "all", "room"} {
			c.write(fmt.Sprintf(`2["burst",%q]`, to))
			for i := range 150 {
				c.want(fmt.Sprintf(`2["part",%d,%q]`, i, kilobyte))
			}
		}
	})
}

func TestTooManyArguments(t *testing.T) {
	h := serve(t, nil)
	c, s := h.joined((*harness).websocket)
	many := slices.Repeat([]any{1}, 4096)
	if err := s.Emit("many", many...); !errors.Is(err, socketio.ErrTooManyArguments) {
		t.Errorf("one client: %v", err)
	}
	if err := h.io.Emit("many", many...); !errors.Is(err, socketio.ErrTooManyArguments) {
		t.Errorf("all clients: %v", err)
	}
	if err := s.Emit("many", many[:4095]...); err != nil {
		t.Error(err)
	}
	c.want(`2["many"` + strings.Repeat(",1", 4095) + `]`)
}
