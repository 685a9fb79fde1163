package interop

import (
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// forwarder stands between a client and a server, and can cut their connections.
type forwarder struct {
	to       string
	listener net.Listener
	work     sync.WaitGroup

	mu    sync.Mutex // guards conns
	conns []net.Conn
}

func forward(t *testing.T, url string) *forwarder {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &forwarder{to: strings.TrimPrefix(url, "http://"), listener: l}
	f.work.Go(f.serve) // ends by Close
	t.Cleanup(func() {
		l.Close()
		f.cut()
		f.work.Wait()
	})
	return f
}

func (f *forwarder) serve() {
	for {
		here, err := f.listener.Accept()
		if err != nil {
			return
		}
		there, err := net.Dial("tcp", f.to)
		if err != nil {
			here.Close()
			continue
		}
		f.mu.Lock()
		f.conns = append(f.conns, here, there)
		f.mu.Unlock()
		for _, way := range [][2]net.Conn{{here, there}, {there, here}} {
			f.work.Go(func() { // ends when one side does
				io.Copy(way[0], way[1])
				way[0].Close()
				way[1].Close()
			})
		}
	}
}

func (f *forwarder) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conns {
		c.Close()
	}
	f.conns = nil
}

// `rightnow listen` comes back after a loss, and Ctrl-C is its regular end.
func TestListenComesBack(t *testing.T) {
	bin := program(t)
	for _, p := range []peer{ours(t), nodes(t)} {
		t.Run(p.name, func(t *testing.T) {
			f := forward(t, p.urls["main"])
			cmd := exec.Command(bin, "listen", "--transport", "websocket", "http://"+f.listener.Addr().String())
			cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
			var said, complaint lockedText
			cmd.Stdout, cmd.Stderr = &said, &complaint
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer cmd.Process.Kill()
			await(t, &said, "(?m)^welcome ")
			f.cut()
			await(t, &complaint, `(?ms)^joined / .*^disconnected: transport \w+$.*^joined / `)
			await(t, &said, "(?ms)^welcome .*^welcome ")
			cmd.Process.Signal(syscall.SIGINT)
			if err := cmd.Wait(); err != nil {
				t.Errorf("it ended with %v\n%s", err, complaint.String())
			}
		})
	}
}

// await waits until a text matches.
func await(t *testing.T, text *lockedText, pattern string) {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for end := time.Now().Add(patience); !re.MatchString(text.String()); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("nothing like %s in:\n%s", pattern, text.String())
		}
	}
}
