// Package leaktest finds what tests leave behind: goroutines after all tests of
// a package, and objects on the heap after many cycles of one thing. Only tests
// import it.
package leaktest

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// All runs the tests of a package, then each of last, and returns the exit
// status for TestMain. It fails them when more goroutines are left, after
// patience, than there were before.
func All(m *testing.M, patience time.Duration, last ...func()) int {
	before := runtime.NumGoroutine()
	code := m.Run()
	if f := flag.Lookup("test.fuzz"); f != nil && f.Value.String() != "" {
		return code // fuzzing leaves a goroutine that waits for signals
	}
	for _, f := range last {
		f()
	}
	for end := time.Now().Add(patience); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(end) {
			return fail(code, Stacks())
		}
	}
	return code
}

// Ours is All for packages whose tests use what keeps goroutines of its own: it
// looks for those that run code of this module.
func Ours(m *testing.M, patience time.Duration) int {
	code := m.Run()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		left := ours()
		if left == "" {
			return code
		}
		if time.Now().After(end) {
			return fail(code, left)
		}
	}
}

func fail(code int, stacks string) int {
	fmt.Fprintln(os.Stderr, "goroutines are left:\n"+stacks)
	return max(code, 1)
}

// ours returns the stacks of the module's goroutines but the caller's.
func ours() string {
	var left []string
	for i, stack := range strings.Split(Stacks(), "\n\n") {
		if i > 0 && strings.Contains(stack, "rightnow/") {
			left = append(left, stack)
		}
	}
	return strings.Join(left, "\n\n")
}

// Stacks returns the stacks of all goroutines, the caller's first.
func Stacks() string {
	for buf := make([]byte, 1<<20); ; buf = make([]byte, 2*len(buf)) {
		if n := runtime.Stack(buf, true); n < len(buf) {
			return string(buf[:n])
		}
	}
}

// Living is what lives.
type Living struct {
	Goroutines int
	Objects    uint64 // on the heap
}

// Live counts after a collection. Goroutines on their way out are counted too.
func Live() Living {
	for range 3 { // pools are emptied in two steps
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return Living{runtime.NumGoroutine(), m.HeapObjects}
}

// ManyGoroutines lets more goroutines live at once than a test does: the runtime
// keeps the descriptor of each, a heap object, for the next one. Call it before
// the first Live.
func ManyGoroutines() {
	var all sync.WaitGroup
	gate := make(chan struct{})
	for range 10_000 {
		all.Go(func() { <-gate })
	}
	close(gate)
	all.Wait()
}
