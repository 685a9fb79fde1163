package ws

import "unicode/utf8"

// validText checks p[from:], the part of a growing text that has not been found
// valid yet. It returns up to where the text is now known to be valid: a rune
// cut off at the end is left for the next call. ok is false as soon as nothing
// that may follow can make the text valid.
func validText(p []byte, from int) (valid int, ok bool) {
	end := len(p)
	for i := 1; i < utf8.UTFMax && i <= end-from; i++ {
		if !utf8.RuneStart(p[end-i]) {
			continue
		}
		if !utf8.FullRune(p[end-i:]) {
			end -= i
		}
		break
	}
	if !utf8.Valid(p[from:end]) {
		return from, false
	}
	return end, true
}
