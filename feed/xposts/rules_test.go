package xposts

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
)

func TestRuleText(t *testing.T) {
	for _, test := range []struct {
		f      feed.Filter
		sample int
		want   string
	}{
		{feed.Filter{Words: []string{"golang"}}, 0, "(golang) -is:retweet"},
		{feed.Filter{Words: []string{"chat go", "#go", "@ada"}, Langs: []string{"en"}}, 0, "((chat go) OR #go OR @ada) -is:retweet lang:en"},
		{feed.Filter{Words: []string{"golang -crypto"}, Langs: []string{"he", "id"}}, 10, "((golang -crypto)) -is:retweet (lang:iw OR lang:in) sample:10"},
		{feed.Filter{Words: []string{"socket.io", "c++", `"right now"`, "日本"}}, 0, `("socket.io" OR "c++" OR "right now" OR 日本) -is:retweet`},
		{feed.Filter{Words: []string{"lang:en", "from:me", "golang or", "is:verified"}}, 0, `("lang:en" OR "from:me" OR (golang "or") OR "is:verified") -is:retweet`},
		{feed.Filter{Words: []string{"go lang"}, Langs: []string{"en", "eo"}}, 0, "((go lang)) -is:retweet"}, // X does not know Esperanto
		{feed.Filter{Authors: []string{"x:123", "9", "bluesky:did"}}, 0, "(from:123 OR from:9) -is:retweet"},
	} {
		o := Options{Sample: test.sample}
		rules := pack(clauses(test.f), o.ending(test.f.Langs))
		if len(rules) != 1 || rules[0].Value != test.want {
			t.Errorf("%v: %+v, want %s", test.f, rules, test.want)
		}
	}
	if rules := pack(nil, ""); rules != nil {
		t.Errorf("%v", rules)
	}
}

// TestPack has as few rules as there can be, none too long, with all there is room for.
func TestPack(t *testing.T) {
	var words []string
	for i := range maxWords {
		words = append(words, fmt.Sprintf("%054d ab cd", i)[:60])
	}
	f := feed.Filter{Words: words, Langs: []string{"en", "de"}}
	all := clauses(f)
	rules := pack(all, new(Options).ending(f.Langs))
	n := 0
	for _, r := range rules {
		if n += len(r.clauses); len(r.Value) > maxRule {
			t.Errorf("%d characters", len(r.Value))
		}
	}
	if n != maxWords || len(rules) > maxRules/2 {
		t.Errorf("%d phrases in %d rules", n, len(rules))
	}
}

// TestOrphans deletes what an earlier life has left, and nothing of others.
func TestOrphans(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.fake.Store("(rust) -is:retweet", "rightnow:old")
		r.fake.Store(golang, "rightnow:kept")
		r.fake.Store("(theirs)", "theirs")
		r.RunFor(s)
		r.wantRules(golang, "(theirs)")
		posts := 0
		for _, q := range r.fake.Requests() {
			if q.Method == "POST" {
				posts++
			}
		}
		if posts != 1 {
			t.Errorf("%d changes of rules", posts)
		}
		if !strings.Contains(r.Log.String(), "rules that are not ours") {
			t.Errorf("log %s", r.Log.String())
		}
		r.Stop()
		r.wantRules("(theirs)")
	})
}

// TestOrphansWithNothingWanted go at the start, without a connection.
func TestOrphansWithNothingWanted(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.fake.Store("(rust) -is:retweet", "rightnow:old")
		r.Want.Set(feed.Filter{})
		r.RunFor(s)
		r.wantRules()
		r.WantPauses()
		r.wantPhases("idle")
	})
}

// TestLastRoomLeaves deletes the rules and closes the connection, and begins anew.
func TestLastRoomLeaves(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		r.Want.Set(feed.Filter{})
		r.Wait(s)
		r.wantRules()
		if n := r.fake.Open(); n != 0 {
			t.Errorf("%d connections", n)
		}
		r.Want.Set(feed.Filter{Words: []string{"rust"}})
		r.Wait(s)
		r.wantRules("(rust) -is:retweet")
		r.wantPhases("connecting live idle connecting live")
		if gaps := r.Sink.Got().Gaps; len(gaps) != 0 { // nothing was wanted meanwhile
			t.Errorf("gaps %v", gaps)
		}
	}, steps{feedsim.Beat()})
}

// TestFilterChange changes the rules on one connection.
func TestFilterChange(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		r.Want.Set(feed.Filter{Words: []string{"golang", "rust"}})
		r.Wait(s)
		r.wantRules("(golang OR rust) -is:retweet")
		r.WantPauses(0) // the connection stays
	}, steps{feedsim.Beat()})
}

// TestTooManyChanges runs into the limit of rules and waits for its end, with the
// rules there are until then.
func TestTooManyChanges(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.RunFor(s)
		for i := range 60 {
			r.Want.Set(feed.Filter{Words: []string{fmt.Sprint("word", i)}})
			r.Wait(ms)
		}
		r.Wait(time.Minute)
		if rules := r.rules(); len(rules) == 1 && strings.Contains(rules[0], "word59") {
			t.Error("there is no limit")
		}
		r.Wait(20 * time.Minute)
		r.wantRules("(word59) -is:retweet")
		r.WantPauses(0)
	}, beats(30*time.Minute))
}

func beats(d time.Duration) (all steps) {
	for range int(d / (20 * s)) {
		all = append(all, feedsim.Sleep(20*s), feedsim.Beat())
	}
	return all
}

// TestBadPhrase leaves out what X does not take, and nothing else, and asks for it
// no more.
func TestBadPhrase(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.fake.Refuses = "poison"
		r.Want.Set(feed.Filter{Words: []string{"golang", "poison", "rust"}})
		r.RunFor(s)
		r.wantRules("(golang OR rust) -is:retweet")
		r.wantPhases("connecting live")
		if log := r.Log.String(); !strings.Contains(log, "phrase=poison") || strings.Contains(log, "phrase=golang") {
			t.Errorf("log %s", log)
		}
		before := len(r.Asked(feedsim.XRulesPath))
		r.Want.Set(feed.Filter{Words: []string{"golang", "poison"}})
		r.Wait(s)
		r.wantRules("(golang) -is:retweet")
		if n := len(r.Asked(feedsim.XRulesPath)) - before; n != 3 { // list, add, delete
			t.Errorf("%d requests", n)
		}
	}, beats(time.Hour))
}

func TestOnlyBadPhrases(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.fake.Refuses = "poison"
		r.Want.Set(feed.Filter{Words: []string{"poison"}})
		r.RunFor(time.Minute)
		r.WantPauses()
		r.wantRules()
		for _, s := range r.Sink.Got().States[1:] {
			if s.Reason != "X takes none of the phrases that are tracked." {
				t.Errorf("state %+v", s)
			}
		}
	})
}

func FuzzClause(f *testing.F) {
	for _, seed := range []string{"golang", "c++ -x", `"right now" go`, "lang:en", "#Café", "日本 ☕", "a-b -c:d", "or and golang"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := feed.ParsePhrase(text)
		if err != nil {
			return
		}
		rule := pack([]string{clause(p)}, " -is:retweet")[0]
		if len(rule.Value) > maxRule || strings.Count(rule.Value, `"`)%2 != 0 {
			t.Errorf("%q: %s", text, rule.Value)
		}
		outside := rule.Value // of quotes there is no operator that somebody has written
		for i := strings.IndexByte(outside, '"'); i >= 0; i = strings.IndexByte(outside, '"') {
			end := strings.IndexByte(outside[i+1:], '"')
			outside = outside[:i] + outside[i+1+end+1:]
		}
		if strings.Count(outside, ":") != 1 || strings.Count(outside, " OR ") != 0 || strings.Count(outside, "(") != strings.Count(outside, ")") {
			t.Errorf("%q: %s", text, rule.Value)
		}
	})
}
