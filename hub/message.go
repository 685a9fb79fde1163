package hub

// Class says what may happen to a message when a member cannot take it now.
type Class uint8

const (
	// Must is delivered or the member dies: a full queue closes it as a slow
	// consumer.
	Must Class = iota
	// Volatile is dropped and counted by the member when it could not be
	// written soon.
	Volatile
)

// String returns "must" or "volatile".
func (c Class) String() string {
	if c == Volatile {
		return "volatile"
	}
	return "must"
}

// Message is one event on its way to members, in no protocol's clothes.
//
// It is used by pointer and is immutable once given to the hub, apart from
// Offset, which Publish fills in before any encoder sees the message. The
// slices belong to the message from then on: encoders and members may keep
// parts of them.
type Message struct {
	// Event is the name of the event.
	Event string
	// Args is a JSON array of the arguments. A blob in them stands as
	// {"_placeholder":true,"num":N}, N being its index in Blobs.
	Args []byte
	// Blobs are the binary values of the arguments, in order of appearance.
	Blobs [][]byte

	// Rooms are the rooms addressed: their union, each member once, rooms in
	// this order and members in the order in which they joined. None means
	// every member of the hub.
	Rooms []string
	// Except are rooms whose members get no copy. A member's id is a room too.
	Except []string
	// Sender is the id of a member that gets no copy.
	Sender string

	// Class says whether members may drop the message.
	Class Class
	// AckID is the id under which members are asked to acknowledge; it means
	// something only with WantAck.
	AckID   uint64
	WantAck bool
	// Plain says that the message is not worth compressing.
	Plain bool
	// Local keeps the message on this node: it is not relayed.
	Local bool
	// Offset is the message's place in the journal, empty when there is none.
	Offset string
}

// Frame is what an Encoder makes of a message and what members with that
// encoder take. The same value goes to many members: it is read-only. A frame
// with a method Size() int tells the hub how many bytes it queues, which it
// uses to flush a large burst in pieces.
type Frame any

// Encoder turns messages into the frames of one protocol.
//
// Encode is called under the hub's order lock: it must not wait, do I/O, call
// the hub or run code of the application. It may be called by several hubs at
// once.
type Encoder interface {
	// Key is comparable; encoders with equal keys make equal frames.
	Key() any
	Encode(*Message) (Frame, error)
}

// Member is one connection in one hub.
//
// All methods may be called concurrently, must not block and must not call
// the hub: Push is called under its order lock.
type Member interface {
	// ID is unique in the hub and never changes. It is also the name of the
	// member's own room.
	ID() string
	// Encoder is the same value, or one with an equal key, on every call.
	Encoder() Encoder
	// Push queues a frame made by an encoder with the member's key. Frames
	// leave in the order in which they were pushed. It never writes. A frame
	// that cannot be queued is the member's business: it drops a volatile
	// one and closes itself for any other.
	//
	// dirty is true when the caller must see to a Flush: this frame is the
	// first one queued since the last Flush began. Frames pushed between a
	// true and the Flush that follows it get false.
	Push(f Frame, class Class) (dirty bool)
	// Flush writes what is queued as far as that goes without waiting, the
	// rest follows by itself. Calling it with nothing queued, or after the
	// connection ended, does nothing. Several goroutines may call it at once.
	Flush()
}

// Mover is a [Member] that a hub with a journal tells when it is in which room.
type Mover interface {
	Member
	// Moved says that the member is in a room, or is not any more, behind the message with the offset head: for its own
	// room too, but not when it is removed. Like Push it is called under the order lock.
	Moved(room string, in bool, head string)
}
