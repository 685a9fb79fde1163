package archtest

import (
	"slices"
	"strings"
)

// A Rule says what the packages of one path may import besides the standard
// library. A path may end in "/*", which stands for the packages below it.
type Rule struct {
	Path string
	// Own are packages of this module, with the same "/*".
	Own []string
	// Modules are other modules.
	Modules []string
	// TestOwn and TestModules are what the package's tests may import as well.
	TestOwn, TestModules []string
}

// public is all that a user of the library can import; examples and the
// programs under test/ are such users.
var public = []string{
	"hub", "hub/hubtest", "engineio", "engineio/eioclient", "engineio/eiowebtransport",
	"socketio", "socketio/sioclient", "socketio/sioevent", "socketio/sioadmin", "socketio/siotest",
	"gateway/*", "cluster", "cluster/*", "feed", "feed/*",
}

// Rules is the table of all packages, those of DESIGN that are still to come
// among them.
func Rules() []Rule {
	return slices.Concat(groundRules(), libraryRules(), applicationRules(), clientRules())
}

const (
	leaks = "internal/leaktest"
	coder = "github.com/coder/websocket"
	xnet  = "golang.org/x/net"
	xtext = "golang.org/x/text"
	quic  = "github.com/quic-go/quic-go"
)

func groundRules() []Rule {
	return []Rule{
		{Path: "hub", TestOwn: []string{"hub/hubtest", leaks}},
		{Path: "hub/hubtest", Own: []string{"hub"}},
		{Path: "internal/deadline", TestOwn: []string{leaks}},
		{Path: "internal/limit"},
		{Path: "internal/inflight", TestOwn: []string{leaks}},
		{Path: "internal/worker", TestOwn: []string{leaks}},
		{Path: leaks},
		{Path: "internal/netpoll", Own: []string{"internal/worker"}, TestOwn: []string{leaks}},
		{Path: "internal/ws", Own: []string{"internal/netpoll"}, TestOwn: []string{"internal/memnet", leaks}, TestModules: []string{coder}},
		{Path: "internal/memnet", TestModules: []string{xnet}},
	}
}

func libraryRules() []Rule {
	return []Rule{
		{Path: "engineio", Own: []string{"internal/ws", "internal/netpoll", "internal/deadline", "internal/inflight", "internal/limit", "engineio/internal/eiowire"},
			TestOwn: []string{"internal/memnet", leaks}, TestModules: []string{coder, xnet}},
		{Path: "engineio/internal/eiowire"},
		{Path: "engineio/eioclient", Own: []string{"engineio/internal/eiowire"}, Modules: []string{coder},
			TestOwn: []string{"engineio", "internal/memnet", leaks}},
		{Path: "engineio/eiowebtransport", Own: []string{"engineio"},
			Modules: []string{quic, "github.com/quic-go/webtransport-go"}, TestOwn: []string{"socketio", leaks}},

		{Path: "socketio", Own: []string{"hub", "engineio", "internal/deadline", "internal/inflight", "internal/limit", "internal/worker", "socketio/internal/siowire", "socketio/internal/sioargs", "socketio/internal/siocall", "socketio/internal/siocodec"},
			TestOwn: []string{"internal/memnet", leaks, "hub/hubtest", "engineio/eioclient", "socketio/sioclient", "socketio/siotest"}, TestModules: []string{coder}},
		{Path: "socketio/internal/siowire"},
		{Path: "socketio/internal/sioargs", Own: []string{"socketio/internal/siowire"}},
		{Path: "socketio/internal/siocall", Own: []string{"socketio/internal/siowire", "socketio/internal/sioargs"}},
		{Path: "socketio/internal/siocodec", Own: []string{"socketio/internal/siowire"}},
		{Path: "socketio/sioclient", Own: []string{"engineio/eioclient", "socketio/internal/siowire", "socketio/internal/sioargs", "socketio/internal/siocall", "socketio/internal/siocodec"},
			TestOwn: []string{"socketio", "internal/memnet", leaks}, TestModules: []string{coder}},
		{Path: "socketio/sioevent", Own: []string{"socketio/internal/siocall"}, TestOwn: []string{
			"socketio", "socketio/sioclient", "socketio/internal/sioargs", "socketio/sioevent/testdata/shapes", "socketio/sioevent/testdata/shapes/shop",
		}},
		{Path: "socketio/sioadmin", Own: []string{"socketio", "engineio", "internal/limit"}, Modules: []string{"golang.org/x/crypto"},
			TestOwn: []string{"socketio/siotest", "socketio/sioclient", "engineio/eioclient", leaks}},
		{Path: "socketio/siotest", Own: []string{"socketio", "socketio/sioclient", "engineio", "internal/memnet"}},

		{Path: "gateway/*", Own: []string{"hub", "internal/ws"},
			TestOwn: []string{"internal/memnet", "hub/hubtest"}, TestModules: []string{coder}},

		{Path: "cluster", Own: []string{"hub"}, TestOwn: []string{"cluster/membus", "cluster/bustest"}},
		{Path: "cluster/nodewire"},
		{Path: "cluster/bustest", Own: []string{"cluster", "hub"}},
		{Path: "cluster/membus", Own: []string{"cluster"}, TestOwn: []string{"cluster/bustest"}},
		{Path: "cluster/redisbus", Own: []string{"cluster", "cluster/nodewire"}, Modules: []string{"github.com/redis/rueidis"},
			TestOwn: []string{"cluster/bustest"}},
		{Path: "cluster/redisstream", Own: []string{"cluster", "cluster/nodewire"}, Modules: []string{"github.com/redis/rueidis"},
			TestOwn: []string{"cluster/bustest"}},
		{Path: "cluster/natsbus", Own: []string{"cluster", "cluster/nodewire"}, Modules: []string{"github.com/nats-io/nats.go"},
			TestOwn: []string{"cluster/bustest"}, TestModules: []string{"github.com/nats-io/nats-server"}},
		{Path: "cluster/emitter", Own: []string{"cluster", "cluster/nodewire"}},

		{Path: "feed", Own: []string{"internal/limit"}, Modules: []string{xtext}, TestOwn: []string{leaks}},
		{Path: "feed/*", Own: []string{"feed", "feed/internal/wsdial", "feed/internal/htmltext"}, TestOwn: []string{"internal/feedsim", "internal/feedsim/feedtest", leaks}},
		{Path: "feed/rss", Own: []string{"feed", "feed/internal/htmltext"}, Modules: []string{"github.com/mmcdole/gofeed"}, TestOwn: []string{"internal/feedsim", "internal/feedsim/feedtest", leaks}},
		{Path: "feed/replay", Own: []string{"feed"},
			TestOwn: []string{"internal/feedsim", "feed/jetstream", "feed/wikimedia", "feed/mastodon", "feed/rss", "feed/xposts", leaks}},
		{Path: "feed/internal/htmltext", Modules: []string{xnet}},
		{Path: "feed/internal/wsdial", Own: []string{"feed"}, Modules: []string{coder}, TestOwn: []string{"internal/memnet", leaks}},
	}
}

func applicationRules() []Rule {
	return []Rule{
		{Path: "internal/chat", Own: []string{"internal/limit"}, Modules: []string{xtext, "github.com/clipperhouse/uax29"},
			TestOwn: []string{"internal/chat/storetest", leaks}},
		{Path: "internal/chat/storetest", Own: []string{"internal/chat"}},
		{Path: "internal/chat/sqlite", Own: []string{"internal/chat"}, Modules: []string{"modernc.org/sqlite"},
			TestOwn: []string{"internal/chat/storetest", leaks}},
		{Path: "internal/chat/postgres", Own: []string{"internal/chat"}, Modules: []string{"github.com/jackc/pgx"},
			TestOwn: []string{"internal/chat/storetest"}},
		{Path: "internal/chat/chatio", Own: []string{"internal/chat", "internal/limit"}, TestOwn: []string{"internal/chat/storetest", "internal/wall", "feed", leaks}},
		{Path: "internal/wall", Own: []string{"internal/chat", "internal/limit", "feed"}, TestOwn: []string{"internal/chat/storetest", leaks}},
		{Path: "internal/feedsim", Own: []string{"feed", "feed/replay", "internal/memnet"}, Modules: []string{coder}, TestOwn: []string{leaks}},
		{Path: "internal/feedsim/feedtest", Own: []string{"feed", "internal/feedsim"}},
		{Path: "internal/web", TestModules: []string{xnet}},
		{Path: "internal/app", Own: append(slices.Clone(public), "internal/chat", "internal/chat/*", "internal/wall", "internal/web"),
			Modules: []string{"github.com/pelletier/go-toml"},
			TestOwn: []string{"internal/memnet", leaks}, TestModules: []string{coder}},
		{Path: "internal/archtest"},
		{Path: "internal/loadgen", Modules: []string{"github.com/HdrHistogram/hdrhistogram-go", "golang.org/x/sys"},
			TestOwn: []string{"internal/loadgen/target", leaks}},
		{Path: "internal/loadgen/target", Own: []string{"socketio"}, TestOwn: []string{leaks}, TestModules: []string{coder}},
	}
}

func clientRules() []Rule {
	return []Rule{
		{Path: "cmd/rightnow", Own: []string{"internal/app", "feed", "feed/replay", "internal/feedsim", "internal/loadgen", "internal/loadgen/target", "socketio/sioclient", "engineio/eioclient"}, Modules: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"},
			TestOwn: []string{"socketio", "engineio"}, TestModules: []string{"github.com/rogpeppe/go-internal", coder}},
		{Path: "docs", TestOwn: public},
		{Path: "examples/*", Own: public, TestModules: []string{coder}},
		{Path: "test", Own: public, TestModules: []string{coder, "github.com/chromedp/chromedp", "github.com/chromedp/cdproto"}},
		{Path: "test/*", Own: public, Modules: []string{coder},
			TestModules: []string{"github.com/chromedp/chromedp", "github.com/chromedp/cdproto", quic}},
	}
}

// banned are names that say nothing about what is inside.
var banned = []string{"util", "utils", "common", "types", "pkg", "helper", "helpers", "misc", "shared", "base"}

// find is the rule of a package, the most exact one.
func find(rules []Rule, path string) *Rule {
	var best *Rule
	for i := range rules {
		if matches(rules[i].Path, path) && (best == nil || rules[i].Path == path) {
			best = &rules[i]
		}
	}
	return best
}

// matches tells whether a package is meant by a path of the table. Below an
// "internal" nothing is meant that isn't named in full.
func matches(pattern, path string) bool {
	prefix, wild := strings.CutSuffix(pattern, "/*")
	if !wild {
		return pattern == path
	}
	rest, below := strings.CutPrefix(path, prefix+"/")
	return below && !slices.Contains(strings.Split(rest, "/"), "internal")
}

func matchesAny(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, path) })
}

// inModules tells whether an import path lies in one of the modules, of any
// major version.
func inModules(modules []string, path string) bool {
	return slices.ContainsFunc(modules, func(m string) bool {
		return path == m || strings.HasPrefix(path, m+"/")
	})
}
