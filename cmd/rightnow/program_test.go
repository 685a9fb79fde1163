package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// patience is how long a test waits for something that is sure to come.
const patience = 30 * time.Second

// asProgram in the environment makes the test binary be the program.
const asProgram = "BE_RIGHTNOW=1"

// process is the real program, running. Its methods may be called by one
// goroutine at a time.
type process struct {
	cmd    *exec.Cmd
	port   int
	stdout *recorder
	stderr *recorder
	ended  chan struct{} // closed when the process is gone
}

var readyLine = regexp.MustCompile(`^Your server is up and running on Port (\d+)\. Good job!\n`)

// start runs `rightnow serve` in dir and waits until it says that it listens.
func start(dir string, env []string, args ...string) (*process, error) {
	p, err := launch(dir, env, append([]string{"serve"}, args...)...)
	if err != nil {
		return nil, err
	}
	m, err := p.stdout.match(readyLine, p.ended)
	if err != nil {
		p.kill()
		return nil, fmt.Errorf("the program did not start: %w\n%s", err, p.stderr)
	}
	p.port, _ = strconv.Atoi(m[1]) // digits, by the pattern
	return p, nil
}

// launch runs the program in dir.
func launch(dir string, env []string, args ...string) (*process, error) {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), asProgram), env...)
	p := &process{cmd: cmd, stdout: newRecorder(), stderr: newRecorder(), ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.stdout, p.stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() { _ = cmd.Wait(); close(p.ended) }() // ends with the process
	return p, nil
}

func (p *process) url(path string) string {
	return "http://127.0.0.1:" + strconv.Itoa(p.port) + path
}

// kill ends the process as a power failure would, and waits for its end.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.ended
}

func (p *process) signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

// wait returns the exit status: -1 for a process that a signal ended.
func (p *process) wait() (int, error) {
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode(), nil
	case <-time.After(patience):
		p.kill()
		return 0, fmt.Errorf("the program did not end\n%s", p.stderr)
	}
}

// recorder keeps what a process writes. All methods may be called concurrently.
type recorder struct {
	mu   sync.Mutex // guards following
	text bytes.Buffer
	more chan struct{} // closed, and replaced, when text grew
}

func newRecorder() *recorder { return &recorder{more: make(chan struct{})} }

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.more)
	r.more = make(chan struct{})
	return r.text.Write(p)
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// match waits until the text matches.
func (r *recorder) match(pattern *regexp.Regexp, ended <-chan struct{}) ([]string, error) {
	timeout := time.After(patience)
	for {
		r.mu.Lock()
		text, more := r.text.String(), r.more
		r.mu.Unlock()
		if m := pattern.FindStringSubmatch(text); m != nil {
			return m, nil
		}
		select {
		case <-more:
		case <-ended:
			if m := pattern.FindStringSubmatch(r.String()); m != nil {
				return m, nil
			}
			return nil, fmt.Errorf("the program ended, and nothing like %s in %q", pattern, r)
		case <-timeout:
			return nil, fmt.Errorf("nothing like %s in %q", pattern, text)
		}
	}
}
