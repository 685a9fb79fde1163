//go:build unix

package target

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// Collect has the process collect garbage and give memory back to the system at
// each SIGUSR2, from now until ctx ends.
func Collect(ctx context.Context) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR2)
	go func() { // ends with ctx
		defer signal.Stop(asked)
		for {
			select {
			case <-asked:
				debug.FreeOSMemory()
			case <-ctx.Done():
				return
			}
		}
	}()
}
