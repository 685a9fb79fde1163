package app

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func writeFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "rightnow.toml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestPrecedence gives one setting in every combination of sources.
func TestPrecedence(t *testing.T) {
	file := writeFile(t, "port = 1001\n")
	for name, test := range map[string]struct {
		src    Sources
		want   int
		origin string
	}{
		"default":     {Sources{}, 3000, ""},
		"file":        {Sources{Env: []string{"RIGHTNOW_CONFIG=" + file}}, 1001, "rightnow.toml:1"},
		"PORT":        {Sources{Env: []string{"PORT=1002", "RIGHTNOW_CONFIG=" + file}}, 1002, "PORT"},
		"own name":    {Sources{Env: []string{"RIGHTNOW_PORT=1003", "PORT=1002"}}, 1003, "RIGHTNOW_PORT"},
		"empty":       {Sources{Env: []string{"RIGHTNOW_PORT=", "PORT="}}, 3000, ""},
		"flag":        {Sources{Flags: map[string]string{"port": "1004", "config": file}, Env: []string{"RIGHTNOW_PORT=1003"}}, 1004, "--port"},
		"flag's file": {Sources{Flags: map[string]string{"config": file}, Env: []string{"RIGHTNOW_CONFIG=/nowhere"}}, 1001, "rightnow.toml:1"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := Load(test.src)
			if err != nil {
				t.Fatal(err)
			}
			if l.Config.Port != test.want || l.Origins["port"] != test.origin {
				t.Errorf("port %d from %q, want %d from %q", l.Config.Port, l.Origins["port"], test.want, test.origin)
			}
		})
	}
}

// TestMistakes has one entry for each thing a person can get wrong, and the
// line they read then.
func TestMistakes(t *testing.T) {
	for name, test := range map[string]struct {
		file  string
		env   []string
		flags map[string]string
		want  string
	}{
		"unknown key":       {file: "\nping-intreval = \"10s\"", want: `rightnow.toml:2: unknown setting "ping-intreval"; did you mean "ping-interval"?`},
		"camel case":        {file: `pingTimeout = "10s"`, want: `rightnow.toml:1: unknown setting "pingTimeout"; did you mean "ping-timeout"?`},
		"underscore":        {file: `max_text = 10`, want: `rightnow.toml:1: unknown setting "max_text"; did you mean "max-text"?`},
		"nothing like it":   {file: `colour = "red"`, want: "rightnow.toml:1: unknown setting \"colour\"; `rightnow config --example` prints all there are"},
		"a table":           {file: "port = 1\n[chat]\ngrace = \"1s\"\n", want: "rightnow.toml:2: unknown setting \"chat\"; `rightnow config --example` prints all there are"},
		"a file in a file":  {file: `config = "other.toml"`, want: "rightnow.toml:1: unknown setting \"config\"; `rightnow config --example` prints all there are"},
		"twice":             {file: "port = 1\nport = 2\n", want: "rightnow.toml:2: "},
		"syntax":            {file: "port = \n", want: "rightnow.toml:1: "},
		"number as text":    {file: `port = "80"`, want: "rightnow.toml:1: port must be a whole number, without quotes"},
		"number's fraction": {file: `port = 80.5`, want: "rightnow.toml:1: port must be a whole number, without quotes"},
		"out of range":      {file: `port = 65536`, want: "rightnow.toml:1: port 65536 is not from 0 to 65535"},
		"bare duration":     {file: `grace = 10`, want: `rightnow.toml:1: grace must be text in quotes, such as "10s"`},
		"odd duration":      {file: `grace = "10 s"`, want: `rightnow.toml:1: grace "10 s" is no duration: write 10s, 500ms or 1m30s`},
		"short duration":    {file: `ping-timeout = "1ms"`, want: `rightnow.toml:1: ping-timeout 1ms is not from 100ms to 1h`},
		"text not list":     {file: `origins = "*"`, want: `rightnow.toml:1: origins must be a list of texts, such as ["https://chat.example.com"]`},
		"list of numbers":   {file: `origins = [1]`, want: `rightnow.toml:1: origins must be a list of texts, such as ["https://chat.example.com"]`},
		"no choice":         {file: `log-level = "loud"`, want: `rightnow.toml:1: log-level "loud" is none of debug, info, warn, error`},
		"PORT":              {env: []string{"PORT=http"}, want: `PORT: "http" is no whole number`},
		"environment":       {env: []string{"RIGHTNOW_GRACE=soon"}, want: `RIGHTNOW_GRACE: "soon" is no duration: write 10s, 500ms or 1m30s`},
		"flag":              {flags: map[string]string{"port": "-1"}, want: `--port: -1 is not from 0 to 65535`},
		"origin's path":     {flags: map[string]string{"origins": "https://a.example/b"}, want: `--origins: "https://a.example/b" is more than an origin: write only https://a.example`},
		"origin's host":     {flags: map[string]string{"origins": "a.example"}, want: `--origins: "a.example" is no origin: write https://chat.example.com, https://*.example.com or *`},
		"origin's star":     {flags: map[string]string{"origins": "https://a.*.example"}, want: `--origins: "https://a.*.example": a star stands for the first label only, as in https://*.example.com`},
		"proxy":             {flags: map[string]string{"trusted-proxies": "here"}, want: `--trusted-proxies: "here" is no address or network: write 127.0.0.1 or 10.0.0.0/8`},
		"no data":           {flags: map[string]string{"data": ""}, want: `data: must name a file`},
		"hold before grace": {file: "port = 1\ngrace = \"2m\"\nnick-hold = \"1m\"", want: `rightnow.toml:3: nick-hold: 1m is shorter than grace (2m): `},
		"text over payload": {env: []string{"RIGHTNOW_MAX_PAYLOAD=1000"}, want: `RIGHTNOW_MAX_PAYLOAD: max-payload: 1000 bytes cannot carry a message of max-text (2000) characters: at least 14048`},
		"a token's file":    {file: `api-token-file = 7`, want: `rightnow.toml:1: api-token-file must be text in quotes, such as "token.txt"`},
		"an odd token":      {env: []string{"RIGHTNOW_X_TOKEN=two words"}, want: `RIGHTNOW_X_TOKEN: a key is one word of ASCII characters`},
		"no source":         {flags: map[string]string{"feed": "replay,twitter"}, want: `--feed: "twitter" is none of replay, bluesky, wikimedia, mastodon, rss, x`},
		"a number's text":   {file: `feed-rate = "1"`, want: "rightnow.toml:1: feed-rate must be a number, without quotes"},
		"no number":         {flags: map[string]string{"feed-rate": "fast"}, want: `--feed-rate: "fast" is no number`},
		"no finite number":  {flags: map[string]string{"feed-rate": "NaN"}, want: `--feed-rate: NaN is not from 0.01 to 100`},
		"neither":           {flags: map[string]string{"rss-private": "yes"}, want: `--rss-private: "yes" is neither true nor false`},
		"neither in a file": {file: `rss-private = "true"`, want: "rightnow.toml:1: rss-private must be true or false, without quotes"},
		"a key in an url":   {flags: map[string]string{"x-url": "https://u:secret@x.example"}, want: `--x-url: has a user or a password in it: keys stand in files`},
		"no url":            {flags: map[string]string{"mastodon-url": "mastodon.example"}, want: `--mastodon-url: is no address: write https://host or https://host/path`},
		"an ftp url":        {flags: map[string]string{"mastodon-url": "ftp://a.example"}, want: `--mastodon-url: "ftp://a.example" is not an address of the web: write https://host`},
		"a contact":         {flags: map[string]string{"wikimedia-contact": "ä"}, want: `--wikimedia-contact: has characters that no header can have`},
		"no contact":        {flags: map[string]string{"feed": "wikimedia"}, want: `wikimedia-contact: the source wikimedia has to tell`},
		"no mastodon url":   {flags: map[string]string{"feed": "mastodon"}, want: `mastodon-url: the source mastodon needs`},
		"no token":          {flags: map[string]string{"feed": "mastodon", "mastodon-url": "https://a.example"}, want: `mastodon-token-file: the source mastodon needs a token`},
		"no x token":        {flags: map[string]string{"feed": "x"}, want: `x-token-file: the source x needs a bearer token`},
		"no feeds":          {flags: map[string]string{"feed": "rss"}, want: `rss-feeds: the source rss needs at least one feed`},
		"phrases":           {flags: map[string]string{"feed-phrases": "60", "feed-phrases-total": "50"}, want: `feed-phrases-total: 50 is less than feed-phrases (60)`},
		"lobby's phrases":   {flags: map[string]string{"feed-phrases": "1"}, want: `feed-words: 4 words are more than feed-phrases (1)`},
		"a broad word":      {flags: map[string]string{"feed-words": "the"}, want: `--feed-words: "the" cannot be tracked: `},
		"queue too short":   {flags: map[string]string{"queue-limit": "1000"}, want: `queue-limit: 1000 bytes is less than two messages of max-payload (100000)`},
		"no such file":      {flags: map[string]string{"config": "/nowhere.toml"}, want: `--config: open /nowhere.toml: no such file or directory`},
	} {
		t.Run(name, func(t *testing.T) {
			src := Sources{Flags: test.flags, Env: test.env}
			if test.file != "" {
				src.Env = append(src.Env, "RIGHTNOW_CONFIG="+writeFile(t, test.file))
			}
			_, err := Load(src)
			if err == nil {
				t.Fatalf("loaded; want %q", test.want)
			}
			if _, ok := err.(*ConfigError); !ok {
				t.Errorf("%T is not taken for wrong usage", err)
			}
			if !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got  %q\nwant %q", err, test.want)
			}
		})
	}
}

// TestEverySettingEverywhere sets each setting to something else than its
// default, by each of the three ways, and wants the same configuration.
func TestEverySettingEverywhere(t *testing.T) {
	want := &Config{
		Host: "::1", Port: 8080, Origins: []string{"https://a.example", "https://*.b.example:8443"},
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		Data:           "a \"b\" \\ c\tä.db", Grace: 90 * time.Second, NickHold: time.Hour, MaxNick: 12, MaxText: 100,
		SayEvery: 1500 * time.Millisecond, SayBurst: 3, EventEvery: time.Second, EventBurst: 5, MaxRooms: 7, EmptyRoomTTL: 2 * time.Hour, OpenEvery: 2 * time.Second, OpenBurst: 4, MaxPeople: 9, History: 20, Keep: 1000, KeepFor: 48 * time.Hour,
		PingInterval: time.Minute, PingTimeout: 30 * time.Second, MaxPayload: 50_000, QueueLimit: 200_000, MaxClients: 11,
		Feed: []string{"rss", "x"}, FeedWords: []string{"#a", `"b c"`, "-dark"}, FeedLangs: []string{"de"}, FeedPhrases: 10, FeedPhrasesTotal: 100, FeedRate: 2.5, FeedBurst: 6, FeedLinger: time.Hour,
		LobbyWords: LobbyNobody, FeedReplay: "my.jsonl", BlueskyURL: "wss://a.example/x", BlueskyAPIURL: "https://api.example", WikimediaURL: "http://b.example", WikimediaContact: "ann@example.com", WikimediaSites: []string{"de.wikipedia.org"},
		MastodonURL: "https://c.example", MastodonToken: Secret{file: "m.txt"}, RSSFeeds: []string{"https://d.example/1", "https://d.example/2"}, RSSPrivate: true,
		XURL: "https://e.example", XToken: Secret{file: "x.txt"}, XDailyBudget: 5, APIToken: Secret{file: "api.txt"},
		AdminUser: "ann", AdminPassword: Secret{file: "admin.txt"}, AdminMode: "production", AdminReadOnly: true,
		ShutdownTimeout: 3 * time.Second, LogLevel: "debug", LogFormat: "json",
	}
	requireAllDiffer(t, want, Default())
	src := map[string]*Sources{"flags": {Flags: map[string]string{}}, "environment": {}}
	for _, s := range Settings(want) {
		src["flags"].Flags[s.Name] = s.String()
		src["environment"].Env = append(src["environment"].Env, s.Env()+"="+s.String())
	}
	var file bytes.Buffer
	if err := (&Loaded{Config: want}).WriteFile(&file); err != nil {
		t.Fatal(err)
	}
	src["file"] = &Sources{Flags: map[string]string{"config": writeFile(t, file.String())}}
	for name, s := range src {
		l, err := Load(*s)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !reflect.DeepEqual(l.Config, want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", name, l.Config, want)
		}
	}
}

// requireAllDiffer fails when a field was forgotten above.
func requireAllDiffer(t *testing.T, a, b *Config) {
	t.Helper()
	x, y := reflect.ValueOf(*a), reflect.ValueOf(*b)
	for i := range x.NumField() {
		if reflect.DeepEqual(x.Field(i).Interface(), y.Field(i).Interface()) {
			t.Errorf("%s has its default", x.Type().Field(i).Name)
		}
	}
	if fields, rows := x.NumField(), len(Settings(a)); fields != rows {
		t.Errorf("%d fields, %d rows in the table", fields, rows)
	}
}

// TestDefaultsAreAllowed sets each setting to its own default.
func TestDefaultsAreAllowed(t *testing.T) {
	flags := map[string]string{}
	for _, s := range Settings(Default()) {
		flags[s.Name] = s.String()
	}
	l, err := Load(Sources{Flags: flags})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(l.Config, Default()) {
		t.Errorf("got %+v", l.Config)
	}
}

// TestExampleIsTheDefault takes the example's comment signs away.
func TestExampleIsTheDefault(t *testing.T) {
	var b bytes.Buffer
	if err := WriteExample(&b); err != nil {
		t.Fatal(err)
	}
	var file strings.Builder
	for line := range strings.Lines(b.String()) {
		if name, _, ok := strings.Cut(strings.TrimPrefix(line, "# "), " = "); ok && find(Settings(Default()), name) != nil {
			line = strings.TrimPrefix(line, "# ")
		}
		if len(line) > textWidth+1 {
			t.Errorf("line of %d bytes: %s", len(line), line)
		}
		file.WriteString(line)
	}
	l, err := Load(Sources{Flags: map[string]string{"config": writeFile(t, file.String())}})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(l.Config, Default()) {
		t.Errorf("got %+v", l.Config)
	}
	if len(l.Origins) != len(Settings(Default())) {
		t.Errorf("the example has %d settings of %d", len(l.Origins), len(Settings(Default())))
	}
}

func TestHelpHasEverySetting(t *testing.T) {
	var b bytes.Buffer
	if err := WriteHelp(&b); err != nil {
		t.Fatal(err)
	}
	for _, s := range Settings(Default()) {
		if !strings.Contains(strings.ReplaceAll(b.String(), "[=", " "), "  --"+s.Name+" ") {
			t.Errorf("--%s is not in the help", s.Name)
		}
		if !strings.HasSuffix(s.Help, ".") {
			t.Errorf("%s: the help is no sentence: %q", s.Name, s.Help)
		}
	}
}

func TestUnknownVariableWarns(t *testing.T) {
	l, err := Load(Sources{Env: []string{"RIGHTNOW_PROT=1", "RIGHTNOW_SERVICE_HOST=10.0.0.1", "OTHER_PORT=1"}})
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(l.Warnings, "\n")
	for _, want := range []string{
		"environment variable RIGHTNOW_PROT names no setting; did you mean RIGHTNOW_PORT?",
		"environment variable RIGHTNOW_SERVICE_HOST names no setting",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	if len(l.Warnings) != 2 {
		t.Errorf("%d warnings", len(l.Warnings))
	}
}

func TestEditDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "abc", 0}, {"abc", "", 3}, {"", "abc", 3}, {"abc", "acb", 1}, {"abc", "abd", 1}, {"kitten", "sitting", 3}, {"prot", "port", 1}} {
		if got := editDistance(test.a, test.b); got != test.want {
			t.Errorf("%q, %q: %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
