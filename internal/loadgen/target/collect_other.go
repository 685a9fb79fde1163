//go:build !unix

package target

import "context"

// Collect waits until ctx ends: this system has no SIGUSR2.
func Collect(ctx context.Context) { <-ctx.Done() }
