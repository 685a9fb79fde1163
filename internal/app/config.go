package app

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Config is everything about the program that can be chosen. It is plain
// data: whoever holds it may copy it. The meaning, the bounds and the default
// of each field stand in the table of [Settings].
type Config struct {
	// Listening.
	Host           string
	Port           int
	Origins        []string
	TrustedProxies []netip.Prefix

	// The chat.
	Data         string
	Grace        time.Duration
	NickHold     time.Duration
	MaxNick      int
	MaxText      int
	SayEvery     time.Duration
	SayBurst     int
	EventEvery   time.Duration
	EventBurst   int
	MaxRooms     int
	EmptyRoomTTL time.Duration
	OpenEvery    time.Duration
	OpenBurst    int
	MaxPeople    int
	History      int
	Keep         int
	KeepFor      time.Duration

	// Connections.
	PingInterval time.Duration
	PingTimeout  time.Duration
	MaxPayload   int
	QueueLimit   int
	MaxClients   int

	// Live posts.
	Feed             []string
	FeedWords        []string
	FeedLangs        []string
	FeedPhrases      int
	FeedPhrasesTotal int
	FeedRate         float64
	FeedBurst        int
	FeedLinger       time.Duration
	LobbyWords       string
	FeedReplay       string
	BlueskyURL       string
	BlueskyAPIURL    string
	WikimediaURL     string
	WikimediaContact string
	WikimediaSites   []string
	MastodonURL      string
	MastodonToken    Secret
	RSSFeeds         []string
	RSSPrivate       bool
	XURL             string
	XToken           Secret
	XDailyBudget     int
	APIToken         Secret

	// The Admin UI.
	AdminUser     string
	AdminPassword Secret
	AdminMode     string
	AdminReadOnly bool

	// The program.
	ShutdownTimeout time.Duration
	LogLevel        string
	LogFormat       string
}

// Default is the configuration of a program that was told nothing.
func Default() *Config {
	return &Config{
		Host:             "127.0.0.1",
		Port:             3000,
		Data:             "rightnow.db",
		Grace:            10 * time.Second,
		NickHold:         60 * time.Second,
		MaxNick:          24,
		MaxText:          2000,
		SayEvery:         time.Second,
		SayBurst:         10,
		EventEvery:       50 * time.Millisecond,
		EventBurst:       100,
		MaxRooms:         10_000,
		EmptyRoomTTL:     time.Hour,
		OpenEvery:        time.Minute,
		OpenBurst:        20,
		MaxPeople:        500,
		History:          50,
		PingInterval:     25 * time.Second,
		PingTimeout:      20 * time.Second,
		MaxPayload:       100_000,
		QueueLimit:       1 << 20,
		MaxClients:       10_000,
		Feed:             []string{"replay"},
		FeedWords:        []string{"golang", "socket.io", "javascript", "coffee"},
		FeedPhrases:      50,
		FeedPhrasesTotal: 5000,
		FeedRate:         1,
		FeedBurst:        5,
		FeedLinger:       time.Minute,
		LobbyWords:       LobbyAnyone,
		WikimediaSites:   []string{"en.wikipedia.org"},
		XDailyBudget:     1000,
		AdminUser:        "admin",
		AdminMode:        "development",
		ShutdownTimeout:  10 * time.Second,
		LogLevel:         "info",
		LogFormat:        "text",
	}
}

// Address is what the program listens on, in the form of net.Listen.
func (c *Config) Address() string {
	return net.JoinHostPort(c.Host, strconv.Itoa(c.Port))
}

// A ConfigError is a mistake in the configuration: the person who started the
// program made it, and it ends the program with the exit status of wrong usage.
type ConfigError struct {
	// Place is where the mistake stands: "--port", "PORT", "rightnow.toml:3".
	Place string
	Err   error
}

func (e *ConfigError) Error() string { return e.Place + ": " + e.Err.Error() }

// Unwrap gives the reason without the place.
func (e *ConfigError) Unwrap() error { return e.Err }

// Validate reports what no single setting can see: values that contradict each
// other. Bounds of one value are checked where it is set.
func (c *Config) Validate() error {
	if c.Data == "" {
		return &ConfigError{"data", errors.New("must name a file")}
	}
	if c.NickHold < c.Grace {
		return &ConfigError{"nick-hold", fmt.Errorf("%s is shorter than grace (%s): a nickname would be free while its owner still counts as present", spell(c.NickHold), spell(c.Grace))}
	}
	if need := payloadFor(c.MaxText); c.MaxPayload < need {
		return &ConfigError{"max-payload", fmt.Errorf("%d bytes cannot carry a message of max-text (%d) characters: at least %d", c.MaxPayload, c.MaxText, need)}
	}
	if c.QueueLimit < 2*c.MaxPayload {
		return &ConfigError{"queue-limit", fmt.Errorf("%d bytes is less than two messages of max-payload (%d)", c.QueueLimit, c.MaxPayload)}
	}
	return c.validateFeed()
}

// The words of lobby-words.
const (
	LobbyAnyone = "anyone"
	LobbyNobody = "nobody"
)

// validateFeed wants what the sources that are on cannot be without.
func (c *Config) validateFeed() error {
	if c.FeedPhrasesTotal < c.FeedPhrases {
		return &ConfigError{"feed-phrases-total", fmt.Errorf("%d is less than feed-phrases (%d) of a single room", c.FeedPhrasesTotal, c.FeedPhrases)}
	}
	if len(c.FeedWords) > c.FeedPhrases {
		return &ConfigError{"feed-words", fmt.Errorf("%d words are more than feed-phrases (%d)", len(c.FeedWords), c.FeedPhrases)}
	}
	for _, need := range []struct {
		source, setting string
		missing         bool
		what            string
	}{
		{"wikimedia", "wikimedia-contact", c.WikimediaContact == "", "the source wikimedia has to tell Wikimedia how to reach you: an e-mail address or a page"},
		{"mastodon", "mastodon-url", c.MastodonURL == "", "the source mastodon needs the address of a server, such as https://mastodon.example"},
		{"mastodon", "mastodon-token-file", !c.MastodonToken.Given(), "the source mastodon needs a token: name a file that has it, or set RIGHTNOW_MASTODON_TOKEN"},
		{"rss", "rss-feeds", len(c.RSSFeeds) == 0, "the source rss needs at least one feed"},
		{"x", "x-token-file", !c.XToken.Given(), "the source x needs a bearer token: name a file that has it, or set RIGHTNOW_X_TOKEN"},
	} {
		if need.missing && slices.Contains(c.Feed, need.source) {
			return &ConfigError{need.setting, errors.New(need.what)}
		}
	}
	return nil
}

// payloadFor is the most bytes that a say event with so many characters has:
// JSON spells a control character in six bytes, and the envelope is small.
func payloadFor(characters int) int { return 6*characters + 2048 }

// checkOrigin accepts what the Socket.IO server takes as an origin: "*", or
// scheme://host with an optional port and an optional leading "*." label.
func checkOrigin(text string) error {
	if text == "*" {
		return nil
	}
	u, err := url.Parse(strings.Replace(text, "://*.", "://any.", 1))
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return fmt.Errorf("%q is no origin: write https://chat.example.com, https://*.example.com or *", text)
	case u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return fmt.Errorf("%q is more than an origin: write only %s://%s", text, u.Scheme, u.Host)
	case strings.Contains(u.Host, "*"):
		return fmt.Errorf("%q: a star stands for the first label only, as in https://*.example.com", text)
	}
	return nil
}

// parsePrefix takes an address or a network: 10.0.0.0/8, 127.0.0.1, ::1.
func parsePrefix(text string) (netip.Prefix, error) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return prefix.Masked(), nil
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is no address or network: write 127.0.0.1 or 10.0.0.0/8", text)
	}
	return netip.PrefixFrom(addr, addr.BitLen()), nil
}
