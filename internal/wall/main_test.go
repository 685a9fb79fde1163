package wall_test

import (
	"os"
	"testing"
	"time"

	"rightnow/internal/leaktest"
)

// TestMain fails when a goroutine outlives the tests.
func TestMain(m *testing.M) { os.Exit(leaktest.All(m, 5*time.Second)) }
