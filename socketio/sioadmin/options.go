package sioadmin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"rightnow/socketio"

	"golang.org/x/crypto/bcrypt"
)

// Mode is how much admins are shown.
type Mode string

const (
	// Development shows every socket, room and event, up to the limits of [Options].
	Development Mode = "development"
	// Production shows counts only: of servers, namespaces, clients, messages and bytes. For
	// servers with many clients.
	Production Mode = "production"
)

// Options of [Instrument]. Username and PasswordHash must be given, or NoAuth; everything else has a
// default.
type Options struct {
	// Namespace is the one that admins connect to. It must be theirs alone. "/admin".
	Namespace string

	// Username and PasswordHash are what admins sign in with. The hash is one of bcrypt ("$2a$",
	// "$2b$" or "$2y$", at most of cost 15); [HashPassword] makes one.
	Username, PasswordHash string
	// NoAuth lets everybody in whom Allow lets in.
	NoAuth bool
	// Allow, when set, is asked about each socket that wants to join, before its password is looked
	// at. An error refuses it: the client is told the message of a [socketio.ConnectError] or
	// [socketio.ClientError].
	Allow func(context.Context, *socketio.Socket) error
	// Store keeps the sessions of admins that have signed in, so that they need no password when
	// they come back. [NewMemoryStore](0).
	Store Store

	// ReadOnly lets admins look only.
	ReadOnly bool
	// Mode is Development or Production. Development.
	Mode Mode
	// ServerID is the name of this server among those that an admin sees. The host's name.
	ServerID string

	// MaxSockets bounds the sockets that are shown; further ones are counted only, until others have left.
	// 1,000: the UI can hardly deal with more. Fewer are shown when their handshakes take more than half a
	// megabyte.
	MaxSockets int
	// MaxEvents bounds the events that are shown in one second; further ones are left out, and
	// counted in the field "lostEvents" of server_stats, which the UI does not show. 100.
	MaxEvents int
	// Data returns what admins are shown as the data of a socket, anything that encoding/json
	// makes an object of. It is called from a goroutine of its own. The default shows what
	// Socket.SetData kept if it has no pointers, maps or slices in it, which others might be
	// changing at that moment, and else nothing.
	Data func(*socketio.Socket) any
	// HideArgs reports whether the arguments of an event are not to be shown. It is called from a
	// goroutine of its own and must not wait.
	HideArgs func(*socketio.Event) bool

	// Logger gets panics of Data and HideArgs as errors. slog.Default().
	Logger *slog.Logger
}

// What an admin's session lasts, and what is taken from a client at all.
const (
	defaultNamespace  = "/admin"
	defaultMaxSockets = 1000
	defaultMaxEvents  = 100
	maxCost           = 15
	maxCredential     = 1024 // bytes of a user name, password or session id
)

// What is wrong with the options.
var (
	errNoAuth    = errors.New("sioadmin: Options needs Username and PasswordHash, or NoAuth")
	errBothAuth  = errors.New("sioadmin: Options has NoAuth and a PasswordHash")
	errNamespace = errors.New(`sioadmin: Options.Namespace is "/", where every client would be told what admins are told`)
)

// withDefaults returns a checked copy without zero fields.
func (o *Options) withDefaults() (Options, error) {
	var c Options
	if o != nil {
		c = *o
	}
	if c.Namespace == "" {
		c.Namespace = defaultNamespace
	}
	if c.Namespace[0] != '/' {
		c.Namespace = "/" + c.Namespace
	}
	if c.Mode == "" {
		c.Mode = Development
	}
	if c.MaxSockets <= 0 {
		c.MaxSockets = defaultMaxSockets
	}
	if c.MaxEvents <= 0 {
		c.MaxEvents = defaultMaxEvents
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Store == nil {
		c.Store = NewMemoryStore(0)
	}
	if c.ServerID == "" {
		c.ServerID = hostname()
	}
	return c, c.check()
}

func (o *Options) check() error {
	switch {
	case o.Namespace == "/":
		return errNamespace
	case o.Mode != Development && o.Mode != Production:
		return fmt.Errorf("sioadmin: Options.Mode is %q, not development or production", o.Mode)
	case o.NoAuth && o.PasswordHash != "":
		return errBothAuth
	case o.NoAuth:
		return nil
	case o.Username == "" || o.PasswordHash == "":
		return errNoAuth
	}
	return CheckHash(o.PasswordHash)
}

// CheckHash reports what is wrong with a hash as Options.PasswordHash.
func CheckHash(hash string) error {
	cost, err := bcrypt.Cost([]byte(hash))
	if err != nil || len(hash) != hashLength {
		return errors.New("sioadmin: the password's hash is not one of bcrypt")
	}
	if cost > maxCost {
		return fmt.Errorf("sioadmin: the password's hash has cost %d: checking it would take too long, at most %d", cost, maxCost)
	}
	return nil
}

// hashLength is how long all hashes of bcrypt are.
const hashLength = 60

// HashPassword returns the bcrypt hash of a password of at most 72 bytes.
func HashPassword(password string) (string, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if err != nil {
		return "", fmt.Errorf("sioadmin: %w", err)
	}
	return string(hash), nil
}

// guard calls a function of the application, and reports false when it panics.
func (o *Options) guard(where string, f func()) (ok bool) {
	defer func() {
		if v := recover(); v != nil {
			o.Logger.Error("sioadmin: panic in "+where, "panic", v, "stack", string(debug.Stack()))
		}
	}()
	f()
	return true
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}

// started is when the program was, nearly.
var started = time.Now()
