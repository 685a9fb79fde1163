package app

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"

	"rightnow/internal/web"
	"rightnow/socketio"
	"rightnow/socketio/sioadmin"
)

func adminSettings(c *Config) []Setting {
	return []Setting{
		{
			Name: "admin-password-file", Group: groupAdmin, Secret: envPrefix + "ADMIN_PASSWORD",
			Help: "File with the password of the Admin UI at /admin/, a line of any text, or with its bcrypt hash. Without one the Admin UI is there only " +
				"while host is this machine, only for browsers on it, and not behind a proxy; with one it wants the password from everybody.",
			Value: secretValue{&c.AdminPassword, checkPassword},
		}, {
			Name: "admin-user", Group: groupAdmin,
			Help:  "Name that goes with the password.",
			Value: textValue{p: &c.AdminUser, word: "name", check: checkAdminUser},
		}, {
			Name: "admin-mode", Group: groupAdmin,
			Help: "development shows every client, room and event, what people write among them; production only counts, " +
				"for servers with many clients.",
			Value: choiceValue{&c.AdminMode, []string{string(sioadmin.Development), string(sioadmin.Production)}},
		}, {
			Name: "admin-read-only", Group: groupAdmin,
			Help:  "Whether admins may only look, and neither disconnect clients nor move them between rooms.",
			Value: boolValue{&c.AdminReadOnly},
		},
	}
}

func checkAdminUser(name string) error {
	if name == "" || len(name) > 100 {
		return errors.New("a name has 1 to 100 characters")
	}
	return nil
}

// A password of the Admin UI has so many characters at least, and so many bytes at most: bcrypt takes no longer one.
const (
	minAdminPassword = 8
	maxAdminPassword = 72
)

// admin is the part of the program that shows the Admin UI. None of it is there without a password,
// unless only this machine can connect.
type admin struct {
	// Fixed by openAdmin.
	server *sioadmin.Admin // nil: there is no Admin UI
	open   bool            // no password is needed, but see isLocal
}

// openAdmin needs the listener and the Socket.IO server.
func (m *Main) openAdmin() error {
	hash, err := adminHash(m.cfg.AdminPassword)
	if err != nil {
		return &ConfigError{Place: "admin-password-file", Err: err}
	}
	open := hash == ""
	if open && (!m.Addr().IP.IsLoopback() || len(m.cfg.TrustedProxies) > 0) {
		m.log.Debug("there is no Admin UI: it needs a password here")
		return nil
	}
	opts := &sioadmin.Options{
		Mode:     sioadmin.Mode(m.cfg.AdminMode),
		ReadOnly: m.cfg.AdminReadOnly,
		Logger:   m.log,
	}
	if open {
		opts.NoAuth, opts.Allow = true, allowLocal
	} else {
		opts.Username, opts.PasswordHash = m.cfg.AdminUser, hash
	}
	server, err := sioadmin.Instrument(m.io, opts)
	if err != nil {
		return err
	}
	m.admin = admin{server: server, open: open}
	return nil
}

// adminHash is the hash of the password, "" without one.
func adminHash(secret Secret) (string, error) {
	password, err := secret.ReadPassword()
	switch {
	case err != nil || password == "":
		return "", err
	case strings.HasPrefix(password, "$2"):
		return password, sioadmin.CheckHash(password)
	case utf8.RuneCountInString(password) < minAdminPassword:
		return "", errors.New("the password is too short: at least 8 characters")
	case len(password) > maxAdminPassword:
		return "", errors.New("the password is too long: at most 72 bytes, or give its bcrypt hash")
	}
	return sioadmin.HashPassword(password)
}

// routes serves the Admin UI, and whatever rest says to those who may not see it.
func (a *admin) routes(mux *http.ServeMux, rest http.Handler) {
	if a.server == nil {
		return
	}
	ui := web.Admin(web.AdminOptions{SocketPath: socketPath, Open: a.open})
	h := withoutBody(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.open && !isLocal(r.RemoteAddr, r.Host, r.Header) {
			rest.ServeHTTP(w, r)
			return
		}
		ui.ServeHTTP(w, r)
	}))
	mux.Handle(web.AdminPath, h)
	mux.Handle(strings.TrimSuffix(web.AdminPath, "/"), h)
}

// close ends what the Admin UI is told. The Socket.IO server has been shut down.
func (a *admin) close() {
	if a.server != nil {
		a.server.Close()
	}
}

// errNotLocal is what the Admin UI says of a socket that isLocal does not know.
var errNotLocal = socketio.ConnectError{Message: "without a password only browsers on the server's own machine may connect"}

func allowLocal(_ context.Context, s *socketio.Socket) error {
	h := s.Handshake().Header()
	if !isLocal(s.Session().RemoteAddr(), h.Get("Host"), h) {
		return errNotLocal
	}
	return nil
}

// forwarded are the headers that proxies add.
var forwarded = []string{
	"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Server",
	"X-Real-Ip", "X-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "Cf-Ray", "X-Original-Forwarded-For", "X-Envoy-External-Address",
}

// isLocal reports whether a request was made on this machine and meant for it: by its address; not
// passed on by a proxy; to a name that is this machine's, since a page from elsewhere can give its own
// name our address; and not by a page from elsewhere, which may connect if it is in origins.
func isLocal(remote, host string, h http.Header) bool {
	peer, err := netip.ParseAddrPort(remote)
	if err != nil || !peer.Addr().Unmap().IsLoopback() || !isLoopbackHost(host) {
		return false
	}
	for _, name := range forwarded {
		if len(h.Values(name)) > 0 {
			return false
		}
	}
	for _, origin := range h.Values("Origin") {
		u, err := url.Parse(origin)
		if err != nil || !strings.EqualFold(u.Host, host) {
			return false
		}
	}
	return true
}

// isLoopbackHost reports whether a Host header names this machine.
func isLoopbackHost(host string) bool {
	u, err := url.Parse("//" + host)
	if err != nil || u.Host != host {
		return false
	}
	name := strings.ToLower(u.Hostname())
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.Unmap().IsLoopback()
}
