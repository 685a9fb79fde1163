package xposts

import (
	"context"
	"net"
	"net/http/httptest"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
)

// TestPost takes all that a post can have.
func TestPost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := `{"data":{"id":"12","edit_history_tweet_ids":["11","12"],"text":"short &amp;amp; &lt;b&gt; https://t.co/a","note_tweet":{"text":"long &amp;amp; &lt;b&gt; https://t.co/a"},"author_id":"6","created_at":"2099-01-01T00:00:00.000Z",
"lang":"iw","possibly_sensitive":true,"attachments":{"media_keys":["3_1","7_2","3_none"]},"entities":{"hashtags":[{"start":0,"end":3,"tag":"Go"}],"urls":[{"expanded_url":"https://example.com/x"},{"expanded_url":"https://x.com/ada/status/12/photo/1","media_key":"3_1"}]}},
"includes":{"users":[{"id":"5"},{"id":"6","username":"ada","name":"Ada","profile_image_url":"https://pbs.example/a.png"}],"media":[{"media_key":"3_1","type":"photo","url":"https://pbs.example/1.png","alt_text":"a cat"},{"media_key":"7_2","type":"video","preview_image_url":"https://pbs.example/2.png"}]},
"matching_rules":[{"id":"1","tag":"rightnow:x"}]}`
		var sink feedsim.Sink
		var d Decoder
		if event, err := d.Decode([]byte(line), &sink); !event || err != nil {
			t.Fatal(event, err)
		}
		now := time.Now()
		want := feed.Post{
			Source: "x", ID: "11", Rev: "12", Native: "12",
			Author: feed.Author{ID: "6", Handle: "ada", Name: "Ada", Avatar: "https://pbs.example/a.png", URL: "https://x.com/ada"},
			Text:   "long &amp; <b> https://t.co/a", Tags: []string{"Go"}, Langs: []string{"he"}, URL: "https://x.com/i/status/12",
			Media: []feed.Media{{Kind: "image", URL: "https://pbs.example/1.png", Alt: "a cat"}, {Kind: "video", URL: "https://pbs.example/2.png", Preview: "https://pbs.example/2.png"},
				{Kind: "link", URL: "https://example.com/x"}},
			Sensitive: true, CreatedAt: now, ReceivedAt: now, Expires: now.Add(time.Hour),
		}
		if got := sink.Got().Posts; len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		d.Decode([]byte(`{"data":{"id":"13","text":"bare"}}`), &sink)
		if got := sink.Got().Posts[1]; got.ID != "13" || got.URL != "https://x.com/i/status/13" {
			t.Errorf("%+v", got)
		}
		if event, err := d.Decode([]byte(" \r"), &sink); event || err != nil {
			t.Error(event, err)
		}
	})
}

// TestOverTCP has one post come over real sockets, by a rule that fits.
func TestOverTCP(t *testing.T) {
	fake := feedsim.NewX(feedsim.Scripts(steps{send(tweet(1, "nothing", "")), send(tweet(2, "over TCP, #golang!", ""))}))
	fake.Match = true
	srv := httptest.NewServer(feedsim.Mux(fake))
	defer srv.Close()
	source := New(&Options{URL: srv.URL, Token: token, Budget: 10, Client: feed.NewClient((&net.Dialer{}).DialContext)})
	var want feed.Want
	want.Set(feed.Filter{Words: []string{"golang"}, Langs: []string{"en"}})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var sink feedsim.Sink
	ended := make(chan error, 1)
	go func() { ended <- source.Run(ctx, &want, &sink) }()
	if err := sink.Await(ctx, func(g feedsim.Got) bool { return len(g.Posts) == 1 && g.Posts[0].Text == "over TCP, #golang!" }); err != nil {
		t.Errorf("%v: %+v", err, sink.Got())
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if rules := fake.Rules(); len(rules) != 0 {
		t.Errorf("rules %v are left", rules)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		tweet(1, "Grüße", ""), tweet(2, "x", `,"edit_history_tweet_ids":["1","2"],"entities":{"hashtags":[{}],"urls":[{}]},"attachments":{"media_keys":["a"]}`),
		`{"errors":[{"title":"operational-disconnect"}]}`, `{"title":"ConnectionException"}`, `{"data":{}}`, `{"data":`, `null`, `[`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var sink feedsim.Sink
		var d Decoder
		for range 2 {
			d.Decode(line, &sink)
		}
		for _, p := range sink.Got().Posts {
			if !isID(p.ID) || !isID(p.Rev) || p.Source != Name || p.CreatedAt.After(p.ReceivedAt) || p.Expires.Sub(p.ReceivedAt) != keepFor || len(p.Media) > maxMedia+maxLinks || len(p.Tags) > maxTags {
				t.Errorf("post %+v", p)
			}
		}
	})
}
