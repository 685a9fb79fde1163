package app

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"rightnow/feed"
	"rightnow/feed/jetstream"
	"rightnow/feed/mastodon"
	"rightnow/feed/replay"
	"rightnow/feed/rss"
	"rightnow/feed/wikimedia"
	"rightnow/feed/xposts"
)

// newestItems is how many items a feed shows at the start, so that its part of
// the wall is not empty until it has news.
const newestItems = 3

// FeedSources returns the sources that are on, in the order of the setting. It
// connects to nothing.
func FeedSources(cfg *Config, log *slog.Logger) ([]feed.Source, error) {
	var sources []feed.Source
	for _, name := range cfg.Feed {
		s, err := feedSource(name, cfg, log.With("source", name))
		if _, placed := errors.AsType[*ConfigError](err); placed {
			return nil, err
		}
		if err != nil {
			return nil, fmt.Errorf("feed %s: %w", name, err)
		}
		sources = append(sources, s)
	}
	return sources, nil
}

// feedSource makes one source.
func feedSource(name string, cfg *Config, log *slog.Logger) (feed.Source, error) {
	switch name {
	case "replay":
		return replaySource(cfg, log)
	case "bluesky":
		o := &jetstream.Options{Contact: cfg.WikimediaContact, API: cfg.BlueskyAPIURL, Logger: log}
		if cfg.BlueskyURL != "" {
			o.Hosts = []string{socketURL(cfg.BlueskyURL)}
		}
		return jetstream.New(o), nil
	case "wikimedia":
		return wikimedia.New(&wikimedia.Options{URL: cfg.WikimediaURL, Sites: cfg.WikimediaSites, Contact: cfg.WikimediaContact, Logger: log}), nil
	case "mastodon":
		token, err := cfg.MastodonToken.Read()
		if err != nil {
			return nil, &ConfigError{Place: "mastodon-token-file", Err: err}
		}
		return mastodon.New(&mastodon.Options{URL: cfg.MastodonURL, Token: token, Contact: cfg.WikimediaContact, Logger: log}), nil
	case "x":
		token, err := cfg.XToken.Read()
		if err != nil {
			return nil, &ConfigError{Place: "x-token-file", Err: err}
		}
		return xposts.New(&xposts.Options{URL: cfg.XURL, Token: token, Budget: cfg.XDailyBudget, Contact: cfg.WikimediaContact, Logger: log}), nil
	case "rss":
		return rss.New(&rss.Options{Feeds: cfg.RSSFeeds, AllowPrivate: cfg.RSSPrivate, Newest: newestItems, Contact: cfg.WikimediaContact, Logger: log})
	}
	return nil, &ConfigError{Place: "feed", Err: fmt.Errorf("the source %s is not in this program", name)}
}

// replaySource plays the file of the setting, or the one in the program.
func replaySource(cfg *Config, log *slog.Logger) (feed.Source, error) {
	file, err := ReplayFile(cfg.FeedReplay)
	if err != nil {
		return nil, &ConfigError{Place: "feed-replay", Err: err}
	}
	return replay.New(&replay.Options{File: file, Decoders: replayDecoders(file), Logger: log})
}

// ReplayFile reads a replay file; "" is the one in the program.
func ReplayFile(name string) (*replay.File, error) {
	if name == "" {
		return replay.Shipped(), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	file, err := replay.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return file, nil
}

// replayDecoders read the messages of all upstreams. Of streams that have ids for
// people the file has the names.
func replayDecoders(file *replay.File) map[string]feed.Decoder {
	return map[string]feed.Decoder{
		"bluesky": &jetstream.Decoder{Author: func(did string) (feed.Author, bool) {
			p, ok := file.People[did]
			return feed.Author{ID: did, Handle: p.Handle, Name: p.Name}, ok
		}},
		"wikimedia": &wikimedia.Decoder{},
		"mastodon":  &mastodon.Decoder{},
		"x":         &xposts.Decoder{},
		"rss":       &rss.Decoder{},
	}
}

// socketURL is an address as WebSocket has it.
func socketURL(address string) string {
	if rest, ok := strings.CutPrefix(address, "http"); ok {
		return "ws" + rest
	}
	return address
}

// SourceSettings are those of [Settings] that say how sources are reached.
func SourceSettings(c *Config) []Setting { return sourceSettings(c) }
