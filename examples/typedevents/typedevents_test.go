package typedevents_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"rightnow/examples/typedevents"
	"rightnow/socketio"
	"rightnow/socketio/sioevent"
	"rightnow/socketio/siotest"
)

// The declarations are those of the package. `go generate ./examples/typedevents` writes them.
func TestDeclarationsAreWritten(t *testing.T) {
	var want strings.Builder
	if err := sioevent.WriteTypeScript(&want, typedevents.Contract); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("events.d.ts")
	if err != nil || string(got) != want.String() {
		t.Errorf("events.d.ts is not what go generate writes (%v):\n%s", err, want.String())
	}
}

func TestServerAndClient(t *testing.T) {
	io := socketio.New(&socketio.Options{Logger: slog.New(slog.DiscardHandler)})
	typedevents.Register(io)
	n := siotest.New(t, io)
	ann, bob := n.Dial(nil), n.Dial(nil) // nothing is said to who is in no room: handlers have time
	ctx := t.Context()

	said, cleared := make(chan typedevents.Message, 1), make(chan bool, 2)
	typedevents.Said.On(bob, func(_ context.Context, m typedevents.Message) { said <- m })
	typedevents.Cleared.On(ann, func(context.Context, sioevent.None) { cleared <- true })
	if _, err := typedevents.Enter.Call(ctx, bob, "tea"); err != nil {
		t.Fatal(err)
	}
	people, err := typedevents.Enter.Call(ctx, ann, "tea")
	if err != nil || !slices.Contains(people, ann.ID()) || !slices.Contains(people, bob.ID()) {
		t.Errorf("in the room: %v, %v", people, err)
	}
	receipt, err := typedevents.Say.Call(ctx, ann, typedevents.Draft{Room: "tea", Text: "hello", Picture: []byte{1}})
	if err != nil {
		t.Fatal(err)
	}
	if m := <-said; m.ID != receipt.ID || m.Text != "hello" || len(m.Picture) != 1 || m.From != ann.ID() || m.At.IsZero() {
		t.Errorf("said: %+v", m)
	}
	var refused *sioevent.RemoteError
	if _, err := typedevents.Say.Call(ctx, ann, typedevents.Draft{}); !errors.As(err, &refused) || refused.Message != "there is nothing in it" {
		t.Errorf("an empty one: %v", err)
	}
	if _, err := typedevents.Clear.Call(ctx, bob, sioevent.None{}); err != nil {
		t.Error(err)
	}
	<-cleared
}
