package app

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSecretFile is how long a file with a secret may be.
const maxSecretFile = 64 << 10

// Secret is a key that the program needs and nobody else may see: in a file, or
// in a variable of the environment. Whoever prints one reads whether it is set.
type Secret struct {
	file  string
	value string // stronger than file
}

// Given tells whether there is one.
func (s Secret) Given() bool { return s.file != "" || s.value != "" }

// Read returns the secret, a key, "" when none was given. A file is read anew each time.
func (s Secret) Read() (string, error) { return s.read(strings.TrimSpace, checkKey) }

// ReadPassword is Read for a password.
func (s Secret) ReadPassword() (string, error) { return s.read(withoutNewlines, checkPassword) }

// withoutNewlines leaves the spaces around a password: they are part of it.
func withoutNewlines(text string) string { return strings.Trim(text, "\r\n") }

func (s Secret) read(trim func(string) string, check func(string) error) (string, error) {
	if s.value != "" || s.file == "" {
		return s.value, check(s.value)
	}
	info, err := os.Stat(s.file)
	switch {
	case err != nil:
		return "", err
	case info.Size() > maxSecretFile:
		return "", fmt.Errorf("%s is too long to hold only a key", s.file)
	}
	text, err := os.ReadFile(s.file)
	if err != nil {
		return "", err
	}
	secret := trim(string(text))
	if secret == "" {
		return "", fmt.Errorf("%s is empty", s.file)
	}
	if err := check(secret); err != nil {
		return "", fmt.Errorf("%s: %w", s.file, err)
	}
	return secret, nil
}

// checkKey wants what can stand in a header.
func checkKey(key string) error {
	odd := func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) || r == ' ' }
	if strings.ContainsFunc(key, odd) {
		return errors.New("a key is one word of ASCII characters")
	}
	return nil
}

// checkPassword wants what can be typed and come as JSON.
func checkPassword(password string) error {
	if !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl) {
		return errors.New("a password is one line of text in UTF-8, without control characters")
	}
	return nil
}

// String tells whether it is set.
func (s Secret) String() string {
	if s.Given() {
		return "set"
	}
	return ""
}

// GoString is String, for %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue is String, for the log.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// secretValue is the file of a secret. The secret itself comes by setSecret.
type secretValue struct {
	p     *Secret
	check func(string) error
}

func (v secretValue) Set(file string) error { v.p.file = file; return nil }
func (v secretValue) SetFile(x any) error   { return wantText(x, v.Set, "token.txt") }
func (v secretValue) String() string        { return v.p.file }
func (v secretValue) File() string          { return quote(v.p.file) }
func (v secretValue) Type() string          { return "file" }

func (v secretValue) setSecret(text string) error {
	if err := v.check(text); err != nil {
		return err
	}
	v.p.value = text
	return nil
}
