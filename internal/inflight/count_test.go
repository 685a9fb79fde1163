package inflight

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Count
		if err := c.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		c.Add()
		c.Add()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		var ended atomic.Int64
		for range 2 {
			go func() {
				if err := c.Wait(t.Context()); err != nil {
					t.Error(err)
				}
				ended.Add(1)
			}()
		}
		c.Done()
		synctest.Wait()
		if ended.Load() != 0 {
			t.Error("ended too early")
		}
		c.Done()
		synctest.Wait()
		if ended.Load() != 2 {
			t.Errorf("%d of 2 ended", ended.Load())
		}
		c.Add()
		c.Done()
		if err := c.Wait(t.Context()); err != nil { // it may be used again
			t.Error(err)
		}
	})
}
