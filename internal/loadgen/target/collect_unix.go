//go:build unix

package target

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// Collect collects garbage and gives memory back to the system at each SIGUSR2,
// until ctx ends.
func Collect(ctx context.Context) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR2)
	defer signal.Stop(asked)
	for {
		select {
		case <-asked:
			debug.FreeOSMemory()
		case <-ctx.Done():
			return
		}
	}
}
