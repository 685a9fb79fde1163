package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestEverySecond sees the interval tick in virtual time and end with its context.
func TestEverySecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, disconnect := context.WithCancel(t.Context())
		ticks := 0
		go everySecond(ctx, func() { ticks++ })
		time.Sleep(3500 * time.Millisecond) // virtual
		disconnect()
		synctest.Wait()
		if ticks != 3 {
			t.Errorf("%d ticks in 3.5 s", ticks)
		}
		time.Sleep(5 * time.Second)
		if ticks != 3 {
			t.Errorf("%d ticks after the disconnect", ticks-3)
		}
	})
}
