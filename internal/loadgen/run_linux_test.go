package loadgen

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"rightnow/internal/loadgen/target"
)

// only returns the result of the type R, of which there has to be one.
func only[R any](t *testing.T, results []Result) R {
	t.Helper()
	var found []R
	for _, r := range results {
		if r, ok := r.(R); ok {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d results of the type in %v", len(found), results)
	}
	return found[0]
}

func wantCount(t *testing.T, noun string, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("%d %s, want %d", got, noun, want)
	}
}

func TestIdle(t *testing.T) {
	results, err := run(t, startTarget(t), Idle, func(o *Options) { o.Connections = 50; o.PID = os.Getpid() })
	if err != nil {
		t.Fatal(err)
	}
	r := only[*IdleResult](t, results)
	wantCount(t, "connections", r.N, 50)
	if r.Memory == nil || r.RSSBase <= 0 || r.CPUPerConn <= 0 || r.CollectedPerConn != 0 || r.Transport != "websocket" {
		t.Errorf("%+v %+v", r, r.Memory)
	}
}

func TestBroadcast(t *testing.T) {
	for _, mode := range []Mode{Broadcast, Polling} {
		t.Run(string(mode), func(t *testing.T) {
			results, err := run(t, startTarget(t), mode, nil)
			if err != nil {
				t.Fatal(err)
			}
			wantCount(t, "results", len(results), 3)
			for i, burst := range []int{1, 5} {
				r := results[i+1].(*BroadcastResult)
				rounds := 12 / burst
				if r.Phase != string(mode) || r.Burst != burst || r.Bytes != 100 || r.Interrupted || r.Cost != nil {
					t.Errorf("%+v", r)
				}
				wantCount(t, "deliveries", r.Deliveries, 20*rounds*burst)
				wantCount(t, "latencies", int(r.Histogram().Count()), 20*rounds*burst)
			}
		})
	}
}

// TestDead: those who do not read hold nobody up and are not counted.
func TestDead(t *testing.T) {
	results, err := run(t, startTarget(t), Broadcast, func(o *Options) { o.Dead = 10; o.Bursts = []int{1} })
	if err != nil {
		t.Fatal(err)
	}
	r := only[*BroadcastResult](t, results)
	wantCount(t, "deliveries", r.Deliveries, 20*12)
	wantCount(t, "dead", r.Dead, 10)
	wantCount(t, "counted", r.N, 20)
}

func TestEcho(t *testing.T) {
	results, err := run(t, startTarget(t), Echo, func(o *Options) { o.PID = os.Getpid() })
	if err != nil {
		t.Fatal(err)
	}
	r := only[*EchoResult](t, results)
	wantCount(t, "requests", r.Requests, 100)
	wantCount(t, "latencies", int(r.Histogram().Count()), 100)
	if r.Cost == nil || r.CPUPerMillion <= 0 || r.RSSEnd <= 0 || r.PerS <= 0 || r.P50 <= 0 || r.P50 > r.Max {
		t.Errorf("%+v %+v", r, r.Cost)
	}
}

func TestChat(t *testing.T) {
	results, err := run(t, startTarget(t), Chat, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := only[*ChatResult](t, results)
	wantCount(t, "said", r.Said, 20*20/5) // 20 a second from each of 20 for 0.2 s
	wantCount(t, "deliveries", r.Deliveries, r.Said*5)
}

func TestStorm(t *testing.T) {
	for name, atOnce := range map[string]int{"10 at once": 10, "all": 0, "one after the other": 1} {
		t.Run(name, func(t *testing.T) {
			results, err := run(t, startTarget(t), Storm, func(o *Options) { o.AtOnce = atOnce; o.PID = os.Getpid() })
			if err != nil {
				t.Fatal(err)
			}
			r := only[*StormResult](t, results)
			wantCount(t, "clients back", int(r.Histogram().Count()), 20)
			if r.Handshakes == nil || r.CPUPerHandshake <= 0 || r.ReconnectsPer <= 0 || r.AtOnce != atOnce {
				t.Errorf("%+v %+v", r, r.Handshakes)
			}
		})
	}
}

func TestCollect(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	target.Collect(ctx)
	results, err := run(t, startTarget(t), Idle, func(o *Options) { o.PID = os.Getpid(); o.Collect = true })
	if err != nil {
		t.Fatal(err)
	}
	if r := only[*IdleResult](t, results); r.CollectedPerConn == 0 {
		t.Errorf("%+v", r.Memory)
	}
}

// TestRamp: never more clients than time allows, and all in the end.
func TestRamp(t *testing.T) {
	results, err := run(t, startTarget(t), Idle, func(o *Options) { o.Ramp = 200 })
	if err != nil {
		t.Fatal(err)
	}
	if r := only[*IdleResult](t, results); r.ConnectsPerS > 220 { // the first one is for nothing
		t.Errorf("%v connects a second", r.ConnectsPerS)
	}
}

// TestJSON is the contract with those who read the output: names, and that what
// was not measured is absent.
func TestJSON(t *testing.T) {
	latency := []string{"p50_us", "p90_us", "p99_us", "p999_us", "max_us"}
	traffic := append([]string{"phase", "n", "per_s", "load_busy"}, latency...)
	process := []string{"cpu_s_per_million", "sys_share", "server_busy", "switches_per_1000", "rss_end"}
	for _, test := range []struct {
		mode           Mode
		keys, measured []string // without, and besides with, a process id
	}{
		{Idle, []string{"phase", "n", "transport", "connects_per_s"},
			[]string{"cpu_us_per_conn", "rss_base", "rss_per_conn", "collected_per_conn", "slab_per_conn"}},
		{Broadcast, append([]string{"burst", "bytes", "dead", "deliveries"}, traffic...), process},
		{Polling, append([]string{"burst", "bytes", "dead", "deliveries"}, traffic...), process},
		{Echo, append([]string{"bytes", "requests"}, traffic...), process},
		{Chat, append([]string{"room", "say_per_s", "said", "deliveries"}, traffic...), process},
		{Storm, append([]string{"phase", "n", "at_once", "reconnects_per_s"}, latency...), []string{"cpu_us_per_handshake", "rss_end"}},
	} {
		t.Run(string(test.mode), func(t *testing.T) {
			url := startTarget(t)
			for _, pid := range []int{0, os.Getpid()} {
				want := slices.Clone(test.keys)
				if pid != 0 {
					want = append(want, test.measured...)
				}
				results, err := run(t, url, test.mode, func(o *Options) { o.PID = pid; o.Bursts = []int{4} })
				if err != nil {
					t.Fatal(err)
				}
				wantKeys(t, results[len(results)-1], string(test.mode), want)
			}
		})
	}
}

func wantKeys(t *testing.T, r Result, phase string, want []string) {
	t.Helper()
	line, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(line, &object); err != nil {
		t.Fatal(err)
	}
	var got []string
	for key := range object {
		got = append(got, key)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("keys\n%v, want\n%v", got, want)
	}
	if object["phase"] != phase {
		t.Errorf("phase %v, want %s", object["phase"], phase)
	}
}

// TestTables: each result has a title with its phase, and no row is empty.
func TestTables(t *testing.T) {
	url := startTarget(t)
	for _, mode := range []Mode{Idle, Broadcast, Polling, Echo, Chat, Storm} {
		results, err := run(t, url, mode, func(o *Options) { o.PID = os.Getpid() })
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			var b strings.Builder
			if err := WriteTable(&b, r); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
			if !strings.Contains(lines[0], ": 20 clients") || len(lines) < 4 {
				t.Errorf("the table is\n%s", &b)
			}
			for _, line := range lines[1:] {
				if !strings.HasPrefix(line, "  ") || strings.HasSuffix(line, " ") {
					t.Errorf("the line %q of\n%s", line, &b)
				}
			}
		}
	}
}

// TestInterrupted: what there is is told, as an interrupted phase.
func TestInterrupted(t *testing.T) {
	url := startTarget(t)
	for _, phase := range []string{"chat", "connecting"} {
		t.Run(phase, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			results, err := runUntil(ctx, t, url, Chat, func(o *Options) {
				o.Duration = patience
				o.Ramp = 100
				o.OnProgress = func(p Progress) {
					if p.Phase == phase && p.Done > 0 {
						cancel()
					}
				}
			})
			if !errors.Is(err, errInterrupted) || !strings.HasPrefix(err.Error(), phase+": ") {
				t.Errorf("error %v", err)
			}
			if phase == "connecting" {
				wantCount(t, "results", len(results), 0)
				return
			}
			r := only[*ChatResult](t, results)
			wantCount(t, "latencies", int(r.Histogram().Count()), r.Deliveries)
			if !r.Interrupted || r.Deliveries == 0 || r.Deliveries >= 20*20*30*5 {
				t.Errorf("%+v", r)
			}
		})
	}
}

// TestClientSockets: what proves that no socket is left sees one that is.
func TestClientSockets(t *testing.T) {
	url := startScript(t, func(p *peer) { p.drain() })
	wantCount(t, "sockets", clientSockets(t, url), 0)
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	wantCount(t, "sockets", clientSockets(t, url), 1)
	conn.Close()
	wantCount(t, "sockets", clientSockets(t, url), 0)
}
