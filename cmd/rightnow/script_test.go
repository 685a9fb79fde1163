package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	for _, entry := range os.Environ() {
		if entry == asProgram {
			main()
		}
	}
	testscript.Main(m, map[string]func(){"rightnow": main})
}

// TestScripts runs testdata/script: the program as a person at a terminal sees
// it. Besides testscript's own commands there are
//
//	exits N PROGRAM ARGS…      runs it and wants exactly that exit status
//	line stdout|stderr REGEXP  that the last command wrote one line and what it is
//	occupy VAR                 takes a port and puts its number into VAR
//	start ARGS…                starts `rightnow serve` in the background, sets $URL and $PORT_USED
//	launch ARGS…               starts `rightnow ARGS…` in the background
//	simulate ARGS…             starts `rightnow feedsim` until the script ends, and has $RIGHTNOW_… lead to it
//	get PATH STATUS [REGEXP]   asks the started program
//	signal NAME                INT, TERM or KILL for the started program
//	ends N                     waits for its end and wants that exit status
//	said stdout|stderr REGEXP  waits until the started program has written that
//	peer VAR                   starts a Socket.IO server until the script ends, and puts its URL into VAR
//	fill FILE N                writes a file of N bytes
//	asked                      waits until somebody has sent that server the event silence
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Values[processKey{}] = new(*process)
			env.Values[silenceKey{}] = make(chan struct{}, 100)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "line": line, "occupy": occupy, "start": startCmd, "launch": launchCmd, "simulate": simulate,
			"get": get, "signal": signalCmd, "ends": ends, "said": said, "peer": peerCmd, "asked": askedCmd,
			"fill": fill,
		},
	})
}

func need(ts *testscript.TestScript, neg bool, ok bool, usage string) {
	if neg || !ok {
		ts.Fatalf("usage: %s", usage)
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) >= 2, "exits N PROGRAM ARGS…")
	status := 0
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		status = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(status) != args[0] {
		ts.Fatalf("exit status %d, want %s\n%s%s", status, args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

func line(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 2, "line stdout|stderr REGEXP")
	text := ts.ReadFile(args[0])
	if !regexp.MustCompile("^" + args[1] + "\n$").MatchString(text) {
		ts.Fatalf("%s is not the one line %q:\n%s", args[0], args[1], text)
	}
}

func occupy(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 1, "occupy VAR")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { listener.Close() })
	ts.Setenv(args[0], strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
}

func fill(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 2, "fill FILE N")
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), bytes.Repeat([]byte("x"), n), 0o600))
}

type processKey struct{}

// running is where the script keeps the program that it started.
func running(ts *testscript.TestScript) **process {
	return ts.Value(processKey{}).(**process)
}

func startCmd(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, true, "start ARGS…")
	var env []string
	for _, name := range []string{"PORT", "RIGHTNOW_CONFIG", "RIGHTNOW_LOG_FORMAT"} {
		env = append(env, name+"="+ts.Getenv(name))
	}
	p, err := start(ts.MkAbs("."), env, args...)
	ts.Check(err)
	ts.Defer(p.kill)
	*running(ts) = p
	ts.Setenv("URL", p.url(""))
	ts.Setenv("PORT_USED", strconv.Itoa(p.port))
}

func launchCmd(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) > 0, "launch ARGS…")
	var env []string
	for _, name := range append(slices.Clone(simulated), "NO_COLOR") {
		env = append(env, name+"="+ts.Getenv(name))
	}
	p, err := launch(ts.MkAbs("."), env, args...)
	ts.Check(err)
	ts.Defer(p.kill)
	*running(ts) = p
}

// simulated are the variables that lead to the fakes, but for the choice of sources.
var simulated = []string{
	"RIGHTNOW_BLUESKY_URL", "RIGHTNOW_BLUESKY_API_URL", "RIGHTNOW_WIKIMEDIA_URL", "RIGHTNOW_WIKIMEDIA_CONTACT", "RIGHTNOW_WIKIMEDIA_SITES",
	"RIGHTNOW_MASTODON_URL", "RIGHTNOW_MASTODON_TOKEN", "RIGHTNOW_RSS_FEEDS", "RIGHTNOW_RSS_PRIVATE",
	"RIGHTNOW_X_URL", "RIGHTNOW_X_TOKEN",
}

func simulate(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, true, "simulate ARGS…")
	p, err := launch(ts.MkAbs("."), nil, append([]string{"feedsim", "--port", "0"}, args...)...)
	ts.Check(err)
	ts.Defer(p.kill)
	_, err = p.stdout.match(regexp.MustCompile("(?m)^# That is all"), p.ended)
	ts.Check(err)
	for _, name := range simulated {
		m := regexp.MustCompile("(?m)^export " + name + "=(.*)$").FindStringSubmatch(p.stdout.String())
		if m == nil {
			ts.Fatalf("%s is not among the settings:\n%s", name, p.stdout)
		}
		ts.Setenv(name, m[1])
	}
}

func get(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 2 || len(args) == 3, "get PATH STATUS [REGEXP]")
	res, err := http.Get((*running(ts)).url(args[0]))
	ts.Check(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	ts.Check(err)
	if strconv.Itoa(res.StatusCode) != args[1] || len(args) == 3 && !regexp.MustCompile(args[2]).Match(bytes.TrimSpace(body)) {
		ts.Fatalf("status %d, want %s %s\n%s", res.StatusCode, args[1], strings.Join(args[2:], ""), body)
	}
}

func signalCmd(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL}
	need(ts, neg, len(args) == 1 && signals[args[0]] != 0, "signal INT|TERM|KILL")
	ts.Check((*running(ts)).signal(signals[args[0]]))
}

func ends(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 1, "ends N")
	status, err := (*running(ts)).wait()
	ts.Check(err)
	if strconv.Itoa(status) != args[0] {
		ts.Fatalf("exit status %d, want %s\n%s", status, args[0], (*running(ts)).stderr)
	}
}

func said(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, false, len(args) == 2, "said stdout|stderr REGEXP")
	p := *running(ts)
	text := map[string]*recorder{"stdout": p.stdout, "stderr": p.stderr}[args[0]]
	pattern := regexp.MustCompile("(?m)" + args[1])
	if !neg {
		_, err := text.match(pattern, p.ended)
		ts.Check(err)
	} else if pattern.MatchString(text.String()) {
		ts.Fatalf("%s should not say %q:\n%s", args[0], args[1], text)
	}
}
