package mastodon

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
)

func request(t *testing.T, s *Source) *http.Request {
	req, err := http.NewRequest(http.MethodGet, s.o.URL+feedsim.MastodonInstancePath, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = s.o.header()
	return req
}

// TestStatus takes all that a status can have.
func TestStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text := `{"id":"7","uri":"https://fake.example/users/sam/statuses/7","url":null,"created_at":"2099-01-01T00:00:00Z","edited_at":"1999-12-31T00:00:00Z","visibility":"unlisted","language":"de-AT",
"spoiler_text":"Food & drink","sensitive":false,"content":"<p>Look: <a href=\"https://a.example/x\"><span class=\"invisible\">https://</span><span class=\"ellipsis\">a.example/x</span></a><br>at #<span>coffee</span> &lt;3</p><p>Two</p>","reblog":null,
"account":{"acct":"Sam","display_name":"Sam :x:","avatar_static":"https://fake.example/a.png","url":"https://www.fake.example/@sam","bot":true,"locked":true,"noindex":true},
"media_attachments":[{"type":"image","url":"https://f.example/1.png","preview_url":"https://f.example/1s.png","description":"a cup"},{"type":"gifv","url":"https://f.example/2.mp4","preview_url":"","description":null},{"type":"unknown","url":null}],
"tags":[{"name":"coffee","url":"x"}]}`
		var sink feedsim.Sink
		d := Decoder{Bots: true, Domain: "fake.example"}
		if ok, err := d.Decode([]byte(event("update", text)), &sink); !ok || err != nil {
			t.Fatal(ok, err)
		}
		now := time.Now()
		want := feed.Post{
			Source: "mastodon", ID: "https://fake.example/users/sam/statuses/7", Rev: "1999-12-31T00:00:00Z", Native: "7",
			Author: feed.Author{ID: "sam@fake.example", Handle: "Sam@fake.example", Name: "Sam :x:", Avatar: "https://fake.example/a.png", URL: "https://www.fake.example/@sam", Bot: true},
			Text:   "Look: a.example/x\nat #coffee <3\n\nTwo", Warning: "Food & drink", Sensitive: true,
			Tags: []string{"coffee"}, Langs: []string{"de-AT"}, URL: "https://fake.example/users/sam/statuses/7",
			Media:     []feed.Media{{Kind: "image", URL: "https://f.example/1.png", Preview: "https://f.example/1s.png", Alt: "a cup"}, {Kind: "video", URL: "https://f.example/2.mp4"}},
			CreatedAt: now, ReceivedAt: now,
		}
		if got := sink.Got().Posts; len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			t.Errorf("got  %+v\nwant %+v\nskips %v", got, want, sink.Got().Skips)
		}
		d.Domain = ""
		d.Decode([]byte(event("update", text)), &sink)
		if got := sink.Got().Posts[1].Author.ID; got != "sam@www.fake.example" {
			t.Errorf("author %s", got)
		}
	})
}

func TestTagOf(t *testing.T) {
	for phrase, want := range map[string]string{
		"golang": "golang", "#Golang": "golang", "Café": "cafe", "ＧＯlang": "golang", "go -crypto": "go", "chat #go": "go", "東京": "東京", "open_source": "open_source", "go2026": "go2026",
		"go chat": "", `"right now"`: "", "c++": "", "socket.io": "", "2026": "", "☕": "", "@ada": "", "$gold": "", "-x": "",
	} {
		if got, ok := tagOf(phrase); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", phrase, got, ok, want)
		}
	}
}

func TestSubscriptions(t *testing.T) {
	public, tag := subscription{}, subscription{tag: "go"}
	tests := map[string]struct {
		o             Options
		live, hashtag access
		words         []string
		want          []subscription
		lacks         bool
	}{
		"before 4.5":           {words: []string{"go", "c++"}, want: []subscription{tag, public}},
		"authenticated":        {live: access{"authenticated", "authenticated"}, words: []string{"go", "c++"}, want: []subscription{tag, public}},
		"everything":           {o: Options{Everything: true}, words: []string{"go"}, want: []subscription{public}},
		"local":                {o: Options{Scope: Local}, words: []string{"go", "c++"}, want: []subscription{{"go", Local}, {"", Local}}},
		"remote":               {o: Options{Scope: Remote}, words: []string{"go", "c++"}, want: []subscription{tag, {"", Remote}}},
		"live local alone":     {live: access{"public", "disabled"}, words: []string{"c++"}, want: []subscription{{"", Local}}},
		"hashtags local alone": {hashtag: access{"public", "disabled"}, words: []string{"go"}, want: []subscription{{"go", Local}}},
		"no hashtags":          {hashtag: access{"disabled", "disabled"}, words: []string{"go"}, want: []subscription{public}},
		"no live":              {live: access{"disabled", "disabled"}, words: []string{"go", "c++"}, want: []subscription{tag}, lacks: true},
		"nothing":              {live: access{"disabled", "disabled"}, hashtag: access{"disabled", "disabled"}, words: []string{"go"}, lacks: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var i instance
			i.Configuration.Access.Live, i.Configuration.Access.Hashtag = test.live, test.hashtag
			got, lacks := test.o.subscriptions(feed.Filter{Words: test.words}, &i)
			want := map[subscription]bool{}
			for _, s := range test.want {
				want[s] = true
			}
			if !reflect.DeepEqual(got, want) || (lacks != "") != test.lacks {
				t.Errorf("%v %q, want %v", got, lacks, want)
			}
		})
	}
	var many []string
	for i := range maxTags + 1 {
		many = append(many, "tag"+strconv.Itoa(i))
	}
	if got, _ := new(Options).subscriptions(feed.Filter{Words: many}, &instance{}); len(got) != 1 || !got[public] {
		t.Errorf("%d streams for %d tags", len(got), len(many))
	}
}

func TestKnownIsBounded(t *testing.T) {
	var k known
	for i := range maxKnown + 10 {
		k.add(strconv.Itoa(i), "u")
		k.uri("0")
	}
	if len(k.byID) != maxKnown || k.order.Len() != maxKnown || k.uri("1") != "" || k.uri("0") != "u" {
		t.Errorf("%d, %d", len(k.byID), k.order.Len())
	}
	var shown shown
	shown.add(make([]feed.Post, 5))
	for i := range maxShown + 50 {
		shown.add([]feed.Post{{Source: Name, Native: strconv.Itoa(i)}, {Source: "x", Native: "y"}})
	}
	if all := shown.all(); len(all) != maxShown || all[0].id != "50" {
		t.Errorf("%d, %v", len(all), all[0])
	}
}

// TestOverTCP has one post come over real sockets.
func TestOverTCP(t *testing.T) {
	fake := feedsim.NewMastodon(feedsim.Scripts(steps{subscribed, send(update(1, "over TCP"))}))
	srv := httptest.NewServer(feedsim.Mux(fake))
	defer srv.Close()
	source := New(&Options{URL: srv.URL, Token: token, Client: feed.NewClient((&net.Dialer{}).DialContext)})
	var want feed.Want
	want.Set(feed.Filter{Words: []string{"golang"}})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var sink feedsim.Sink
	ended := make(chan error, 1)
	go func() { ended <- source.Run(ctx, &want, &sink) }()
	if err := sink.Await(ctx, func(g feedsim.Got) bool { return len(g.Posts) == 1 && g.Posts[0].Text == "over TCP" }); err != nil {
		t.Errorf("%v: %+v", err, sink.Got())
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		update(1, "Grüße"), event("delete", "1"), event("status.update", post(1, "x", `,"edited_at":"z","tags":[{}],"media_attachments":[{"type":"image","url":"x"}]`)),
		`{"stream":["user"],"event":"filters_changed"}`, `{"event":"update"}`, `{"error":"x","status":403}`, `{"error":"x","status":401}`, `null`, `[`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		var sink feedsim.Sink
		var d Decoder
		for range 2 {
			d.Decode(msg, &sink)
		}
		got := sink.Got()
		for _, p := range got.Posts {
			if p.ID == "" || p.Native == "" || p.Author.ID == "" || p.Source != Name || p.CreatedAt.After(p.ReceivedAt) || len(p.Media) > maxMedia || len(p.Tags) > feed.MaxTags {
				t.Errorf("post %+v", p)
			}
		}
		for _, ref := range got.Retracts {
			if ref.Native == "" || ref.AuthorID != "" || strings.ContainsAny(ref.Native, " /") {
				t.Errorf("retract %+v", ref)
			}
		}
	})
}
