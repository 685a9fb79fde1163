package sioadmin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"

	"rightnow/socketio"

	"golang.org/x/crypto/bcrypt"
)

// What a client that is refused is told; the first in Node's words, which the UI knows.
var (
	errCredentials = socketio.ConnectError{Message: "invalid credentials"}
	errAttempts    = socketio.ConnectError{Message: "too many attempts, try again in a minute"}
)

// credentials are what the UI gives as auth. Everything may be missing or null.
type credentials struct {
	SessionID string `json:"sessionId"`
	Username  string `json:"username"`
	Password  string `json:"password"`
}

// tooLong reports whether there is something that no admin has.
func (c *credentials) tooLong() bool {
	return max(len(c.SessionID), len(c.Username), len(c.Password)) > maxCredential
}

// login is the data of an admin's socket from the middleware to its OnConnect.
type login struct {
	session string // to be told to the UI, "" when it has come with one
}

// authenticate is the middleware of the admins' namespace.
func (a *Admin) authenticate(ctx context.Context, s *socketio.Socket) error {
	if a.isClosed() {
		return errCredentials
	}
	if a.opts.Allow != nil {
		if err := a.opts.Allow(ctx, s); err != nil {
			return err
		}
	}
	if a.opts.NoAuth {
		return nil
	}
	session, err := a.signIn(ctx, s.Handshake())
	if err != nil {
		return err
	}
	s.SetData(login{session})
	return nil
}

// signIn looks at what a client has brought. It returns the id of a new session, "" if there is one.
func (a *Admin) signIn(ctx context.Context, h socketio.Handshake) (session string, err error) {
	var c credentials
	if err := h.Auth.Decode(&c); err != nil || c.tooLong() {
		return "", errCredentials
	}
	if c.SessionID != "" {
		known, err := a.opts.Store.Exists(ctx, c.SessionID)
		if err != nil {
			return "", fmt.Errorf("sioadmin: session: %w", err)
		}
		if known {
			return "", nil
		}
	}
	if c.Username == "" && c.Password == "" {
		return "", errCredentials // nobody guesses: the UI comes without at first
	}
	if err := a.checkPassword(ctx, h.Address, &c); err != nil {
		return "", err
	}
	session = newSessionID()
	if err := a.opts.Store.Save(ctx, session); err != nil {
		return "", fmt.Errorf("sioadmin: session: %w", err)
	}
	return session, nil
}

// checkPassword takes as long for a wrong name as for a wrong password. One is checked at a time, so
// that whoever guesses takes one processor at most.
func (a *Admin) checkPassword(ctx context.Context, address string, c *credentials) error {
	if !a.attempts.allow(address) {
		return errAttempts
	}
	select {
	case a.checking <- struct{}{}:
	case <-ctx.Done():
		return errCredentials
	}
	defer func() { <-a.checking }()
	want, got := sha256.Sum256([]byte(a.opts.Username)), sha256.Sum256([]byte(c.Username))
	name := subtle.ConstantTimeCompare(want[:], got[:]) == 1
	right := bcrypt.CompareHashAndPassword([]byte(a.opts.PasswordHash), []byte(c.Password)) == nil
	if !name || !right {
		return errCredentials
	}
	a.attempts.forgive(address)
	return nil
}
