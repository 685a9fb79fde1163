package jetstream

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
)

const did = "did:plc:testaaaaaaaaaaaaaaaaaaaa"

// rig is a source at a fake, in a bubble.
type rig struct {
	*testing.T
	fake   *feedsim.Jetstream
	mem    *feedsim.Memory
	source *Source
	want   feed.Want
	sink   feedsim.Sink
	start  time.Time
	cancel context.CancelFunc
	ended  chan error
}

// inBubble runs a source against a fake that goes by scripts.
func inBubble(t *testing.T, test func(*rig), connections ...[]feedsim.Step) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{T: t, fake: feedsim.NewJetstream(feedsim.Scripts(connections...)), start: time.Now(), ended: make(chan error, 1)}
		r.mem = feedsim.Listen(r.fake)
		defer r.mem.Close()
		r.source = New(&Options{Hosts: []string{"ws://east.test", "ws://west.test"}, API: "http://api.test", Client: r.mem.Client()})
		r.want.Set(feed.Filter{Words: []string{"go"}})
		defer r.end()
		test(r)
	})
}

// end stops Run if it still runs, and looks for what the fake complains of.
func (r *rig) end() {
	if r.cancel != nil {
		r.stop()
	}
	for _, fault := range r.fake.Faults() {
		r.Error(fault)
	}
	if n := r.fake.MostOpen(); n > 1 {
		r.Errorf("%d connections at once", n)
	}
}

func (r *rig) run(d time.Duration) {
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(context.Background())
	go func() { r.ended <- r.source.Run(ctx, &r.want, &r.sink) }()
	r.wait(d)
}

// wait lets the time of the bubble go by.
func (r *rig) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// stop ends Run and wants it to end within a second.
func (r *rig) stop() {
	r.Helper()
	r.cancel()
	before := time.Now()
	if err := <-r.ended; err != nil {
		r.Errorf("Run: %v", err)
	}
	if took := time.Since(before); took > time.Second {
		r.Errorf("Run ended after %v", took)
	}
	r.cancel = nil
}

// asked are the requests for the stream.
func (r *rig) asked() (all []feedsim.Request) {
	for _, q := range r.fake.Requests() {
		if q.Path == feedsim.JetstreamPath {
			all = append(all, q)
		}
	}
	return all
}

// wantPauses compares the pauses before each request for the stream, of which up
// to a quarter is chance.
func (r *rig) wantPauses(pauses ...time.Duration) {
	r.Helper()
	asked := r.asked()
	if len(asked) != len(pauses) {
		r.Fatalf("%d requests, want %d", len(asked), len(pauses))
	}
	last := r.start
	for i, q := range asked {
		if got := q.At.Sub(last); got < pauses[i] || got > pauses[i]+pauses[i]/4 {
			r.Errorf("request %d came after %v, want %v", i, got, pauses[i])
		}
		last = q.At
	}
}

func (r *rig) wantTexts(texts ...string) {
	r.Helper()
	if got := fmt.Sprint(r.sink.Got().Texts()); got != fmt.Sprint(texts) {
		r.Errorf("posts %v, want %v", got, texts)
	}
}

func (r *rig) wantPhases(phases string) {
	r.Helper()
	if got := r.sink.Got().Phases(); got != phases {
		r.Errorf("phases %q, want %q", got, phases)
	}
}

// commit is a frame of an operation on a post.
func commit(seq int, operation, rkey, more string) string {
	return fmt.Sprintf(`{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#commit","seq":%d,"did":%q,"time":%q,"rev":"3r","operation":%q,"collection":"app.bsky.feed.post","rkey":%q%s}}`,
		seq, did, time.Now().UTC().Format(time.RFC3339Nano), operation, rkey, more)
}

func create(seq int, text string) string {
	return commit(seq, "create", fmt.Sprint("r", seq), fmt.Sprintf(`,"cid":"bafy%d","record":{"$type":"app.bsky.feed.post","text":%q,"createdAt":"2000-01-01T00:00:00Z"}`, seq, text))
}

func account(seq int, active bool) string {
	return fmt.Sprintf(`{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#account","seq":%d,"did":%q,"time":%q,"account":{"active":%v,"status":"deleted"}}}`,
		seq, did, time.Now().UTC().Format(time.RFC3339Nano), active)
}
