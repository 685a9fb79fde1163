package jetstream

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
)

// TestRecord takes all that a record can have.
func TestRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now().UTC()
		cdn := "https://cdn.bsky.app/img/"
		text := `{"$type":"app.bsky.feed.post","text":"Hi #go see example.com/a...","createdAt":"2099-01-01T00:00:00Z","langs":["en","de-AT"],"tags":["news","go"],
			"facets":[{"index":{"byteStart":3,"byteEnd":6},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"go"}]},
				{"features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://example.com/abc"},{"$type":"app.bsky.richtext.facet#mention","did":"did:plc:x"}]}],
			"labels":{"$type":"com.atproto.label.defs#selfLabels","values":[{"val":"nudity"}]},
			"embed":{"$type":"app.bsky.embed.recordWithMedia","record":{},"media":{"$type":"app.bsky.embed.images","images":[{"alt":"a cat","image":{"$type":"blob","ref":{"$link":"bafkcat"}}},{"image":{"ref":{"$link":"../x"}}}]}},
			"reply":{"root":{}}}`
		var sink feedsim.Sink
		var d Decoder
		if event, err := d.Decode([]byte(commit(5, "create", "3k", `,"cid":"bafyrev","record":`+text)), &sink); !event || err != nil {
			t.Fatal(event, err)
		}
		want := feed.Post{
			Source: "bluesky", ID: "at://" + did + "/app.bsky.feed.post/3k", Rev: "bafyrev",
			Author: feed.Author{ID: did, URL: "https://bsky.app/profile/" + did},
			Text:   "Hi #go see example.com/a...", Tags: []string{"news", "go"}, Langs: []string{"en", "de-AT"},
			URL: "https://bsky.app/profile/" + did + "/post/3k",
			Media: []feed.Media{
				{Kind: "link", URL: "https://example.com/abc"},
				{Kind: "image", URL: cdn + "feed_fullsize/plain/" + did + "/bafkcat@jpeg", Preview: cdn + "feed_thumbnail/plain/" + did + "/bafkcat@jpeg", Alt: "a cat"},
			},
			Sensitive: true, CreatedAt: now, ReceivedAt: now.Local(),
		}
		got := sink.Got().Posts
		if len(got) != 1 || !got[0].CreatedAt.Equal(now) {
			t.Fatalf("%+v", got)
		}
		want.ReceivedAt = got[0].ReceivedAt
		if !reflect.DeepEqual(got[0], want) {
			t.Errorf("got  %+v\nwant %+v", got[0], want)
		}
	})
}

func TestEmbeds(t *testing.T) {
	for _, test := range []struct{ name, embed, want string }{
		{"video", `{"$type":"app.bsky.embed.video","alt":"a film","video":{"ref":{"$link":"bafkvid"}}}`,
			"[{video https://video.bsky.app/watch/did%3Aplc%3Ax/bafkvid/playlist.m3u8 https://video.bsky.app/watch/did%3Aplc%3Ax/bafkvid/thumbnail.jpg a film}]"},
		{"external", `{"$type":"app.bsky.embed.external","external":{"uri":"https://example.com","title":"Title","description":"d"}}`, "[{link https://example.com  Title}]"},
		{"gallery", `{"$type":"app.bsky.embed.gallery","items":[{"alt":"x","image":{"ref":{"$link":"bafk1"}}}]}`,
			"[{image https://cdn.bsky.app/img/feed_fullsize/plain/did:plc:x/bafk1@jpeg https://cdn.bsky.app/img/feed_thumbnail/plain/did:plc:x/bafk1@jpeg x}]"},
		{"unknown", `{"$type":"com.example.hologram","shape":"cube"}`, "[]"},
		{"quote", `{"$type":"app.bsky.embed.record","record":{"uri":"at://x"}}`, "[]"},
		{"no kind at all", `{}`, "[]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var r record
			if err := json.Unmarshal([]byte(`{"text":"","embed":`+test.embed+`}`), &r); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(r.post("did:plc:x").Media); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestPosition(t *testing.T) {
	p := position{host: "wss://a b", seq: 7, time: time.UnixMicro(1_700_000_000_000_123)}
	if got := parsePosition(p.String()); got != p {
		t.Errorf("%+v", got)
	}
	for _, bad := range []string{"", "7", "7 8", "x 8 h", "7 x h", "-7 8 h", "7 0 h", "99999999999999999999 8 h"} {
		if got := parsePosition(bad); !got.isZero() {
			t.Errorf("%q: %+v", bad, got)
		}
	}
	if got := p.cursor("wss://a b"); got != "7" {
		t.Errorf("cursor at its host: %s", got)
	}
	if got := p.cursor("wss://c"); got != "1699999995000123" {
		t.Errorf("cursor elsewhere: %s", got)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		create(1, "Grüße"), commit(2, "delete", "r", ""), account(3, false), account(4, true),
		commit(5, "update", "r", `,"record":{"text":"x","facets":[{"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"#t"}]}],"embed":{"media":{"images":[{}]}}}`),
		`{"$type":"error","error":"ConsumerTooSlow"}`,
		`{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#info","name":"OutdatedCursor"}}`,
		`{"$type":"message"}`, `null`, `[`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		var sink feedsim.Sink
		d := Decoder{at: position{seq: 1, time: time.Unix(1, 0)}, resumed: true}
		for range 2 {
			d.Decode(msg, &sink)
		}
		for _, p := range sink.Got().Posts {
			if p.ID == "" || p.Author.ID == "" || p.Source != Name || p.CreatedAt.After(p.ReceivedAt) || len(p.Media) > maxMedia+1 || len(p.Tags) > maxTags {
				t.Errorf("post %+v", p)
			}
		}
	})
}

// BenchmarkDecode reads a frame with a post of common length.
func BenchmarkDecode(b *testing.B) {
	message := []byte(create(1, "A post of the usual length, in which somebody tells of what they had for breakfast, and that it was #good."))
	var d Decoder
	var sink nothing
	b.ReportAllocs()
	for b.Loop() {
		d.Decode(message, sink)
	}
}

// nothing forgets all it is given.
type nothing struct{}

func (nothing) Offer(feed.Post) bool { return true }
func (nothing) Retract(feed.Ref)     {}
func (nothing) Gap(_, _ time.Time)   {}
func (nothing) Limit(uint64)         {}
func (nothing) Skip(feed.SkipReason) {}
func (nothing) State(feed.State)     {}
func (nothing) Cursor(string)        {}
