package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"rightnow/socketio/sioclient"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// emitFlags are the flags of the command.
type emitFlags struct {
	peerFlags
	ack     bool
	timeout time.Duration
}

func emitCommand() *cobra.Command {
	f := &emitFlags{}
	cmd := &cobra.Command{
		Use:   "emit URL EVENT [ARGS…]",
		Short: "Send one event to a Socket.IO server",
		Long: "Send one event to any Socket.IO server, and with --ack print how the server acknowledges it.\n\n" +
			"An argument that is JSON is sent as what it says, any other as text; @FILE sends the bytes of a\n" +
			"file as a binary value, @- those of standard input. What begins with \"-\", as negative numbers do, stands\n" +
			"behind a --, and flags in front of it.",
		Example: "  rightnow emit http://localhost:3000 message '{\"user\": \"ann\"}' 7 hello\n" +
			"  rightnow emit http://localhost:3000 --ack rooms '{}'\n" +
			"  rightnow emit http://localhost:3000 --ack move -- -5 7\n" +
			"  rightnow emit http://localhost:3000 --nsp /admin --auth '{\"token\": \"t\"}' upload @picture.png",
		Args:                  atLeast(2, "a URL and an event"),
		DisableFlagsInUseLine: true,
		RunE:                  func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	cmd.SetFlagErrorFunc(emitFlagError)
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&f.ack, "ack", false, "Wait for the acknowledgement and print its arguments, one a line, as JSON.")
	flags.DurationVar(&f.timeout, "timeout", 10*time.Second, "Longest time for all of it.")
	f.add(flags)
	flags.BoolP("help", "h", false, "Print this help.")
	return cmd
}

// emitFlagError is flagError where what looks like a flag may have been meant as an argument.
func emitFlagError(cmd *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok && unknown.GetSpecifiedShortnames() != "" {
		err = fmt.Errorf("%w: what is no flag but begins with \"-\" stands behind a --", err)
	}
	return flagError(cmd, err)
}

func (f *emitFlags) run(cmd *cobra.Command, args []string) error {
	if f.timeout <= 0 {
		return usageError{fmt.Errorf("--timeout: %s is no time; see `%s --help`", f.timeout, cmd.CommandPath())}
	}
	if err := f.server(cmd, args[0]); err != nil {
		return err
	}
	options, err := f.options(cmd)
	if err != nil {
		return err
	}
	options.QueueBytes = math.MaxInt // there is one event, in memory already: the server's limit is the only one
	values, err := emitValues(args[2:], cmd.InOrStdin())
	if err != nil {
		return err
	}
	ctx, release := untilSignal(cmd.Context(), cmd.ErrOrStderr())
	defer release()
	ctx, cancel := context.WithTimeoutCause(ctx, f.timeout, fmt.Errorf("nothing within %s (--timeout)", f.timeout))
	defer cancel()
	client := sioclient.New(args[0], options)
	defer client.Close()
	socket, err := joinPeer(ctx, client, f.nsp)
	if err != nil {
		return err
	}
	if !f.ack {
		return plainEmitError(socket.Emit(args[1], values...))
	}
	answer, err := socket.EmitWithAck(ctx, args[1], values...)
	if err != nil {
		return peerError(ctx, plainEmitError(err))
	}
	return printArgs(cmd.OutOrStdout(), answer)
}

// plainEmitError says in plain words why an event was not sent.
func plainEmitError(err error) error {
	if errors.Is(err, sioclient.ErrTooBig) {
		return errors.New("the event is larger than the server takes")
	}
	return err
}

// emitValues reads the arguments of the command line.
func emitValues(args []string, stdin io.Reader) ([]any, error) {
	values := make([]any, 0, len(args))
	for _, arg := range args {
		switch {
		case arg == "@-":
			data, err := io.ReadAll(stdin)
			if err != nil {
				return nil, fmt.Errorf("standard input: %w", err)
			}
			values = append(values, data)
		case len(arg) > 1 && arg[0] == '@':
			data, err := os.ReadFile(arg[1:])
			if err != nil {
				return nil, usageError{err}
			}
			values = append(values, data)
		case json.Valid([]byte(arg)):
			values = append(values, json.RawMessage(arg))
		default:
			values = append(values, arg)
		}
	}
	return values, nil
}

// printArgs prints arguments as JSON, one a line; binary values as {"binary": BASE64}.
func printArgs(w io.Writer, args sioclient.Args) error {
	for i := range args.Len() {
		text, err := plainJSON(args, i)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n", text); err != nil {
			return err
		}
	}
	return nil
}

// plainJSON is argument i in one line, with its binary values as {"binary": BASE64}.
func plainJSON(args sioclient.Args, i int) ([]byte, error) {
	if len(args.Blobs()) == 0 {
		return printableJSON(args.Raw(i))
	}
	var v any
	if err := args.Decode(i, &v); err != nil {
		return nil, err
	}
	return marshalLine(spellBinary(v))
}

// spellBinary replaces binary values.
func spellBinary(v any) any {
	switch v := v.(type) {
	case []byte:
		return map[string][]byte{"binary": v}
	case []any:
		for i := range v {
			v[i] = spellBinary(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = spellBinary(v[key])
		}
	}
	return v
}

// errGone is the end of a connection that is not to come back.
var errGone = errors.New("the server closed the connection")
