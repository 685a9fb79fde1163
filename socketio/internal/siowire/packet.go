package siowire

// Type is the kind of a packet.
type Type uint8

const (
	Connect Type = iota
	Disconnect
	Event
	Ack
	ConnectError
	BinaryEvent
	BinaryAck
)

// Binary reports whether attachments follow a packet of this type.
func (t Type) Binary() bool { return t == BinaryEvent || t == BinaryAck }

// Packet is one decoded packet without its attachments.
type Packet struct {
	Type Type
	// Namespace begins with a slash; "/" when the packet names none. A query
	// in it is part of the name.
	Namespace string
	// AckID means something only when HasAck is true.
	AckID  uint64
	HasAck bool
	// Attachments is how many binary messages follow: 1 to the limit for
	// BinaryEvent and BinaryAck, 0 for all others.
	Attachments int
	// Data is the JSON behind the header, valid and of the shape that the type
	// demands, or nil when there is none. It aliases the input.
	Data []byte
}

// Limits bound what Decode accepts. Zero fields mean the defaults.
type Limits struct {
	MaxAttachments int // default 10
	MaxNamespace   int // bytes, default 1024
	MaxDepth       int // nested arrays and objects, default 512
	MaxArgs        int // elements of the outermost array, default 4096
}

// Decode reads a text packet. Any error means that the peer broke the
// protocol; it is a *PacketError.
func Decode(text []byte, limits *Limits) (Packet, error) { return Packet{}, nil }

// PacketError says why bytes are no packet.
type PacketError struct{ Reason string }

func (e *PacketError) Error() string { return "socket.io packet: " + e.Reason }

// EventName returns the name of the event whose Data this is: the first
// element of the array, a string or a number. It is "" for nil data. data
// comes from Decode.
func EventName(data []byte) string { return "" }

// Elements appends the raw elements of a JSON array to dst, without the white
// space around them. They alias data, which must be valid JSON (as Decode's
// Data is); anything else than an array has none.
func Elements(dst [][]byte, data []byte) [][]byte { return dst }

// Reserved reports whether no event may have this name.
func Reserved(event string) bool { return false }

// AppendPacket appends a packet: attachments count only for binary types, the
// namespace "/" (or "") is left out, the ack id only if hasAck.
func AppendPacket(dst []byte, t Type, namespace string, ackID uint64, hasAck bool, attachments int, data []byte) []byte {
	return dst
}

// AppendEvent appends the JSON array ["event",args...,offset]. args is a JSON
// array (empty or nil: none); offset is left out when it is empty.
func AppendEvent(dst []byte, event string, args []byte, offset string) []byte { return dst }

// AppendString appends s as a JSON string exactly as JSON.stringify writes it.
func AppendString(dst []byte, s string) []byte { return dst }

// Valid checks that data is one JSON value, nested at most maxDepth deep
// (0: the default of Limits), in time linear in its length and without
// building anything.
func Valid(data []byte, maxDepth int) error { return nil }

// Placeholder is the place of one attachment in a JSON text.
type Placeholder struct {
	Start, End int // data[Start:End] is the object
	Num        int // which attachment
}

// Placeholders appends the places in data, valid JSON of a binary packet, where
// attachments stand, in order of appearance: objects with "_placeholder": true
// at any depth. A num that is no integer from 0 to count-1 is an error.
func Placeholders(dst []Placeholder, data []byte, count int) ([]Placeholder, error) { return dst, nil }

// AppendPlaceholder appends {"_placeholder":true,"num":N}.
func AppendPlaceholder(dst []byte, num int) []byte { return dst }
