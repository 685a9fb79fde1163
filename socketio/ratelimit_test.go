package socketio_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/socketio"
)

// At no rate, or nearly none, what was let in never comes back.
func TestRateLimitWithoutARate(t *testing.T) {
	for _, perSecond := range []float64{0, -1, 1e-12} {
		synctest.Test(t, func(t *testing.T) {
			limit, let := socketio.RateLimit(perSecond, 3), 0
			for range 10 {
				if err := limit(nil); err == nil {
					let++
				} else if !errors.Is(err, socketio.ErrRateLimit) {
					t.Error(err)
				}
				time.Sleep(24 * time.Hour)
			}
			if let != 3 {
				t.Errorf("at %v a second %d were let in", perSecond, let)
			}
		})
	}
	if err := socketio.RateLimit(1, 0)(nil); !errors.Is(err, socketio.ErrRateLimit) {
		t.Errorf("of a burst of none: %v", err)
	}
}
