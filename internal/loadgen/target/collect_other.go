//go:build !unix

package target

import "context"

// Collect does nothing: this system has no SIGUSR2.
func Collect(context.Context) {}
