package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSecret reads a key from where it may stand, and wants it nowhere else.
func TestSecret(t *testing.T) {
	const key = "s3cr3t-and-long-enough"
	file := func(text string) string {
		name := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for name, c := range map[string]struct {
		flags map[string]string
		env   []string
		want  string
		err   string
	}{
		"none":      {},
		"file":      {flags: map[string]string{"x-token-file": file(" " + key + "\n")}, want: key},
		"variable":  {env: []string{"RIGHTNOW_X_TOKEN=" + key}, want: key},
		"both":      {flags: map[string]string{"x-token-file": file("other")}, env: []string{"RIGHTNOW_X_TOKEN=" + key}, want: key},
		"no file":   {flags: map[string]string{"x-token-file": "/nowhere/at/all"}, err: "no such file"},
		"empty":     {flags: map[string]string{"x-token-file": file("\n")}, err: "is empty"},
		"two words": {flags: map[string]string{"x-token-file": file(key + "\n" + key)}, err: "one word of ASCII"},
		"long":      {flags: map[string]string{"x-token-file": file(strings.Repeat("x", 70_000))}, err: "too long to hold only a key"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := Load(Sources{Flags: c.flags, Env: c.env})
			if err != nil {
				t.Fatal(err)
			}
			got, err := l.Config.XToken.Read()
			if got != c.want || (err == nil) != (c.err == "") || err != nil && (!strings.Contains(err.Error(), c.err) || strings.Contains(err.Error(), key)) {
				t.Errorf("Read = %q, %v, want %q, %q", got, err, c.want, c.err)
			}
			var out bytes.Buffer
			_ = l.WriteFile(&out)
			slog.New(slog.NewTextHandler(&out, nil)).Info("x", "token", l.Config.XToken, "config", l.Config)
			text, _ := json.Marshal(l.Config)
			fmt.Fprintf(&out, "%s %v %+v %#v", text, *l.Config, *l.Config, *l.Config)
			if strings.Contains(out.String(), key) {
				t.Errorf("the key is in\n%s", &out)
			}
			if want := map[bool]string{true: "set"}[c.flags != nil || c.env != nil]; l.Config.XToken.String() != want {
				t.Errorf("it says %q", l.Config.XToken)
			}
		})
	}
}
