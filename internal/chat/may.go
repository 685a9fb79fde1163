package chat

// Verb is something that a person may want to do.
type Verb string

// The verbs.
const (
	VerbList     Verb = "list"     // see which rooms there are
	VerbWatch    Verb = "watch"    // hear a room
	VerbRead     Verb = "read"     // read its history
	VerbOpen     Verb = "open"     // make a room by being the first to enter
	VerbEnter    Verb = "enter"    // be in a room under a nickname
	VerbSay      Verb = "say"      // store a message
	VerbType     Verb = "type"     // be shown as typing
	VerbTrack    Verb = "track"    // change the words of live posts that a room tracks
	VerbModerate Verb = "moderate" // act upon others; no event of the wire does so yet
)

// Actor is what is known of who asks, seen from one room. The zero Actor is a
// passer-by who looks at the page.
type Actor struct {
	Proved    bool // has shown a secret, so is a person
	Here      bool // is in the room
	Moderator bool // opened the room
}

// Scene is what is known of the room. The zero Scene stands where a verb is
// about no room.
type Scene struct {
	Room   string // its name
	People int
	Limit  int  // of people
	Fixed  bool // what it tracks is the operator's alone
}

// May decides everything that anyone may do in the chat: nil, or a [*Error]
// that says why not. What it does not know is not allowed. It is pure; whoever
// acts asks it again each time, also for a connection that was let in before.
//
// All rooms are public. The lobby belongs to nobody: it has no moderator, since
// whoever came first there did not open it.
func May(who Actor, verb Verb, where Scene) error {
	switch verb {
	case VerbList, VerbWatch, VerbRead:
		return nil
	case VerbOpen:
		return need(who.Proved, CodeNotAllowed, "A room is opened by somebody with a nickname.")
	case VerbEnter:
		return mayEnter(who, where)
	case VerbSay, VerbType:
		return need(who.Proved && who.Here, CodeNotHere, "You are not in this room.")
	case VerbTrack:
		return mayTrack(who, where)
	case VerbModerate:
		ok := who.Proved && who.Here && who.Moderator && where.Room != Lobby
		return need(ok, CodeNotAllowed, "Only the moderator of a room may do that.")
	}
	return refuse(CodeNotAllowed, "You may not do that.")
}

func mayEnter(who Actor, where Scene) error {
	switch {
	case !who.Proved:
		return refuse(CodeNotAllowed, "A room is entered by somebody with a nickname.")
	case !who.Here && where.People >= where.Limit:
		return refuse(CodeRoomFull, "This room is full. Try again later, or choose another room.")
	}
	return nil
}

// mayTrack lets everybody who is in the lobby do it, since it has no moderator.
func mayTrack(who Actor, where Scene) error {
	switch {
	case where.Fixed:
		return refuse(CodeNotAllowed, "What is tracked here is set by whoever runs the server.")
	case where.Room == Lobby:
		return need(who.Proved && who.Here, CodeNotAllowed, "Enter the lobby to change what is tracked here.")
	}
	ok := who.Proved && who.Here && who.Moderator
	return need(ok, CodeNotAllowed, "Only the moderator of a room may change what is tracked here.")
}

// need returns a plain nil for ok: a nil *Error in an error would not be nil.
func need(ok bool, code Code, message string) error {
	if ok {
		return nil
	}
	return refuse(code, message)
}
