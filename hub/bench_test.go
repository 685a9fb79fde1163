package hub_test

import (
	"fmt"
	"testing"

	"rightnow/hub"
)

func BenchmarkPublish(b *testing.B) {
	for _, n := range []int{1, 20, 1000, 5000} {
		h := crowd(n, 1)
		for name, m := range map[string]*hub.Message{
			"everybody": {Event: "e"},
			"room":      {Event: "e", Rooms: []string{"crowd"}},
			"but one":   {Event: "e", Rooms: []string{"crowd"}, Except: []string{"member-0"}},
		} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := h.Publish(m); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/member")
			})
		}
	}
}

// BenchmarkBurst is fifty messages in one handler.
func BenchmarkBurst(b *testing.B) {
	const n, burst = 1000, 50
	h := crowd(n, 2)
	m := &hub.Message{Event: "e"}
	b.ReportAllocs()
	for b.Loop() {
		h.Enter()
		for range burst {
			h.Publish(m)
		}
		h.Exit()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n*burst), "ns/member")
}

func BenchmarkTouch(b *testing.B) {
	h := crowd(1, 1)
	m := h.Member("member-0")
	b.Run("lone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			h.Touch(m)
		}
	})
	b.Run("in a handler", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			h.Enter()
			h.Touch(m)
			h.Exit()
		}
	})
}

// BenchmarkJoinLeave joins and leaves at the front, where the members that
// stay behind it could cost most.
func BenchmarkJoinLeave(b *testing.B) {
	for _, n := range []int{10, 1000, 100000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := crowd(n, 1)
			names := make([]string, n)
			for i := range names {
				names[i] = fmt.Sprint("member-", i)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				h.Leave(names[i], "crowd")
				h.Join(names[i], "crowd")
				i = (i + 1) % n
			}
		})
	}
}

func BenchmarkAddRemove(b *testing.B) {
	h := crowd(1000, 1)
	m := &nullMember{id: "comes and goes", enc: &nullEncoder{frame: "f"}}
	b.ReportAllocs()
	for b.Loop() {
		h.Add(m)
		h.Remove(m.id)
	}
}
