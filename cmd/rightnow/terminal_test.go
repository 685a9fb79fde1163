package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPrintableErrors(t *testing.T) {
	for text, want := range map[string]string{
		"a\x1b[31m\x7f\u009b2J\u202e": "a\ufffd[31m\ufffd\ufffd2J\ufffd",
		"one\n\ttwo\r":                "one\n\ttwo\ufffd",
		"\x9b31m":                     "\ufffd31m",
		"é 👩\u200d💻":                  "é 👩\u200d💻",
	} {
		if got := printableError(errors.New(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Whatever the error of a command says, run prints it so.
func TestErrorsArePrintable(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if status := run([]string{"emit", "--\x1b[31mred\u009b"}, nil, &stdout, &stderr); status != 2 {
		t.Errorf("status %d", status)
	}
	if got := stderr.String(); !strings.Contains(got, "--\ufffd[31mred\ufffd") || strings.ContainsAny(got, "\x1b\u009b") || stdout.Len() > 0 {
		t.Errorf("%q, %q", got, stdout.String())
	}
}

func TestPrintableJSON(t *testing.T) {
	for text, want := range map[string]string{
		"[1,\r\n\t{\"a\": true}]":    `[1,{"a":true}]`,
		"\"\x7f\u0080\u009f\u00a0\"": `"\u007f\u0080\u009f` + "\u00a0\"",
		"{\"\u2028\":\"\u202e\"}":    `{"\u2028":"\u202e"}`,
		"\"\U000e0067👩\u200d💻\"":     `"\udb40\udc67` + "👩\u200d💻\"",
		`"\u001b\\"`:                 `"\u001b\\"`,
		"\"\x9b\"":                   "\"\ufffd\"",
	} {
		if got, err := printableJSON([]byte(text)); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
	if _, err := printableJSON([]byte("\x1b[2J")); err == nil {
		t.Error("what is no JSON was printed")
	}
}

// Nothing in a printed line of JSON can command a terminal, and it means what it meant.
func FuzzPrintableJSON(f *testing.F) {
	f.Add("[\"\x7f\u009b\u202e\", 1e3]")
	f.Add("\"\U000e0067\ufffd\xff\"")
	f.Fuzz(func(t *testing.T, text string) {
		line, err := printableJSON([]byte(text))
		if err != nil {
			return
		}
		if strings.ContainsFunc(string(line), commands) || !utf8.Valid(line) {
			t.Fatalf("%q becomes %q", text, line)
		}
		var before, after any
		if json.Unmarshal([]byte(text), &before) == nil && json.Unmarshal(line, &after) != nil || !reflect.DeepEqual(before, after) {
			t.Errorf("%q means %v, %q means %v", text, before, line, after)
		}
	})
}
