package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// untilSignal returns a context that the first SIGINT or SIGTERM ends. The
// second one ends the process: whoever asks twice does not want to wait. The
// caller calls release when it no longer cares.
func untilSignal(ctx context.Context, stderr io.Writer) (_ context.Context, release func()) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 2)
	released := make(chan struct{})
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() { // ends with release, or with the process
		for range 2 {
			select {
			case <-released:
				return
			case <-signals:
			}
			if ctx.Err() != nil {
				fmt.Fprintln(stderr, "rightnow: stopped at once, before everything was finished")
				os.Exit(1)
			}
			cancel()
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(released)
		cancel()
	}
}
