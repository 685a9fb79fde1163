package worker

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

type task func()

func (t task) Run() { t() }

func TestTasksRunAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool
		defer p.Close()
		const n = 300 // more than are kept
		var started sync.WaitGroup
		started.Add(n)
		release := make(chan struct{})
		ended := 0
		var mu sync.Mutex
		for range n {
			p.Go(task(func() {
				started.Done()
				<-release
				mu.Lock()
				ended++
				mu.Unlock()
			}))
		}
		started.Wait() // no task waits for another
		close(release)
		synctest.Wait()
		if ended != n {
			t.Errorf("%d tasks ended, not %d", ended, n)
		}
	}) // and fails if a goroutine stays for ever
}

func TestAGoroutineServesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool
		defer p.Close()
		stacks := make(map[string]int)
		for range 10 {
			p.Go(task(func() { stacks[goroutine()]++ }))
			synctest.Wait()
		}
		if len(stacks) != 1 {
			t.Errorf("ten tasks in a row used %d goroutines", len(stacks))
		}
	})
}

func TestWhatIsNotNeededEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool
		defer p.Close()
		burst := func(n int) {
			release := make(chan struct{})
			for range n {
				p.Go(task(func() { <-release }))
			}
			synctest.Wait()
			close(release)
			synctest.Wait()
		}
		burst(100)
		if got := kept(&p); got != 100 {
			t.Fatalf("%d goroutines are kept after 100 tasks", got)
		}
		for range 30 { // three at a time keep three
			burst(3)
			time.Sleep(100 * time.Millisecond)
		}
		synctest.Wait()
		if got := kept(&p); got != 3 {
			t.Errorf("%d goroutines are kept for three tasks at a time", got)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if got := kept(&p); got != 0 {
			t.Errorf("%d goroutines are kept for nothing", got)
		}
		burst(2) // it goes on
	})
}

func TestATaskMayEndItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Pool
		defer p.Close()
		p.Go(task(runtime.Goexit))
		synctest.Wait()
		ran := false
		p.Go(task(func() { ran = true }))
		synctest.Wait()
		if !ran {
			t.Error("no task runs after one that ended its goroutine")
		}
	})
}

func BenchmarkGo(b *testing.B) {
	var p Pool
	defer p.Close()
	done := make(chan struct{})
	deep := task(func() { grow(20); done <- struct{}{} })
	b.Run("kept", func(b *testing.B) {
		for b.Loop() {
			p.Go(deep)
			<-done
		}
	})
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			go deep.Run()
			<-done
		}
	})
}

// kept counts the goroutines that wait for a task.
func kept(p *Pool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.idle)
}

// grow uses some KiB of stack.
func grow(n int) byte {
	var a [200]byte
	if n > 0 {
		a[n] = grow(n - 1)
	}
	return a[n]
}

// goroutine returns the number of the goroutine it runs on, as text.
func goroutine() string {
	var b [32]byte
	s := string(b[:runtime.Stack(b[:], false)])
	for i := len("goroutine "); i < len(s); i++ {
		if s[i] == ' ' {
			return s[:i]
		}
	}
	return s
}
