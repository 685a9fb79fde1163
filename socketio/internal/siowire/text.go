package siowire

import (
	"unicode/utf16"
	"unicode/utf8"
)

// The helpers here walk over JSON that is known to be valid. Given anything
// else they return nonsense, but never read outside of it.

func isSpace(b byte) bool { return b == ' ' || b == '\n' || b == '\r' || b == '\t' }

func isDigit(b byte) bool { return b-'0' <= 9 }

func skipSpace(data []byte, i int) int {
	for i < len(data) && isSpace(data[i]) {
		i++
	}
	return i
}

func skipDigits(data []byte, i int) int {
	for i < len(data) && isDigit(data[i]) {
		i++
	}
	return i
}

func trimSpace(data []byte) []byte {
	data = data[skipSpace(data, 0):]
	for len(data) > 0 && isSpace(data[len(data)-1]) {
		data = data[:len(data)-1]
	}
	return data
}

// skipString returns the place behind the string whose opening quote is at i.
func skipString(data []byte, i int) int {
	for i++; i < len(data); i++ {
		switch data[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return len(data)
}

// skipScalar returns the place behind the number or word at i.
func skipScalar(data []byte, i int) int {
	for i < len(data) && !isSpace(data[i]) {
		switch data[i] {
		case ',', ':', ']', '}', '[', '{', '"':
			return i
		}
		i++
	}
	return i
}

// skipValue returns the place behind the value at i.
func skipValue(data []byte, i int) int {
	depth := 0
	for i < len(data) {
		switch data[i] {
		case '"':
			i = skipString(data, i)
		case '[', '{':
			depth++
			i++
		case ']', '}':
			depth--
			i++
		case ',', ':', ' ', '\n', '\r', '\t':
			i++
			continue
		default:
			i = skipScalar(data, i)
		}
		if depth <= 0 {
			return i
		}
	}
	return len(data)
}

func hasEscape(b []byte) bool {
	for _, c := range b {
		if c == '\\' {
			return true
		}
	}
	return false
}

// quoted returns what stands between the quotes of the JSON string raw.
func quoted(raw []byte) []byte {
	if len(raw) < 2 {
		return nil
	}
	return raw[1 : len(raw)-1]
}

// hex4 reads four hexadecimal digits at i.
func hex4(data []byte, i int) (r rune, ok bool) {
	if i+4 > len(data) {
		return 0, false
	}
	for _, b := range data[i : i+4] {
		switch {
		case isDigit(b):
			b -= '0'
		case b|0x20 >= 'a' && b|0x20 <= 'f':
			b = (b | 0x20) - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(b)
	}
	return r, true
}

// appendUnquoted appends what the JSON string raw, quotes and all, stands for.
// A surrogate without its half becomes U+FFFD.
func appendUnquoted(dst, raw []byte) []byte {
	raw = quoted(raw)
	for i := 0; i < len(raw); {
		if raw[i] != '\\' || i+1 >= len(raw) {
			dst = append(dst, raw[i])
			i++
			continue
		}
		if raw[i+1] == 'u' {
			dst, i = appendUnicodeEscape(dst, raw, i)
			continue
		}
		dst = append(dst, unescape(raw[i+1]))
		i += 2
	}
	return dst
}

// appendUnicodeEscape appends what the \u sequence at i, or the two of a
// surrogate pair, stand for and returns the place behind.
func appendUnicodeEscape(dst, raw []byte, i int) ([]byte, int) {
	r, _ := hex4(raw, i+2)
	i += 6
	if utf16.IsSurrogate(r) {
		low := rune(utf8.RuneError)
		if i+1 < len(raw) && raw[i] == '\\' && raw[i+1] == 'u' {
			low, _ = hex4(raw, i+2)
		}
		if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
			i += 6
		}
	}
	return utf8.AppendRune(dst, r), min(i, len(raw))
}

func unescape(b byte) byte {
	switch b {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return b
}
