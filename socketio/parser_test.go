package socketio_test

import (
	"errors"
	"testing"

	"rightnow/socketio"
)

// brittle is a parser that has faults.
type brittle struct{}

func (brittle) Encode(p *socketio.Packet) ([]socketio.WireMessage, error) {
	if p.Type == socketio.PacketEvent && string(p.Data) == `["bad"]` {
		panic("cannot encode")
	}
	return plain{}.Encode(p)
}

func (brittle) NewDecoder() socketio.Decoder { return brittleDecoder{plain{}.NewDecoder()} }

type brittleDecoder struct{ socketio.Decoder }

func (d brittleDecoder) Decode(data []byte, binary bool) (*socketio.Packet, error) {
	if string(data) == "bad" {
		panic("cannot decode")
	}
	return d.Decoder.Decode(data, binary)
}

// checklist: 197
func TestAParserThatPanics(t *testing.T) {
	h := serve(t, &socketio.Options{Parser: brittle{}})
	enter := func() *client {
		c := h.websocket()
		c.write(`{"type":0,"nsp":"/"}`)
		c.read()
		return c
	}
	bystander, victim := enter(), enter()
	wantPanic := func(err error, value string) {
		t.Helper()
		if p := (*socketio.PanicError)(nil); !errors.As(err, &p) || p.Value != value {
			t.Errorf("got %v, want a panic of %q", err, value)
		}
	}
	victim.write("bad")
	victim.wantClosed()
	wantPanic(receive(t, h.errs), "cannot decode")
	wantPanic(h.io.Emit("bad"), "cannot encode")
	if err := h.io.Emit("good"); err != nil {
		t.Error(err)
	}
	if got, want := bystander.read(), `{"type":2,"nsp":"/","data":["good"]}`; got != want {
		t.Errorf("the bystander got %s, want %s", got, want)
	}
	select {
	case err := <-h.errs:
		t.Errorf("more was reported: %v", err)
	default:
	}
}
