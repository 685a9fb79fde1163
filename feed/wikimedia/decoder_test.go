package wikimedia

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"rightnow/feed"
	"rightnow/internal/feedsim"
)

func TestPost(t *testing.T) {
	wiki := "https://en.wikipedia.org"
	anna := feed.Author{ID: "en.wikipedia.org:Anna", Handle: "Anna", Name: "Anna", URL: wiki + "/wiki/User:Anna"}
	somebody := feed.Author{ID: "en.wikipedia.org:anonymous", Name: "Somebody"}
	for _, test := range []struct {
		name, message string
		text, url     string
		author        feed.Author
	}{
		{"edit", edit("1", "Go (game)", ""), "edited Go (game): a comment", "/w/index.php?diff=11&oldid=10", anna},
		{"new", edit("1", "A/B: what?", `,"type":"new","revision":{"old":0,"new":11}`), "created A/B: what?: a comment", "/w/index.php?diff=11", anna},
		{"section", edit("1", "Go", `,"comment":"/* Early  life */ see [[Tea|the tea]], [[Cup]] and [[ open"`), "edited Go: Early life see the tea, Cup and [[ open", "/w/index.php?diff=11&oldid=10", anna},
		{"no comment", edit("1", "Go", `,"comment":""`), "edited Go", "/w/index.php?diff=11&oldid=10", anna},
		{"no revision", edit("1", "A B/ü?#%", `,"revision":{"old":0,"new":0}`), "edited A B/ü?#%: a comment", "/wiki/A_B/%C3%BC%3F%23%25", anna},
		{"odd path", edit("1", "Go", `,"server_script_path":"//evil.example/?"`), "edited Go: a comment", "/w/index.php?diff=11&oldid=10", anna},
		{"address", edit("1", "Go", `,"user":"2001:db8::1"`), "edited Go: a comment", "/w/index.php?diff=11&oldid=10", somebody},
		{"no user", strings.Replace(edit("1", "Go", ""), `"user":"Anna",`, "", 1), "edited Go: a comment", "/w/index.php?diff=11&oldid=10", somebody},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sink feedsim.Sink
				var d Decoder
				if event, err := d.Decode([]byte(test.message), &sink); !event || err != nil {
					t.Fatal(event, err)
				}
				posts := sink.Got().Posts
				if len(posts) != 1 {
					t.Fatalf("%+v", sink.Got())
				}
				p := posts[0]
				want := feed.Post{Source: "wikimedia", ID: "1", Text: test.text, URL: wiki + test.url, Author: test.author, Langs: []string{"en"},
					CreatedAt: p.CreatedAt, ReceivedAt: p.ReceivedAt}
				if fmt.Sprint(p) != fmt.Sprint(want) || !p.CreatedAt.Equal(bubble) {
					t.Errorf("got  %+v\nwant %+v", p, want)
				}
			})
		})
	}
}

func TestLanguage(t *testing.T) {
	for site, want := range map[string]string{
		"de.wikipedia.org": "[de]", "simple.wikipedia.org": "[en]", "www.wikidata.org": "[]",
		"commons.wikimedia.org": "[]", "wikipedia.org": "[]", "": "[]", "zh.wikinews.org": "[zh]",
	} {
		if got := fmt.Sprint(language(site)); got != want {
			t.Errorf("%s: %s, want %s", site, got, want)
		}
	}
}

func TestShownIsBounded(t *testing.T) {
	var seen shown
	for i := range 2*maxShown + 1 {
		seen.add("x", fmt.Sprint(i%30000), int64(i), fmt.Sprint(i))
	}
	if len(seen.order) != maxShown || len(seen.byKey) != 2*maxShown {
		t.Errorf("%d posts, %d keys", len(seen.order), len(seen.byKey))
	}
	if got := seen.ofRevision("x", 2*maxShown); fmt.Sprint(got) != fmt.Sprintf("[%d]", 2*maxShown) {
		t.Errorf("newest: %v", got)
	}
	if got := seen.ofRevision("x", 5); got != nil {
		t.Errorf("oldest: %v", got)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{edit("1", "Go", ""), deleted("Go"), hidden(11, false), `{`, `null`, ``,
		edit("1", "Go", `,"type":"log","log_type":"delete","log_action":"delete","log_params":[]`),
		edit("2", "Go", `,"comment":"/* [[a|b]] */ [[c","server_script_path":null`)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		var sink feedsim.Sink
		var d Decoder
		for range 2 {
			if _, err := d.Decode(msg, &sink); err != nil {
				t.Error(err)
			}
		}
		for _, p := range sink.Got().Posts {
			if p.ID == "" || p.Author.ID == "" || !strings.HasPrefix(p.URL, "https://") || p.CreatedAt.After(p.ReceivedAt) {
				t.Errorf("post %+v", p)
			}
		}
	})
}

func FuzzPosition(f *testing.F) {
	f.Add(`[{"topic":"x","partition":0,"timestamp":5},{"topic":"y","partition":1,"offset":-1}]`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, id string) {
		p := parsePosition(id)
		if p == nil {
			return
		}
		if again := parsePosition(p.String()); again.String() != p.String() || again.lastEventID() == "" {
			t.Errorf("%q became %q", p, again)
		}
	})
}
