package sioadmin

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/engineio/eioclient"
	"rightnow/socketio"
	"rightnow/socketio/siotest"
)

// checklist: 221
func TestS221SignIn(t *testing.T) {
	bubble(t, nil, nil, func(r *rig) {
		u := r.signIn()
		got := u.take()
		if len(got) < 2 || got[0].event != "session" || got[1].event != "config" {
			t.Fatalf("%s", got)
		}
		session := decode[string](t, got[0], 0)
		if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(session) {
			t.Errorf("session %q", session)
		}
		again := r.connect(map[string]any{"sessionId": session})
		if !again.Connected() {
			t.Errorf("the session is not known: %v", again.refused)
		}
		for _, s := range again.take("session") {
			t.Errorf("a second session: %s", s)
		}
		for name, auth := range map[string]any{
			"nothing":        nil,
			"nulls":          map[string]any{"sessionId": nil, "username": nil, "password": nil},
			"wrong password": map[string]any{"username": "admin", "password": "correct horse"},
			"wrong name":     map[string]any{"username": "Admin", "password": password},
			"no name":        map[string]any{"password": password},
			"no session":     map[string]any{"sessionId": strings.Repeat("0", 32)},
			"no text":        map[string]any{"username": 1, "password": []int{1}},
			"too long":       map[string]any{"username": "admin", "password": strings.Repeat("x", 2000)},
		} {
			u := r.connect(auth)
			if u.Connected() || u.refused == nil || !strings.HasSuffix(u.refused.Error(), ": invalid credentials") {
				t.Errorf("%s: %v", name, u.refused)
			}
		}
		if text := r.failed(); text != "" {
			t.Error(text)
		}
		u.Client().Close()
		again.Client().Close()
		time.Sleep(defaultSessionTTL) // virtual
		if late := r.connect(map[string]any{"sessionId": session}); late.Connected() {
			t.Error("a session lasts for ever")
		}
	})
}

// The page listens when it has been answered, so the session comes behind the answer to CONNECT, by whatever transport;
// who comes with a session, or is refused, is told none.
//
// checklist: 222
func TestS222TheSessionComesBehindTheAnswer(t *testing.T) {
	for _, transport := range []eioclient.Transport{eioclient.Polling, eioclient.WebSocket} {
		bubble(t, &Options{Mode: Production}, nil, func(r *rig) {
			const right = `{"username":"admin","password":"` + password + `"}`
			got := r.overTheWire(transport, right)
			const answer, told = `^0/admin,\{"sid":"[\w-]{20}"\}$`, `^2/admin,\["session","([0-9a-f]{32})"\]$`
			const config = `^2/admin,\["config",\{`
			if !inOrder(got, answer, told, config) {
				t.Fatalf("%s: the wire has %q", transport, got)
			}
			session := regexp.MustCompile(told).FindStringSubmatch(got[1])[1]
			if got := r.overTheWire(transport, `{"sessionId":"`+session+`"}`); !inOrder(got, answer, config) {
				t.Errorf("%s, with the session: the wire has %q", transport, got)
			}
			if got := r.overTheWire(transport, `{"username":"admin","password":"x"}`); len(got) != 1 || !inOrder(got, `^4/admin,\{"message":"invalid credentials"`) {
				t.Errorf("%s, refused: the wire has %q", transport, got)
			}
		})
	}
}

// overTheWire is what a client gets in the beginning that joins as an admin.
func (r *rig) overTheWire(transport eioclient.Transport, auth string) []string {
	r.t.Helper()
	var mu sync.Mutex
	var got []string
	c, err := eioclient.Dial(r.t.Context(), siotest.URL, &eioclient.Options{
		Path: "/socket.io/", Transports: []eioclient.Transport{transport}, DisableUpgrade: true, HTTPClient: r.net.HTTPClient(),
		OnMessage: func(data []byte, _ bool) {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, string(data))
		},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	defer c.Close()
	if err := c.Send(eioclient.Message{Data: []byte("0/admin," + auth)}); err != nil {
		r.t.Fatal(err)
	}
	synctest.Wait()
	mu.Lock()
	defer mu.Unlock()
	return slices.Clone(got)
}

// inOrder reports whether the first messages are such.
func inOrder(messages []string, patterns ...string) bool {
	for i, p := range patterns {
		if i >= len(messages) || !regexp.MustCompile(p).MatchString(messages[i]) {
			return false
		}
	}
	return true
}

func TestPasswordsAreCounted(t *testing.T) {
	bubble(t, nil, nil, func(r *rig) {
		try := func(password string) string {
			u := r.connect(map[string]any{"username": "admin", "password": password})
			defer u.Client().Close()
			if u.Connected() {
				return "in"
			}
			return u.refused.Error()[len("sioclient: the server refuses /admin: "):]
		}
		for i := range attemptBurst {
			if got := try("guess"); got != errCredentials.Message {
				t.Errorf("guess %d: %s", i, got)
			}
		}
		if got := try(password); got != errAttempts.Message {
			t.Errorf("the right one after too many: %s", got)
		}
		time.Sleep(attemptInterval) // virtual
		if got := try(password); got != "in" {
			t.Errorf("a moment later: %s", got)
		}
		if got := try("guess"); got != errCredentials.Message {
			t.Errorf("who knows the password has all tries again: %s", got)
		}
	})
}

func TestAttemptsAreBounded(t *testing.T) {
	var a attempts
	for i := range maxAddresses {
		if !a.allow(fmt.Sprintf("10.0.%d.%d", i/256, i%256)) {
			t.Fatalf("address %d", i)
		}
	}
	if a.allow("11.0.0.1") || len(a.full) != maxAddresses {
		t.Errorf("%d addresses", len(a.full))
	}
	if !a.allow("10.0.0.1") {
		t.Error("an address that is known has no tries left")
	}
}

func TestAllowAndNoAuth(t *testing.T) {
	o := &Options{NoAuth: true, Allow: func(_ context.Context, s *socketio.Socket) error {
		switch who := s.Handshake().Query().Get("who"); who {
		case "friend":
			return nil
		case "foe":
			return socketio.ConnectError{Message: "no foes"}
		default:
			return errors.New("who is " + who)
		}
	}}
	bubble(t, o, nil, func(r *rig) {
		as := func(who string) *ui {
			return r.connectBy(webSocketAs(who), nil)
		}
		if u := as("friend"); !u.Connected() || len(u.take("session")) != 0 {
			t.Errorf("friend: %v", u.refused)
		}
		if u := as("foe"); u.Connected() || !strings.HasSuffix(u.refused.Error(), ": no foes") {
			t.Errorf("foe: %v", u.refused)
		}
		if u := as("stranger"); u.Connected() || !strings.HasSuffix(u.refused.Error(), ": internal") {
			t.Errorf("stranger: %v", u.refused)
		}
		if got := r.failed(); got != "who is stranger" {
			t.Error(got)
		}
	})
}

// failing is a store that is out of order.
type failing struct{}

var errStore = errors.New("the store is out of order")

func (failing) Save(context.Context, string) error           { return errStore }
func (failing) Exists(context.Context, string) (bool, error) { return false, errStore }

func TestStoreOutOfOrder(t *testing.T) {
	bubble(t, &Options{Store: failing{}}, nil, func(r *rig) {
		for _, auth := range []any{
			map[string]any{"username": "admin", "password": password}, map[string]any{"sessionId": "x"},
		} {
			if u := r.connect(auth); u.Connected() || !strings.HasSuffix(u.refused.Error(), ": internal") {
				t.Errorf("%v", u.refused)
			}
			if got := r.failed(); got != "sioadmin: session: the store is out of order" {
				t.Error(got)
			}
		}
	})
}

func TestMemoryStoreIsBounded(t *testing.T) {
	m, ctx := NewMemoryStore(time.Hour), context.Background()
	for i := range maxSessions + 10 {
		if err := m.Save(ctx, fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(m.until) != maxSessions {
		t.Errorf("%d sessions", len(m.until))
	}
	newest, _ := m.Exists(ctx, fmt.Sprint(maxSessions+9))
	oldest, _ := m.Exists(ctx, "0")
	if !newest || oldest {
		t.Errorf("newest %v, oldest %v", newest, oldest)
	}
}

func TestOptions(t *testing.T) {
	for want, o := range map[string]*Options{
		"needs Username":               nil,
		"needs Username and":           {Username: "admin"},
		"NoAuth and a PasswordHash":    {NoAuth: true, PasswordHash: quickHash},
		"not one of bcrypt":            {Username: "admin", PasswordHash: "secret"},
		"hash is not one of bcrypt":    {Username: "admin", PasswordHash: quickHash + "x"},
		"has cost 31":                  {Username: "admin", PasswordHash: strings.Replace(quickHash, "$04$", "$31$", 1)},
		`Mode is "fast"`:               {NoAuth: true, Mode: "fast"},
		`Namespace is "/"`:             {NoAuth: true, Namespace: "/"},
		`Options.Namespace is "/", wh`: {NoAuth: true, Namespace: "/"},
	} {
		a, err := Instrument(socketio.New(nil), o)
		if a != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for _, prefix := range []string{"$2a$", "$2b$", "$2y$"} {
		if err := CheckHash(prefix + quickHash[4:]); err != nil {
			t.Errorf("%s: %v", prefix, err)
		}
	}
	hash, err := HashPassword(password)
	if err != nil || CheckHash(hash) != nil {
		t.Errorf("%s, %v", hash, err)
	}
	if _, err := HashPassword(strings.Repeat("x", 73)); err == nil {
		t.Error("73 bytes are taken")
	}
}
