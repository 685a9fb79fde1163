package engineio

// Frame is a group of messages that travel together: a text and its attachments, or one binary message. It is immutable,
// safe for concurrent use, and put into the form of each transport at most once, however many sessions it is sent to.
type Frame struct {
	text        []byte
	attachments [][]byte
}

// TextFrame makes a frame of a text message and the binary messages that follow it. It takes ownership of the bytes.
// text is the message alone, without Engine.IO's packet type.
func TextFrame(text []byte, attachments ...[]byte) *Frame {
	return &Frame{text: text, attachments: attachments}
}

// BinaryFrame makes a frame of one binary message. It takes ownership of the bytes.
func BinaryFrame(data []byte) *Frame {
	return &Frame{attachments: [][]byte{data}}
}

// Size is what the frame counts against Options.QueueLimit: its bytes on a WebSocket.
func (f *Frame) Size() int { return len(f.text) }
