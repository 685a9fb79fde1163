package chat

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxMessageID = 64  // bytes of a client's message id
	minSecret    = 16  // characters of a secret: 96 bits when they are base64
	maxSecret    = 128 // bytes of a secret
)

// cleanText returns a message's text as it is stored: newlines as \n, no other
// control characters than tabs, no space around it.
func cleanText(text string, limit int) (string, *Error) {
	if !utf8.ValidString(text) {
		return "", refuse(CodeBadText, "This message is not valid text.")
	}
	if len(text) > 16*limit {
		return "", textTooLong(limit)
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
	text = strings.TrimFunc(strings.Map(dropControl, text), blank)
	if text == "" {
		return "", refuse(CodeEmpty, "There is nothing to send.")
	}
	if utf8.RuneCountInString(text) > limit {
		return "", textTooLong(limit)
	}
	return text, nil
}

func textTooLong(limit int) *Error {
	return refuse(CodeTooLong, fmt.Sprintf("A message has at most %d characters.", limit))
}

func dropControl(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' {
		return -1
	}
	return r
}

// blank takes what leaves nothing to see at the ends of a message, or of all of
// it. A joiner or a selector there belongs to nothing.
func blank(r rune) bool {
	return unicode.IsSpace(r) || r == '\u2800' || r == '\u3164' || r == '\u115f' || r == '\u1160' || r == '\uffa0' ||
		r >= '\u200b' && r <= '\u200f' || r == '\u2060' || r == '\ufeff' || r == '\u00ad'
}

func checkMessageID(id string) *Error {
	if id == "" || len(id) > maxMessageID || !utf8.ValidString(id) || strings.ContainsFunc(id, unicode.IsControl) {
		return refuse(CodeBadID, fmt.Sprintf("The id of a message has 1 to %d characters.", maxMessageID))
	}
	return nil
}

func checkSecret(secret string) *Error {
	if len(secret) > maxSecret || !utf8.ValidString(secret) || utf8.RuneCountInString(secret) < minSecret {
		return refuse(CodeBadSecret, fmt.Sprintf("The secret has %d to %d characters.", minSecret, maxSecret))
	}
	return nil
}
