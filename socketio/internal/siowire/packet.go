package siowire

import "fmt"

// Type is the kind of a packet; its value is the digit on the wire.
type Type uint8

const (
	Connect      Type = iota // 0[<nsp>,][{auth}]           client joins; server's reply carries {"sid"}
	Disconnect               // 1[<nsp>,]                   either leaves the namespace
	Event                    // 2[<nsp>,][<id>][name,args…] either
	Ack                      // 3[<nsp>,]<id>[args…]        answer to an event with that id
	ConnectError             // 4[<nsp>,]{"message","data"} server refuses
	BinaryEvent              // 5<n>-…                      an event, n attachments follow
	BinaryAck                // 6<n>-…                      an ack, n attachments follow
)

// String returns the name that the protocol's text gives the type.
func (t Type) String() string {
	switch t {
	case Connect:
		return "CONNECT"
	case Disconnect:
		return "DISCONNECT"
	case Event:
		return "EVENT"
	case Ack:
		return "ACK"
	case ConnectError:
		return "CONNECT_ERROR"
	case BinaryEvent:
		return "BINARY_EVENT"
	case BinaryAck:
		return "BINARY_ACK"
	}
	return "unknown"
}

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
	MaxAttachments int // of one packet; default 10, as in the official parser
	MaxNamespace   int // bytes of a name; default 1024
	MaxDepth       int // nested arrays and objects; default 512
	MaxArgs        int // elements of the outermost array; default MaxArgs
}

const (
	defaultAttachments = 10
	defaultNamespace   = 1024
	defaultDepth       = 512
)

// MaxArgs is the default of Limits.MaxArgs, and what is sent at most.
const MaxArgs = 4096

// withDefaults returns a copy with every zero field filled in; l may be nil.
func (l *Limits) withDefaults() Limits {
	var d Limits
	if l != nil {
		d = *l
	}
	orDefault(&d.MaxAttachments, defaultAttachments)
	orDefault(&d.MaxNamespace, defaultNamespace)
	orDefault(&d.MaxDepth, defaultDepth)
	orDefault(&d.MaxArgs, MaxArgs)
	return d
}

func orDefault(field *int, value int) {
	if *field == 0 {
		*field = value
	}
}

// Reserved reports whether no event may have this name: the library itself
// fires events with these names at the other end.
func Reserved(event string) bool {
	switch event {
	case "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener":
		return true
	}
	return false
}

// PacketError says why bytes are no packet. The connection they came from
// cannot go on.
type PacketError struct{ Reason string }

func (e *PacketError) Error() string { return "socket.io packet: " + e.Reason }

func tooManyAttachments(limit int) *PacketError {
	return &PacketError{fmt.Sprintf("more than %d attachments", limit)}
}

// SyntaxError says where bytes stop being JSON, or being JSON within the
// limits.
type SyntaxError struct {
	Offset int
	Reason string
}

func (e *SyntaxError) Error() string { return "JSON: " + e.Reason }
