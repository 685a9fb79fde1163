package engineio

import (
	"bytes"
	"fmt"
	"os"
	"runtime/pprof"
	"strings"
	"testing"
	"time"
)

// TestMain fails when a test leaves a goroutine of ours behind.
func TestMain(m *testing.M) {
	code := m.Run()
	var left string
	if !eventually(func() bool { left = ours(); return left == "" }) {
		fmt.Fprintln(os.Stderr, "leaked goroutines:\n"+left)
		code = 1
	}
	os.Exit(code)
}

// ours returns the stacks of the goroutines that run code of this module, but for the main one.
func ours() string {
	var all bytes.Buffer
	pprof.Lookup("goroutine").WriteTo(&all, 2)
	var left []string
	for stack := range strings.SplitSeq(all.String(), "\n\n") {
		if strings.Contains(stack, "rightnow/") && !strings.Contains(stack, "engineio.TestMain") {
			left = append(left, stack)
		}
	}
	return strings.Join(left, "\n\n")
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
