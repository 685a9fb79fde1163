package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"rightnow/internal/loadgen"
)

func TestProgressLine(t *testing.T) {
	for want, p := range map[string]loadgen.Progress{
		"echo [........................]   0 %  0 of 0 answers":                    {Phase: "echo", Noun: "answers"},
		"echo [############............]  50 %  5 of 10 answers, 2s left":          {Phase: "echo", Noun: "answers", Done: 5, Total: 10, Spent: 2 * time.Second},
		"echo [........................]   1 %  1 of 100 answers":                  {Phase: "echo", Noun: "answers", Done: 1, Total: 100, Spent: time.Second},
		"connecting [########################] 100 %  1000 of 1000 clients served": {Phase: "connecting", Noun: "clients served", Done: 1000, Total: 1000},
	} {
		if got := progressLine(p); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// TestScreen: progress goes to a terminal only, and is gone before a table comes.
func TestScreen(t *testing.T) {
	var out, terminal strings.Builder
	s := newScreen(&out, &terminal, false)
	s.progress(loadgen.Progress{Phase: "echo"})
	if terminal.Len() > 0 {
		t.Errorf("%q is drawn where nobody sees it", &terminal)
	}
	s.stderr = &terminal
	s.progress(loadgen.Progress{Phase: "echo"})
	s.table(&loadgen.IdleResult{Head: loadgen.Head{Phase: "idle", N: 5}, Transport: "websocket", ConnectsPerS: 2000})
	s.clear()
	if got := terminal.String(); !strings.HasPrefix(got, "\r\x1b[Kecho [") || strings.Count(got, "\r\x1b[K") != 2 || !strings.HasSuffix(got, "\r\x1b[K") {
		t.Errorf("drawn %q", got)
	}
	if want := "idle: 5 clients over websocket\n  connects  2,000 a second\n\n"; out.String() != want {
		t.Errorf("printed %q, want %q", &out, want)
	}
}

// TestScreenFull: output that cannot be written is an error, the first one.
func TestScreenFull(t *testing.T) {
	s := newScreen(fullWriter{}, io.Discard, true)
	s.table(&loadgen.IdleResult{})
	if !errors.Is(s.err, errFull) {
		t.Errorf("error %v", s.err)
	}
}

type fullWriter struct{}

var errFull = errors.New("full")

func (fullWriter) Write([]byte) (int, error) { return 0, errFull }

// TestBenchServerChild: it tells its address, leaves Ctrl-C to its parent, and
// ends with its standard input, which the kernel closes when the parent dies.
func TestBenchServerChild(t *testing.T) {
	t.Setenv(asVariable())
	stderr := newRecorder()
	s, err := startBenchServer(t.Context(), stderr)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(s.url, "http://127.0.0.1:") {
		t.Errorf("address %q", s.url)
	}
	if err := s.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := idle(s.url); err != nil { // it is still there
		t.Error(err)
	}
	_ = s.stdin.Close()
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("it ended with %v\n%s", err, stderr)
	}
}

// TestBenchServerCannotStart: what it says is its own error.
func TestBenchServerCannotStart(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	t.Setenv(asVariable())
	if _, err := startBenchServer(ctx, io.Discard); err == nil || !strings.Contains(err.Error(), "did not say where it listens") {
		t.Errorf("error %v", err)
	}
}

// TestBenchCtrlC: it ends at once with what there is, and so does the server that
// it measures.
func TestBenchCtrlC(t *testing.T) {
	cmd := exec.Command(os.Args[0], "bench", "chat", "-n", "20", "--duration", "1h", "--wait", "0s", "--json")
	cmd.Env = append(os.Environ(), asProgram)
	stdout, stderr, ended := newRecorder(), newRecorder(), make(chan struct{})
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = cmd.Wait(); close(ended) }() // ends with the process
	defer func() { _ = cmd.Process.Kill(); <-ended }()
	if _, err := stdout.match(regexp.MustCompile(`"phase":"idle"`), ended); err != nil {
		t.Fatal(err)
	}
	children, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	servers := ""
	for _, name := range children {
		text, _ := os.ReadFile(name) // of a thread that may have ended
		servers += string(text)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	<-ended
	if !regexp.MustCompile(`^rightnow: (joining|chat): .* when it was interrupted\n$`).MatchString(stderr.String()) || cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("status %d, and it said\n%s", cmd.ProcessState.ExitCode(), stderr)
	}
	if strings.Contains(stdout.String(), `"phase":"chat"`) && !strings.Contains(stdout.String(), `"interrupted":true`) {
		t.Errorf("printed as if it were whole:\n%s", stdout)
	}
	pids := strings.Fields(servers)
	if len(pids) != 1 {
		t.Fatalf("%d servers were measured", len(pids))
	}
	if _, err := os.Stat("/proc/" + pids[0]); err == nil {
		t.Error("the server is still there")
	}
}

func asVariable() (name, value string) {
	name, value, _ = strings.Cut(asProgram, "=")
	return name, value
}

func idle(url string) error {
	return loadgen.Run(context.Background(), loadgen.Options{Mode: loadgen.Idle, URL: url, Path: "/socket.io/", Connections: 3, Source: 2, Limit: patience})
}
