package loadgen

import (
	"os"
	"testing"
	"time"

	"rightnow/internal/leaktest"
)

// TestMain fails when a goroutine of ours outlives the tests. os/signal keeps one.
func TestMain(m *testing.M) { os.Exit(leaktest.Ours(m, 5*time.Second)) }
