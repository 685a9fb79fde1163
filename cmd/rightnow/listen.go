package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"rightnow/socketio/sioclient"

	"github.com/spf13/cobra"
)

// listenFlags are the flags of the command.
type listenFlags struct {
	peerFlags
	json  bool
	count int
	once  bool
}

func listenCommand() *cobra.Command {
	f := &listenFlags{}
	cmd := &cobra.Command{
		Use:   "listen URL [EVENTS…]",
		Short: "Print the events that a Socket.IO server sends",
		Long: "Join a namespace of any Socket.IO server and print the events that come, or those named, until\n" +
			"Ctrl-C. The connection is kept up; how it does is told on standard error.",
		Example: "  rightnow listen http://localhost:3000\n" +
			"  rightnow listen --json --count 10 http://localhost:3000 message | jq .args",
		Args:                  atLeast(1, "a URL"),
		DisableFlagsInUseLine: true,
		RunE:                  func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&f.json, "json", false, "Print one JSON object a line: {\"at\", \"event\", \"args\"}; binary values as {\"binary\": BASE64}.")
	flags.IntVarP(&f.count, "count", "n", 0, "End after so many events; 0 never does.")
	flags.BoolVar(&f.once, "once", false, "End when the connection is lost instead of coming back.")
	f.add(flags)
	flags.BoolP("help", "h", false, "Print this help.")
	return cmd
}

func (f *listenFlags) run(cmd *cobra.Command, args []string) error {
	if f.count < 0 {
		return usageError{fmt.Errorf("--count: %d is less than nothing; see `%s --help`", f.count, cmd.CommandPath())}
	}
	if err := f.server(cmd, args[0]); err != nil {
		return err
	}
	options, err := f.options(cmd)
	if err != nil {
		return err
	}
	options.DisableReconnect = f.once
	ctx, release := untilSignal(cmd.Context(), cmd.ErrOrStderr())
	defer release()
	signal.Ignore(syscall.SIGPIPE) // a reader that has enough is no failure: writing says so
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	client := sioclient.New(args[0], options)
	l := &listener{flags: f, events: args[1:], stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr(), end: end}
	socket := client.Of(f.nsp)
	l.attach(socket)
	socket.Connect()
	<-ctx.Done()
	client.Close()
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errEnough) || errors.Is(cause, syscall.EPIPE) || errors.Is(cause, context.Canceled):
		return nil
	default:
		return cause
	}
}

// listener prints what one socket hears. Its methods run on the socket's goroutine.
type listener struct {
	// Fixed at creation.
	flags          *listenFlags
	events         []string
	stdout, stderr io.Writer
	end            context.CancelCauseFunc

	mu     sync.Mutex // guards following
	heard  int
	joined bool
}

func (l *listener) attach(s *sioclient.Socket) {
	s.OnConnect(func() {
		l.mu.Lock()
		l.joined = true
		l.mu.Unlock()
		l.tell(fmt.Sprintf("joined %s as %s over %s", s.Namespace(), s.ID(), s.Client().Transport()))
	})
	s.OnDisconnect(func(reason sioclient.Reason) {
		what, end := "disconnected: "+string(reason), errGone
		why, _ := errors.AsType[*sioclient.DisconnectError](context.Cause(s.Context()))
		if reason == sioclient.ReasonParseError && why != nil && why.Err != nil {
			what, end = what+": "+why.Err.Error(), why
		}
		l.tell(what)
		if l.flags.once || reason == sioclient.ReasonServerDisconnect {
			l.end(end)
		}
	})
	s.OnConnectError(func(err error) {
		l.mu.Lock()
		again := l.joined && !l.flags.once
		l.mu.Unlock()
		_, refused := errors.AsType[*sioclient.ConnectError](err)
		if err = plainPeerError(err); refused || !again {
			l.end(err)
			return
		}
		l.tell("cannot connect: " + err.Error())
	})
	s.OnAny(l.print)
}

// tell says how the connection does.
func (l *listener) tell(what string) { fmt.Fprintln(l.stderr, printable(what)) }

// print prints one event.
func (l *listener) print(e *sioclient.Event) {
	if len(l.events) > 0 && !slices.Contains(l.events, e.Name()) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.flags.count > 0 && l.heard == l.flags.count {
		return
	}
	if err := l.write(e); err != nil {
		l.end(err)
		return
	}
	if l.heard++; l.heard == l.flags.count {
		l.end(errEnough)
	}
}

func (l *listener) write(e *sioclient.Event) error {
	args := make([]json.RawMessage, e.Args().Len())
	for i := range args {
		text, err := plainJSON(e.Args(), i)
		if err != nil {
			return err
		}
		args[i] = text
	}
	if l.flags.json {
		text, err := marshalLine(struct {
			At    time.Time         `json:"at"`
			Event string            `json:"event"`
			Args  []json.RawMessage `json:"args"`
		}{time.Now(), e.Name(), args})
		if err == nil {
			_, err = fmt.Fprintf(l.stdout, "%s\n", text)
		}
		return err
	}
	words := []string{printable(e.Name())}
	for _, a := range args {
		words = append(words, string(a))
	}
	_, err := fmt.Fprintln(l.stdout, strings.Join(words, " "))
	return err
}
