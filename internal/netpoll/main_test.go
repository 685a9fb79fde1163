package netpoll

import (
	"os"
	"testing"
	"time"

	"rightnow/internal/leaktest"
)

// TestMain fails when a test leaves a goroutine of ours behind.
func TestMain(m *testing.M) { os.Exit(leaktest.Ours(m, 10*time.Second)) }

// eventually polls cond, for what has no event to wait for, up to ten seconds.
func eventually(cond func() bool) bool {
	for end := time.Now().Add(10 * time.Second); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}
