package app

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFeedSources(t *testing.T) {
	cfg := Default()
	log := slog.New(slog.DiscardHandler)
	cfg.Feed = []string{"rss", "replay", "wikimedia", "mastodon", "x", "bluesky"}
	cfg.XToken = Secret{value: "key"}
	cfg.MastodonURL, cfg.MastodonToken = "https://social.example", Secret{value: "key"}
	cfg.RSSFeeds = []string{"https://blog.example/feed.xml"}
	cfg.WikimediaContact = "admin@example.com"
	sources, err := FeedSources(cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range sources {
		names = append(names, s.Name())
	}
	if got := strings.Join(names, " "); got != "rss replay wikimedia mastodon x bluesky" {
		t.Errorf("sources %q", got)
	}
	cfg.Feed = nil
	if sources, err := FeedSources(cfg, log); len(sources) != 0 || err != nil {
		t.Errorf("%v, %v", sources, err)
	}
}

func TestFeedSourcesRefuse(t *testing.T) {
	cfg := Default()
	log := slog.New(slog.DiscardHandler)
	cfg.FeedReplay = filepath.Join(t.TempDir(), "wrong.jsonl")
	for _, text := range []string{"", "hello\n"} {
		if text != "" {
			if err := os.WriteFile(cfg.FeedReplay, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := FeedSources(cfg, log)
		if wrong, ok := errors.AsType[*ConfigError](err); !ok || wrong.Place != "feed-replay" || !strings.Contains(err.Error(), cfg.FeedReplay) {
			t.Errorf("%v", err)
		}
	}
	cfg.Feed, cfg.RSSFeeds = []string{"rss"}, []string{"https://me:secret@blog.example/"}
	if _, err := FeedSources(cfg, log); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
}

func TestEverySourceIsThereOrRefused(t *testing.T) {
	cfg := Default()
	cfg.RSSFeeds = []string{"https://blog.example/feed.xml"}
	for _, name := range feedNames {
		cfg.Feed = []string{name}
		sources, err := FeedSources(cfg, slog.New(slog.DiscardHandler))
		wrong, ok := errors.AsType[*ConfigError](err)
		switch {
		case err == nil && (len(sources) != 1 || sources[0].Name() != name):
			t.Errorf("%s: %v", name, sources)
		case err != nil && (!ok || wrong.Place != "feed"):
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSocketURL(t *testing.T) {
	for address, want := range map[string]string{"https://a.example": "wss://a.example", "http://127.0.0.1:1": "ws://127.0.0.1:1", "wss://a.example": "wss://a.example"} {
		if got := socketURL(address); got != want {
			t.Errorf("%s became %s", address, got)
		}
	}
}
