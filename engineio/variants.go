package engineio

import (
	"sync"

	"rightnow/engineio/internal/eiowire"
	"rightnow/internal/ws"
)

// variants are a Frame in the forms that few connections want.
type variants struct {
	deflated variant // permessage-deflate
	typed    variant // protocol 3: a binary message begins with its type
	text     variant // base64 in place of bytes
	text3    variant // the same in protocol 3
	stream   variant // for WebTransport
}

// variant is one of them, made when the first session needs it. Nobody may change the bytes.
type variant struct {
	once  sync.Once
	bytes []byte
}

// variants returns those of the frame.
func (f *Frame) variants() *variants {
	if v := f.rare.Load(); v != nil {
		return v
	}
	f.rare.CompareAndSwap(nil, new(variants))
	return f.rare.Load()
}

// get returns the variant, which encode makes.
func (v *variant) get(encode func() []byte) []byte {
	v.once.Do(func() { v.bytes = encode() })
	return v.bytes
}

// deflated returns the frame with its messages of at least threshold bytes compressed, which is done for the first
// session that asks; made tells that this was the one.
func (f *Frame) deflated(threshold int) (frames []byte, made bool) {
	if f.plain || len(f.ws) < threshold {
		return f.ws, false
	}
	frames = f.variants().deflated.get(func() (out []byte) {
		made = true
		f.eachMessage(func(op ws.Opcode, message []byte) {
			if len(message) < threshold {
				out = ws.AppendFrame(out, op, message)
			} else {
				out = ws.AppendDeflated(out, op, message)
			}
		})
		return out
	})
	return frames, made
}

// ws3 returns the frame for a WebSocket of protocol 3.
func (f *Frame) ws3() []byte {
	if len(f.bins) == 0 {
		return f.ws
	}
	return f.variants().typed.get(func() (out []byte) {
		f.eachMessage(func(op ws.Opcode, message []byte) {
			if op == ws.OpBinary {
				message = append([]byte{eiowire.BinaryType}, message...)
			}
			out = ws.AppendFrame(out, op, message)
		})
		return out
	})
}

// wsText returns the frame for a WebSocket whose client takes no bytes.
func (f *Frame) wsText(old bool) []byte {
	if len(f.bins) == 0 {
		return f.ws
	}
	v, encode := &f.variants().text, eiowire.AppendBinary
	if old {
		v, encode = &f.variants().text3, eiowire.AppendBase64
	}
	return v.get(func() (out []byte) {
		f.eachMessage(func(op ws.Opcode, message []byte) {
			if op == ws.OpBinary {
				message = encode(nil, message)
			}
			out = ws.AppendFrame(out, ws.OpText, message)
		})
		return out
	})
}

// webTransport returns the frame for a WebTransport.
func (f *Frame) webTransport() []byte {
	return f.variants().stream.get(func() []byte {
		out := make([]byte, 0, len(f.ws))
		f.eachMessage(func(op ws.Opcode, message []byte) {
			out = eiowire.AppendStreamFrame(out, message, op == ws.OpBinary)
		})
		return out
	})
}
