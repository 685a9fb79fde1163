package measure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"rightnow/bench/results"
)

// stage is a runner with servers that are played, its results, and the file
// that names the child of a "server parent".
type stage struct {
	Runner
	out   bytes.Buffer
	child string
}

// noRest spares the second that the race detector waits at a program's end.
const noRest = "GORACE=atexit_sleep_ms=0"

func newStage(t *testing.T) *stage {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{child: filepath.Join(t.TempDir(), "child")}
	s.Runner = Runner{Root: t.TempDir(), Load: []string{"env", noRest, "BENCH_FAKE=load", program}, Out: &s.out, Log: io.Discard,
		Patience: 30 * time.Second, Limit: 30 * time.Second}
	return s
}

func (s *stage) server(name, kind string) Server {
	return Server{Name: name, Title: name, Start: []string{"env", noRest, "BENCH_FAKE=" + kind, "BENCH_CHILD=" + s.child, s.Load[3]}}
}

// echo is a measurement under a load that does what how says.
func echo(how string) Measurement {
	return Measurement{Name: "echo", Title: "Echo", Mode: "echo", N: 5, Args: []string{how}}
}

func (s *stage) run(ctx context.Context, t *testing.T, servers []Server, measurements ...Measurement) *results.Set {
	t.Helper()
	err := s.Run(ctx, Plan{Servers: servers, Measurements: measurements, Reps: 1}, results.Run{Started: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	set, err := results.Read(&s.out)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestRunsAreRecorded(t *testing.T) {
	s := newStage(t)
	plan := Plan{Reps: 2, Servers: []Server{s.server("ours", "server good"), s.server("node", "server good")},
		Measurements: []Measurement{echo("well")}}
	if err := s.Run(t.Context(), plan, results.Run{Started: time.Now()}); err != nil {
		t.Fatal(err)
	}
	set, err := results.Read(&s.out)
	if err != nil {
		t.Fatal(err)
	}
	order, pids := []string{}, map[float64]bool{}
	for _, m := range set.Measurements {
		order = append(order, fmt.Sprint(m.Rep, m.Server, m.Error))
		if len(m.Phases) != 2 {
			t.Fatalf("%+v", m)
		}
		pids[m.Phases[1].Values["pid"]] = true
		if !strings.Contains(m.LoadCommand, "echo http://127.0.0.1:") || !strings.Contains(m.ServerCommand, "PORT=") {
			t.Errorf("%+v", m)
		}
	}
	if want := []string{"0ours", "0node", "1ours", "1node"}; !reflect.DeepEqual(order, want) {
		t.Errorf("measured %q", order)
	}
	if len(pids) != 4 {
		t.Errorf("%d servers for 4 runs", len(pids))
	}
	if p := set.Run.Planned; len(p) != 1 || !reflect.DeepEqual(p[0].Servers, []string{"ours", "node"}) || p[0].Reps != 2 ||
		!strings.HasSuffix(p[0].Command, "echo http://127.0.0.1:$PORT --pid $PID --json --quiet --connections 5 well") {
		t.Errorf("%+v", p)
	}
}

func TestFailuresAreRecordedAndTheRestIsMeasured(t *testing.T) {
	for _, test := range []struct {
		kind, how, want string
		phases          int
	}{
		{"server good", "badly", "load: exit status 3: 5 connections were closed", 1},
		{"server good", "silently", `the load said nothing of "echo"`, 1},
		{"server good", "wrongly", "usage: load", 1},
		{"server good", "murderously", "load: not done after", 1},
		{"server good", "long", "load: not done after", 1},
		{"server dying", "well", "server: it ended: exit status 3: out of luck", 0},
		{"hang", "well", "server: it does not listen", 0},
		{"no such part", "well", "no part", 0},
	} {
		t.Run(test.kind+" "+test.how, func(t *testing.T) {
			s := newStage(t)
			switch {
			case strings.Contains(test.want, "not done"):
				s.Limit = time.Second
			case strings.Contains(test.want, "listen"):
				s.Patience = 100 * time.Millisecond
			}
			bad := echo(test.how)
			bad.Servers = []string{"bad"}
			good := echo("well")
			good.Name, good.Servers = "good", []string{"good"}
			set := s.run(t.Context(), t, []Server{s.server("bad", test.kind), s.server("good", "server good")}, bad, good)
			if len(set.Measurements) != 2 {
				t.Fatalf("%d measurements", len(set.Measurements))
			}
			m := set.Measurements[0]
			if !strings.Contains(m.Error, test.want) || strings.Contains(m.Error, "\n") || len(m.Phases) > test.phases {
				t.Errorf("%q with %d phases, want %q with %d", m.Error, len(m.Phases), test.want, test.phases)
			}
			if strings.HasPrefix(test.how, "murder") && !strings.Contains(m.Error, "the server ended: signal: killed") {
				t.Errorf("%q does not say that the server was killed", m.Error)
			}
			if other := set.Measurements[1]; other.Error != "" {
				t.Errorf("the other failed too: %s", other.Error)
			}
		})
	}
}

// childIsGone wants the child of a "server parent" to have been killed: to be in
// no state but that in which its status is waited for.
func (s *stage) childIsGone(t *testing.T) {
	t.Helper()
	pid, err := os.ReadFile(s.child)
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); ; runtime.Gosched() { // it has been told; the kernel may be at it
		stat, err := os.ReadFile("/proc/" + string(pid) + "/stat")
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		state := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))[0]
		if state == "Z" || state == "X" {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the server's child outlives it: %s", stat)
		}
	}
}

func TestNothingIsLeftRunning(t *testing.T) {
	for _, how := range []string{"well", "badly", "long"} {
		t.Run(how, func(t *testing.T) {
			s := newStage(t)
			if how == "long" {
				s.Limit = time.Second
			}
			set := s.run(t.Context(), t, []Server{s.server("parent", "server parent")}, echo(how))
			if (set.Measurements[0].Error == "") != (how == "well") {
				t.Errorf("%+v", set.Measurements[0])
			}
			s.childIsGone(t)
		})
	}
}

func TestAnInterruptEndsTheRun(t *testing.T) {
	s := newStage(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGUSR1)
	defer signal.Stop(told)
	stopped := make(chan struct{})
	go func() { // ends when the load has told
		defer close(stopped)
		<-told
		cancel(errors.New("interrupted"))
	}()
	plan := Plan{Servers: []Server{s.server("parent", "server parent")}, Reps: 1, Measurements: []Measurement{echo("well"), echo("long, tell"), echo("well")}}
	err := s.Run(ctx, plan, results.Run{Started: time.Now()})
	if err == nil || err.Error() != "interrupted" {
		t.Fatal(err)
	}
	<-stopped
	set, err := results.Read(&s.out)
	if err != nil || len(set.Measurements) != 1 || set.Measurements[0].Error != "" {
		t.Errorf("%+v, %v", set, err)
	}
	s.childIsGone(t)
}

func TestAServerThatCannotBeBuiltIsLeftOut(t *testing.T) {
	s := newStage(t)
	broken, good := s.server("broken", "server good"), s.server("good", "server good")
	broken.Build = [][]string{{"true"}, {"sh", "-c", "echo no compiler >&2; exit 1"}, {"touch", "reached"}}
	good.Build = [][]string{{"touch", "built"}}
	good.Versions = func(root string) []string {
		if _, err := os.Stat(filepath.Join(root, "built")); err != nil {
			return nil
		}
		return []string{"1.2"}
	}
	set := s.run(t.Context(), t, []Server{broken, good}, echo("well"))
	known := set.Run.Servers
	if len(known) != 2 || !strings.Contains(known[0].Problem, "exit status 1: no compiler") || known[1].Problem != "" || known[1].Versions[0] != "1.2" {
		t.Errorf("%+v", known)
	}
	if len(set.Measurements) != 1 || set.Measurements[0].Server != "good" || !reflect.DeepEqual(set.Run.Planned[0].Servers, []string{"good"}) {
		t.Errorf("%+v", set)
	}
	if _, err := os.Stat(filepath.Join(s.Root, "reached")); err == nil {
		t.Error("went on building")
	}

	err := s.Run(t.Context(), Plan{Servers: []Server{broken}, Measurements: []Measurement{echo("well")}, Reps: 1}, results.Run{})
	if !errors.Is(err, ErrNoServer) {
		t.Errorf("without any server: %v", err)
	}
}

func TestWithoutALoadNothingIsMeasured(t *testing.T) {
	s := newStage(t)
	s.Build = []string{"sh", "-c", "echo does not compile >&2; exit 1"}
	plan := Plan{Servers: []Server{s.server("good", "server good")}, Measurements: []Measurement{echo("well")}, Reps: 1}
	if err := s.Run(t.Context(), plan, results.Run{}); err == nil || !strings.Contains(err.Error(), "does not compile") {
		t.Error(err)
	}
	if s.out.Len() > 0 {
		t.Errorf("wrote %s", &s.out)
	}
}

func TestCommandsArePinned(t *testing.T) {
	r := Runner{Load: []string{"rightnow", "bench"}, Pin: &results.Pin{Server: "0", Load: "1"}}
	server := r.serverCommand(Server{Start: []string{"node", "server.js"}}, "3000")
	if want := "PORT=3000 GOMAXPROCS=1 taskset -c 0 node server.js"; server != want {
		t.Error(server)
	}
	m := Measurement{Mode: "broadcast", N: 10, Bursts: []int{1, 50}, Args: []string{"--wait", "1s"}}
	load := strings.Join(r.loadArgs(m, Variant{Args: []string{"--dead", "1"}}, "3000", "7"), " ")
	if want := "taskset -c 1 rightnow bench broadcast http://127.0.0.1:3000 --pid 7 --json --quiet --connections 10 --bursts 1,50 --wait 1s --dead 1"; load != want {
		t.Error(load)
	}
	r.Pin = nil
	if server := r.serverCommand(Server{Start: []string{"node"}}, "3000"); server != "PORT=3000 node" {
		t.Error(server)
	}
}

func TestGoBenchmarkIsRecorded(t *testing.T) {
	s := newStage(t)
	for name, text := range map[string]string{
		"go.mod":    "module sample\n\ngo 1.26\n",
		"x_test.go": "package x\n\nimport (\n\t\"fmt\"\n\t\"testing\"\n)\n\nvar sink []byte\n\nfunc BenchmarkX(b *testing.B) {\n\tfor _, n := range []int{1, 20} {\n\t\tb.Run(fmt.Sprint(\"n=\", n), func(b *testing.B) {\n\t\t\tfor b.Loop() {\n\t\t\t\tfor range n {\n\t\t\t\t\tsink = make([]byte, 100)\n\t\t\t\t}\n\t\t\t}\n\t\t})\n\t}\n}\n",
	} {
		if err := os.WriteFile(filepath.Join(s.Root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	m := Measurement{Name: results.Allocations, GoBenchmark: []string{"-run=^$", "-bench=X", "-benchmem", "-benchtime=10x", "."}}
	set := s.run(t.Context(), t, []Server{s.server("ours", "server dying")}, m)
	got := set.Measurements[0]
	if got.Error != "" || len(got.Phases) != 2 || got.Phases[1].Values["n"] != 20 || got.Phases[1].Values["allocs_per_op"] != 20 {
		t.Errorf("%+v", got)
	}
}
