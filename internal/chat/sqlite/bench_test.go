package sqlite_test

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"rightnow/internal/chat"
)

// BenchmarkAppend shows what a group is worth: ns/op is one message, alone or
// with others in a transaction.
func BenchmarkAppend(b *testing.B) {
	for _, group := range []int{1, 4, 16, 64, 256} {
		b.Run(fmt.Sprint("group=", group), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "chat.db"))
			if _, _, err := s.OpenRoom(b.Context(), chat.Room{Name: "r"}, 10); err != nil {
				b.Fatal(err)
			}
			drafts := make([]chat.Draft, 0, group)
			for i := range b.N {
				drafts = append(drafts, chat.Draft{Room: "r", Person: "p", Nick: "ann", ID: fmt.Sprint(i), Text: "a message of an ordinary length, more or less", At: 1})
				if len(drafts) == group || i == b.N-1 {
					if _, err := s.Append(b.Context(), drafts); err != nil {
						b.Fatal(err)
					}
					drafts = drafts[:0]
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		})
	}
}

// BenchmarkSay goes through the committer, with so many people who each wait
// for the ack before they say the next.
func BenchmarkSay(b *testing.B) {
	for _, people := range []int{1, 16, 256} {
		for _, batch := range []int{1, 256} {
			b.Run(fmt.Sprintf("people=%d/batch=%d", people, batch), func(b *testing.B) {
				s := open(b, filepath.Join(b.TempDir(), "chat.db"))
				service, err := chat.New(b.Context(), &chat.Options{
					Store: s, Broadcaster: &inOrder{last: map[string]int64{}}, SayEvery: -1, CommitBatch: batch,
				})
				if err != nil {
					b.Fatal(err)
				}
				defer service.Close(b.Context())
				sayAll(b, service, people)
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
			})
		}
	}
}

func sayAll(b *testing.B, service *chat.Service, people int) {
	for i := range people {
		e := chat.Entry{Room: "r", Nick: fmt.Sprint("person ", i), Secret: fmt.Sprint("the secret of person ", i), Conn: fmt.Sprint(i)}
		if _, err := service.Enter(b.Context(), e); err != nil {
			b.Fatal(err)
		}
	}
	var said atomic.Int64
	done := make(chan error, people)
	b.ResetTimer()
	for i := range people {
		go func() { // ends when b.N are said
			for {
				n := said.Add(1)
				if n > int64(b.N) {
					done <- nil
					return
				}
				_, err := service.Say(b.Context(), chat.Line{Room: "r", Conn: fmt.Sprint(i), ID: fmt.Sprint(n), Text: "hello"})
				if err != nil {
					done <- err
					return
				}
			}
		}()
	}
	for range people {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
}
