package eiowire

import "bytes"

// Separator stands between the packets of a payload.
const Separator = 0x1e

// Cut returns the first packet of a payload and what follows it. more tells that a separator stood between them, so
// that another packet, perhaps an empty one, has to follow.
func Cut(payload []byte) (packet, rest []byte, more bool) {
	i := bytes.IndexByte(payload, Separator)
	if i < 0 {
		return payload, nil, false
	}
	return payload[:i], payload[i+1:], true
}
