package measure

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain is also the servers and the load that the tests measure: they are
// this program, with the part it plays in its environment. It fails when
// goroutines are left.
func TestMain(m *testing.M) {
	if part := os.Getenv("BENCH_FAKE"); part != "" {
		play(part)
		os.Exit(0)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1) // from now on a goroutine of os/signal is there
	signal.Stop(signals)
	before := runtime.NumGoroutine()
	code := m.Run()
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<20)
			fmt.Fprintf(os.Stderr, "goroutines are left:\n%s\n", stacks[:runtime.Stack(stacks, true)])
			os.Exit(max(code, 1))
		}
	}
	os.Exit(code)
}

// forEver is how long a part that hangs does so, should nobody end it.
const forEver = time.Minute

// play plays a part: "server KIND" or "load".
func play(part string) {
	switch part {
	case "server good":
		accept()
	case "server parent": // its child must not outlive it
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "BENCH_FAKE=hang")
		child.Stderr = os.Stderr
		if err := child.Start(); err != nil {
			fail(err.Error())
		}
		if err := os.WriteFile(os.Getenv("BENCH_CHILD"), []byte(strconv.Itoa(child.Process.Pid)), 0o644); err != nil {
			fail(err.Error())
		}
		accept()
	case "server dying":
		fail("out of luck")
	case "load":
		load(os.Args[1:])
	case "hang":
		time.Sleep(forEver)
	default:
		fail("no part " + part)
	}
}

func fail(reason string) {
	fmt.Fprintln(os.Stderr, reason)
	os.Exit(3)
}

// accept takes connections and does nothing with them.
func accept() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		fail(err.Error())
	}
	time.AfterFunc(forEver, func() { listener.Close() })
	for {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		c.Close()
	}
}

// load plays the load generator: MODE URL --pid PID … and what it is to do as
// its last argument.
func load(args []string) {
	pid, _ := strconv.Atoi(args[3])
	fmt.Println(`{"phase":"idle","n":5,"rss_per_conn":1000}`)
	switch args[len(args)-1] {
	case "well":
		fmt.Printf(`{"phase":%q,"n":5,"burst":1,"cpu_s_per_million":5,"pid":%d}`+"\n", args[0], pid)
	case "badly":
		fail("5 connections were closed")
	case "silently":
	case "wrongly":
		fmt.Println("usage: load")
	case "murderously":
		syscall.Kill(pid, syscall.SIGKILL)
		time.Sleep(forEver)
	case "long":
		time.Sleep(forEver)
	case "long, tell": // tells the test that it is under way
		syscall.Kill(os.Getppid(), syscall.SIGUSR1)
		time.Sleep(forEver)
	default:
		fail("what shall it do? " + strings.Join(args, " "))
	}
}
