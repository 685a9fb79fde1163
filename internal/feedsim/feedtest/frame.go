package feedtest

import (
	"encoding/binary"
	"strings"
)

// Frames is a text message as a WebSocket server frames it, in pieces of at most
// size bytes (RFC 6455 section 5.4), which is below 65,536.
func Frames(message string, size int) string {
	var b strings.Builder
	for op := byte(1); ; op = 0 {
		piece := message[:min(size, len(message))]
		message = message[len(piece):]
		if message == "" {
			op |= 0x80
		}
		header := []byte{op, byte(len(piece))}
		if len(piece) > 125 {
			header = binary.BigEndian.AppendUint16([]byte{op, 126}, uint16(len(piece)))
		}
		b.Write(header)
		b.WriteString(piece)
		if message == "" {
			return b.String()
		}
	}
}
