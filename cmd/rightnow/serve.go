package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"

	"rightnow/internal/app"

	"github.com/spf13/cobra"
)

func serveCommand(env []string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve [settings]",
		Short: "Start the chat room",
		Long: "Start the chat room. When it listens it prints one line with its port; everything\n" +
			"else it has to say is logged on standard error. Ctrl-C (or SIGTERM) lets it finish\n" +
			"what is under way, a second one stops it at once.",
		Example: "  rightnow serve                      # http://localhost:3000, for this machine only\n" +
			"  rightnow serve --host 0.0.0.0       # for everybody in the network\n" +
			"  PORT=8080 rightnow serve --data /var/lib/rightnow/chat.db",
		Args:                  noArgs,
		DisableFlagsInUseLine: true,
	}
	settings := addSettings(cmd, env)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		loaded, err := settings.load()
		if err != nil {
			return err
		}
		return serve(cmd.Context(), loaded, cmd.OutOrStdout(), cmd.ErrOrStderr())
	}
	return cmd
}

// serve runs the program until a signal, or the end of ctx, stops it.
func serve(ctx context.Context, loaded *app.Loaded, stdout, stderr io.Writer) error {
	log := newLogger(loaded.Config, stderr)
	for _, warning := range loaded.Warnings {
		log.Warn(warning)
	}
	ctx, release := untilSignal(ctx, stderr)
	defer release()

	program, err := app.Open(ctx, loaded.Config, log)
	if err != nil && ctx.Err() != nil {
		return nil // told to stop before it had begun
	}
	if err != nil {
		return err
	}
	announce(program.Addr(), program.Built(), log, stdout)
	err = program.Run(ctx)
	if closeErr := program.Close(); err == nil {
		err = closeErr
	}
	return err
}

// announce says that clients may come. The line on stdout is a promise to
// scripts: its words stay, and it comes last.
func announce(addr *net.TCPAddr, built bool, log *slog.Logger, stdout io.Writer) {
	if !built {
		log.Warn("the page is not in this program: run `make` to build one that has it")
	}
	if addr.IP.IsLoopback() {
		log.Info("only this machine can connect; --host 0.0.0.0 lets others in", "page", fmt.Sprintf("http://localhost:%d/", addr.Port))
	}
	log.Info("listening", "address", addr.String(), "version", app.Version)
	fmt.Fprintf(stdout, "Your server is up and running on Port %d. Good job!\n", addr.Port)
}

// newLogger makes the log that the settings ask for; app has checked them.
func newLogger(cfg *app.Config, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.LogLevel))
	opts := &slog.HandlerOptions{Level: level}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}
