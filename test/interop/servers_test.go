package interop

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for something that is sure to come.
const patience = 20 * time.Second

// peer is a server in a process of its own.
type peer struct {
	name string
	urls map[string]string // by face: main, recovery, msgpack, deflate
}

// ours starts the conformance server, built with the race detector unless CONFORMANCE_BIN names one.
func ours(t *testing.T) peer {
	bin := os.Getenv("CONFORMANCE_BIN")
	if bin == "" {
		bin = filepath.Join(t.TempDir(), "conformance")
		cmd := exec.Command("go", "build", "-race", "-o", bin, "../conformance")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=1") // the race detector's wish
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
	}
	p := launch(t, "ours", exec.Command(bin, "-face", "conformance", "-port", "0"))
	p.urls["deflate"] = launch(t, "ours", exec.Command(bin, "-face", "deflate", "-port", "0")).urls["main"]
	return p
}

// nodes starts Node's server. `make test` has installed it.
func nodes(t *testing.T) peer {
	return launch(t, "Node's", exec.Command("node", "node-server.mjs"))
}

// pythons starts python-socketio's server, with the first python that has it: a machine may have more
// than Debian's.
func pythons(t *testing.T) peer {
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import socketio, aiohttp").Run() == nil {
			return launch(t, "Python's", exec.Command(python, "python_server.py"))
		}
	}
	t.Fatal("no python3 has socketio: run `make needs`")
	panic("unreachable")
}

// launch starts a server and waits until it listens. The test's end ends it, with a status of 0.
func launch(t *testing.T, name string, cmd *exec.Cmd) peer {
	t.Helper()
	var said lockedText
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatalf("%s server: %v", name, err)
	}
	ready := make(chan string, 1)
	ended := make(chan struct{})
	go func() { // ends with the process
		defer close(ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if text, ok := strings.CutPrefix(lines.Text(), "CONFORMANCE_READY "); ok {
				ready <- text
			}
		}
	}()
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM) // it may have ended, which Wait tells
		late := time.AfterFunc(patience, func() { cmd.Process.Kill() })
		defer late.Stop()
		<-ended
		if err := cmd.Wait(); err != nil || strings.Contains(said.String(), "DATA RACE") {
			t.Errorf("%s server ended with %v\n%s", name, err, said.String())
		}
	})
	p := peer{name: name}
	select {
	case text := <-ready:
		if err := json.Unmarshal([]byte(text), &p.urls); err != nil {
			t.Fatal(err)
		}
	case <-ended:
		t.Fatalf("%s server does not start\n%s", name, said.String())
	case <-time.After(patience):
		t.Fatalf("%s server does not say that it listens\n%s", name, said.String())
	}
	return p
}

// lockedText keeps what is written to it. All methods may be called concurrently.
type lockedText struct {
	mu   sync.Mutex // guards text
	text strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
