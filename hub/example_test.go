package hub_test

import (
	"fmt"
	"time"

	"rightnow/hub"
)

// printer is a member that prints what it is flushed. A real one queues bytes
// and writes them to a connection.
type printer struct {
	id     string
	queued []string
}

func (p *printer) ID() string           { return p.id }
func (p *printer) Encoder() hub.Encoder { return lineEncoder{} }

func (p *printer) Push(f hub.Frame, _ hub.Class) (dirty bool) {
	p.queued = append(p.queued, f.(string))
	return len(p.queued) == 1
}

func (p *printer) Flush() {
	for _, line := range p.queued {
		fmt.Println(p.id, "gets", line)
	}
	p.queued = nil
}

// lineEncoder says messages in a protocol of one line each.
type lineEncoder struct{}

func (lineEncoder) Key() any { return lineEncoder{} }

func (lineEncoder) Encode(m *hub.Message) (hub.Frame, error) {
	return fmt.Sprintf("%s %s", m.Event, m.Args), nil
}

func Example() {
	h := hub.New(nil)
	for _, id := range []string{"ann", "bob", "cat"} {
		h.Add(&printer{id: id})
	}
	h.Join("ann", "news")
	h.Join("cat", "news")

	n, _ := h.Publish(&hub.Message{Event: "message", Args: []byte(`["hello"]`), Rooms: []string{"news"}})
	fmt.Println(n, "members reached")

	h.Publish(&hub.Message{Event: "left", Args: []byte(`["ann"]`), Sender: "ann"})
	// Output:
	// ann gets message ["hello"]
	// cat gets message ["hello"]
	// 2 members reached
	// bob gets left ["ann"]
	// cat gets left ["ann"]
}

func ExampleHub_Batch() {
	h := hub.New(&hub.Options{FlushDelay: time.Minute}) // this machine may be slow
	h.Add(&printer{id: "ann"})
	h.Batch(func() {
		h.Publish(&hub.Message{Event: "one", Args: []byte(`[]`)})
		h.Publish(&hub.Message{Event: "two", Args: []byte(`[]`)})
		fmt.Println("both are queued")
	})
	// Output:
	// both are queued
	// ann gets one []
	// ann gets two []
}

func ExampleHub_Members() {
	h := hub.New(nil)
	for _, id := range []string{"ann", "bob", "cat"} {
		h.Add(&printer{id: id})
		h.Join(id, "room")
	}
	h.Join("bob", "muted")
	for _, m := range h.Members([]string{"room"}, []string{"muted"}) {
		fmt.Println(m.ID())
	}
	// Output:
	// ann
	// cat
}
