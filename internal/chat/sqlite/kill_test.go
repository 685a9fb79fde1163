package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rightnow/internal/chat"
	"rightnow/internal/chat/sqlite"
)

// What the parent tells the child by its environment.
const (
	childEnv = "RIGHTNOW_KILL_TEST_FILE"
	goOnEnv  = "RIGHTNOW_KILL_TEST_NEXT" // for each speaker the number of its next message
)

const (
	speakers  = 8
	killRooms = 2
)

// ack is a line of the child: a message that it was told to be durable.
type ack struct {
	speaker, number int
	seq             int64
}

func (a ack) id() string   { return fmt.Sprintf("s%d-%d", a.speaker, a.number) }
func (a ack) room() string { return fmt.Sprintf("room%d", a.speaker%killRooms) }

// TestKill kills a process that stores messages, and makes and removes rooms, as
// fast as it can, at random moments, and goes on with the same file. The child
// begins where its last ack was, so what was stored but not acked is said again.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chat.db")
	var acked []ack
	next := make([]int, speakers)
	for round := range 8 {
		got := runAndKill(t, path, next, 1+rand.IntN(400))
		for _, a := range got {
			if a.number != next[a.speaker] {
				t.Fatalf("round %d: speaker %d acked %d, want %d", round, a.speaker, a.number, next[a.speaker])
			}
			next[a.speaker]++
		}
		acked = append(acked, got...)
		checkFile(t, path, acked)
	}
	t.Logf("%d messages acked over 8 kills", len(acked))
}

// runAndKill returns what the child acked until it was killed, some time after
// so many acks.
func runAndKill(t *testing.T, path string, next []int, after int) []ack {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+path, goOnEnv+"="+strings.Trim(fmt.Sprint(next), "[]"))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var acks []ack
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var a ack
		if _, err := fmt.Sscanf(lines.Text(), "%d %d %d", &a.speaker, &a.number, &a.seq); err != nil {
			t.Fatalf("the child says %q: %v", lines.Text(), err)
		}
		if acks = append(acks, a); len(acks) == after {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil || child.ProcessState.Exited() {
		t.Fatalf("the child was not killed: %v", err)
	}
	return acks
}

// checkFile compares the file with all that was ever acked.
func checkFile(t *testing.T, path string, acked []ack) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatalf("after the kill: %v", err)
	}
	defer s.Close()
	stored := make(map[string]map[string]int64) // room → id → seq
	for i := range killRooms {
		room := fmt.Sprintf("room%d", i)
		stored[room] = checkRoom(t, s, room)
	}
	for _, a := range acked {
		if seq, ok := stored[a.room()][a.id()]; !ok || seq != a.seq {
			t.Fatalf("acked %s as %s/%d; stored: %v, %d", a.id(), a.room(), a.seq, ok, seq)
		}
	}
}

// checkRoom wants a sequence without gaps and every id once.
func checkRoom(t *testing.T, s *sqlite.Store, room string) map[string]int64 {
	t.Helper()
	messages, err := s.After(t.Context(), room, 0, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	ids := make(map[string]int64, len(messages))
	for i, m := range messages {
		if m.Seq != int64(i+1) {
			t.Fatalf("%s: message %d has the seq %d", room, i+1, m.Seq)
		}
		if first, ok := ids[m.ID]; ok {
			t.Fatalf("%s: %s is stored as %d and as %d", room, m.ID, first, m.Seq)
		}
		ids[m.ID] = m.Seq
	}
	r, err := s.Room(t.Context(), room)
	if err != nil && len(messages) > 0 || r.LastSeq != int64(len(messages)) {
		t.Fatalf("%s: last seq %d of %d messages (%v)", room, r.LastSeq, len(messages), err)
	}
	return ids
}

// beKilled is the child: each speaker says one message after the other and
// tells each ack, until the process is killed.
func beKilled(path string) int {
	next := make([]int, speakers)
	for i, field := range strings.Fields(os.Getenv(goOnEnv)) {
		if _, err := fmt.Sscan(field, &next[i]); err != nil {
			return failed(err)
		}
	}
	ctx := context.Background()
	store, err := sqlite.Open(ctx, path)
	if err != nil {
		return failed(err)
	}
	service, err := chat.New(ctx, &chat.Options{
		Store: store, Broadcaster: &inOrder{last: make(map[string]int64)}, SayEvery: -1,
		Logger:   slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		MaxRooms: killRooms + 3, Grace: -1, NickHold: time.Nanosecond, EmptyRoomTTL: time.Nanosecond, PruneEvery: time.Millisecond,
	})
	if err != nil {
		return failed(err)
	}
	errs := make(chan error, speakers+1)
	go func() { errs <- comeAndGo(ctx, service) }() // ends with the process
	for speaker := range speakers {
		go func() { errs <- speak(ctx, service, speaker, next[speaker]) }() // ends with the process
	}
	return failed(<-errs)
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, "child:", err)
	return 1
}

func speak(ctx context.Context, service *chat.Service, speaker, next int) error {
	a := ack{speaker: speaker, number: next}
	conn := fmt.Sprint("conn", speaker)
	_, err := service.Enter(ctx, chat.Entry{
		Room: a.room(), Nick: fmt.Sprint("speaker", speaker), Secret: fmt.Sprint("the secret of speaker ", speaker), Conn: conn,
	})
	for err == nil {
		var r chat.Receipt
		r, err = service.Say(ctx, chat.Line{Room: a.room(), Conn: conn, ID: a.id(), Text: "hello"})
		if err == nil {
			_, err = fmt.Printf("%d %d %d\n", a.speaker, a.number, r.Seq) // one write: never half a line
			a.number++
		}
	}
	return err
}

// comeAndGo opens rooms all the time, so that empty ones are removed all the
// time.
func comeAndGo(ctx context.Context, service *chat.Service) error {
	for n := 0; ; n++ {
		room := fmt.Sprint("passing", n)
		e := chat.Entry{Room: room, Nick: "passer-by", Secret: "the secret of nobody", Conn: "passer-by"}
		// The room before may not be empty yet, or somebody takes its place.
		if _, err := service.Enter(ctx, e); err != nil && chat.CodeOf(err) != chat.CodeTooManyRooms {
			return err
		}
		service.Leave(room, e.Conn)
	}
}

// inOrder is a Broadcaster that ends the process when a sequence has a gap.
type inOrder struct {
	mu   sync.Mutex // guards last
	last map[string]int64
}

func (b *inOrder) Emit(room, event string, payload any) {
	m, ok := payload.(chat.Message)
	if !ok {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if last, ok := b.last[room]; ok && m.Seq != last+1 {
		fmt.Fprintln(os.Stderr, "child: emitted", m.Seq, "after", last)
		os.Exit(3)
	}
	b.last[room] = m.Seq
}

// TestRetryAcrossRestart is the kill test in small, with the one thing it cannot
// show by chance alone: stored, not acked, said again.
func TestRetryAcrossRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chat.db")
	var receipts []chat.Receipt
	for range 3 {
		store, err := sqlite.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		service, err := chat.New(t.Context(), &chat.Options{Store: store, Broadcaster: &inOrder{last: map[string]int64{}}})
		if err != nil {
			t.Fatal(err)
		}
		e := chat.Entry{Room: "r", Nick: "ann", Secret: "a secret of some length", Conn: "c"}
		if _, err := service.Enter(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		r, err := service.Say(t.Context(), chat.Line{Room: "r", Conn: "c", ID: "same", Text: "hello"})
		if err != nil {
			t.Fatal(err)
		}
		receipts = append(receipts, r)
		if err := service.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if receipts = slices.Compact(receipts); len(receipts) != 1 || receipts[0].Seq != 1 {
		t.Errorf("the retries were acked as %+v, want the same receipt", receipts)
	}
}
