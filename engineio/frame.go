package engineio

import (
	"sync"
	"sync/atomic"

	"rightnow/engineio/internal/eiowire"
	"rightnow/internal/ws"
)

// Frame is a group of messages that travel together: a text and its attachments, or one binary message. It is immutable,
// safe for concurrent use, and put into the form of each transport at most once, however many sessions it is sent to.
type Frame struct {
	ws      []byte // all packets as WebSocket frames
	text    []byte // the text packet, a part of ws; nil: there is none
	bins    []int  // sizes of the binary messages, which stand in ws behind the text
	plain   bool   // not worth compressing
	once    sync.Once
	payload []byte // all packets as a long-polling payload; made by once, unless text is all there is
	rare    atomic.Pointer[variants]
}

// TextFrame makes a frame of a text message and the binary messages that follow it. The bytes are copied.
// text is the message alone, without Engine.IO's packet type, and must be valid UTF-8.
func TextFrame(text []byte, attachments ...[]byte) *Frame {
	return newFrame(eiowire.Message, text, attachments)
}

// BinaryFrame makes a frame of one binary message. It takes ownership of the bytes.
func BinaryFrame(data []byte) *Frame {
	f := &Frame{bins: []int{len(data)}}
	f.ws = ws.AppendFrame(make([]byte, 0, wsHeader(len(data))+len(data)), ws.OpBinary, data)
	return f
}

// newFrame makes a frame of a text packet and binary messages.
func newFrame(t eiowire.Type, text []byte, attachments [][]byte) *Frame {
	n := 1 + len(text)
	head := wsHeader(n)
	size := head + n
	for _, a := range attachments {
		size += wsHeader(len(a)) + len(a)
	}
	buf := make([]byte, 0, size)
	// The packet is laid where its frame will have it, so that AppendFrame copies it onto itself.
	packet := eiowire.AppendText(buf[head:head], t, text)
	buf = ws.AppendFrame(buf, ws.OpText, packet)
	f := &Frame{text: packet}
	for _, a := range attachments {
		f.bins = append(f.bins, len(a))
		buf = ws.AppendFrame(buf, ws.OpBinary, a)
	}
	f.ws = buf
	return f
}

// Uncompressed marks f as not worth compressing, and returns it. It may only be called before f is sent.
func (f *Frame) Uncompressed() *Frame {
	f.plain = true
	return f
}

// eachMessage calls do for the frame's messages.
func (f *Frame) eachMessage(do func(op ws.Opcode, message []byte)) {
	at := 0
	if f.text != nil {
		do(ws.OpText, f.text)
		at = wsHeader(len(f.text)) + len(f.text)
	}
	for _, n := range f.bins {
		at += wsHeader(n)
		do(ws.OpBinary, f.ws[at:at+n])
		at += n
	}
}

// Size is what the frame counts against Options.QueueLimit: its bytes on a WebSocket.
func (f *Frame) Size() int { return len(f.ws) }

// polling returns the frame as a payload. Nobody may change it.
func (f *Frame) polling() []byte {
	if len(f.bins) == 0 {
		return f.text
	}
	f.once.Do(f.encodePolling)
	return f.payload
}

func (f *Frame) encodePolling() {
	size, at := len(f.text), 0
	if f.text != nil {
		at = wsHeader(len(f.text)) + len(f.text)
	}
	for _, n := range f.bins {
		size += 1 + eiowire.BinarySize(n)
	}
	p := append(make([]byte, 0, size), f.text...)
	for _, n := range f.bins {
		if len(p) > 0 {
			p = append(p, eiowire.Separator)
		}
		at += wsHeader(n)
		p = eiowire.AppendBinary(p, f.ws[at:at+n])
		at += n
	}
	f.payload = p
}

// wsHeader is the size of the header of a WebSocket frame with a payload of n bytes (RFC 6455 section 5.2).
func wsHeader(n int) int {
	switch {
	case n < 126:
		return 2
	case n <= 0xffff:
		return 4
	}
	return 10
}
