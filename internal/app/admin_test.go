package app

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rightnow/engineio/eioclient"
	"rightnow/internal/web"
	"rightnow/socketio/sioadmin"
	"rightnow/socketio/sioclient"
)

func TestIsLocal(t *testing.T) {
	const peer, host = "127.0.0.1:5000", "localhost:3000"
	for name, c := range map[string]struct {
		remote, host string
		header       http.Header
		want         bool
	}{
		"browser":            {peer, host, nil, true},
		"IPv6":               {"[::1]:5000", "[::1]:3000", nil, true},
		"mapped":             {"[::ffff:127.0.0.1]:5000", "127.0.0.1", nil, true},
		"own page":           {peer, host, http.Header{"Origin": {"http://localhost:3000"}}, true},
		"subdomain":          {peer, "chat.localhost:3000", nil, true},
		"other machine":      {"192.0.2.1:5000", host, nil, false},
		"no address":         {"pipe", host, nil, false},
		"rebound name":       {peer, "evil.example:3000", nil, false},
		"name like ours":     {peer, "localhost.evil.example", nil, false},
		"no host":            {peer, "", nil, false},
		"odd host":           {peer, "x@localhost", nil, false},
		"other page":         {peer, host, http.Header{"Origin": {"https://evil.example"}}, false},
		"other port's page":  {peer, host, http.Header{"Origin": {"http://localhost:8080"}}, false},
		"no page's origin":   {peer, host, http.Header{"Origin": {"null"}}, false},
		"behind a proxy":     {peer, host, http.Header{"X-Forwarded-For": {"127.0.0.1"}}, false},
		"behind a proxy too": {peer, host, http.Header{"Forwarded": {""}}, false},
		"behind a tunnel":    {peer, host, http.Header{"Cf-Connecting-Ip": {"192.0.2.1"}}, false},
	} {
		if got := isLocal(c.remote, c.host, c.header); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// visit asks for the Admin UI and connects to its namespace. It returns the status of the page, and "in"
// or why the socket was refused.
func (r *running) visit(t *testing.T, auth map[string]any, headers ...string) (status int, socket string) {
	t.Helper()
	header := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		header.Set(headers[i], headers[i+1])
	}
	address := strings.Replace(r.url(""), "0.0.0.0", "127.0.0.1", 1)
	req, err := http.NewRequest(http.MethodGet, address+web.AdminPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header.Clone()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)

	c := sioclient.New(address, &sioclient.Options{
		Transports: []eioclient.Transport{eioclient.WebSocket}, Header: header, Logger: slog.New(slog.DiscardHandler),
		Auth: func(context.Context, string) (any, error) { return auth, nil },
	})
	defer c.Close()
	outcome := make(chan string, 2)
	s := c.Of("/admin")
	s.OnConnect(func() { outcome <- "in" })
	s.OnConnectError(func(err error) {
		_, reason, _ := strings.Cut(err.Error(), "refuses /admin: ")
		outcome <- reason
	})
	s.Connect()
	select {
	case socket = <-outcome:
	case <-time.After(10 * time.Second):
		t.Fatal("no answer")
	}
	return res.StatusCode, socket
}

func TestAdmin(t *testing.T) {
	there := http.StatusOK
	if !web.AdminBuilt() {
		there = http.StatusServiceUnavailable
	}
	const password = "a-good-password"
	hash, err := sioadmin.HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	right := map[string]any{"username": "boss", "password": password}
	const spoken = " zwölf Boxkämpfer, 拳 "
	spokenFile := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(spokenFile, []byte(spoken+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const refused, none = "invalid credentials", "Invalid namespace"
	for name, c := range map[string]struct {
		flags  map[string]string
		env    []string
		auth   map[string]any
		header []string
		status int
		socket string
	}{
		"this machine":                {status: there, socket: "in"},
		"this machine, by a proxy":    {header: []string{"X-Forwarded-For", "192.0.2.1"}, status: 404, socket: errNotLocal.Message},
		"behind a proxy that we know": {flags: map[string]string{"trusted-proxies": "10.0.0.0/8"}, status: 404, socket: none},
		"open to others":              {flags: map[string]string{"host": "0.0.0.0"}, status: 404, socket: none},
		"password":                    {flags: map[string]string{"host": "0.0.0.0", "admin-password-file": file}, auth: right, status: there, socket: "in"},
		"password in a variable":      {env: []string{"RIGHTNOW_ADMIN_PASSWORD=" + password}, auth: right, status: there, socket: "in"},
		"any text":                    {flags: map[string]string{"admin-password-file": spokenFile}, auth: map[string]any{"username": "boss", "password": spoken}, status: there, socket: "in"},
		"any text in a variable":      {env: []string{"RIGHTNOW_ADMIN_PASSWORD=" + spoken}, auth: map[string]any{"username": "boss", "password": spoken}, status: there, socket: "in"},
		"any text, but the spaces":    {flags: map[string]string{"admin-password-file": spokenFile}, auth: map[string]any{"username": "boss", "password": strings.TrimSpace(spoken)}, status: there, socket: refused},
		"hash":                        {env: []string{"RIGHTNOW_ADMIN_PASSWORD=" + hash}, auth: right, status: there, socket: "in"},
		"password, by a proxy":        {env: []string{"RIGHTNOW_ADMIN_PASSWORD=" + hash}, auth: right, header: []string{"X-Forwarded-For", "192.0.2.1"}, status: there, socket: "in"},
		"password, none given":        {env: []string{"RIGHTNOW_ADMIN_PASSWORD=" + hash}, status: there, socket: refused},
		"the hash is no password":     {env: []string{"RIGHTNOW_ADMIN_PASSWORD=" + hash}, auth: map[string]any{"username": "boss", "password": hash}, status: there, socket: refused},
	} {
		t.Run(name, func(t *testing.T) {
			flags := map[string]string{"port": "0", "data": filepath.Join(t.TempDir(), "chat.db"), "admin-user": "boss"}
			for flag, value := range c.flags {
				flags[flag] = value
			}
			l, err := Load(Sources{Flags: flags, Env: c.env})
			if err != nil {
				t.Fatal(err)
			}
			r := openWith(t, l.Config)
			if status, socket := r.visit(t, c.auth, c.header...); status != c.status || socket != c.socket {
				t.Errorf("the page %d, the socket %q; want %d and %q", status, socket, c.status, c.socket)
			}
		})
	}
}

func TestAdminPasswordIsChecked(t *testing.T) {
	for password, want := range map[string]string{
		"short":                 "admin-password-file: the password is too short: at least 8 characters",
		strings.Repeat("x", 73): "admin-password-file: the password is too long: at most 72 bytes, or give its bcrypt hash",
		strings.Repeat("ö", 7):  "admin-password-file: the password is too short: at least 8 characters",
		strings.Repeat("ö", 37): "admin-password-file: the password is too long: at most 72 bytes, or give its bcrypt hash",
		"$2b$10$tooshort":       "admin-password-file: sioadmin: the password's hash is not one of bcrypt",
	} {
		l, err := Load(Sources{
			Flags: map[string]string{"port": "0", "data": filepath.Join(t.TempDir(), "chat.db")},
			Env:   []string{"RIGHTNOW_ADMIN_PASSWORD=" + password},
		})
		if err != nil {
			t.Fatal(err)
		}
		m, err := Open(t.Context(), l.Config, slog.New(slog.DiscardHandler))
		if err == nil {
			m.Close()
		}
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// What nobody can type into the page is no password, wherever it stands.
func TestAdminPasswordIsText(t *testing.T) {
	const want = "a password is one line of text in UTF-8, without control characters"
	for _, password := range []string{"two\nlines of it", "a tab\there", "a bell\ahere", "delete\x7fdelete", "latin \xe4\xf6\xfc here"} {
		name := filepath.Join(t.TempDir(), "password")
		if err := os.WriteFile(name, []byte(password+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := adminHash(Secret{file: name}); err == nil || err.Error() != name+": "+want {
			t.Errorf("%q in a file: %v", password, err)
		}
		_, err := Load(Sources{Env: []string{"RIGHTNOW_ADMIN_PASSWORD=" + password}})
		if err == nil || err.Error() != "RIGHTNOW_ADMIN_PASSWORD: "+want {
			t.Errorf("%q in a variable: %v", password, err)
		}
	}
}
