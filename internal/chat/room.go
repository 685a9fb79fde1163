package chat

import (
	"fmt"
	"strings"
)

// maxRoomName is the length of a room's name; it stands in URLs.
const maxRoomName = 32

// ParseRoom reads the name of a room as somebody wrote it, /r/NAME mostly: 1 to
// 32 ASCII letters, digits, "-" and "_", the first one a letter or digit. Rooms
// are the same whatever the case: name is in small letters, title as written.
// The error is a [*Error] with CodeBadRoom.
func ParseRoom(written string) (name, title string, err error) {
	name = strings.ToLower(written)
	if len(written) == 0 || len(written) > maxRoomName || !roomStart(name[0]) {
		return "", "", badRoom()
	}
	for i := range len(name) {
		if c := name[i]; !roomStart(c) && c != '-' && c != '_' {
			return "", "", badRoom()
		}
	}
	if name == Lobby {
		return name, "Lobby", nil
	}
	return name, written, nil
}

func roomStart(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }

func badRoom() *Error {
	return refuse(CodeBadRoom, fmt.Sprintf(
		"The name of a room has 1 to %d letters (a to z), digits, hyphens or underscores, and begins with a letter or digit.", maxRoomName))
}
