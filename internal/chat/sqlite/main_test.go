package sqlite_test

import (
	"os"
	"testing"
	"time"

	"rightnow/internal/leaktest"
)

// TestMain is the child of the kill test when it is told to be; otherwise it
// fails when a goroutine outlives the tests.
func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		os.Exit(beKilled(path))
	}
	os.Exit(leaktest.All(m, 5*time.Second))
}
