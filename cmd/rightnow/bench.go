package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rightnow/internal/loadgen"

	"github.com/spf13/cobra"
)

func benchCommand(env []string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure a Socket.IO server under load",
		Long: "Measure a Socket.IO server under load: many clients in this one process, driven by one\n" +
			"loop, that measure latencies, and the server's memory and CPU time where it runs on\n" +
			"this machine. Without a URL the library of this program is measured, in a process of\n" +
			"its own; with one, any server that speaks Socket.IO 5 over plain HTTP. idle and storm\n" +
			"ask nothing of it, echo wants one event that acknowledges, and the others the events\n" +
			"that `rightnow bench server --help` lists.",
		Example: "  rightnow bench broadcast                            # how fast is this machine?\n" +
			"  rightnow bench idle http://localhost:3000 -n 10000 --pid 4711\n" +
			"  rightnow bench echo --json | jq .p99_us",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		SuggestionsMinimumDistance: 2,
	}
	for _, mode := range benchModes() {
		cmd.AddCommand(mode.command())
	}
	cmd.AddCommand(benchServerCommand(env))
	return cmd
}

// bench is one run of the load generator, as the flags ask for it.
type bench struct {
	loadgen.Options
	json, quiet bool
}

// addFlags gives cmd the flags that all modes have.
func (b *bench) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.IntVarP(&b.Connections, "connections", "n", 1000, "How many clients connect.")
	flags.IntVar(&b.PID, "pid", 0, "The process id of the server at the URL: its memory and CPU time are measured.")
	flags.StringVar(&b.Path, "path", "/socket.io/", "Where Socket.IO is at the server.")
	flags.IntVar(&b.Ramp, "ramp", 0, "Connect so many clients a second; 0 is as fast as the server takes them.")
	flags.IntVar(&b.Source, "source", 2, "Connect from 127.0.0.SOURCE, and the next address for each 10,000 clients;\nseveral generators at a time need sources of their own.")
	flags.DurationVar(&b.Wait, "wait", 2*time.Second, "Rest after connecting, before memory is read.")
	flags.BoolVar(&b.Collect, "collect", false, "Send the server SIGUSR2 after that, which has to mean \"collect garbage\" to it,\nand read its memory again.")
	flags.DurationVar(&b.Limit, "limit", 90*time.Second, "Give up when a phase takes longer.")
	flags.BoolVar(&b.json, "json", false, "Print one JSON object a line for each phase, and nothing else.")
	flags.BoolVar(&b.quiet, "quiet", false, "Draw neither progress nor histograms.")
	flags.BoolP("help", "h", false, "Print this help.")
}

// run measures the server at the URL, or a child that it starts. Ctrl-C ends it,
// after what there is has been printed.
func (b *bench) run(cmd *cobra.Command, args []string) error {
	ctx, release := untilSignal(cmd.Context(), cmd.ErrOrStderr())
	defer release()
	if len(args) > 0 {
		b.URL = args[0]
		return b.measure(ctx, cmd)
	}
	if b.PID != 0 {
		return usageError{errors.New("--pid belongs to the server at a URL, and there is none")}
	}
	server, err := startBenchServer(ctx, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	defer server.stop()
	b.URL, b.PID = server.url, server.pid()
	return b.measure(ctx, cmd)
}

func (b *bench) measure(ctx context.Context, cmd *cobra.Command) error {
	screen := newScreen(cmd.OutOrStdout(), cmd.ErrOrStderr(), b.quiet)
	b.OnProgress = screen.progress
	b.OnResult = screen.table
	if b.json {
		encoder := json.NewEncoder(cmd.OutOrStdout())
		b.OnResult = func(r loadgen.Result) { screen.failed(encoder.Encode(r)) }
	}
	err := loadgen.Run(ctx, b.Options)
	screen.clear()
	var option *loadgen.OptionError
	switch {
	case errors.As(err, &option):
		return usageError{fmt.Errorf("%w; see `%s --help`", err, cmd.CommandPath())}
	case err != nil:
		return err
	}
	return screen.err
}
