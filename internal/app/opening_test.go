package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// visitor is a Socket.IO client behind a proxy.
type visitor struct{ *websocket.Conn }

func (r *running) visitor(ctx context.Context, t *testing.T, address string) visitor {
	t.Helper()
	url := "ws://" + r.Addr().String() + socketPath + "?EIO=4&transport=websocket"
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPHeader: http.Header{"X-Forwarded-For": {"10.9.9.9, " + address}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	conn.SetReadLimit(1 << 20)
	v := visitor{conn}
	v.hear(ctx, t, `0{"sid":`)
	if err := v.Write(ctx, websocket.MessageText, []byte("40")); err != nil {
		t.Fatal(err)
	}
	v.hear(ctx, t, `40{"sid":`)
	return v
}

// hear returns what follows a prefix in the next packet that has it.
func (v visitor) hear(ctx context.Context, t *testing.T, prefix string) string {
	t.Helper()
	for {
		_, packet, err := v.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if rest, ok := strings.CutPrefix(string(packet), prefix); ok {
			return rest
		}
	}
}

// enter returns the code of the refusal, or "".
func (v visitor) enter(ctx context.Context, t *testing.T, room string) string {
	t.Helper()
	event := fmt.Sprintf(`420["enter",{"room":%q,"nick":"ann","secret":"the secret of %[1]s, long enough"}]`, room)
	if err := v.Write(ctx, websocket.MessageText, []byte(event)); err != nil {
		t.Fatal(err)
	}
	var acks []struct{ Error struct{ Code string } }
	if err := json.Unmarshal([]byte(v.hear(ctx, t, "430")), &acks); err != nil || len(acks) != 1 {
		t.Fatalf("%v, %d arguments", err, len(acks))
	}
	return acks[0].Error.Code
}

// TestHostileConnections has 300 of them, from one address behind the proxy,
// that each open a room and stay in it; the people behind the same proxy can
// open theirs, and enter what is there.
func TestHostileConnections(t *testing.T) {
	cfg := Default()
	cfg.Port, cfg.Data = 0, filepath.Join(t.TempDir(), "chat.db")
	cfg.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	cfg.MaxRooms, cfg.OpenEvery = 30, time.Hour
	r := openWith(t, cfg)
	defer r.end(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	answers := map[string]int{}
	for i := range 300 {
		answers[r.visitor(ctx, t, "203.0.113.7").enter(ctx, t, fmt.Sprint("x", i))]++
	}
	if answers[""] != cfg.OpenBurst || answers["too_many_rooms"] != 300-cfg.OpenBurst {
		t.Errorf("the answers are %v, want %d rooms opened", answers, cfg.OpenBurst)
	}
	for i := range 3 {
		if code := r.visitor(ctx, t, fmt.Sprint("198.51.100.", i)).enter(ctx, t, fmt.Sprint("good", i)); code != "" {
			t.Errorf("somebody else's room: %s", code)
		}
	}
	if code := r.visitor(ctx, t, "203.0.113.7").enter(ctx, t, "good1"); code != "" {
		t.Errorf("into a room that is there: %s", code)
	}
	if s := r.chat.Stats(); s.Openers != 4 || s.Rooms != cfg.OpenBurst+3 {
		t.Errorf("%+v, want 4 openers and %d rooms", s, cfg.OpenBurst+3)
	}
}

// TestEmptyRoomsMakeWay fills the data file with rooms that nobody is in.
func TestEmptyRoomsMakeWay(t *testing.T) {
	cfg := Default()
	cfg.Port, cfg.Data = 0, filepath.Join(t.TempDir(), "chat.db")
	cfg.MaxRooms, cfg.EmptyRoomTTL, cfg.OpenBurst = 5, 0, 100
	cfg.Grace, cfg.NickHold = time.Millisecond, time.Millisecond
	r := openWith(t, cfg)
	defer r.end(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for i := range 20 {
		v := r.visitor(ctx, t, "203.0.113.7")
		if code := v.enter(ctx, t, fmt.Sprint("r", i)); code != "" {
			t.Fatalf("room %d: %s", i, code)
		}
		v.CloseNow()
		for r.chat.Stats().Rooms > 0 {
			if ctx.Err() != nil {
				t.Fatal("somebody is left")
			}
			time.Sleep(time.Millisecond)
		}
	}
	if n := r.chat.Stats().Removed; n != 16 {
		t.Errorf("%d rooms made way, want 16", n)
	}
}
