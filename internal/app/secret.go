package app

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"unicode"
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

// Read returns the secret, "" when none was given. A file is read anew each time.
func (s Secret) Read() (string, error) {
	if s.value != "" || s.file == "" {
		return s.value, checkKey(s.value)
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
	key := strings.TrimSpace(string(text))
	if key == "" {
		return "", fmt.Errorf("%s is empty", s.file)
	}
	if err := checkKey(key); err != nil {
		return "", fmt.Errorf("%s: %w", s.file, err)
	}
	return key, nil
}

// checkKey wants what can stand in a header.
func checkKey(key string) error {
	odd := func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) || r == ' ' }
	if strings.ContainsFunc(key, odd) {
		return errors.New("a key is one word of ASCII characters")
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
type secretValue struct{ p *Secret }

func (v secretValue) Set(file string) error { v.p.file = file; return nil }
func (v secretValue) SetFile(x any) error   { return wantText(x, v.Set, "token.txt") }
func (v secretValue) String() string        { return v.p.file }
func (v secretValue) File() string          { return quote(v.p.file) }
func (v secretValue) Type() string          { return "file" }

func (v secretValue) setSecret(text string) error {
	if err := checkKey(text); err != nil {
		return err
	}
	v.p.value = text
	return nil
}
