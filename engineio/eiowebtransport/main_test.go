package eiowebtransport

import (
	"os"
	"testing"
	"time"

	"rightnow/internal/leaktest"
)

// TestMain fails when a test leaves a goroutine of ours behind.
func TestMain(m *testing.M) { os.Exit(leaktest.Ours(m, 10*time.Second)) }
