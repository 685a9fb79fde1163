package replay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"

	"rightnow/feed"
	"rightnow/feed/jetstream"
	"rightnow/feed/mastodon"
	"rightnow/feed/replay"
	"rightnow/feed/rss"
	"rightnow/feed/wikimedia"
	"rightnow/feed/xposts"
	"rightnow/internal/feedsim"
)

var update = flag.Bool("update", false, "write the golden file anew")

const (
	shipped = "testdata/replay-v1.jsonl"
	golden  = "testdata/replay-v1.golden.jsonl"
)

// decoders are those of the program.
func decoders(f *replay.File) map[string]feed.Decoder {
	return map[string]feed.Decoder{
		"bluesky": &jetstream.Decoder{Author: func(did string) (feed.Author, bool) {
			p, ok := f.People[did]
			return feed.Author{ID: did, Handle: p.Handle, Name: p.Name}, ok
		}},
		"wikimedia": &wikimedia.Decoder{},
		"mastodon":  &mastodon.Decoder{},
		"x":         &xposts.Decoder{},
		"rss":       &rss.Decoder{},
	}
}

func TestShippedIsTheFileInTestdata(t *testing.T) {
	plain, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := os.ReadFile("replay-v1.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	if len(packed) > 200<<10 {
		t.Errorf("%d bytes in the program", len(packed))
	}
	f, err := replay.Read(bytes.NewReader(plain))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprintf("%+v", replay.Shipped()), fmt.Sprintf("%+v", f); got != want {
		t.Error("the file in the program is another: run go generate ./feed/replay")
	}
	if n := len(f.Events); n < 350 || n > 450 || f.Span != 3*time.Minute || !f.Loop || f.License == "" {
		t.Errorf("%d events, %v", n, f.Span)
	}
}

// play plays the shipped file for one round and a bit, in virtual time.
func play(t *testing.T, d time.Duration) feedsim.Got {
	t.Helper()
	var sink feedsim.Sink
	synctest.Test(t, func(t *testing.T) {
		f := replay.Shipped()
		s, err := replay.New(&replay.Options{Decoders: decoders(f)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), d)
		defer cancel()
		var want feed.Want
		want.Set(feed.Filter{Words: []string{"coffee"}})
		if err := s.Run(ctx, &want, &sink); err != nil {
			t.Error(err)
		}
	})
	return sink.Got()
}

// line is one of the golden file.
type line struct {
	At      string       `json:"at,omitempty"` // since the start
	Post    *feed.Post   `json:"post,omitempty"`
	Matched []string     `json:"matched,omitempty"`
	Edit    bool         `json:"edit,omitempty"`
	Hidden  string       `json:"no_longer_matches,omitempty"`
	Retract *feed.Ref    `json:"retract,omitempty"`
	Gap     string       `json:"gap,omitempty"`
	State   *feed.State  `json:"state,omitempty"`
	Count   *countedLine `json:"counts,omitempty"`
}

type countedLine struct {
	Offered, Matched int
	Skipped          map[feed.SkipReason]int
}

// TestGolden compares what comes out for a fixed filter.
func TestGolden(t *testing.T) {
	got := transcript(t, play(t, 179*time.Second), []string{"golang", "socket.io", "javascript", "coffee"})
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got, want) {
		return
	}
	gots, wants := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(gots), len(wants)) {
		if gots[i] != wants[i] {
			t.Fatalf("line %d:\n%s\nwant\n%s\n(-update writes it anew)", i+1, gots[i], wants[i])
		}
	}
	t.Fatalf("%d lines, want %d", len(gots), len(wants))
}

func transcript(t *testing.T, got feedsim.Got, words []string) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	write := func(l line) {
		if err := enc.Encode(l); err != nil {
			t.Fatal(err)
		}
	}
	index := feed.NewIndex()
	for _, w := range words {
		p, err := feed.ParsePhrase(w)
		if err != nil {
			t.Fatal(err)
		}
		index.Add("room", p)
	}
	start := got.Posts[0].ReceivedAt.Truncate(time.Second)
	matched := matches(t, got, index, start, write)
	for _, r := range got.Retracts {
		write(line{Retract: &r})
	}
	for _, g := range got.Gaps {
		write(line{Gap: fmt.Sprintf("%v to %v", g[0].Sub(start), g[1].Sub(start))})
	}
	for _, s := range got.States {
		write(line{State: &s})
	}
	write(line{Count: &countedLine{Offered: len(got.Posts), Matched: matched, Skipped: got.Skips}})
	return out.Bytes()
}

// matches writes the posts that match, and edits that do so no longer.
func matches(t *testing.T, got feedsim.Got, index *feed.Index, start time.Time, write func(line)) (matched int) {
	shown := map[string]bool{}
	for _, p := range got.Posts {
		if err := feed.Clean(&p, p.ReceivedAt); err != nil {
			t.Errorf("%v: %+v", err, p)
			continue
		}
		var doc feed.Doc
		doc.Read(&p)
		var hits []string
		index.Match(&doc, func(_, phrase string) { hits = append(hits, phrase) })
		slices.Sort(hits)
		at := p.ReceivedAt.Sub(start).String()
		switch {
		case hits != nil:
			matched++
			write(line{At: at, Post: &p, Matched: hits, Edit: shown[p.ID]})
			shown[p.ID] = true
		case shown[p.ID]:
			write(line{At: at, Hidden: p.ID})
		}
	}
	return matched
}

// TestCoverage ticks the list of what the file has to have.
func TestCoverage(t *testing.T) {
	raw, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	got := play(t, 179*time.Second)
	has := map[string]bool{}
	times := map[string]int{}
	for _, p := range got.Posts {
		for _, l := range p.Langs {
			has["lang "+l] = true
		}
		has["no alt"] = has["no alt"] || len(p.Media) > 0 && p.Media[0].Alt == ""
		has["alt"] = has["alt"] || len(p.Media) > 0 && p.Media[0].Alt != ""
		has["sensitive"] = has["sensitive"] || p.Sensitive
		has["empty"] = has["empty"] || p.Text == ""
		has["long"] = has["long"] || utf8.RuneCountInString(p.Text) >= 300
		has["tag alone"] = has["tag alone"] || slices.Contains(p.Tags, "golang") && !strings.Contains(p.Text, "golang")
		for _, r := range p.Text {
			for name, table := range map[string]*unicode.RangeTable{"Arabic": unicode.Arabic, "Han": unicode.Han, "Thai": unicode.Thai, "Devanagari": unicode.Devanagari, "Kana": unicode.Hiragana, "Cyrillic": unicode.Cyrillic} {
				has[name] = has[name] || unicode.Is(table, r)
			}
		}
		for name, part := range map[string]string{"ZWJ": "👩🏽\u200d🚀", "VS16": "\ufe0f", "flag": "🇵🇹", "decomposed": "e\u0301", "fullwidth": "ｃｏｆｆｅｅ", "zero-width": "\u200b", "override": "\u202e",
			"socket.io": "socket.io", "C++": "C++", "#Go": "#Go", "URL": "https://", "script": "<script>", "img": "<img src=x onerror", "javascript:": "javascript:alert", "entities": "&lt;b&gt;"} {
			has[name] = has[name] || strings.Contains(p.Text, part)
		}
		times[p.ID]++
	}
	for id, n := range times {
		has["again or edited"] = has["again or edited"] || n > 1 && id != ""
	}
	for _, r := range got.Retracts {
		has["deleted"] = has["deleted"] || r.ID != ""
		has["account gone"] = has["account gone"] || r.AuthorID != ""
	}
	for i, p := range got.Posts {
		has["deleted first"] = has["deleted first"] || slices.ContainsFunc(got.Retracts, func(r feed.Ref) bool { return r.ID == p.ID }) && strings.Contains(p.Text, "deleted before it came")
		has["burst"] = has["burst"] || i >= 199 && p.ReceivedAt.Sub(got.Posts[i-199].ReceivedAt) <= time.Second
		has["20 s of quiet"] = has["20 s of quiet"] || i > 0 && p.ReceivedAt.Sub(got.Posts[i-1].ReceivedAt) >= 20*time.Second
	}
	has["malformed"], has["unknown"] = got.Skips[feed.SkipMalformed] > 0, got.Skips[feed.SkipUnknown] > 0
	has["gap"] = len(got.Gaps) > 0
	for _, do := range []string{"cut", "429", "quiet", "beat"} {
		has[do] = bytes.Contains(raw, fmt.Appendf(nil, `"do":%q`, do))
	}
	has["bot"], has["reply"] = bytes.Contains(raw, []byte(`\"bot\":true`)), bytes.Contains(raw, []byte(`"reply":{`))
	langs := 0
	for name, ok := range has {
		if !ok {
			t.Errorf("nothing has: %s", name)
		}
		if strings.HasPrefix(name, "lang ") {
			langs++
		}
	}
	if langs < 8 {
		t.Errorf("%d languages", langs)
	}
}

// Nobody and nothing in the file is real.
func TestInvented(t *testing.T) {
	raw, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"bsky.social", "mastodon.social", "wikipedia.org", "twitter.com", "x.com/"} {
		if bytes.Contains(raw, []byte(text)) {
			t.Errorf("it names %s", text)
		}
	}
	for did, p := range replay.Shipped().People {
		if !strings.HasPrefix(did, "did:plc:demo") || len(did) != len("did:plc:")+24 || !strings.HasSuffix(p.Handle, ".example") {
			t.Errorf("%s %+v", did, p)
		}
	}
	for _, r := range string(raw) {
		if unicode.Is(unicode.Cf, r) {
			t.Errorf("%U stands in the file: escape it", r)
		}
	}
}

// TestRoundsAreNew has nothing of the second round look like something of the first.
func TestRoundsAreNew(t *testing.T) {
	got := play(t, 9*time.Minute-time.Second)
	rounds := map[string]int{}
	start := got.Posts[0].ReceivedAt.Truncate(time.Second)
	for _, p := range got.Posts {
		round := int(p.ReceivedAt.Sub(start) / (3 * time.Minute))
		if was, ok := rounds[p.ID]; ok && was != round {
			t.Fatalf("%s comes in rounds %d and %d", p.ID, was, round)
		}
		rounds[p.ID] = round
	}
	if n := len(got.Posts); n < 3*320 {
		t.Errorf("%d posts", n)
	}
}
