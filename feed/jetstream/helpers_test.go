package jetstream

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/feedsim"
	"rightnow/internal/feedsim/feedtest"
)

const did = "did:plc:testaaaaaaaaaaaaaaaaaaaa"

// rig is a source at a fake, in a bubble.
type rig struct {
	*feedtest.Rig
	fake   *feedsim.Jetstream
	source *Source
}

// inBubble runs a source against a fake that goes by scripts.
func inBubble(t *testing.T, test func(*rig), connections ...[]feedsim.Step) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		fake := feedsim.NewJetstream(feedsim.Scripts(connections...))
		r := &rig{Rig: feedtest.New(t, fake, "go"), fake: fake}
		r.Path = feedsim.JetstreamPath
		r.source = New(&Options{Hosts: []string{"ws://east.test", "ws://west.test"}, API: "http://api.test", Client: r.Mem.Client()})
		r.Source = r.source
		defer r.End()
		test(r)
	})
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
