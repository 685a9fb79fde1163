package main

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"testing"
)

func TestAnnounce(t *testing.T) {
	const (
		alone = "only this machine can connect"
		bare  = "run `make`"
	)
	for name, test := range map[string]struct {
		ip    string
		built bool
		says  map[string]bool
	}{
		"as a newcomer has it":    {"127.0.0.1", true, map[string]bool{alone: true, bare: false}},
		"for everybody":           {"0.0.0.0", true, map[string]bool{alone: false, bare: false}},
		"without npm's libraries": {"::1", false, map[string]bool{alone: true, bare: true}},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, log bytes.Buffer
			announce(&net.TCPAddr{IP: net.ParseIP(test.ip), Port: 3000}, test.built, slog.New(slog.NewTextHandler(&log, nil)), &stdout)
			if got := stdout.String(); got != "Your server is up and running on Port 3000. Good job!\n" {
				t.Errorf("stdout: %q", got)
			}
			for text, want := range test.says {
				if strings.Contains(log.String(), text) != want {
					t.Errorf("%q is in the log: %t\n%s", text, !want, &log)
				}
			}
		})
	}
}
