//go:build !linux

package loadgen

import "context"

// Run returns ErrUnsupported, or what is wrong with the options.
func Run(_ context.Context, o Options) error {
	if err := o.Check(); err != nil {
		return err
	}
	return ErrUnsupported
}
