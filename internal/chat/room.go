package chat

import "fmt"

// maxRoomName is the length of a room's name; it stands in URLs.
const maxRoomName = 32

// ParseRoom reads the name of a room as somebody wrote it, /r/NAME mostly: 1 to
// 32 ASCII letters, digits, "-" and "_", the first one a letter or digit. Rooms
// are the same whatever the case: name is in small letters, title as written.
// The error is a [*Error] with CodeBadRoom.
func ParseRoom(written string) (name, title string, err error) {
	if len(written) == 0 || len(written) > maxRoomName || written[0] == '-' || written[0] == '_' {
		return "", "", badRoom()
	}
	folded := []byte(written) // not strings.ToLower: other letters become ASCII by it
	for i, c := range folded {
		switch {
		case c >= 'A' && c <= 'Z':
			folded[i] = c + 'a' - 'A'
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_':
		default:
			return "", "", badRoom()
		}
	}
	if string(folded) == Lobby {
		return Lobby, "Lobby", nil
	}
	return string(folded), written, nil
}

func badRoom() *Error {
	return refuse(CodeBadRoom, fmt.Sprintf(
		"The name of a room has 1 to %d letters (a to z), digits, hyphens or underscores, and begins with a letter or digit.", maxRoomName))
}
