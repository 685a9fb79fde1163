package app

import (
	"math"
	"slices"
	"strings"
	"time"
)

// A Setting is one row of the table: everything that is known about it.
type Setting struct {
	// Name is the flag without its dashes and the key in the file.
	Name string
	// Group is the heading it stands under in the help and in the file.
	Group string
	// Help is one sentence or two, without the default.
	Help string
	// Alias is a second environment variable, weaker than the setting's own.
	Alias string
	// Secret is an environment variable that has the secret itself, stronger than
	// the file that the setting names.
	Secret string
	Value
}

// Env is the environment variable of the setting: ping-timeout has
// RIGHTNOW_PING_TIMEOUT.
func (s *Setting) Env() string { return EnvName(s.Name) }

// IsSwitch tells whether the setting is true or false, so that its flag says enough
// without a value.
func (s *Setting) IsSwitch() bool {
	_, ok := s.Value.(boolValue)
	return ok
}

// EnvName is the environment variable that belongs to a name.
func EnvName(name string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

const envPrefix = "RIGHTNOW_"

// ConfigName is the one name that can stand in a flag and in the environment
// but not in the file: that of the file.
const ConfigName = "config"

const (
	groupListen  = "Listening"
	groupChat    = "Chat"
	groupConns   = "Connections"
	groupFeed    = "Live posts"
	groupAdmin   = "Admin UI"
	groupProgram = "Program"
)

// Settings is the table of all settings, their values bound to c.
func Settings(c *Config) []Setting {
	return slices.Concat(listenSettings(c), chatSettings(c), connectionSettings(c), feedSettings(c), sourceSettings(c), adminSettings(c), programSettings(c))
}

func listenSettings(c *Config) []Setting {
	return []Setting{
		{
			Name: "host", Group: groupListen,
			Help: "Address to listen on. Nobody has to sign in to the chat, so at first only this machine reaches it; " +
				"0.0.0.0 (or ::) lets in everybody who can reach this machine, such as the people in your network.",
			Value: textValue{p: &c.Host, word: "address"},
		}, {
			Name: "port", Group: groupListen, Alias: "PORT",
			Help:  "Port to listen on; 0 takes any free one and the first line of the output names it.",
			Value: intValue{p: &c.Port, word: "port", min: 0, max: 65535},
		}, {
			Name: "origins", Group: groupListen,
			Help: "Web pages of other sites that may connect: https://chat.example.com, https://*.example.com, or * for all. " +
				"The program's own page always may.",
			Value: originsValue(&c.Origins),
		}, {
			Name: "trusted-proxies", Group: groupListen,
			Help:  "Addresses or networks of the proxies in front, whose X-Forwarded-* headers are believed.",
			Value: prefixesValue(&c.TrustedProxies),
		},
	}
}

func chatSettings(c *Config) []Setting {
	return []Setting{
		{
			Name: "data", Group: groupChat,
			Help:  "File that keeps the messages; made at the first start.",
			Value: textValue{p: &c.Data, word: "file"},
		}, {
			Name: "grace", Group: groupChat,
			Help:  "How long a person whose last tab is gone still counts as present, so that a reload makes no noise.",
			Value: durationValue{&c.Grace, time.Millisecond, time.Hour},
		}, {
			Name: "nick-hold", Group: groupChat,
			Help:  "How long the nickname of a person who is gone is kept for them.",
			Value: durationValue{&c.NickHold, time.Millisecond, 24 * time.Hour},
		}, {
			Name: "max-nick", Group: groupChat,
			Help:  "Most characters in a nickname.",
			Value: intValue{&c.MaxNick, "number", 1, 100},
		}, {
			Name: "max-text", Group: groupChat,
			Help:  "Most characters in a message.",
			Value: intValue{&c.MaxText, "number", 1, 20_000},
		}, {
			Name: "say-every", Group: groupChat,
			Help:  "A person may say one message in this time, on average.",
			Value: durationValue{&c.SayEvery, time.Millisecond, time.Hour},
		}, {
			Name: "say-burst", Group: groupChat,
			Help:  "Messages a person may say at once before say-every counts.",
			Value: intValue{&c.SayBurst, "number", 1, 100_000},
		}, {
			Name: "event-every", Group: groupChat,
			Help:  "A connection may ask one thing of the chat, whatever it is, in this time, on average.",
			Value: durationValue{&c.EventEvery, time.Millisecond, time.Hour},
		}, {
			Name: "event-burst", Group: groupChat,
			Help:  "Things a connection may ask at once before event-every counts.",
			Value: intValue{&c.EventBurst, "number", 1, 1_000_000},
		}, {
			Name: "max-rooms", Group: groupChat,
			Help:  "Most rooms in the data file. Above it the oldest one that is empty makes way for a new one.",
			Value: intValue{&c.MaxRooms, "number", 1, 1_000_000},
		}, {
			Name: "empty-room-ttl", Group: groupChat,
			Help: "How long a room stays that nobody is in and nothing was ever said in; 0 keeps it until max-rooms is reached. " +
				"Rooms with a history, and the lobby, always stay.",
			Value: durationValue{&c.EmptyRoomTTL, 0, 100 * 365 * 24 * time.Hour},
		}, {
			Name: "open-every", Group: groupChat,
			Help: "From one network address one room may be opened in this time, on average; to enter one that exists is always free. " +
				"Behind a proxy that trusted-proxies does not name, all people have its address.",
			Value: durationValue{&c.OpenEvery, time.Millisecond, 24 * time.Hour},
		}, {
			Name: "open-burst", Group: groupChat,
			Help:  "Rooms that may be opened at once from one network address before open-every counts.",
			Value: intValue{&c.OpenBurst, "number", 1, 1_000_000},
		}, {
			Name: "max-people", Group: groupChat,
			Help:  "Most people in one room.",
			Value: intValue{&c.MaxPeople, "number", 1, 100_000},
		}, {
			Name: "history", Group: groupChat,
			Help:  "Messages shown on entering a room; older ones come page by page of as many.",
			Value: intValue{&c.History, "number", 1, 200},
		}, {
			Name: "keep", Group: groupChat,
			Help:  "Newest messages kept of each room; 0 keeps all.",
			Value: intValue{&c.Keep, "number", 0, math.MaxInt32},
		}, {
			Name: "keep-for", Group: groupChat,
			Help:  "Age up to which messages are kept, such as 720h for 30 days; 0 keeps them for ever.",
			Value: durationValue{&c.KeepFor, 0, 100 * 365 * 24 * time.Hour},
		},
	}
}

func connectionSettings(c *Config) []Setting {
	return []Setting{
		{
			Name: "ping-interval", Group: groupConns,
			Help:  "Time between the server's questions whether a client is still there.",
			Value: durationValue{&c.PingInterval, 100 * time.Millisecond, time.Hour},
		}, {
			Name: "ping-timeout", Group: groupConns,
			Help:  "Time a client has to answer before it counts as gone.",
			Value: durationValue{&c.PingTimeout, 100 * time.Millisecond, time.Hour},
		}, {
			Name: "max-payload", Group: groupConns,
			Help:  "Most bytes of one message or one POST from a client.",
			Value: intValue{&c.MaxPayload, "bytes", 1, 100_000_000},
		}, {
			Name: "queue-limit", Group: groupConns,
			Help:  "Most bytes waiting for one client; one that reads too slowly to stay below is disconnected.",
			Value: intValue{&c.QueueLimit, "bytes", 1, math.MaxInt32},
		}, {
			Name: "max-clients", Group: groupConns,
			Help:  "Most clients connected at the same time.",
			Value: intValue{&c.MaxClients, "number", 1, 10_000_000},
		},
	}
}

func programSettings(c *Config) []Setting {
	return []Setting{
		{
			Name: "shutdown-timeout", Group: groupProgram,
			Help:  "Longest time to finish what is under way after Ctrl-C or SIGTERM; a second signal stops at once.",
			Value: durationValue{&c.ShutdownTimeout, 0, time.Hour},
		}, {
			Name: "log-level", Group: groupProgram,
			Help:  "Least important lines to log.",
			Value: choiceValue{&c.LogLevel, []string{"debug", "info", "warn", "error"}},
		}, {
			Name: "log-format", Group: groupProgram,
			Help:  "How the lines of the log, on standard error, are written.",
			Value: choiceValue{&c.LogFormat, []string{"text", "json"}},
		},
	}
}
