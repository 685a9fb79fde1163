package hub_test

import (
	"fmt"
	"testing"

	"rightnow/hub"
)

// BenchmarkPublish is the fan-out of one message, to members that do nothing.
func BenchmarkPublish(b *testing.B) {
	for _, to := range []struct {
		name    string
		message hub.Message
	}{
		{"everybody", hub.Message{Event: "e"}},
		{"room", hub.Message{Event: "e", Rooms: []string{"crowd"}}},
		{"but-one", hub.Message{Event: "e", Rooms: []string{"crowd"}, Except: []string{"member-0"}}},
		{"two-rooms", hub.Message{Event: "e", Rooms: []string{"room-0", "crowd"}}},
	} {
		for _, n := range []int{1, 20, 1000, 5000} {
			b.Run(fmt.Sprintf("to=%s/n=%d", to.name, n), func(b *testing.B) {
				h := crowd(n, 1)
				b.ReportAllocs()
				for b.Loop() {
					if _, err := h.Publish(&to.message); err != nil {
						b.Fatal(err)
					}
				}
				perMember(b, n)
			})
		}
	}
}

// perMember reports the time for each of the n frames pushed in one operation.
func perMember(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/member")
}

// BenchmarkBurst is fifty messages in one handler.
func BenchmarkBurst(b *testing.B) {
	const burst = 50
	for _, n := range []int{20, 1000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
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
			perMember(b, n*burst)
		})
	}
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
	b.Run("in-a-handler", func(b *testing.B) {
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
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
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
	for _, n := range []int{10, 1000, 100000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			h := crowd(n, 1)
			m := &nullMember{id: "comes and goes", enc: &nullEncoder{frame: "f"}}
			b.ReportAllocs()
			for b.Loop() {
				h.Add(m)
				h.Remove(m.id)
			}
		})
	}
}
