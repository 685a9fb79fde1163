package engineio

import (
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"
)

// TestMain fails when a test leaves a goroutine behind.
func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	if !eventually(func() bool { return runtime.NumGoroutine() <= before }) {
		fmt.Fprintln(os.Stderr, "leaked goroutines:")
		pprof.Lookup("goroutine").WriteTo(os.Stderr, 2)
		code = 1
	}
	os.Exit(code)
}

// eventually polls cond, for what has no event to wait for, up to ten seconds.
func eventually(cond func() bool) bool {
	for end := time.Now().Add(10 * time.Second); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}
