package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// What others say reaches the terminal, errors too, only through these: as it is but for what could control the terminal
// (printable), as JSON (printableJSON), or cut to one line (oneLine).

// commands tells whether a character could tell a terminal what to do, or turn the order of what stands there.
func commands(r rune) bool {
	const joiner, nonJoiner = '\u200d', '\u200c' // of emoji and of letters
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != joiner && r != nonJoiner || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)
}

// printable has a sign in the place of each such character but tabs.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if commands(r) && r != '\t' {
			return utf8.RuneError
		}
		return r
	}, text)
}

// printableError is what an error says, which may take some lines.
func printableError(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n")
}

// marshalLine is json.Marshal for printing.
func marshalLine(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return printableJSON(text)
}

// printableJSON is JSON in one line that means the same, with such characters spelt \uXXXX.
func printableJSON(text []byte) ([]byte, error) {
	var line bytes.Buffer
	if err := json.Compact(&line, text); err != nil {
		return nil, err
	}
	if !bytes.ContainsFunc(line.Bytes(), func(r rune) bool { return commands(r) || r == utf8.RuneError }) {
		return line.Bytes(), nil
	}
	out := make([]byte, 0, line.Len())
	for _, r := range line.String() { // they stand in strings only: there is no white space any more
		if commands(r) {
			out = appendSpelt(out, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out, nil
}

// appendSpelt appends a character as JSON may spell it.
func appendSpelt(out []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	for _, unit := range utf16.Encode([]rune{r}) {
		out = append(out, '\\', 'u', digits[unit>>12], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
	}
	return out
}

// oneLine is a text in one line, with / for the ends of its lines, of at most so many characters, without any that could
// command a terminal.
func oneLine(text string, limit int) string {
	var b strings.Builder
	space, n := "", 0
	for _, r := range text {
		switch {
		case r == '\n' && n > 0:
			space = " / "
			continue
		case unicode.IsSpace(r):
			if space == "" && n > 0 {
				space = " "
			}
			continue
		case r == utf8.RuneError, commands(r), unicode.Is(unicode.Co, r):
			continue
		}
		if n >= limit {
			return b.String() + "…"
		}
		b.WriteString(space)
		space = ""
		b.WriteRune(r)
		n++
	}
	return b.String()
}
