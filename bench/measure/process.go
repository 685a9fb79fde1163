package measure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// tail keeps the last bytes of what is written to it. It may be written to and
// read concurrently.
type tail struct {
	limit int

	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if over := len(t.text) - t.limit; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(p), nil
}

func (t *tail) bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.text)
}

// lastLine is the last that says something.
func (t *tail) lastLine() string {
	lines := strings.Split(strings.TrimSpace(string(t.bytes())), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// process is a program with a process group of its own, so that what it starts
// ends with it.
type process struct {
	cmd    *exec.Cmd
	stdout tail
	stderr tail
	ended  chan struct{} // closed once it has been waited for
	err    error         // how it ended, once it has
}

// The most that is kept of what a program says.
const (
	maxOutput = 1 << 20
	maxErrors = 8 << 10
)

// start starts a program in dir, with env besides the runner's own.
func start(dir string, env, args []string) (*process, error) {
	p := &process{cmd: exec.Command(args[0], args[1:]...), ended: make(chan struct{})}
	p.stdout.limit, p.stderr.limit = maxOutput, maxErrors
	p.cmd.Dir = dir
	p.cmd.Env = append(p.cmd.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	p.cmd.WaitDelay = 2 * time.Second
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { // ends with the process, which kill ends
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// kill ends the process and all that it started, and waits for it.
func (p *process) kill() {
	_ = syscall.Kill(-p.pid(), syscall.SIGKILL)
	<-p.ended
}

// failure says how the program failed, with its last words; nil when it did
// not.
func (p *process) failure() error {
	if p.err == nil {
		return nil
	}
	if said := p.stderr.lastLine(); said != "" {
		return fmt.Errorf("%w: %s", p.err, said)
	}
	return p.err
}

// finish waits until the process ends by itself, which is an error when it
// fails, or not before ctx does. After it the process is gone.
func (p *process) finish(ctx context.Context) error {
	defer p.kill()
	select {
	case <-p.ended:
		return p.failure()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// run runs a program to its end.
func run(ctx context.Context, dir string, args []string) error {
	p, err := start(dir, nil, args)
	if err != nil {
		return err
	}
	return p.finish(ctx)
}

var errNotListening = errors.New("it does not listen")

// listening waits until the process accepts connections on the port.
func (p *process) listening(ctx context.Context, port int, patience time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errNotListening)
	defer cancel()
	for {
		var dialer net.Dialer
		c, err := dialer.DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return c.Close()
		}
		select {
		case <-p.ended:
			return fmt.Errorf("it ended: %w", errors.Join(p.failure(), errNotListening))
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// freePort is one that nobody listens on now.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
