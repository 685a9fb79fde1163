package chat

// Lobby is the name of the room behind the page "/". It belongs to nobody: it
// has no moderator.
const Lobby = "lobby"

// Person is somebody as others may know them.
type Person struct {
	// ID is public and stable for one secret: derived from it by HMAC with the
	// server's key, so that nobody can get from the id to the secret.
	ID        string `json:"id"`
	Nick      string `json:"nick"`
	Moderator bool   `json:"moderator,omitempty"`
}

// Message is one stored line of a room.
type Message struct {
	Room   string `json:"room"`
	Seq    int64  `json:"seq"`    // gap-free within the room, from 1
	ID     string `json:"id"`     // chosen by the client: unique for (room, person)
	Person string `json:"person"` // Person.ID
	Nick   string `json:"nick"`   // as it was then
	Text   string `json:"text"`
	At     int64  `json:"at"` // milliseconds since 1970
	Quote  *Quote `json:"quote,omitempty"`
}

// Snapshot is a room at one moment.
type Snapshot struct {
	Room  string `json:"room"`  // the name, folded
	Title string `json:"title"` // the name as it is shown
	// Rev numbers the state of People. A joined, left or people event with a Rev
	// not above it is part of People already.
	Rev      int64     `json:"rev"`
	People   []Person  `json:"people"`
	Messages []Message `json:"messages"` // the newest, ascending
	Last     int64     `json:"last"`     // seq of the newest message, 0 when there is none
	More     bool      `json:"more"`     // there are messages older than Messages
	Limits   Limits    `json:"limits"`
}

// Entered is what somebody learns who entered a room.
type Entered struct {
	You Person `json:"you"`
	Snapshot
}

// Receipt says that a message is durable.
type Receipt struct {
	Seq int64  `json:"seq"`
	At  int64  `json:"at"`
	ID  string `json:"id"`
}

// History is a stretch of a room's messages, ascending.
type History struct {
	Messages []Message `json:"messages"`
	// Last is the seq of the room's newest message at that moment.
	Last int64 `json:"last"`
	// More says that the stretch was cut: older messages are left (Older), newer
	// ones (Since).
	More bool `json:"more"`
	// Missing counts messages that were asked for and are no longer kept (Since).
	Missing int64 `json:"missing,omitempty"`
}

// RoomInfo is one line of the list of rooms.
type RoomInfo struct {
	Name   string `json:"name"`
	Title  string `json:"title"`
	People int    `json:"people"`
	LastAt int64  `json:"last_at"` // of its newest message, 0 when there is none
}

// Limits is what the page must know of the options.
type Limits struct {
	Nick     int   `json:"nick"`      // characters of a nickname, as people count them
	Text     int   `json:"text"`      // characters (code points) of a message
	ID       int   `json:"id"`        // bytes of a client's message id
	People   int   `json:"people"`    // people in a room
	TypingMS int64 `json:"typing_ms"` // how long one "typing" lasts
}

// The names of the events that go out by [Broadcaster].
const (
	EventMessage = "message" // Message
	EventJoined  = "joined"  // Presence
	EventLeft    = "left"    // Presence
	EventPeople  = "people"  // Crowd
	EventTyping  = "typing"  // Typing
	EventRooms   = "rooms"   // RoomList
)

// Presence is the payload of EventJoined and EventLeft.
type Presence struct {
	Room   string `json:"room"`
	Person Person `json:"person"`
	Count  int    `json:"count"` // people in the room afterwards
	Rev    int64  `json:"rev"`
}

// Crowd is the payload of EventPeople: everybody in the room.
type Crowd struct {
	Room   string   `json:"room"`
	People []Person `json:"people"`
	Count  int      `json:"count"`
	Rev    int64    `json:"rev"`
}

// Typing is the payload of EventTyping.
type Typing struct {
	Room   string `json:"room"`
	Person Person `json:"person"`
	On     bool   `json:"on"`
}

// RoomList is the payload of EventRooms.
type RoomList struct {
	Rooms []RoomInfo `json:"rooms"`
}
