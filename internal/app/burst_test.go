package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"rightnow/feed"
	"rightnow/feed/jetstream"

	"github.com/coder/websocket"
)

// What BenchmarkChatBesidePosts has going on: everybody in one of the rooms, each
// of which tracks words, follows its live posts.
const (
	burstRooms  = 5
	burstPeople = 10 // in each
	burstWords  = 50 // of each
	burstSays   = 200
	burstPosts  = 10_000
)

// BenchmarkChatBesidePosts measures how long a message takes from being due to
// being heard, by everybody in its room, while 200 a second are said. One
// operation is a second: quiet, or with 10,000 posts that are decoded from
// Bluesky's wire, matched, and a hundredth of them wanted by each room.
//
//	go test ./internal/app -run=xxx -bench=ChatBesidePosts -benchtime=10x
func BenchmarkChatBesidePosts(b *testing.B) {
	for name, posts := range map[string]int{"quiet": 0, "burst": burstPosts} {
		b.Run(name, func(b *testing.B) { benchBurst(b, posts) })
	}
}

func benchBurst(b *testing.B, posts int) {
	cfg := Default()
	cfg.Port, cfg.Data = 0, filepath.Join(b.TempDir(), "chat.db")
	cfg.SayBurst, cfg.EventBurst, cfg.OpenBurst = 100_000, 1_000_000, 1000
	m, err := Open(b.Context(), cfg, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }() // ends with ctx
	people := burstCrowd(b, m)
	for seconds := range b.N {
		people.second(b, seconds, func() { pour(b, m, seconds, posts) })
	}
	people.report(b)
	cancel()
	if err := <-done; err != nil {
		b.Error(err)
	}
	if err := m.Close(); err != nil {
		b.Error(err)
	}
	people.readers.Wait()
}

// pour has the posts come, evenly over a second and as they come from Bluesky.
func pour(b *testing.B, m *Main, round, posts int) {
	decoder := jetstream.Decoder{Author: func(did string) (feed.Author, bool) { return feed.Author{ID: did}, true }}
	out := burstSink{to: m.live.router}
	begin := time.Now()
	const ticks = 100
	for tick := range ticks {
		for i := range posts / ticks {
			if _, err := decoder.Decode(burstWire(round*posts+tick*posts/ticks+i), &out); err != nil {
				b.Error(err)
			}
			if i%32 == 31 { // as feed.Runner reads
				time.Sleep(time.Millisecond)
			}
		}
		time.Sleep(time.Until(begin.Add(time.Duration(tick+1) * time.Second / ticks)))
	}
	if out.offered != posts {
		b.Errorf("%d posts were offered", out.offered)
	}
}

// burstWire is a post of some length; each hundredth has a word of every room.
func burstWire(n int) []byte {
	word := "nothing"
	if n%100 == 0 {
		word = "word" + strconv.Itoa(n/100%burstWords)
	}
	return fmt.Appendf(nil, `{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#commit","seq":%d,"did":"did:plc:demo%04d2222222222222222","time":"%s","rev":"3demo22222222","operation":"create","collection":"app.bsky.feed.post","rkey":"3demo%08d","cid":"bafydemo1","record":{"$type":"app.bsky.feed.post","text":"Today %s happened while I was having a walk along the harbour with 12 friends, see https://blog.example/walk/%d #walking","createdAt":"%[3]s","langs":["en"]}}}`,
		n+1, n%5000, time.Now().UTC().Format(time.RFC3339Nano), n, word, n)
}

// burstSink is what a source would have, over Inject.
type burstSink struct {
	feed.Sink
	to      *feed.Router
	offered int
}

func (s *burstSink) Offer(p feed.Post) bool {
	s.offered++
	p.Source = "burst"
	return s.to.Inject(p)
}
func (s *burstSink) Cursor(string)        {}
func (s *burstSink) Skip(feed.SkipReason) {}

// crowd is everybody.
type crowd struct {
	conns   []*websocket.Conn
	readers sync.WaitGroup

	mu    sync.Mutex // guards following
	due   []time.Time
	took  []time.Duration
	posts int
	heard *sync.Cond
}

func burstCrowd(b *testing.B, m *Main) *crowd {
	c := &crowd{}
	c.heard = sync.NewCond(&c.mu)
	words := make([]string, burstWords)
	for i := range words {
		words[i] = "word" + strconv.Itoa(i)
	}
	for i := range burstRooms * burstPeople {
		room := "r" + strconv.Itoa(i%burstRooms)
		conn, _, err := websocket.Dial(b.Context(), "ws://"+m.Addr().String()+socketPath+"?EIO=4&transport=websocket", nil)
		if err != nil {
			b.Fatal(err)
		}
		conn.SetReadLimit(1 << 20)
		c.conns = append(c.conns, conn)
		c.await(b, conn, `0{"sid":`)
		c.write(b, conn, "40")
		c.await(b, conn, `40{"sid":`)
		c.ask(b, conn, "enter", map[string]any{"room": room, "nick": fmt.Sprint("nick", i), "secret": fmt.Sprint("a secret of number ", i)})
		if i < burstRooms {
			c.ask(b, conn, "feed_set", map[string]any{"room": room, "words": words})
		}
		c.ask(b, conn, "feed", map[string]any{"room": room})
		c.readers.Go(func() { c.read(conn) }) // ends with the connection
	}
	return c
}

func (c *crowd) write(b *testing.B, conn *websocket.Conn, text string) {
	if err := conn.Write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
		b.Error(err)
	}
}

func (c *crowd) await(b *testing.B, conn *websocket.Conn, prefix string) []byte {
	for {
		_, p, err := conn.Read(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if rest, ok := bytes.CutPrefix(p, []byte(prefix)); ok {
			return rest
		}
	}
}

func (c *crowd) ask(b *testing.B, conn *websocket.Conn, event string, arg any) {
	text, _ := json.Marshal([]any{event, arg})
	c.write(b, conn, "420"+string(text))
	if ack := c.await(b, conn, "430"); bytes.HasPrefix(ack, []byte(`[{"error"`)) {
		b.Fatalf("%s: %s", event, ack)
	}
}

func (c *crowd) read(conn *websocket.Conn) {
	for {
		_, p, err := conn.Read(context.Background())
		if err != nil {
			return
		}
		switch {
		case string(p) == "2":
			_ = conn.Write(context.Background(), websocket.MessageText, []byte("3"))
		case bytes.HasPrefix(p, []byte(`42["message"`)):
			var event [2]json.RawMessage
			var message struct{ Text string }
			if json.Unmarshal(p[2:], &event) == nil && json.Unmarshal(event[1], &message) == nil {
				c.hear(message.Text)
			}
		case bytes.HasPrefix(p, []byte(`42["post"`)):
			c.mu.Lock()
			c.posts++
			c.mu.Unlock()
		}
	}
}

func (c *crowd) hear(text string) {
	now := time.Now()
	n, err := strconv.Atoi(text)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && n < len(c.due) {
		c.took = append(c.took, now.Sub(c.due[n]))
	}
	c.heard.Broadcast()
}

// second has messages said at a steady rate, while beside happens, and waits until
// all have heard them.
func (c *crowd) second(b *testing.B, round int, beside func()) {
	var poured sync.WaitGroup
	poured.Go(beside)
	begin := time.Now()
	for i := range burstSays {
		due := begin.Add(time.Duration(i) * time.Second / burstSays)
		time.Sleep(time.Until(due))
		n := round*burstSays + i
		c.mu.Lock()
		c.due = append(c.due, due)
		c.mu.Unlock()
		who := n % len(c.conns)
		c.write(b, c.conns[who], fmt.Sprintf(`421["say",{"room":"r%d","id":"%d","text":"%[2]d"}]`, who%burstRooms, n))
	}
	poured.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.took) < (round+1)*burstSays*burstPeople {
		c.heard.Wait()
	}
}

func (c *crowd) report(b *testing.B) {
	slices.Sort(c.took)
	at := func(share float64) float64 {
		return float64(c.took[int(share*float64(len(c.took)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
	b.ReportMetric(at(0.999), "p99.9-ms")
	b.ReportMetric(float64(c.posts)/float64(b.N*len(c.conns)), "posts/person/s")
	b.ReportMetric(0, "ns/op")
}
