package browser

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for something that is sure to come.
const patience = 30 * time.Second

// root is the module's folder.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// build returns the binary that variable names, or builds pkg.
func build(t *testing.T, variable, pkg string) string {
	t.Helper()
	return buildIn(t, variable, ".", pkg)
}

// buildIn is build for a package of another module of the repository.
func buildIn(t *testing.T, variable, module, pkg string) string {
	t.Helper()
	if bin := os.Getenv(variable); bin != "" {
		return bin
	}
	bin := filepath.Join(t.TempDir(), "program")
	cmd := exec.Command("go", "build", "-race", "-o", bin, pkg)
	cmd.Dir = filepath.Join(root(t), module)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1") // the race detector's wish
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v\n%s", pkg, err, out)
	}
	return bin
}

// program is a child process that serves pages. Its methods belong to one test's goroutine.
type program struct {
	t     *testing.T
	bin   string
	args  []string // without the port
	port  string   // the one it got, and keeps when it is started again
	cmd   *exec.Cmd
	out   *transcript
	ended chan struct{} // closed when the process is gone
}

var ready = regexp.MustCompile(`(?:Your server is up and running on Port |that posts come from, on 127\.0\.0\.1:)(\d+)\.`)

// start runs bin until the end of the test, and waits until it listens.
func start(t *testing.T, bin string, args ...string) *program {
	t.Helper()
	p := &program{t: t, bin: bin, args: args, port: "0"}
	p.start()
	t.Cleanup(p.stop)
	return p
}

func (p *program) start() {
	p.t.Helper()
	p.out, p.ended = newTranscript(), make(chan struct{})
	cmd := exec.Command(p.bin, append(p.args, "--port", p.port)...)
	cmd.Dir = root(p.t)
	cmd.Stdout, cmd.Stderr = p.out, p.out
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.cmd = cmd
	ended := p.ended
	go func() { cmd.Wait(); close(ended) }() // ends with the process
	p.port = p.out.wait(p.t, ready, ended)[1]
}

// url is where path is served, without a relay.
func (p *program) url(path string) string { return "http://127.0.0.1:" + p.port + path }

// stop ends the process as Ctrl-C does and looks at how it went. Stopping again does nothing.
func (p *program) stop() {
	p.t.Helper()
	p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.kill()
		p.t.Errorf("the program did not end\n%s", p.out)
	}
	if status := p.cmd.ProcessState; !status.Success() && !killed(status) {
		p.t.Errorf("the program ended: %v\n%s", status, p.out)
	}
	for _, bad := range []string{"DATA RACE", "panic:"} {
		if strings.Contains(p.out.String(), bad) {
			p.t.Errorf("the program reports a %s\n%s", bad, p.out)
		}
	}
}

// kill ends the process as a power failure would.
func (p *program) kill() {
	p.cmd.Process.Kill() // it may have ended by itself
	<-p.ended
}

func killed(status *os.ProcessState) bool {
	wait, ok := status.Sys().(syscall.WaitStatus)
	return ok && wait.Signaled() && wait.Signal() == syscall.SIGKILL
}

// transcript keeps what a process writes. Its methods may be called concurrently.
type transcript struct {
	mu   sync.Mutex // guards following
	text bytes.Buffer
	more chan struct{} // closed, and replaced, when text grew
}

func newTranscript() *transcript { return &transcript{more: make(chan struct{})} }

func (tr *transcript) Write(p []byte) (int, error) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	close(tr.more)
	tr.more = make(chan struct{})
	return tr.text.Write(p)
}

func (tr *transcript) String() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.text.String()
}

// wait returns the match of pattern as soon as there is one.
func (tr *transcript) wait(t *testing.T, pattern *regexp.Regexp, ended <-chan struct{}) []string {
	t.Helper()
	late := time.After(patience)
	for {
		tr.mu.Lock()
		text, more := tr.text.String(), tr.more
		tr.mu.Unlock()
		if m := pattern.FindStringSubmatch(text); m != nil {
			return m
		}
		select {
		case <-more:
		case <-ended:
			t.Fatalf("the program ended without saying %s:\n%s", pattern, tr)
		case <-late:
			t.Fatalf("the program does not say %s:\n%s", pattern, tr)
		}
	}
}

// chromium is the browser's binary.
func chromium() string { return cmp.Or(os.Getenv("CHROMIUM"), "/usr/bin/chromium") }
