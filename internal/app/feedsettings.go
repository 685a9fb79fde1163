package app

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"rightnow/feed"
)

// feedNames are the sources there are, in the order in which pages show them.
var feedNames = [...]string{"replay", "bluesky", "wikimedia", "mastodon", "rss", "x"}

func feedSettings(c *Config) []Setting {
	return []Setting{
		{
			Name: "feed", Group: groupFeed,
			Help: "Where live posts come from: any of " + strings.Join(feedNames[:], ", ") + "; nothing switches them off. " +
				"replay is a file of invented posts and needs no network.",
			Value: choicesValue(&c.Feed, feedNames[:]),
		}, {
			Name: "feed-words", Group: groupFeed,
			Help:  "Words that the lobby tracks until somebody there changes them; a word, a \"quoted phrase\", a #tag, or -one that must not be there.",
			Value: textsValue(&c.FeedWords, "list", "golang", checkPhrase),
		}, {
			Name: "feed-langs", Group: groupFeed,
			Help:  "Languages of the posts in the lobby, likewise, such as en or de; none is all.",
			Value: textsValue(&c.FeedLangs, "list", "en", nil),
		}, {
			Name: "lobby-words", Group: groupFeed,
			Help:  "Who may change what the lobby tracks. In any other room that is whoever opened it.",
			Value: choiceValue{&c.LobbyWords, []string{LobbyAnyone, LobbyNobody}},
		}, {
			Name: "feed-phrases", Group: groupFeed,
			Help:  "Most words that one room tracks.",
			Value: intValue{&c.FeedPhrases, "number", 1, 1000},
		}, {
			Name: "feed-phrases-total", Group: groupFeed,
			Help:  "Most words that all rooms track together.",
			Value: intValue{&c.FeedPhrasesTotal, "number", 1, 1_000_000},
		}, {
			Name: "feed-rate", Group: groupFeed,
			Help:  "Posts a second that one room is shown, on average; of more, the newest are shown and the others counted.",
			Value: floatValue{&c.FeedRate, 0.01, 100},
		}, {
			Name: "feed-burst", Group: groupFeed,
			Help:  "Posts that one room is shown at once before feed-rate counts.",
			Value: intValue{&c.FeedBurst, "number", 1, 1000},
		}, {
			Name: "feed-linger", Group: groupFeed,
			Help:  "How long the words of a room that nobody looks at are still asked for.",
			Value: durationValue{&c.FeedLinger, time.Millisecond, 24 * time.Hour},
		}, {
			Name: "api-token-file", Group: groupFeed, Secret: envPrefix + "API_TOKEN",
			Help:  "File with the key for POST /api/posts, by which programs add posts of their own; without a key there is no such address.",
			Value: secretValue{&c.APIToken, checkKey},
		},
	}
}

func sourceSettings(c *Config) []Setting {
	return []Setting{
		{
			Name: "feed-replay", Group: groupFeed,
			Help:  "File that the source replay plays; none is the one that comes with the program.",
			Value: textValue{p: &c.FeedReplay, word: "file"},
		}, {
			Name: "bluesky-url", Group: groupFeed,
			Help:  "Address of the Jetstream server, if not Bluesky's own.",
			Value: textValue{&c.BlueskyURL, "url", checkURL},
		}, {
			Name: "bluesky-api-url", Group: groupFeed,
			Help:  "Address of the API that knows the names of authors, if not Bluesky's own.",
			Value: textValue{&c.BlueskyAPIURL, "url", checkURL},
		}, {
			Name: "wikimedia-url", Group: groupFeed,
			Help:  "Address of the event stream, if not Wikimedia's own.",
			Value: textValue{&c.WikimediaURL, "url", checkURL},
		}, {
			Name: "wikimedia-contact", Group: groupFeed,
			Help:  "E-mail address or page by which Wikimedia can reach you, which it asks for; stands in every request.",
			Value: textValue{&c.WikimediaContact, "text", checkContact},
		}, {
			Name: "wikimedia-sites", Group: groupFeed,
			Help:  "Wikis whose edits are posts.",
			Value: textsValue(&c.WikimediaSites, "list", "en.wikipedia.org", nil),
		}, {
			Name: "mastodon-url", Group: groupFeed,
			Help:  "Address of the Mastodon server, such as https://mastodon.example.",
			Value: textValue{&c.MastodonURL, "url", checkURL},
		}, {
			Name: "mastodon-token-file", Group: groupFeed, Secret: envPrefix + "MASTODON_TOKEN",
			Help:  "File with the token of an account there.",
			Value: secretValue{&c.MastodonToken, checkKey},
		}, {
			Name: "rss-feeds", Group: groupFeed,
			Help:  "Addresses of RSS, Atom or JSON feeds.",
			Value: textsValue(&c.RSSFeeds, "list", "https://blog.example/feed.xml", checkURL),
		}, {
			Name: "rss-private", Group: groupFeed,
			Help:  "Whether feeds may stand at private addresses, such as 192.168.0.1 or localhost.",
			Value: boolValue{&c.RSSPrivate},
		}, {
			Name: "x-url", Group: groupFeed,
			Help:  "Address of the API, if not X's own.",
			Value: textValue{&c.XURL, "url", checkURL},
		}, {
			Name: "x-token-file", Group: groupFeed, Secret: envPrefix + "X_TOKEN",
			Help:  "File with the bearer token of an app at X, which charges for each post.",
			Value: secretValue{&c.XToken, checkKey},
		}, {
			Name: "x-daily-budget", Group: groupFeed,
			Help:  "Most posts that are bought from X in a day.",
			Value: intValue{&c.XDailyBudget, "number", 0, 10_000_000},
		},
	}
}

func checkPhrase(text string) error {
	// One that only says what is not wanted is none by itself.
	_, err := feed.ParsePhrase(strings.TrimPrefix(text, "-"))
	if refused, ok := errors.AsType[*feed.PhraseError](err); ok {
		return fmt.Errorf("%q cannot be tracked: %s", refused.Phrase, refused.Reason)
	}
	return nil
}

// checkURL takes http, https, ws and wss. A key does not belong into an address.
func checkURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "":
		return errors.New("is no address: write https://host or https://host/path") // it may have a key in it
	case u.User != nil:
		return errors.New("has a user or a password in it: keys stand in files")
	case u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "wss" && u.Scheme != "ws":
		return fmt.Errorf("%q is not an address of the web: write https://host", text)
	}
	return nil
}

// checkContact wants what can stand in a header.
func checkContact(text string) error {
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return errors.New("has characters that no header can have")
	}
	return nil
}
