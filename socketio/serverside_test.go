package socketio_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"rightnow/hub"
	"rightnow/socketio"
)

// pair joins the hubs of two servers, as a relay of a cluster does.
type pair struct{ other *hub.Hub }

func (p pair) Publish(m *hub.Message) (string, error) {
	own := *m
	_, err := p.other.Deliver(&own)
	return "", err
}

func (p pair) Request(ctx context.Context, kind string, payload []byte) ([][]byte, error) {
	reply, err := p.other.Answer(ctx, kind, payload)
	if err != nil {
		return nil, err
	}
	return [][]byte{reply}, nil
}

func (p pair) Notify(kind string, payload []byte) error {
	_, err := p.other.Answer(context.Background(), kind, payload)
	return err
}

func (pair) Want(string)   {}
func (pair) Unwant(string) {}
func (pair) Close() error  { return nil }

// twoNodes returns two servers whose namespaces "/" are one.
func twoNodes() (a, b *socketio.Server) {
	a, b = socketio.New(nil), socketio.New(nil)
	a.Hub().Attach(pair{b.Hub()})
	b.Hub().Attach(pair{a.Hub()})
	return a, b
}

func TestServerSideEventsOfOneNode(t *testing.T) {
	io := socketio.New(nil)
	io.OnServerSide("x", func(context.Context, socketio.Args) (any, error) {
		t.Error("a node hears its own event")
		return nil, nil
	})
	if err := io.ServerSideEmit("x", 1); err != nil {
		t.Error(err)
	}
	if answers, err := io.ServerSideEmitWithAck(t.Context(), "x"); err != nil || len(answers) > 0 {
		t.Errorf("%d answers, %v", len(answers), err)
	}
}

func TestServerSideEvents(t *testing.T) {
	a, b := twoNodes()
	type point struct {
		X    int
		Blob []byte
	}
	var heard []point
	b.OnServerSide("point", func(_ context.Context, args socketio.Args) (any, error) {
		var p point
		if err := args.Decode(0, &p); err != nil {
			return nil, err
		}
		heard = append(heard, p)
		return map[string]any{"got": args.Len(), "blob": p.Blob}, nil
	})
	want := point{7, []byte{1, 2}}
	if err := a.ServerSideEmit("point", want); err != nil {
		t.Fatal(err)
	}
	answers, err := a.ServerSideEmitWithAck(t.Context(), "point", want, "more")
	if err != nil || len(answers) != 1 {
		t.Fatalf("%d answers, %v", len(answers), err)
	}
	var answer struct {
		Got  int
		Blob []byte
	}
	if err := answers[0].Decode(0, &answer); err != nil || answer.Got != 2 || !slices.Equal(answer.Blob, want.Blob) {
		t.Errorf("answer %+v, %v", answer, err)
	}
	if len(heard) != 2 || heard[0].X != 7 || !slices.Equal(heard[1].Blob, want.Blob) {
		t.Errorf("heard %+v", heard)
	}
}

func TestServerSideEventsThatFail(t *testing.T) {
	a, b := twoNodes()
	b.OnServerSide("fails", func(context.Context, socketio.Args) (any, error) { return nil, errors.New("no luck") })
	b.OnServerSide("panics", func(context.Context, socketio.Args) (any, error) { panic("out of luck") })
	for event, want := range map[string]string{"fails": "no luck", "panics": "out of luck", "unknown": "nobody handles"} {
		if _, err := a.ServerSideEmitWithAck(t.Context(), event); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", event, err)
		}
	}
	for _, name := range []string{"connect", "connection", "new_namespace"} {
		if err := a.ServerSideEmit(name); !errors.Is(err, socketio.ErrReservedEvent) {
			t.Errorf("the reserved name %s: %v", name, err)
		}
	}
	b.OnServerSide("slow", func(ctx context.Context, _ socketio.Args) (any, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	late, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := a.ServerSideEmitWithAck(late, "slow"); !errors.Is(err, socketio.ErrTimeout) {
		t.Errorf("too late: %v", err)
	}
	if err := a.ServerSideEmit("x", func() {}); err == nil {
		t.Error("a function was sent")
	}
	for _, payload := range []string{"", "\x80", "\x83\xa4type\x02\xa3nsp\xa1/\xa4data\x90", "\x81\xa4type\x02"} {
		if _, err := b.Hub().Answer(t.Context(), "socketio/event", []byte(payload)); err == nil {
			t.Errorf("%q is an event", payload)
		}
	}
	if _, err := b.Hub().Answer(t.Context(), "other", nil); !errors.Is(err, hub.ErrNoHandler) {
		t.Errorf("an unknown kind: %v", err)
	}
}
