package socketio

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var mu sync.Mutex // timers do not know of each other
		var names []int
		var times []time.Duration
		clients := make([]*client, 6)
		q := newDeadlines(10*time.Second, func(c *client) {
			mu.Lock()
			defer mu.Unlock()
			names = append(names, slices.Index(clients, c))
			times = append(times, time.Since(start))
		})
		for i := range clients {
			clients[i] = &client{}
			q.start(clients[i])
			if i%2 == 1 {
				time.Sleep(time.Second)
			}
		}
		q.stop(clients[0]) // the head
		q.stop(clients[3])
		q.stop(clients[3])
		q.stop(clients[5]) // the tail
		time.Sleep(time.Minute)
		synctest.Wait()
		if want := []int{1, 2, 4}; !slices.Equal(names, want) {
			t.Errorf("expired %v, want %v", names, want)
		}
		if want := []time.Duration{10 * time.Second, 11 * time.Second, 12 * time.Second}; !slices.Equal(times, want) {
			t.Errorf("at %v, want %v", times, want)
		}
		if q.head != nil || q.tail != nil || q.armed {
			t.Error("the list is not idle")
		}
		q.start(clients[0])
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(names) != 4 || names[3] != 0 {
			t.Errorf("expired %v", names)
		}
	})
}

func TestGauge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gauge
		if err := g.wait(t.Context()); err != nil {
			t.Error(err)
		}
		g.add()
		g.add()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := g.wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		var ended atomic.Int64
		for range 2 {
			go func() {
				if err := g.wait(t.Context()); err != nil {
					t.Error(err)
				}
				ended.Add(1)
			}()
		}
		g.done()
		synctest.Wait()
		if ended.Load() != 0 {
			t.Error("ended too early")
		}
		g.done()
		synctest.Wait()
		if ended.Load() != 2 {
			t.Errorf("%d of 2 ended", ended.Load())
		}
	})
}
